//===- CostModel.h - What a plan costs, operation by operation --*- C++ -*-===//
//
// The price of an operation is that of its own code: its method writes it into
// a program of its own, whose words are counted and which runs in the simulator
// on the tensors that the interpreter makes of the samples. What its code looks
// like depends on the operation, on how its operands and results are stored,
// and on the layers that share its engine; as long as these are the same, the
// price is, and is kept. A program costs
//
//   words  = sum of the operations' own words
//            + those of each shared piece, once
//   cycles = sum of the operations' cycles
//
// since nothing else is between them: calls and returns of shared code are in
// the operations' own.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_PLANNING_COSTMODEL_H
#define PDKC_COMPILER_PLANNING_COSTMODEL_H

#include "compiler/Measure.h"
#include "compiler/planning/OperationKey.h"
#include "passes/lowbit_to_pdk/Emission.h"

#include <map>

namespace pdkc {

/// An operation's price. Words that others may share are told apart by what
/// they compute.
struct OperationCost {
  bool fails = false;
  int64_t words = 0;
  llvm::SmallVector<Emission::Section, 0> shared;
  /// Means over the samples, by a hash of the operands that these make.
  std::map<uint64_t, double> cycles;
  std::optional<int64_t> worst; ///< no input takes more
};

/// A plan's price; of RAM it says nothing, and of cycles only where the words
/// are no more than the device's.
struct PlanCost {
  bool fails = false;
  bool isBound = false; ///< it costs as much or more
  int64_t words = 0;
  double cycles = 0;
};

class CostModel {
public:
  /// Means are over the first `limit` of the samples.
  CostModel(const Target &target, const Samples &samples, int64_t limit)
      : target(target), samples(samples), limit(limit) {}

  /// Of a function whose storage is assigned. Where `isEnough` says so of what
  /// its words and its operations' cycles so far, that is the price given, less
  /// than the true one: `isBound`.
  PlanCost getCost(mlir::func::FuncOp func,
                   llvm::function_ref<bool(const PlanCost &)> isEnough);

  /// Cycles that the function takes at most, with model_next_input a RET; none
  /// where its code says no bound.
  std::optional<int64_t> getWorst(mlir::func::FuncOp func);

private:
  /// An operation's program, alone.
  struct Program;
  std::unique_ptr<Program> write(mlir::Operation *op, const OperationKey &key);

  OperationCost &getCost(mlir::Operation *op, const OperationKey &key);
  double getCycles(mlir::Operation *op, const OperationKey &key);
  /// Mean cycles of the program on the samples' operands of the operation.
  std::optional<double> simulate(mlir::Operation *op, pdk::ProgramOp program);
  void interpretSamples(mlir::func::FuncOp func);
  /// Of 64 bits: that two are the same by chance need not be reckoned with.
  uint64_t hashOperands(mlir::Operation *op);

  const Target target;
  const Samples &samples;
  int64_t limit;
  std::map<std::string, OperationCost> costs;
  /// Of the function at hand: its tensors, by sample. Empty until needed.
  std::vector<llvm::DenseMap<mlir::Value, lowbit::Elements>> tensors;
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_COSTMODEL_H
