//===- PlaneSum.cpp - Rows from sums of bit planes ------------------------===//
//
// With F[j] what the digits below place j and at it are worth together, for
// each j from the lowest on A becomes
//
//   floor(F[j] / 2^j) = floor(floor(F[j - 1] / 2^(j - 1)) / 2) + digits at j
//
// The range of F[j] follows from the codes: an input is in it as often as its
// code says, and all inputs together are at most the limit. Where a range is
// within 0 to 255, A holds the number whatever was on the way; where it is not,
// carry or borrow of the last addition is the bit that A lacks.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/PlaneSum.h"

#include "dialects/lowbit/LowbitDialect.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <map>

using namespace pdkc;
using namespace pdkc::pdk;
using llvm::ArrayRef;
using llvm::SmallVector;
using lowbit::Interval;

//===----------------------------------------------------------------------===//
// Digits
//===----------------------------------------------------------------------===//

/// Digits from the lowest place on, each -1, 0 or 1; that of the last place
/// whatever is left.
static SmallVector<int64_t> getDigits(int64_t number, int64_t last,
                                      bool isSparse) {
  SmallVector<int64_t> digits;
  int64_t sign = number < 0 ? -1 : 1;
  for (int64_t place = 0; place < last && number != 0; ++place) {
    int64_t digit = 0;
    if (number % 2 != 0)
      digit = isSparse ? 2 - (number & 3) : sign;
    digits.push_back(digit);
    number = (number - digit) / 2;
  }
  if (number != 0)
    digits.push_back(number);
  return digits;
}

//===----------------------------------------------------------------------===//
// In bytes
//===----------------------------------------------------------------------===//

void pdkc::emitPlaneSum(CodeBuilder &code, Cell sum, int64_t bytes,
                        ArrayRef<int64_t> coefficients, int64_t constant,
                        llvm::function_ref<Cell(size_t)> getCell) {
  // By places of binary digits, or adding often enough; whichever is shorter.
  SmallVector<SmallVector<int64_t>> digits;
  int64_t byPlaces = 0, often = 0;
  size_t places = 1;
  for (int64_t coefficient : coefficients) {
    digits.push_back(getDigits(coefficient, 32, /*isSparse=*/true));
    byPlaces += (1 + bytes) * llvm::count_if(digits.back(), [](int64_t digit) {
                  return digit != 0;
                });
    often += coefficient ? 1 + bytes * std::abs(coefficient) : 0;
    places = std::max(places, digits.back().size());
  }
  if (byPlaces + bytes * int64_t(places - 1) >= often) {
    places = 1;
    for (auto [each, coefficient] : llvm::zip(digits, coefficients))
      each.assign({coefficient});
  }
  bool isBegun = false;
  for (size_t place = places; place-- > 0;) {
    if (isBegun)
      for (int64_t byte = 0; byte < bytes; ++byte)
        code(byte ? SLC_M : SL_M, sum.at(byte));
    auto getDigit = [&](size_t number) {
      return place < digits[number].size() ? digits[number][place] : 0;
    };
    // What is added comes first: it may be what the sum begins with.
    SmallVector<size_t> order;
    for (bool isPositive : {true, false})
      for (size_t number = 0; number < digits.size(); ++number)
        if (getDigit(number) && (getDigit(number) > 0) == isPositive)
          order.push_back(number);
    for (size_t number : order) {
      int64_t digit = getDigit(number);
      code(MOV_A_M, getCell(number));
      if (!isBegun) {
        for (int64_t byte = 1; byte < bytes; ++byte)
          code(CLEAR_M, sum.at(byte));
        if (digit > 0) {
          code(MOV_M_A, sum);
          --digit;
        } else {
          code(CLEAR_M, sum);
        }
        isBegun = true;
      }
      for (int64_t i = 0; i < std::abs(digit); ++i) {
        code(digit > 0 ? ADD_M_A : SUB_M_A, sum);
        for (int64_t byte = 1; byte < bytes; ++byte)
          code(digit > 0 ? ADDC_M : SUBC_M, sum.at(byte));
      }
    }
  }
  for (int64_t byte = 0; byte < bytes && !isBegun; ++byte)
    code(CLEAR_M, sum.at(byte));
  addConstant(code, constant, sum, bytes);
}

//===----------------------------------------------------------------------===//
// In A
//===----------------------------------------------------------------------===//

namespace {

/// What is added at a place.
struct Item {
  std::optional<size_t> sum; ///< else the constant
  int64_t factor;            ///< 1 or -1; the constant
};

class StepSearch {
public:
  /// By places.
  using Items = SmallVector<SmallVector<Item>>;

  StepSearch(const PlaneRow &row, const Items &items)
      : row(row), items(items) {}

