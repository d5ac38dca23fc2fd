//===- StepFunctions.cpp - Functions of an integer on the device ----------===//

#include "passes/lowbit_to_pdk/support/StepFunctions.h"

#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

/// A table has at most so many entries: what pcadd reaches.
static constexpr int64_t kMostEntries = 255;
/// Bytes of fraction that products are tried with.
static constexpr int64_t kMostFraction = 5;
/// Integers of a function that may be exceptions to its product.
static constexpr int64_t kMostExceptions = 6;
/// Elements of a vector of products that may be none.
static constexpr int64_t kMostOthers = 2;

StepTable pdkc::makeStepTable(lowbit::StepsOp::Pieces pieces, Interval range) {
  StepTable table;
  table.range = range;
  for (size_t i = pieces.find(range.min); i <= pieces.find(range.max); ++i) {
    if (!table.values.empty() && table.values.back() == pieces.values[i])
      continue;
    table.starts.push_back(table.starts.empty() ? range.min : pieces.starts[i]);
    table.values.push_back(pieces.values[i]);
  }
  return table;
}

std::optional<StepTable> pdkc::makeStepTable(lowbit::RequantOp op,
                                             size_t limit) {
  StepTable table;
  table.range = lowbit::getRange(op.getInput());
  for (int64_t start = table.range.min; start <= table.range.max;) {
    if (table.values.size() == limit)
      return std::nullopt;
    int64_t value = op.apply(start);
    table.starts.push_back(start);
    table.values.push_back(value);
    // The last integer with this value, by bisection: the function only rises
    // or only falls.
    int64_t low = start, high = table.range.max;
    while (low < high) {
      int64_t middle = low + (high - low + 1) / 2;
      if (op.apply(middle) == value)
        low = middle;
      else
        high = middle - 1;
    }
    start = low + 1;
  }
  return table;
}

static int64_t getArgumentBytes(Interval range) {
  return getBytes({0, range.max - range.min});
}

Cell StepFunctions::getArgument(Interval range) {
  int64_t bytes = getArgumentBytes(range);
  auto [found, isNew] = arguments.try_emplace(bytes);
  if (isNew)
    found->second = code.cells("argument", bytes);
  return found->second;
}

void StepFunctions::subtract(Cell argument, int64_t bytes, int64_t distance,
                             llvm::function_ref<void()> below) {
  if (bytes == 1 && !argument.cells) {
    code(SUB_A_K, distance);
  } else {
    for (int64_t byte = 0; byte < bytes; ++byte) {
      int64_t part = distance >> (8 * byte) & 255;
      if (byte && part == 0) {
        code(SUBC_M, argument.at(byte));
        continue;
      }
      code(MOV_A_K, part);
      code(byte ? SUBC_M_A : SUB_M_A, argument.at(byte));
    }
  }
  code.skipIfFlag(kCarryFlag, false);
  below();
}

//===----------------------------------------------------------------------===//
// Routines for one function
//===----------------------------------------------------------------------===//

void StepFunctions::emitCompare(const StepTable &function) {
  int64_t bytes = getArgumentBytes(function.range);
  Cell argument = bytes == 1 ? Cell() : getArgument(function.range);
  for (size_t k = 1; k < function.starts.size(); ++k) {
    // What is left of the argument is at most so large.
    int64_t left = function.range.max - function.starts[k - 1];
    subtract(argument, bytes == 1 ? 1 : getBytes({0, left}),
             function.starts[k] - function.starts[k - 1],
             [&] { code(RET_K, function.values[k - 1]); });
  }
  code(RET_K, function.values.back());
}

void StepFunctions::emitLookup(const StepTable &function) {
  SmallVector<int32_t> entries;
  size_t piece = 0;
  int64_t span = function.range.max - function.range.min;
  for (int64_t i = 0; i <= span && i < kMostEntries; ++i) {
    while (piece + 1 < function.starts.size() &&
           function.starts[piece + 1] <= function.range.min + i)
      ++piece;
    entries.push_back(uint8_t(function.values[piece]));
  }
  std::string table = code.unique("values");
  tables.push_back({table, entries});
  code(ADD_A_K, 1);
  if (span >= kMostEntries) {
    // The one value too many wraps to 0.
    code.skipIfFlag(kZeroFlag, false);
    code(RET_K, function.values.back());
  }
  code(CALL_K, table);
  code(RET);
}

