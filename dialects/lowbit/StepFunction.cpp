//===- StepFunction.cpp - Step functions and their lines ------------------===//
//
// What a function of lowbit.steps is, piece by piece, and how far it is the
// line by which products compute it.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/Verify.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc::lowbit;

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

/// The line with `factor` times the distance more of its offset.
static std::optional<Line> shiftOffset(Line line, int64_t factor,
                                       int64_t distance) {
  int64_t change;
  if (llvm::MulOverflow(factor, distance, change) ||
      llvm::AddOverflow(line.offset, change, line.offset))
    return std::nullopt;
  return line;
}

std::optional<Line> Line::moved(int64_t distance) const {
  return shiftOffset(*this, rise, distance);
}

std::optional<Line> Line::raised(int64_t distance) const {
  return shiftOffset(*this, run, distance);
}

SmallVector<int64_t>
pdkc::lowbit::encodeLines(ArrayRef<std::optional<Line>> lines) {
  SmallVector<int64_t> numbers;
  if (llvm::none_of(lines, [](const auto &line) { return bool(line); }))
    return numbers;
  for (const std::optional<Line> &line : lines)
    numbers.append(line
                       ? std::initializer_list<int64_t>{line->rise,
                                                        line->offset, line->run}
                       : std::initializer_list<int64_t>{0, 0, 0});
  return numbers;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

size_t StepsOp::Pieces::find(int64_t integer) const {
  return llvm::upper_bound(starts.drop_front(), integer) - starts.begin() - 1;
}

int64_t StepsOp::Pieces::countExceptions(Interval range) const {
  using Wide = __int128;
  size_t first = find(range.min), last = find(range.max);
  auto [least, most] =
      std::minmax_element(values.begin() + first, values.begin() + last + 1);
  auto [rise, offset, run] = *line;
  int64_t count = 0;
  for (size_t i = first; i <= last; ++i) {
    // From begin to end, counted upwards where the line falls.
    Wide begin = i == first ? range.min : starts[i];
    Wide end = i == last ? range.max : starts[i + 1] - 1;
    if (rise < 0)
      std::tie(begin, end) = std::pair(-end, -begin);
    Wide slope = rise < 0 ? -Wide(rise) : Wide(rise);
    // How many of the piece's integers from `at` on, by 1 or -1, the line has
    // below `bound`.
    auto countBelow = [&](Wide height, Wide bound) -> int64_t {
      if (height >= bound)
        return 0;
      Wide length = end - begin + 1;
      Wide missing = bound - height;
      return int64_t(slope == 0
                         ? length
                         : std::min(length, (missing + slope - 1) / slope));
    };
    if (values[i] != *least)
      count += countBelow(slope * begin + offset, Wide(values[i]) * run);
    if (values[i] != *most)
      count += countBelow(-(slope * end + offset),
                          -((Wide(values[i]) + 1) * run - 1));
  }
  return count;
}

SmallVector<StepsOp::Pieces> StepsOp::getFunctions() {
  SmallVector<Pieces> functions;
  size_t first = 0;
  for (auto [i, size] : llvm::enumerate(getSizes())) {
    functions.push_back(
        {getStarts().slice(first, size), getValues().slice(first, size)});
    if (!getLines().empty() && getLines()[3 * i + 2] != 0)
      functions.back().line = {getLines()[3 * i], getLines()[3 * i + 1],
                               getLines()[3 * i + 2]};
    first += size;
  }
  return functions;
}

void StepsOp::keepLines(Interval range) {
  SmallVector<std::optional<Line>> lines;
  for (const Pieces &function : getFunctions())
    lines.push_back(function.line &&
                            function.countExceptions(range) <= kMostExceptions
                        ? function.line
                        : std::nullopt);
  setLines(encodeLines(lines));
}

LogicalResult StepsOp::verify() {
  int64_t count = getInput().getType().getNumElements();
  if (getResult().getType().getNumElements() != count)
    return emitOpError("changes the number of elements from ")
           << count << " to " << getResult().getType().getNumElements();
  uint64_t pieces = 0;
  for (int64_t size : getSizes()) {
    if (size < 1 || size > int64_t(getStarts().size()))
      return emitOpError("has a function of ") << size << " pieces";
    pieces += size;
  }
  if (getSizes().empty() || getStarts().size() != pieces ||
      getValues().size() != pieces)
    return emitOpError("functions have ")
           << pieces << " pieces together, but there are " << getStarts().size()
           << " starts and " << getValues().size() << " values";
  if (!getLines().empty() && getLines().size() != 3 * getSizes().size())
    return emitOpError("has ") << getLines().size() / 3 << " lines for "
                               << getSizes().size() << " functions";
  for (auto [number, function] : llvm::enumerate(getFunctions())) {
    for (size_t i = 1; i < function.starts.size(); ++i)
      if (function.starts[i - 1] >= function.starts[i])
        return emitOpError("starts must rise, but ")
               << function.starts[i] << " follows " << function.starts[i - 1];
    if (!function.line)
      continue;
    if (function.line->run < 0)
      return emitOpError("line of function ")
             << number << " runs by " << function.line->run;
    int64_t exceptions = function.countExceptions(getRange(getInput()));
    if (exceptions > kMostExceptions)
      return emitOpError("function ")
             << number << " is another than its line at " << exceptions
             << " integers, at most " << kMostExceptions
             << " may be exceptions";
  }
  int64_t numbers = getFunction().size();
  if (numbers != 0 && numbers != count)
    return emitOpError("has ")
           << numbers << " numbers of functions for " << count << " elements";
  for (int64_t number : getFunction())
    if (number < 0 || number >= int64_t(getSizes().size()))
      return emitOpError("names function ")
             << number << " of " << getSizes().size();
  return verifyRange(*this);
}
