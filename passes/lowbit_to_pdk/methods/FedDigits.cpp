//===- FedDigits.cpp - A fed layer of weights 0, 1 and -1 -----------------===//
//
// Each input, as it is made, is added to or taken off the sums that it has a
// weight for, in a loop over the rows. The weights of an input are digits, as
// many as there is room for in a byte, of tables that are indexed by the input's
// number: multiplied by their base, a byte gives the next digit. The sums are
// packed, three bytes for two of 12 bits: an input of up to 4 bits, or that times
// 16, is added to one byte of a sum, and only a carry reaches another. Few words
// and few bytes.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/WeightDecode.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

static constexpr int64_t kSumBits = 12, kMostInputs = 255;

/// The byte that the addition to a sum begins in.
static int64_t getFirstByte(int64_t row) { return row * kSumBits / 8; }

namespace {

/// How a layer's digits stand in tables.
struct DigitTables {
  unsigned radix;
  int64_t tables, digits; ///< digits of an entry

  explicit DigitTables(lowbit::DenseOp dense) {
    bool hasZero = llvm::is_contained(dense.getCodebook(), 0);
    radix = hasZero && dense.getCodebook().size() == 3 ? 3 : 2;
    int64_t most = radix == 3 ? 5 : 8;
    tables = llvm::divideCeil(dense.getNumRows(), most);
    digits = llvm::divideCeil(dense.getNumRows(), tables);
  }
  /// What the sums get for a digit: digit 0 means 0 where there are three, else
  /// the codebook's first weight.
  static unsigned getDigit(unsigned radix, ArrayRef<int64_t> codebook,
                           int64_t weight) {
    if (radix == 3)
      return weight == 0 ? 0 : weight == 1 ? 1 : 2;
    return weight == codebook.front() ? 0 : 1;
  }
};

/// The code that takes one input.
class Digits {
public:
  Digits(CodeBuilder &code, lowbit::DenseOp dense, const Storage &sums)
      : code(code), dense(dense), tables(dense), sums(sums) {}

  void emitBegin();
  void emitNextInput();
  void emitTables();

private:
  void emitDigit();
  void add(bool subtracts);

  CodeBuilder &code;
  lowbit::DenseOp dense;
  DigitTables tables;
  Storage sums;
  Cell number, input, words, digit, left;
  SmallVector<std::string> names;
};

} // namespace

void Digits::emitBegin() {
  int64_t rows = dense.getNumRows();
  SmallVector<uint8_t> bytes(llvm::divideCeil(rows * kSumBits, 8), 0);
  for (int64_t row = 0; row < rows; ++row) {
    uint64_t start = uint64_t(dense.getBias()[row] + sums.offset)
                     << row * kSumBits % 8;
    bytes[getFirstByte(row)] |= start;
    bytes[getFirstByte(row) + 1] |= start >> 8;
  }
  code.undef(sums.cells);
  for (auto [i, byte] : llvm::enumerate(bytes)) {
    if (!byte) {
      code(CLEAR_M, sums.cells.at(i));
      continue;
    }
    code(MOV_A_K, byte);
    code(MOV_M_A, sums.cells.at(i));
  }
  number = code.cells("input_number", 1);
  input = code.cells("x", 1);
  words = code.cells("digits", tables.tables);
  digit = code.cells("digit", 1);
  if (tables.digits > 1)
    left = code.cells("digits_left", 1);
  for (int64_t i = 0; i < tables.tables; ++i)
    names.push_back(code.unique("digits"));
  code(CLEAR_M, number);
}

/// The sum at p, more or less the input; a carry or borrow goes one byte up.
void Digits::add(bool subtracts) {
  code(subtracts ? SUB_A_M : ADD_A_M, input);
  code.indirect(IDXM_M_A, code.pointerP(), sums.cells);
  code(MOV_A_K, subtracts ? 255 : 1);
}

/// A step for the next digit of the first word.
void Digits::emitDigit() {
  Cell p = code.pointerP();
  std::string none = code.unique("none"), lower = code.unique("lower"),
              settle = code.unique("settle");
  ArrayRef<int64_t> codebook = dense.getCodebook();
  bool hasPlus = llvm::is_contained(codebook, 1),
       hasMinus = llvm::is_contained(codebook, -1);
  if (tables.radix == 3) {
    code(CLEAR_M, digit);
    code(MOV_A_M, words);
    code(ADD_A_M, words);
    code(ADDC_M, digit);
    code(ADD_M_A, words);
    code(ADDC_M, digit);
    code(MOV_A_M, digit);
    code.skipIfFlag(kZeroFlag, false);
    code(GOTO_K, none);
  } else {
    code(SL_M, words);
    // Weights 0 and 1, or -1 and 0: of one the digit is 0, of the other 1.
    if (llvm::is_contained(codebook, 0)) {
      code.skipIfFlag(kCarryFlag, hasPlus);
      code(GOTO_K, none);
    }
  }
  code.indirect(IDXM_A_M, p, sums.cells);
  if (hasPlus && hasMinus) {
    if (tables.radix == 3)
      code(DZSN_M, digit);
    else
      code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, lower);
    add(/*subtracts=*/false);
    code(GOTO_K, settle);
    code.label(lower);
    add(/*subtracts=*/true);
    code.label(settle);
  } else {
    add(/*subtracts=*/hasMinus);
  }
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, none);
  code(MOV_M_A, digit);
  code(INC_M, p);
  code.indirect(IDXM_A_M, p, sums.cells);
  code(ADD_A_M, digit);
  code.indirect(IDXM_M_A, p, sums.cells);
  code(DEC_M, p);
  code.label(none);
  // To the next sum, which begins in the next byte but one where this one
  // began in the middle of a byte. The input is not 0.
  code(INC_M, p);
  code(MOV_A_M, input);
  code(SWAP_A);
  code(MOV_M_A, input);
  code(SUB_A_K, 16);
  code.skipIfFlag(kCarryFlag, false);
  code(INC_M, p);
}

