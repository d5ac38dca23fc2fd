//===- FedDigits.cpp - A fed layer of weights of two or three values ------===//
//
// Each input, as it is made, is added to the sums that it has a weight for. The
// weights of an input are digits, as many as there is room for in a byte, of
// tables that are indexed by the input's number: multiplied by their base, a
// byte gives the next digit. Its sign says what is done; or, in fewer words,
// digits count from the lowest weight: the input is added so many times, and
// all sums have the same too much, which a comparison of them does not see.
//
// In a loop over the rows, or row by row. Sums of 12 bits are packed, three
// bytes for two: an input of up to 4 bits, or that times 16, is added to one
// byte of a sum, and only a carry reaches another. Few bytes; sums of 16 bits
// take fewer words.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/FedMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/WeightDecode.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

static constexpr int64_t kPackedBits = 12, kMostInputs = 255;

namespace {

/// How a layer's digits and sums are.
struct DigitForm {
  unsigned radix = 2;
  int64_t tables = 1, digits = 1; ///< digits of an entry
  int64_t bits = kPackedBits;     ///< of a sum
  bool unrolls = false;
  /// An input is added digit times, itself or times `step`; or digits are
  /// signs.
  bool counts = true;
  int64_t step = 1;
  int64_t least = 0; ///< what a sum begins with is its bias less that
  /// Of the storage: what sums then have on top is known at run time only, and
  /// is at most `excess`.
  int64_t base = 0, excess = 0;
  SmallVector<int64_t> order; ///< the rows as they stand in tables

  /// By the name of the method; none where the layer has no such form.
  static std::optional<DigitForm> find(lowbit::DenseOp dense, StringRef method);

  bool isPacked() const { return bits % 8 != 0; }
  /// The byte that the addition to a sum begins in.
  int64_t getFirstByte(int64_t row) const { return row * bits / 8; }

  /// Of signs, digit 0 means 0 where there are three.
  unsigned getDigit(ArrayRef<int64_t> codebook, int64_t weight) const {
    if (!counts && radix == 3)
      return weight == 0 ? 0 : weight == 1 ? 1 : 2;
    return llvm::find(codebook, weight) - codebook.begin();
  }
};

/// The code that takes one input.
class Digits {
public:
  Digits(CodeBuilder &code, lowbit::DenseOp dense, DigitForm form,
         const Storage &sums)
      : code(code), dense(dense), form(std::move(form)), sums(sums) {}

  void emitBegin();
  void emitNextInput();
  void emitTables();

private:
  void emitLoop();
  void emitDigit();
  void emitSign();
  void emitCount();
  void stepToNextSum();
  void addSign(bool subtracts);
  void emitTrit();
  void addInput(StringRef done);
  void emitRows();
  void emitRow(int64_t row, Cell word);

  CodeBuilder &code;
  lowbit::DenseOp dense;
  DigitForm form;
  Storage sums;
  Cell number, input, words, digit, left;
  SmallVector<std::string> names;
};

} // namespace