void StepFunctions::emitDistances(const StepTable &function) {
  int64_t bytes = getArgumentBytes(function.range);
  int64_t pieces = function.values.size();
  Cell argument = getArgument(function.range);
  Cell index = code.cells("piece", 1);
  std::string loop = code.unique("distance"), done = code.unique("done");
  subtract(argument, bytes, function.starts[1] - function.starts[0],
           [&] { code(RET_K, function.values[0]); });
  SmallVector<int64_t> distances;
  SmallVector<int32_t> values;
  bool risesByOne = true;
  for (int64_t i = 1; i < pieces; ++i) {
    values.push_back(uint8_t(function.values[i]));
    risesByOne &= i < 2 || function.values[i] == function.values[i - 1] + 1;
    if (i + 1 == pieces)
      break;
    distances.push_back(function.starts[i + 1] - function.starts[i]);
  }
  int64_t longest = 0;
  for (int64_t distance : distances)
    longest = std::max(longest, distance);
  SmallVector<std::string> distanceTables;
  for (int64_t byte = 0; byte < getBytes({0, longest}); ++byte)
    distanceTables.push_back(code.unique("distances"));
  std::string valueTable = code.unique("values");
  code(CLEAR_M, index);
  code.label(loop, pieces);
  code(INC_M, index);
  code(MOV_A_M, index);
  std::string next = code.unique("next");
  code(CEQSN_A_K, pieces - 1);
  code(GOTO_K, next);
  code(GOTO_K, done);
  code.label(next);
  for (int64_t byte = 0; byte < bytes; ++byte) {
    if (byte >= int64_t(distanceTables.size())) {
      code(SUBC_M, argument.at(byte));
      continue;
    }
    if (byte)
      code(MOV_A_M, index);
    code(CALL_K, distanceTables[byte]);
    code(byte ? SUBC_M_A : SUB_M_A, argument.at(byte));
  }
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, loop);
  code.label(done);
  code(MOV_A_M, index);
  if (!risesByOne)
    code(CALL_K, valueTable);
  else if (function.values[1] != 1)
    code(ADD_A_K, function.values[1] - 1);
  code(RET);
  for (auto [byte, name] : llvm::enumerate(distanceTables)) {
    SmallVector<int32_t> entries;
    for (int64_t distance : distances)
      entries.push_back(distance >> (8 * byte) & 255);
    tables.push_back({name, entries});
  }
  if (!risesByOne)
    tables.push_back({valueTable, values});
}

void StepFunctions::finishProduct(const Multiply::Routine &routine,
                                  int64_t productBytes, const ScaleFrame &frame,
                                  llvm::function_ref<void(int64_t)> addend,
                                  StringRef below) {
  code(CALL_K, routine.name);
  int64_t bytes = frame.bytes, addendBytes = frame.getAddendBytes();
  for (int64_t byte = 0; byte < addendBytes; ++byte) {
    addend(byte);
    code(byte ? ADDC_M_A : ADD_M_A,
         routine.product.at(bytes - frame.getLowBytes() + byte));
  }
  int64_t end = bytes - frame.getLowBytes() + addendBytes;
  for (int64_t byte = end; byte < productBytes; ++byte)
    code(ADDC_M, routine.product.at(byte));
  // The value above `first` + 1, and whether it is too small or too large.
  int64_t most = frame.last - frame.first - 1;
  std::string high = code.unique("above"), done = code.unique("done");
  if (frame.highBytes) {
    assert(end == productBytes && "a sign to carry on");
    code(T0SN_MBIT, routine.product.at(productBytes - 1), 7);
    code(GOTO_K, below);
  }
  for (int64_t byte = bytes + 1; byte < productBytes; ++byte) {
    code(MOV_A_M, routine.product.at(byte));
    code.skipIfFlag(kZeroFlag, true);
    code(GOTO_K, high);
  }
  code(MOV_A_M, routine.product.at(bytes));
  code(SUB_A_K, most);
  code.skipIfFlag(kCarryFlag, false);
  code(GOTO_K, done);
  code.label(high);
  code(MOV_A_K, 0);
  code.label(done);
  code(ADD_A_K, frame.last);
}

/// Whether a product of that many bytes holds all up to `largest` times the
/// factor, with the addend and, if there may be one, its sign.
static bool holdsProduct(int64_t bytes, int64_t largest, ScaleFit fit,
                         const ScaleFrame &frame) {
  if (frame.highBytes && frame.bytes + frame.highBytes != bytes)
    return false;
  __int128 most =
      __int128(largest) * fit.factor + __int128(fit.addend) * frame.getUnit();
  return frame.bytes < bytes &&
         most >> (8 * bytes - (frame.highBytes != 0)) <= 0;
}