void Digits::emitNextInput() {
  Cell p = code.pointerP();
  std::string nonzero = code.unique("nonzero"), done = code.unique("done"),
              loop = code.unique("digit"), word = code.unique("word");
  code(INC_M, number);
  code(CEQSN_A_K, 0);
  code(GOTO_K, nonzero);
  code(GOTO_K, done);
  code.label(nonzero);
  code(MOV_M_A, input);
  for (int64_t i = 0; i < tables.tables; ++i) {
    code(MOV_A_M, number);
    code(CALL_K, names[i]);
    code(MOV_M_A, words.at(i));
  }
  code.addressOf(MOV_A_K, sums.cells);
  code(MOV_M_A, p);
  if (tables.tables > 1)
    code.label(word, tables.tables);
  if (left.cells) {
    code(MOV_A_K, tables.digits);
    code(MOV_M_A, left);
    code.label(loop, tables.digits);
  }
  emitDigit();
  if (left.cells) {
    code(DZSN_M, left);
    code(GOTO_K, loop);
  }
  if (tables.tables > 1) {
    for (int64_t i = 1; i < tables.tables; ++i) {
      code(MOV_A_M, words.at(i));
      code(MOV_M_A, words.at(i - 1));
    }
    code(MOV_A_M, p);
    code.addressOf(CEQSN_A_K, sums.cells.at(getFirstByte(
                                  tables.tables * tables.digits)));
    code(GOTO_K, word);
  }
  code.label(done);
}

void Digits::emitTables() {
  SmallVector<int64_t> weights = dense.getWeights();
  int64_t inputs = dense.getNumInputs(), rows = dense.getNumRows();
  for (int64_t table = 0; table < tables.tables; ++table) {
    SmallVector<int32_t> entries;
    for (int64_t i = 0; i < inputs; ++i) {
      SmallVector<unsigned> digits;
      for (int64_t d = 0; d < (tables.radix == 3 ? tables.digits : 8); ++d) {
        int64_t row = table * tables.digits + d;
        bool isRow = d < tables.digits && row < rows;
        digits.push_back(isRow ? DigitTables::getDigit(
                                     tables.radix, dense.getCodebook(),
                                     weights[row * inputs + i])
                               : 0);
      }
      entries.push_back(packDigits(digits, tables.radix));
    }
    code.table(names[table], entries);
  }
}

//===----------------------------------------------------------------------===//
// The method
//===----------------------------------------------------------------------===//

namespace {
struct FedDigitsMethod : Method {
  FedDigitsMethod()
      : Method("lowbit.dense", "digits", "digits, sums of 12 bits") {}

  bool suits(Operation *op) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    // What else sums may be taken by reads bytes.
    return isFed(dense) && !dense.getSums() &&
           isa_and_nonnull<lowbit::ArgmaxOp>(getOnlyUser(dense.getResult()));
  }

  bool accepts(Operation *op, const Target &) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    ArrayRef<int64_t> codebook = dense.getCodebook();
    Interval inputs = lowbit::getRange(dense.getInput());
    Interval sums = lowbit::getRange(dense.getResult());
    return codebook.front() >= -1 && codebook.back() <= 1 &&
           codebook.size() > 1 && inputs.min >= 0 && inputs.max <= 15 &&
           sums.max - sums.min < (1 << kSumBits) &&
           dense.getNumInputs() <= kMostInputs;
  }

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    if (!suits(op) || !accepts(op, {}))
      return op->emitError("is no layer of weights 0, 1 and -1 that is fed with "
                           "up to 255 inputs of up to 4 bits, and whose sums of "
                           "up to 12 bits are only compared");
    Interval sums = lowbit::getRange(dense.getResult());
    assignment.setInNewBuffer(
        dense.getResult(),
        lowbit::StorageAttr::get(op->getContext(), lowbit::Place::Buffer, 0, 0,
                                 /*fresh=*/false, /*splat=*/false, kSumBits,
                                 sums.min, 0, 0),
        "sums");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &) const override {
    return op->emitError("is fed with its inputs, or has another method");
  }

  bool canBeFed() const override { return true; }

  FailureOr<std::function<void()>>
  beginFeeding(Operation *op, Emission &emission) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    auto digits = std::make_shared<Digits>(
        emission.code, dense, emission.getStorage(dense.getResult()));
    digits->emitBegin();
    emission.addRoutine([digits] { digits->emitTables(); });
    return std::function<void()>([digits] { digits->emitNextInput(); });
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeFedDigitsMethod() {
  return std::make_unique<FedDigitsMethod>();
}