std::optional<DigitForm> DigitForm::find(lowbit::DenseOp dense,
                                         StringRef method) {
  ArrayRef<int64_t> codebook = dense.getCodebook();
  Interval inputs = lowbit::getRange(dense.getInput());
  Interval elements = lowbit::getRange(dense.getResult());
  int64_t rows = dense.getNumRows(), count = dense.getNumInputs();
  if (codebook.size() < 2 || codebook.size() > 3 || inputs.min < 0 ||
      count > kMostInputs)
    return std::nullopt;
  DigitForm form;
  form.radix = codebook.size();
  form.bits = method == "digits-wide" ? 16 : kPackedBits;
  form.unrolls = method == "digits-unrolled";
  int64_t most = form.radix == 3 ? 5 : 8; // in a byte
  form.tables = llvm::divideCeil(rows, most);
  form.digits = llvm::divideCeil(rows, form.tables);
  // Those whose sums begin at a byte's low end, then those in its middle.
  for (int64_t parity : {0, 1})
    for (int64_t row = 0; row < rows; ++row)
      if (form.unrolls ? row % 2 == parity : parity == 0)
        form.order.push_back(row);

  form.step = codebook[1] - codebook[0];
  form.least = *llvm::min_element(dense.getBias());
  form.excess = -codebook[0] * count * inputs.max;
  form.base = form.excess ? elements.min : form.least;
  SmallVector<int64_t> weights = dense.getWeights();
  int64_t largest = 0;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t sum = dense.getBias()[row] - form.least;
    for (int64_t weight : ArrayRef(weights).slice(row * count, count))
      sum += (weight - codebook[0]) * inputs.max;
    largest = std::max(largest, sum);
  }
  bool isEven = form.radix == 2 || codebook[2] - codebook[1] == form.step;
  if (method != "digits" && isEven && form.step <= 2 && codebook[0] <= 0 &&
      form.step * inputs.max <= (form.isPacked() ? 15 : 255) &&
      largest < int64_t(1) << form.bits &&
      elements.max - form.base + (form.isPacked() ? 0 : form.excess) <
          int64_t(1) << form.bits)
    return form;
  form.counts = false;
  form.step = 1;
  form.base = form.least = elements.min;
  form.excess = 0;
  // Row by row only those whose digit is a bit.
  bool hasSigns = method == "digits" || (form.unrolls && form.radix == 2);
  if (!hasSigns || codebook.front() < -1 || codebook.back() > 1 ||
      inputs.max > 15 || elements.max - elements.min >= int64_t(1) << form.bits)
    return std::nullopt;
  return form;
}

void Digits::emitBegin() {
  int64_t rows = dense.getNumRows();
  SmallVector<uint8_t> bytes(llvm::divideCeil(rows * form.bits, 8), 0);
  for (int64_t row = 0; row < rows; ++row) {
    uint64_t start = uint64_t(dense.getBias()[row] - form.least)
                     << row * form.bits % 8;
    bytes[form.getFirstByte(row)] |= start;
    bytes[form.getFirstByte(row) + 1] |= start >> 8;
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
  if (!form.unrolls) {
    words = code.cells("digits", form.tables);
    if (form.radix == 3 || !form.counts)
      digit = code.cells("digit", 1);
    if (form.digits > 1)
      left = code.cells("digits_left", 1);
  }
  for (int64_t i = 0; i < form.tables; ++i)
    names.push_back(code.unique("digits"));
  code(CLEAR_M, number);
}

//===----------------------------------------------------------------------===//
// In a loop over the rows
//===----------------------------------------------------------------------===//

/// The sum at p, more or less the input; a carry or borrow goes one byte up.
void Digits::addSign(bool subtracts) {
  code(subtracts ? SUB_A_M : ADD_A_M, input);
  code.indirect(IDXM_M_A, code.pointerP(), sums.cells);
  code(MOV_A_K, subtracts ? 255 : 1);
}

/// What the digit's sign says is done with the sum at p.
void Digits::emitSign() {
  Cell p = code.pointerP();
  std::string none = code.unique("none"), lower = code.unique("lower"),
              settle = code.unique("settle");
  ArrayRef<int64_t> codebook = dense.getCodebook();
  bool hasPlus = llvm::is_contained(codebook, 1),
       hasMinus = llvm::is_contained(codebook, -1);
  if (form.radix == 3) {
    emitTrit();
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
    if (form.radix == 3)
      code(DZSN_M, digit);
    else
      code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, lower);
    addSign(/*subtracts=*/false);
    code(GOTO_K, settle);
    code.label(lower);
    addSign(/*subtracts=*/true);
    code.label(settle);
  } else {
    addSign(/*subtracts=*/hasMinus);
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
}

/// digit = the next trit: the fraction in the word, times 3.
void Digits::emitTrit() {
  code(CLEAR_M, digit);
  code(MOV_A_M, words);
  code(ADD_A_M, words);
  code(ADDC_M, digit);
  code(ADD_M_A, words);
  code(ADDC_M, digit);
}

/// The sum at p, more the input, and on to `done`, behind it.
void Digits::addInput(StringRef done) {
  Cell p = code.pointerP();
  code.indirect(IDXM_A_M, p, sums.cells);
  code(ADD_A_M, input);
  code.indirect(IDXM_M_A, p, sums.cells);
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, done);
  code(INC_M, p);
  code.indirect(IDXM_A_M, p, sums.cells);
  code(ADD_A_K, 1);
  code.indirect(IDXM_M_A, p, sums.cells);
  code(DEC_M, p);
  code.label(done);
}