void StepFunctions::emitExceptions(
    Cell value, int64_t bytes, int64_t direction, int64_t count,
    llvm::function_ref<void(int64_t, int64_t)> load) {
  for (int64_t exception = 0; exception < count; ++exception) {
    std::string next = code.unique("next");
    for (int64_t byte = 0; byte < bytes; ++byte) {
      load(exception, byte);
      code(CEQSN_A_M, value.at(byte));
      code(GOTO_K, next);
    }
    code(direction < 0 ? DEC_M : INC_M, value);
    for (int64_t byte = 1; byte < bytes; ++byte)
      code(direction < 0 ? SUBC_M : ADDC_M, value.at(byte));
    code.label(next);
  }
}

void StepFunctions::emitProduct(const StepTable &function,
                                const ScaleFrame &frame, const ScaleFit &fit,
                                int64_t direction,
                                ArrayRef<int64_t> exceptions) {
  int64_t valueBytes = getArgumentBytes(function.range);
  int64_t factorBytes = getBytes({0, fit.factor});
  const Multiply::Routine &routine = multiply.get(valueBytes, factorBytes);
  Cell argument = valueBytes == 1 ? routine.value : getArgument(function.range);
  if (valueBytes == 1)
    code(MOV_M_A, argument);
  if (int64_t distance = function.starts[1] - function.starts[0])
    subtract(argument, valueBytes, distance,
             [&] { code(RET_K, function.values[0]); });
  if (valueBytes > 1)
    for (int64_t byte = 0; byte < valueBytes; ++byte) {
      code(MOV_A_M, argument.at(byte));
      code(MOV_M_A, routine.value.at(byte));
    }
  emitExceptions(routine.value, valueBytes, direction, exceptions.size(),
                 [&](int64_t exception, int64_t byte) {
                   int64_t value = exceptions[exception] - frame.start;
                   code(MOV_A_K, value >> (8 * byte) & 255);
                 });
  for (int64_t byte = 0; byte < factorBytes; ++byte) {
    code(MOV_A_K, fit.factor >> (8 * byte) & 255);
    code(MOV_M_A, routine.product.at(byte));
  }
  finishProduct(routine, valueBytes + factorBytes, frame, [&](int64_t byte) {
    code(MOV_A_K, fit.addend >> (8 * byte) & 255);
  });
  code(RET);
}

namespace {
/// Functions that are products but for exceptions, all in one direction; none
/// for those that are not.
struct NearProducts {
  SmallVector<std::optional<NearProduct>> products;
  int64_t direction = 0, exceptions = 0; ///< most of one
  int64_t others = 0;                    ///< that are none
};
} // namespace

/// In the direction that takes fewer; none where there are too many others.
static std::optional<NearProducts>
fitNearProducts(ArrayRef<StepTable> functions, const ScaleFrame &frame,
                int64_t mostOthers) {
  std::optional<NearProducts> best;
  for (int64_t direction : {-1, 1}) {
    NearProducts found;
    found.direction = direction;
    for (const StepTable &function : functions) {
      auto near = fitNearProduct(function, frame, direction, kMostExceptions);
      if (near)
        found.exceptions =
            std::max(found.exceptions, int64_t(near->exceptions.size()));
      else if (++found.others > mostOthers)
        break;
      found.products.push_back(std::move(near));
    }
    if (found.others <= mostOthers &&
        (!best || std::tie(found.others, found.exceptions) <
                      std::tie(best->others, best->exceptions)))
      best = std::move(found);
  }
  return best;
}

