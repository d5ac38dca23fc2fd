//===- WeightDecode.cpp - Shift/add code for a codebook -------------------===//
//
// A search over short programs: small codebooks by trying all skeletons,
// others by the two skeletons that any list of integers fits, plain binary and
// sign with binary magnitude.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/WeightDecode.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/Support/MathExtras.h"

#include <cassert>

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace {

/// A step with the coefficient of the multiple it uses, before cells are given.
struct Choice {
  DecodeStep::Kind kind;
  int64_t coefficient = 0;
};

} // namespace

static int64_t apply(Choice choice, int64_t value) {
  switch (choice.kind) {
  case DecodeStep::Take:
    return choice.coefficient;
  case DecodeStep::Add:
    return value + choice.coefficient;
  case DecodeStep::Double:
    return value * 2;
  case DecodeStep::Negate:
    return -value;
  case DecodeStep::Exchange:
    break; // depends on what was there before
  }
  return 0;
}

/// The weight each code means.
static SmallVector<int64_t> getValues(int64_t first, ArrayRef<Choice> choices) {
  SmallVector<int64_t> values = {first};
  for (Choice choice : choices) {
    size_t count = values.size();
    for (size_t i = 0; i < count; ++i)
      values.push_back(apply(choice, values[i]));
  }
  return values;
}

/// Gives the multiples cells and settles the biases: a negation keeps a bias of
/// 128 in place, a doubling loses any, so that it is added at the end.
static WeightDecode makeDecode(int64_t first, ArrayRef<Choice> choices,
                               ArrayRef<int64_t> codebook) {
  auto uses = [&](DecodeStep::Kind kind) {
    return llvm::any_of(choices, [&](Choice c) { return c.kind == kind; });
  };
  WeightDecode decode;
  decode.bias = codebook.front() >= 0 ? 0 : 128;
  bool late = uses(DecodeStep::Double);
  decode.finalOffset = late ? decode.bias : 0;
  auto getMultiple = [&](int64_t coefficient, int64_t bias) -> unsigned {
    Multiple wanted{coefficient, bias};
    auto *found = llvm::find(decode.multiples, wanted);
    if (found == decode.multiples.end()) {
      decode.multiples.push_back(wanted);
      return decode.multiples.size() - 1;
    }
    return found - decode.multiples.begin();
  };
  int64_t bias = late ? 0 : decode.bias;
  decode.first = getMultiple(first, bias);
  for (Choice choice : choices) {
    DecodeStep step{choice.kind, 0};
    if (choice.kind == DecodeStep::Take)
      step.multiple = getMultiple(choice.coefficient, bias);
    if (choice.kind == DecodeStep::Add)
      step.multiple = getMultiple(choice.coefficient, 0);
    decode.steps.push_back(step);
  }
  decode.values = getValues(first, choices);
  return decode;
}

static bool covers(ArrayRef<int64_t> values, ArrayRef<int64_t> codebook) {
  return llvm::all_of(codebook,
                      [&](int64_t c) { return llvm::is_contained(values, c); });
}

/// Every skeleton of `bits` steps over multiples that the codebook suggests;
/// only the first `codes` codes may be used.
static std::optional<WeightDecode> searchAll(ArrayRef<int64_t> codebook,
                                             unsigned bits, unsigned codes) {
  llvm::SmallSet<int64_t, 32> differences;
  SmallVector<Choice> alphabet = {{DecodeStep::Double}, {DecodeStep::Negate}};
  for (int64_t value : codebook) {
    alphabet.push_back({DecodeStep::Take, value});
    for (int64_t other : codebook)
      if (value != other && differences.insert(value - other).second)
        alphabet.push_back({DecodeStep::Add, value - other});
  }
  std::optional<WeightDecode> best;
  // Fewest cells and steps; then multiples that are quickly made.
  auto cost = [](const WeightDecode &decode) {
    int64_t sum = 0;
    bool hasUnit = false;
    for (const Multiple &multiple : decode.multiples) {
      sum += multiple.coefficient < 0 ? 2 : multiple.coefficient > 2 ? 1 : 0;
      hasUnit |= multiple.coefficient == 1;
    }
    return 10 * (decode.multiples.size() + (decode.finalOffset ? 1 : 0)) + sum +
           (hasUnit ? 0 : 3);
  };
  SmallVector<Choice> choices(bits);
  // The values that the steps chosen so far give, by code.
  SmallVector<int64_t> values;
  auto search = [&](auto &&self, unsigned depth) -> void {
    if (depth == bits) {
      if (!covers(ArrayRef<int64_t>(values).take_front(codes), codebook))
        return;
      WeightDecode decode = makeDecode(values.front(), choices, codebook);
      if (!best || cost(decode) < cost(*best))
        best = std::move(decode);
      return;
    }
    // The steps to come add only so many values; the rest must be there.
    size_t missing = llvm::count_if(codebook, [&](int64_t value) {
      return !llvm::is_contained(values, value);
    });
    size_t count = values.size();
    if (missing > (size_t(1) << bits) - count)
      return;
    for (Choice choice : alphabet) {
      choices[depth] = choice;
      for (size_t i = 0; i < count; ++i)
        values.push_back(apply(choice, values[i]));
      self(self, depth + 1);
      values.truncate(count);
    }
  };
  // Codes may be dealt so that the first value is that of code 0.
  for (int64_t first : codebook) {
    values = {first};
    search(search, 0);
  }
  return best;
}