/// The input is added to the sum at p, the digit's number of times.
void Digits::emitCount() {
  std::string more = code.unique("more"), done = code.unique("done");
  if (form.radix == 2) {
    code(SL_M, words);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, done);
    addInput(done);
    return;
  }
  emitTrit();
  code(INC_M, digit);
  code(GOTO_K, done);
  code.label(more, form.radix - 1);
  addInput(done);
  code(DZSN_M, digit);
  code(GOTO_K, more);
}

/// p = the next sum, which of packed ones begins in the next byte but one where
/// this one began in the middle of a byte. The input is not 0.
void Digits::stepToNextSum() {
  Cell p = code.pointerP();
  code(INC_M, p);
  if (!form.isPacked()) {
    code(INC_M, p);
    return;
  }
  code(MOV_A_M, input);
  code(SWAP_A);
  code(MOV_M_A, input);
  code(SUB_A_K, 16);
  code.skipIfFlag(kCarryFlag, false);
  code(INC_M, p);
}

void Digits::emitLoop() {
  Cell p = code.pointerP();
  std::string loop = code.unique("digit"), word = code.unique("word");
  for (int64_t i = 0; i < form.tables; ++i) {
    code(MOV_A_M, number);
    code(CALL_K, names[i]);
    code(MOV_M_A, words.at(i));
  }
  code.addressOf(MOV_A_K, sums.cells);
  code(MOV_M_A, p);
  if (form.tables > 1)
    code.label(word, form.tables);
  if (left.cells) {
    code(MOV_A_K, form.digits);
    code(MOV_M_A, left);
    code.label(loop, form.digits);
  }
  form.counts ? emitCount() : emitSign();
  stepToNextSum();
  if (left.cells) {
    code(DZSN_M, left);
    code(GOTO_K, loop);
  }
  if (form.tables > 1) {
    for (int64_t i = 1; i < form.tables; ++i) {
      code(MOV_A_M, words.at(i));
      code(MOV_M_A, words.at(i - 1));
    }
    code(MOV_A_M, p);
    code.addressOf(CEQSN_A_K,
                   sums.cells.at(form.getFirstByte(form.tables * form.digits)));
    code(GOTO_K, word);
  }
}

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

/// A step for the next digit of the word, whose row it is. Of bits A has the
/// input, before and after it.
void Digits::emitRow(int64_t row, Cell word) {
  Cell sum = sums.cells.at(form.getFirstByte(row));
  // Without a carry there is nothing to add to the higher byte either.
  auto addAtCarry = [&] {
    code.skipIfFlag(kCarryFlag, false);
    code(ADD_M_A, sum);
    code(ADDC_M, sum.at(1));
  };
  if (form.radix == 3) {
    code(MOV_A_M, word);
    code(ADD_A_M, word);
    code(XCH_M, input);
    addAtCarry();
    code(XCH_M, input);
    code(ADD_M_A, word);
    code(MOV_A_M, input);
    addAtCarry();
    return;
  }
  code(SL_M, word);
  if (form.counts) {
    addAtCarry();
    return;
  }
  ArrayRef<int64_t> codebook = dense.getCodebook();
  std::string lower = code.unique("lower"), next = code.unique("next_row");
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, codebook.front() == 0 ? next : lower);
  if (codebook.back() == 1) {
    code(ADD_M_A, sum);
    code(ADDC_M, sum.at(1));
  }
  if (codebook.front() == -1) {
    code(GOTO_K, next);
    code.label(lower);
    code(SUB_M_A, sum);
    code(SUBC_M, sum.at(1));
  }
  code.label(next);
}

