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
//   bytes >= maximum over the operations of what is needed there (Footprint.h)
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

/// The price of an operation in its function.
struct OperationPrice {
  explicit OperationPrice(mlir::Operation *op) : op(op), key(op) {}

  mlir::Operation *op;
  OperationKey key;
  bool fails = false;
  /// Its own, and its part of what it shares, by the elements of the weights of
  /// those that do: together they are the program's.
  double words = 0;
  /// The same where all others share what it shares with them.
  double leastWords = 0;
  std::optional<double> cycles; ///< mean, where it was asked for
  int64_t bytes = 0; ///< of RAM that the program needs while it runs, or more
};

class CostModel {
public:
  /// Means are over the first `limit` of the samples.
  CostModel(const Target &target, const Samples &samples, int64_t limit);
  ~CostModel();

  /// Of a function whose storage is assigned, without cycles and bytes. As long
  /// as the function stands.
  llvm::SmallVector<OperationPrice> getPrices(mlir::func::FuncOp func);
  /// Adds the cycles of those that are wanted.
  void addCycles(llvm::MutableArrayRef<OperationPrice> prices,
                 llvm::function_ref<bool(const OperationPrice &)> isWanted);
  /// Adds the bytes, of all the function's operations.
  void addBytes(llvm::MutableArrayRef<OperationPrice> prices,
                bool isFirmware, int64_t reserve);

  /// Cycles that were simulated so far, all samples of all operations together:
  /// what prices took.
  double getSimulated() const { return simulated; }

  /// Cycles that the function takes at most, with model_next_input a RET; none
  /// where its code says no bound.
  std::optional<int64_t> getWorst(mlir::func::FuncOp func);

private:
  /// An operation's program, alone.
  struct Program;
  /// What operations of one key cost.
  struct Cost;
  /// A tensor of all samples.
  struct Tensor {
    std::vector<lowbit::Elements> elements; ///< by sample
    uint64_t hash;
  };

  Cost &getCost(mlir::Operation *op, const OperationKey &key);
  std::optional<double> getCycles(const OperationPrice &price);
  /// Mean cycles of the program on the operation's operands.
  std::optional<double> simulate(mlir::Operation *op, Program &program);
  const Tensor &getTensor(mlir::Value value);
  /// The model's input that is this argument, of a sample.
  lowbit::Elements getArgument(mlir::Value argument, int64_t sample) const;

  const Target target;
  const Samples &samples;
  int64_t limit;
  double simulated = 0;
  std::map<std::string, std::unique_ptr<Cost>> costs;
  /// What operations give, by what they compute and the hashes of their
  /// operands, of 64 bits: that two are the same by chance need not be reckoned
  /// with.
  std::map<std::string, Tensor> tensors;
  /// Of the function at hand.
  llvm::DenseMap<mlir::Value, const Tensor *> tensorOf;
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_COSTMODEL_H