  std::optional<SmallVector<PlaneStep>> run();

private:
  /// Adds the item at the place.
  void add(const Item &item, int64_t place);
  /// The range of what there is so far, in steps of the place.
  Interval getRange(int64_t place) const;
  static bool isByte(Interval range) {
    return range.min >= 0 && range.max <= 255;
  }
  /// Adds what stands at the place; false where A cannot hold it.
  bool addPlace(int64_t place);

  const PlaneRow &row;
  const Items &items;
  /// F: how often each sum is in it, and the constant.
  SmallVector<int64_t> factors;
  int64_t constant = 0;
  SmallVector<PlaneStep> steps;
  /// What A lacks is in carry.
  enum { Nothing, InCarry, InBorrow } top = Nothing;
};

} // namespace

Interval StepSearch::getRange(int64_t place) const {
  Interval each{0, 0}; // of an input
  for (uint32_t bits : row.codes) {
    int64_t times = factors[0];
    for (size_t k = 1; k < factors.size(); ++k)
      times += bits >> (k - 1) & 1 ? factors[k] : 0;
    each = lowbit::hull(each, {times, times});
  }
  return {(each.min * row.limit + constant) >> place,
          (each.max * row.limit + constant) >> place};
}

void StepSearch::add(const Item &item, int64_t place) {
  bool isFirst = steps.empty(), adds = item.factor > 0;
  if (isFirst && !adds) {
    steps.push_back({PlaneStep::Load, 0});
    isFirst = false;
  }
  if (item.sum) {
    factors[*item.sum] += item.factor * (int64_t(1) << place);
    steps.push_back({isFirst ? PlaneStep::LoadSum
                     : adds  ? PlaneStep::AddSum
                             : PlaneStep::SubSum,
                     int64_t(*item.sum)});
  } else {
    constant += item.factor * (int64_t(1) << place);
    steps.push_back({isFirst ? PlaneStep::Load
                     : adds  ? PlaneStep::Add
                             : PlaneStep::Sub,
                     std::abs(item.factor)});
  }
}

bool StepSearch::addPlace(int64_t place) {
  SmallVector<Item> order(items[place]);
  llvm::stable_sort(order, [](const Item &a, const Item &b) {
    return (a.factor > 0) > (b.factor > 0);
  });
  // All together may be a byte; else the last one makes what is none of one.
  SmallVector<int64_t> before = factors;
  int64_t constantBefore = constant;
  size_t stepsBefore = steps.size();
  for (size_t last = order.size(); last-- > 0;) {
    factors = before;
    constant = constantBefore;
    steps.truncate(stepsBefore);
    for (size_t i = 0; i < order.size(); ++i)
      if (i != last)
        add(order[i], place);
    bool wasByte = isByte(getRange(place));
    add(order[last], place);
    Interval range = getRange(place);
    top = Nothing;
    if (isByte(range))
      return true;
    top = order[last].factor > 0 ? InCarry : InBorrow;
    if (wasByte && (top == InCarry ? range.min >= 0 && range.max <= 511
                                   : range.min >= -256 && range.max <= 255))
      return true;
  }
  return order.empty();
}

std::optional<SmallVector<PlaneStep>> StepSearch::run() {
  factors.assign(row.coefficients.size(), 0);
  int64_t last = items.size() - 1;
  for (int64_t place = 0; place <= last; ++place) {
    if (!steps.empty()) {
      steps.push_back(
          {top == Nothing ? PlaneStep::Halve : PlaneStep::HalveCarry});
      // A negative number is in two's complement, and no byte: what is added
      // has to make it one.
      top = Nothing;
      if (items[place].empty() && !isByte(getRange(place)))
        return std::nullopt;
    }
    if (!items[place].empty() && !addPlace(place))
      return std::nullopt;
  }
  if (steps.empty())
    steps.push_back({PlaneStep::Load, 0});
  int64_t rest = row.shift - last;
  Interval range = getRange(last);
  if (top == InBorrow)
    steps.push_back({PlaneStep::NotNegative});
  if (top == InCarry && rest == 0)
    return std::nullopt;
  for (int64_t i = 0; i < std::min<int64_t>(rest, 9); ++i)
    steps.push_back(
        {top == InCarry && i == 0 ? PlaneStep::HalveCarry : PlaneStep::Halve});
  if (range.max >> std::min<int64_t>(rest, 62) > row.max)
    steps.push_back({PlaneStep::Cap, row.max});
  return steps;
}

int64_t pdkc::getCost(ArrayRef<PlaneStep> steps) {
  int64_t cost = 0;
  for (const PlaneStep &step : steps)
    cost += step.kind == PlaneStep::Cap           ? 4
            : step.kind == PlaneStep::NotNegative ? 2
                                                  : 1;
  return cost;
}

