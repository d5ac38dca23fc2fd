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
#include "passes/lowbit_to_pdk/Emission.h"

#include <map>

namespace pdkc {

/// An operation's price. Words that others may share are told apart by what
/// they compute.
struct OperationCost {
  bool fails = false;
  int64_t words = 0;
  std::vector<Emission::Section> shared;
  double cycles = 0;  ///< mean over the samples
  int64_t worst = 0;  ///< no input takes more
};

/// A plan's price; of RAM it says nothing.
struct PlanCost {
  bool fails = false;
  int64_t words = 0;
  double cycles = 0;
  int64_t worst = 0;
};

class CostModel {
public:
  /// Means are over the first `limit` of the samples.
  CostModel(const Target &target, const Samples &samples, int64_t limit)
      : target(target), samples(samples), limit(limit) {}

  /// Of a function whose storage is assigned.
  PlanCost getCost(mlir::func::FuncOp func);

  /// How often code had to be written, and how often a price was known.
  int64_t numWritten = 0, numKnown = 0;

private:
  const OperationCost &getCost(mlir::Operation *op, mlir::func::FuncOp func);
  OperationCost measure(mlir::Operation *op, mlir::func::FuncOp func,
                        llvm::StringRef engine, llvm::StringRef routine);
  /// Cycles of the program on the samples' operands of the operation.
  bool simulate(mlir::Operation *op, pdk::ProgramOp program,
                OperationCost &cost);
  void interpretSamples(mlir::func::FuncOp func);

  const Target target;
  const Samples &samples;
  int64_t limit;
  std::map<std::string, OperationCost> costs;
  /// Of the function at hand: its tensors, by sample. Empty until needed.
  std::vector<llvm::DenseMap<mlir::Value, lowbit::Elements>> tensors;
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_COSTMODEL_H