std::optional<StepFunctions::Callee>
StepFunctions::find(const StepTable &function, StringRef method) {
  int64_t bytes = getArgumentBytes(function.range);
  if (function.values.size() == 1)
    return Callee{"", function.values[0]};
  auto [found, isNew] = routines.try_emplace({function, method.str()});
  Routine &routine = found->second;
  if (isNew) {
    routine.name = code.unique("function");
    int64_t span = function.range.max - function.range.min;
    // One step has no distances for a table.
    if (method == "compare" || (method == "table" && span > kMostEntries &&
                                function.values.size() == 2)) {
      routine.emit = [this, function] { emitCompare(function); };
    } else if (method == "table" && span <= kMostEntries) {
      routine.emit = [this, function] { emitLookup(function); };
    } else if (method == "table" &&
               int64_t(function.values.size()) <= kMostEntries + 2) {
      routine.emit = [this, function] { emitDistances(function); };
    } else if (method == "multiply") {
      auto near =
          fitNearProducts(function, getFrame(function, kMostFraction), 0);
      for (int64_t fraction = 1;
           near && fraction <= kMostFraction && !routine.emit; ++fraction) {
        ScaleFrame frame = getFrame(function, fraction);
        auto fit = fitScale(near->products[0]->product, frame);
        if (fit &&
            holdsProduct(bytes + getBytes({0, fit->factor}),
                         function.range.max - function.starts[1], *fit, frame))
          routine.emit = [this, function, frame, fit = *fit, near = *near] {
            emitProduct(function, frame, fit, near.direction,
                        near.products[0]->exceptions);
          };
      }
    }
    if (!routine.emit) {
      routines.erase(found);
      return std::nullopt;
    }
  }
  return Callee{routine.name, 0};
}

void StepFunctions::call(CodeBuilder &code, const Callee &callee) {
  if (callee.name.empty())
    code(MOV_A_K, callee.value);
  else
    code(CALL_K, callee.name);
}

//===----------------------------------------------------------------------===//
// A layer's channels as products
//===----------------------------------------------------------------------===//

std::optional<StepFunctions::ChannelProducts>
StepFunctions::beginChannels(ArrayRef<StepTable> functions, Interval range) {
  ChannelProducts channels;
  channels.range = range;
  ScaleFrame &frame = channels.frame;
  if (functions.size() > size_t(kMostEntries))
    return std::nullopt;
  frame.first = INT64_MAX;
  frame.last = INT64_MIN;
  for (const StepTable &function : functions) {
    frame.first = std::min(frame.first, function.values.front());
    frame.last = std::max(frame.last, function.values.back());
  }
  frame.start = channels.range.max;
  for (const StepTable &function : functions)
    if (function.values.front() != frame.first)
      frame.start = std::min(frame.start, function.range.min);
    else if (function.values.size() > 1)
      frame.start = std::min(frame.start, function.starts[1]);
  int64_t valueBytes = getArgumentBytes(channels.range);
  SmallVector<ScaleFit> fits;
  SmallVector<StepTable> products(functions);
  // With as few bytes as do, below the point and above.
  auto findFits = [&] {
    for (frame.bytes = 1; frame.bytes <= kMostFraction; ++frame.bytes)
      for (frame.highBytes = 0;
           frame.highBytes <= 3 && frame.bytes + frame.highBytes < 8;
           ++frame.highBytes) {
        fits.clear();
        ScaleFit largest;
        for (const StepTable &function : products) {
          auto fit = fitScale(function, frame);
          if (!fit)
            break;
          fits.push_back(*fit);
          largest.factor = std::max(largest.factor, fit->factor);
          largest.addend = std::max(largest.addend, fit->addend);
        }
        if (fits.size() < functions.size())
          continue;
        channels.factorBytes = getBytes({0, largest.factor});
        if (frame.highBytes)
          channels.factorBytes = std::max(
              channels.factorBytes, frame.bytes + frame.highBytes - valueBytes);
        if (holdsProduct(valueBytes + channels.factorBytes,
                         channels.range.max - frame.start, largest, frame))
          return true;
      }
    return false;
  };
  std::optional<NearProducts> near;
  if (!findFits()) {
    frame.bytes = kMostFraction;
    frame.highBytes = 7 - kMostFraction;
    near = fitNearProducts(
        functions, frame, std::min<int64_t>(functions.size() / 4, kMostOthers));
    int64_t none = (int64_t(1) << (8 * valueBytes)) - 1;
    if (!near || (near->exceptions && channels.range.max - frame.start >= none))
      return std::nullopt;
    auto any = llvm::find_if(near->products,
                             [](const auto &found) { return bool(found); });
    for (auto [k, found] : llvm::enumerate(near->products)) {
      if (!found) {
        StepTable whole = functions[k];
        whole.range = range;
        whole.starts[0] = range.min;
        auto callee = find(whole, "table");
        if (!callee)
          return std::nullopt;
        channels.others.push_back({k, *callee});
        // Anything will do in the tables.
        found = NearProduct{(*any)->product, {}};
      }
      products[k] = found->product;
      found->exceptions.resize(near->exceptions, frame.start + none);
    }
    if (!findFits())
      return std::nullopt;
    channels.direction = near->direction;
    channels.exceptions = near->exceptions;
  }
  channels.number = code.cells("number", 1);
  code(CLEAR_M, channels.number);
  auto addBytes = [&](int64_t count, StringRef stem, auto get) {
    for (int64_t byte = 0; byte < count; ++byte) {
      SmallVector<int32_t> entries;
      for (size_t k = 0; k < functions.size(); ++k)
        entries.push_back(get(k) >> (8 * byte) & 255);
      channels.tables.push_back(addTable(stem, entries));
    }
  };
  addBytes(channels.factorBytes, "factors",
           [&](size_t k) { return fits[k].factor; });
  addBytes(frame.getAddendBytes(), "factors",
           [&](size_t k) { return fits[k].addend; });
  for (int64_t i = 0; i < channels.exceptions; ++i)
    addBytes(valueBytes, "exceptions", [&](size_t k) {
      return near->products[k]->exceptions[i] - frame.start;
    });
  return channels;
}