void Digits::emitRows() {
  // No element is taken through p meanwhile.
  Cell word = code.pointerP();
  for (auto [place, row] : llvm::enumerate(form.order)) {
    bool beginsWord = place % form.digits == 0;
    bool turns =
        form.isPacked() && place > 0 && row % 2 != form.order[place - 1] % 2;
    if (beginsWord) {
      code(MOV_A_M, number);
      code(CALL_K, names[place / form.digits]);
      code(MOV_M_A, word);
    }
    if (turns || (beginsWord && form.radix == 2))
      code(MOV_A_M, input);
    if (turns) {
      code(SWAP_A);
      code(MOV_M_A, input);
    }
    emitRow(row, word);
  }
}

//===----------------------------------------------------------------------===//
// Inputs, tables
//===----------------------------------------------------------------------===//

void Digits::emitNextInput() {
  std::string nonzero = code.unique("nonzero"), done = code.unique("done");
  code(INC_M, number);
  code(CEQSN_A_K, 0);
  code(GOTO_K, nonzero);
  code(GOTO_K, done);
  code.label(nonzero);
  if (form.step == 2)
    code(SL_A);
  code(MOV_M_A, input);
  form.unrolls ? emitRows() : emitLoop();
  code.label(done);
}

void Digits::emitTables() {
  SmallVector<int64_t> weights = dense.getWeights();
  int64_t inputs = dense.getNumInputs(), rows = dense.getNumRows();
  for (int64_t table = 0; table < form.tables; ++table) {
    SmallVector<int32_t> entries;
    for (int64_t i = 0; i < inputs; ++i) {
      SmallVector<unsigned> digits;
      for (int64_t d = 0; d < (form.radix == 3 ? form.digits : 8); ++d) {
        int64_t place = table * form.digits + d;
        bool isRow = d < form.digits && place < rows;
        digits.push_back(
            isRow ? form.getDigit(dense.getCodebook(),
                                  weights[form.order[place] * inputs + i])
                  : 0);
      }
      entries.push_back(packDigits(digits, form.radix));
    }
    code.table(names[table], entries);
  }
}

//===----------------------------------------------------------------------===//
// The method
//===----------------------------------------------------------------------===//

namespace {
struct FedDigitsMethod : FedMethod {
  using FedMethod::FedMethod;

  std::optional<DigitForm> findForm(lowbit::DenseOp dense) const {
    return DigitForm::find(dense, getName());
  }

  bool suits(Operation *op) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    // What else sums may be taken by reads bytes, or wants them as they are.
    return isFed(dense) && !dense.getSums() &&
           isa_and_nonnull<lowbit::ArgmaxOp>(getOnlyUser(dense.getResult()));
  }

  bool accepts(Operation *op, const Target &) const override {
    return findForm(cast<lowbit::DenseOp>(op)).has_value();
  }

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    auto form = suits(op) ? findForm(dense) : std::nullopt;
    if (!form)
      return op->emitError(
          "is no layer of two or three weights that is fed with "
          "up to 255 inputs, and whose sums are only compared "
          "and have as many bits as the method's");
    assignment.setInNewBuffer(
        dense.getResult(),
        lowbit::StorageAttr::get(op->getContext(), lowbit::Place::Buffer, 0, 0,
                                 /*fresh=*/false, /*splat=*/false, form->bits,
                                 form->base, form->excess, 0),
        "sums");
    return success();
  }

  FailureOr<std::function<void()>>
  beginFeeding(Operation *op, Emission &emission) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    auto digits =
        std::make_shared<Digits>(emission.code, dense, *findForm(dense),
                                 emission.getStorage(dense.getResult()));
    digits->emitBegin();
    emission.addRoutine([digits] { digits->emitTables(); });
    return std::function<void()>([digits] { digits->emitNextInput(); });
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeFedDigitsMethod(StringRef name,
                                                  StringRef description) {
  return std::make_unique<FedDigitsMethod>(name, description);
}