std::optional<SmallVector<PlaneStep>>
pdkc::findPlaneSteps(const PlaneRow &row) {
  // A number's digits in two ways, where these differ, and the constant in two.
  int64_t places = std::min<int64_t>(row.shift, 16);
  SmallVector<SmallVector<SmallVector<int64_t>, 2>> forms;
  SmallVector<size_t> open; // numbers that have two
  for (auto [number, coefficient] : llvm::enumerate(row.coefficients)) {
    auto plain = getDigits(coefficient, places, /*isSparse=*/false);
    auto sparse = getDigits(coefficient, places, /*isSparse=*/true);
    for (const auto &digits : {plain, sparse})
      for (int64_t digit : digits)
        if (std::abs(digit) > 8) // too often
          return std::nullopt;
    if (plain != sparse)
      open.push_back(number);
    forms.push_back({plain, sparse});
  }
  size_t count = open.size();
  std::optional<SmallVector<PlaneStep>> best;
  for (uint32_t choice = 0; choice < 2u << count; ++choice) {
    StepSearch::Items items;
    bool isDone = false;
    auto add = [&](size_t place, Item item) {
      if (items.size() <= place)
        items.resize(place + 1);
      items[place].push_back(item);
    };
    for (auto [number, form] : llvm::enumerate(forms)) {
      auto *found = llvm::find(open, number);
      bool isSparse =
          found != open.end() && choice >> (found - open.begin()) & 1;
      for (auto [place, digit] : llvm::enumerate(form[isSparse]))
        for (int64_t i = 0; i < std::abs(digit); ++i)
          add(place, {number, digit < 0 ? -1 : 1});
    }
    int64_t low = row.constant;
    if (choice >> count & 1) {
      low = row.constant & ((int64_t(1) << places) - 1);
      if (int64_t high = row.constant >> places)
        add(places, {std::nullopt, high});
    }
    if (low != 0) {
      int64_t place =
          std::min<int64_t>(llvm::countr_zero(uint64_t(low)), places);
      add(place, {std::nullopt, low >> place});
    }
    for (const auto &place : items)
      for (const Item &item : place)
        isDone |= std::abs(item.factor) > 255;
    if (isDone)
      continue;
    if (items.empty())
      items.emplace_back();
    auto steps = StepSearch(row, items).run();
    if (steps && (!best || getCost(*steps) < getCost(*best)))
      best = steps;
  }
  return best;
}

PlaneRowSteps pdkc::findPlaneRowSteps(ArrayRef<int64_t> coefficients,
                                      ArrayRef<int64_t> constants,
                                      ArrayRef<uint32_t> codes, int64_t limit,
                                      int64_t shift, int64_t max) {
  PlaneRowSteps steps;
  int64_t inputs = codes.size() / constants.size();
  std::map<std::pair<int64_t, SmallVector<uint32_t>>,
           std::optional<SmallVector<PlaneStep>>>
      known;
  for (auto [row, constant] : llvm::enumerate(constants)) {
    SmallVector<uint32_t> distinct(codes.slice(row * inputs, inputs));
    llvm::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()),
                   distinct.end());
    auto [found, isNew] = known.try_emplace({constant, distinct});
    if (isNew)
      found->second =
          findPlaneSteps({coefficients, constant, distinct, limit, shift, max});
    steps.push_back(found->second);
  }
  return steps;
}

void pdkc::emitPlaneSteps(CodeBuilder &code, ArrayRef<PlaneStep> steps,
                          llvm::function_ref<Cell(size_t)> getCell) {
  for (const PlaneStep &step : steps)
    switch (step.kind) {
    case PlaneStep::LoadSum:
      code(MOV_A_M, getCell(step.operand));
      break;
    case PlaneStep::AddSum:
      code(ADD_A_M, getCell(step.operand));
      break;
    case PlaneStep::SubSum:
      code(SUB_A_M, getCell(step.operand));
      break;
    case PlaneStep::Load:
      code(MOV_A_K, step.operand);
      break;
    case PlaneStep::Add:
      code(ADD_A_K, step.operand);
      break;
    case PlaneStep::Sub:
      code(SUB_A_K, step.operand);
      break;
    case PlaneStep::Halve:
      code(SR_A);
      break;
    case PlaneStep::HalveCarry:
      code(SRC_A);
      break;
    case PlaneStep::NotNegative:
      code.skipIfFlag(kCarryFlag, false);
      code(MOV_A_K, 0);
      break;
    case PlaneStep::Cap:
      code(SUB_A_K, step.operand);
      code.skipIfFlag(kCarryFlag, true);
      code(MOV_A_K, 0);
      code(ADD_A_K, step.operand);
      break;
    }
}