void StepFunctions::callChannel(const ChannelProducts &channels) {
  int64_t valueBytes = getArgumentBytes(channels.range);
  const Multiply::Routine &routine =
      multiply.get(valueBytes, channels.factorBytes);
  Cell argument = getArgument(channels.range);
  std::string done = code.unique("done"), below = code.unique("below");
  if (valueBytes == 1)
    code(MOV_M_A, argument);
  code(INC_M, channels.number);
  for (const auto &[element, callee] : channels.others) {
    std::string next = code.unique("next");
    code(MOV_A_M, channels.number);
    code(CEQSN_A_K, element + 1);
    code(GOTO_K, next);
    if (valueBytes == 1)
      code(MOV_A_M, argument);
    call(code, callee);
    code(GOTO_K, done);
    code.label(next);
  }
  if (int64_t distance = channels.frame.start - channels.range.min)
    subtract(argument, valueBytes, distance, [&] { code(GOTO_K, below); });
  for (int64_t byte = 0; byte < valueBytes; ++byte) {
    code(MOV_A_M, argument.at(byte));
    code(MOV_M_A, routine.value.at(byte));
  }
  auto load = [&](int64_t table) {
    code(MOV_A_M, channels.number);
    code(CALL_K, channels.tables[table]);
  };
  int64_t addends = channels.factorBytes,
          exceptions = addends + channels.frame.getAddendBytes();
  emitExceptions(routine.value, valueBytes, channels.direction,
                 channels.exceptions, [&](int64_t exception, int64_t byte) {
                   load(exceptions + exception * valueBytes + byte);
                 });
  for (int64_t byte = 0; byte < channels.factorBytes; ++byte) {
    load(byte);
    code(MOV_M_A, routine.product.at(byte));
  }
  finishProduct(
      routine, valueBytes + channels.factorBytes, channels.frame,
      [&](int64_t byte) { load(addends + byte); }, below);
  if (channels.frame.start != channels.range.min || channels.frame.highBytes) {
    code(GOTO_K, done);
    code.label(below);
    code(MOV_A_K, channels.frame.first);
  }
  code.label(done);
}

static std::string describe(const StepTable &function, StringRef method) {
  std::string text = (method + " of " + Twine(function.range.min) + ".." +
                      Twine(function.range.max))
                         .str();
  for (auto [start, value] : llvm::zip(function.starts, function.values))
    text += (" " + Twine(start) + ":" + Twine(value)).str();
  return text;
}

void StepFunctions::emitRoutines(
    llvm::function_ref<void(const std::string &)> mark) {
  // Tables of whole layers are there already, others come with the routines.
  std::vector<std::string> owners(tables.size());
  for (auto &[key, routine] : routines) {
    code.routine(routine.name);
    routine.emit();
    std::string owner = describe(key.first, key.second);
    mark(owner);
    owners.resize(tables.size(), owner);
  }
  multiply.emitRoutines(mark);
  for (auto [table, owner] : llvm::zip_equal(tables, owners)) {
    code.table(table.first, table.second);
    mark(owner);
  }
}

std::string StepFunctions::addTable(StringRef stem, ArrayRef<int32_t> entries) {
  tables.push_back({code.unique(stem), SmallVector<int32_t>(entries)});
  return tables.back().first;
}
