//===- FedTurns.cpp - A fed layer of sums that take turns -----------------===//
//
// Each input belongs to one sum, and the sums take turns: pixels of several
// channels, each added to its channel's sum, as an average over all positions
// wants it. No weights are stored.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/FedMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Whether input i has weight 1 for row i modulo the rows, and no other.
static bool takeTurns(lowbit::DenseOp dense) {
  int64_t inputs = dense.getNumInputs(), rows = dense.getNumRows();
  for (auto [i, weight] : llvm::enumerate(dense.getWeights()))
    if (weight != (int64_t(i) % inputs % rows == int64_t(i) / inputs))
      return false;
  return true;
}

/// A is added to the sum whose turn it is.
static void emitNextInput(CodeBuilder &code, const Storage &sums, Cell input,
                          Cell turn) {
  Cell p = code.pointerP();
  std::string goesOn = code.unique("goes_on");
  code(MOV_M_A, input);
  code(MOV_A_M, turn);
  code(MOV_M_A, p);
  for (int64_t byte = 0; byte < sums.bytes; ++byte) {
    code.indirect(IDXM_A_M, p, sums.cells);
    code(ADD_A_M, input);
    code.indirect(IDXM_M_A, p, sums.cells);
    if (byte + 1 < sums.bytes) {
      code(MOV_A_K, 0);
      code(ADDC_A);
      code(MOV_M_A, input);
    }
    code(INC_M, p);
  }
  code(MOV_A_M, p);
  code.addressOf(CEQSN_A_K, sums.cells.at(sums.size * sums.bytes));
  code(GOTO_K, goesOn);
  code.addressOf(MOV_A_K, sums.cells);
  code.label(goesOn);
  code(MOV_M_A, turn);
}

namespace {
struct FedTurnsMethod : FedMethod {
  FedTurnsMethod() : FedMethod("turns", "sums in turn") {}

  /// In the order of arrival, in which a convolution's results are put later.
  bool suits(Operation *op) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    return isFed(dense) && !dense.getSums() &&
           lowbit::getRange(dense.getInput()).min >= 0 &&
           !getAccumulator(dense.getResult()) && takeTurns(dense);
  }

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    if (!suits(op))
      return op->emitError("is not fed, or with more than one sum an input, "
                           "each in its turn");
    auto format = StorageAssignment::getSumFormat(dense.getResult());
    if (failed(format))
      return failure();
    assignment.setInNewBuffer(dense.getResult(), *format, "sums");
    return success();
  }

  FailureOr<std::function<void()>>
  beginFeeding(Operation *op, Emission &emission) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    CodeBuilder &code = emission.code;
    const Storage sums = emission.getStorage(dense.getResult());
    emission.begin(sums);
    for (int64_t row = 0; row < sums.size; ++row)
      for (int64_t byte = 0; byte < sums.bytes; ++byte) {
        int64_t start = (dense.getBias()[row] + sums.offset) >> (8 * byte);
        if (start & 255)
          code(MOV_A_K, start);
        code(start & 255 ? MOV_M_A : CLEAR_M, sums.element(row).at(byte));
      }
    Cell input = code.cells("x", 1), turn = code.cells("turn", 1);
    code.addressOf(MOV_A_K, sums.cells);
    code(MOV_M_A, turn);
    return std::function<void()>(
        [=, &code] { emitNextInput(code, sums, input, turn); });
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeFedTurnsMethod() {
  return std::make_unique<FedTurnsMethod>();
}