/// Binary weights above the smallest value.
static WeightDecode makeBinary(ArrayRef<int64_t> codebook, unsigned bits) {
  SmallVector<Choice> choices;
  for (unsigned bit = 0; bit < bits; ++bit)
    choices.push_back({DecodeStep::Add, int64_t(1) << bit});
  return makeDecode(codebook.front(), choices, codebook);
}

/// Binary weights above the smallest magnitude, then a sign.
static WeightDecode makeSigned(ArrayRef<int64_t> codebook, int64_t smallest,
                               unsigned bits) {
  SmallVector<Choice> choices;
  for (unsigned bit = 0; bit + 1 < bits; ++bit)
    choices.push_back({DecodeStep::Add, int64_t(1) << bit});
  choices.push_back({DecodeStep::Negate});
  return makeDecode(smallest, choices, codebook);
}

std::optional<WeightDecode> pdkc::findDecode(ArrayRef<int64_t> codebook) {
  assert(!codebook.empty());
  unsigned fewest = std::max(1u, llvm::Log2_64_Ceil(codebook.size()));
  int64_t smallest = INT64_MAX, largest = 0;
  for (int64_t value : codebook) {
    smallest = std::min(smallest, std::abs(value));
    largest = std::max(largest, std::abs(value));
  }
  uint64_t span = codebook.back() - codebook.front();
  for (unsigned bits = fewest; bits <= 8; ++bits) {
    if (bits <= 2 || (bits == 3 && codebook.size() <= 8)) {
      if (auto decode = searchAll(codebook, bits, 1u << bits))
        return decode;
    }
    if (span < (uint64_t(1) << bits))
      return makeBinary(codebook, bits);
    if (uint64_t(largest - smallest) < (uint64_t(1) << (bits - 1)))
      return makeSigned(codebook, smallest, bits);
  }
  return std::nullopt;
}

std::optional<WeightDecode> pdkc::findRadixDecode(ArrayRef<int64_t> codebook) {
  unsigned radix = codebook.size();
  if (radix != 3 && radix != 5 && radix != 6)
    return std::nullopt;
  auto decode = searchAll(codebook, llvm::Log2_32_Ceil(radix), radix);
  if (decode)
    decode->radix = radix;
  return decode;
}

std::optional<WeightDecode>
pdkc::findRelativeDecode(ArrayRef<int64_t> codebook) {
  WeightDecode decode;
  for (int64_t value : codebook) {
    Multiple multiple{std::abs(value), 128};
    if (!llvm::is_contained(decode.multiples, multiple))
      decode.multiples.push_back(multiple);
  }
  if (codebook.front() >= 0 || decode.multiples.size() > 2)
    return std::nullopt;
  if (decode.multiples.size() == 2)
    decode.steps.push_back({DecodeStep::Exchange, 1});
  // A negation keeps a bias of 128 in place.
  decode.steps.push_back({DecodeStep::Negate});
  decode.bias = 128;
  decode.isRelative = true;
  return decode;
}

SmallVector<unsigned>
WeightDecode::getCodes(ArrayRef<int64_t> weights) const {
  SmallVector<unsigned> codes;
  if (!isRelative) {
    for (int64_t weight : weights)
      codes.push_back(getCode(weight));
    return codes;
  }
  int64_t inA = multiples[first].coefficient, inCell = 0;
  if (steps.size() > 1)
    inCell = multiples[steps[0].multiple].coefficient;
  for (int64_t weight : weights) {
    unsigned code = 0;
    if (std::abs(inA) != std::abs(weight)) {
      assert(std::abs(inCell) == std::abs(weight) &&
             "weight is not in the codebook");
      std::swap(inA, inCell);
      code = 1;
    }
    if (inA != weight)
      code |= 1u << (steps.size() - 1);
    inA = weight;
    codes.push_back(code);
  }
  return codes;
}

unsigned WeightDecode::getDigits() const {
  unsigned digits = 0;
  for (unsigned power = radix; power <= 256; power *= radix)
    ++digits;
  return digits;
}

uint8_t pdkc::packDigits(ArrayRef<unsigned> digits, unsigned radix) {
  unsigned value = 0, power = 1;
  for (unsigned digit : digits) {
    value = value * radix + digit;
    power *= radix;
  }
  assert(power <= 256);
  // value / power as a fraction of 256, rounded up: multiplying gives the
  // digits back as long as the powers fit a byte.
  uint8_t byte = (value * 256 + power - 1) / power;
  unsigned rest = byte;
  for (unsigned digit : digits) {
    rest *= radix;
    assert(rest >> 8 == digit && "digits do not come out again");
    rest &= 255;
  }
  return byte;
}

unsigned WeightDecode::getCode(int64_t weight) const {
  const auto *found = llvm::find(values, weight);
  assert(found != values.end() && "weight is not in the codebook");
  return found - values.begin();
}

int64_t WeightDecode::getMaxInput(ArrayRef<int64_t> codebook) const {
  int64_t max = 255;
  for (int64_t value : codebook) {
    if (value > 0)
      max = std::min(max, (255 - bias) / value);
    if (value < 0)
      max = std::min(max, bias / -value);
  }
  return max;
}
