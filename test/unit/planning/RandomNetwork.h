//===- RandomNetwork.h - Networks made up for tests -------------*- C++ -*-===//
//
// Models of the lowbit dialect with everything in them that import makes: one to
// four layers, convolutions and pools before them, residuals and concatenations
// between them, requantisations of all kinds behind them. Weights, widths and
// ranges are random and small enough that most fit a device. The same seed makes
// the same network on every machine.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_TEST_UNIT_PLANNING_RANDOMNETWORK_H
#define PDKC_TEST_UNIT_PLANNING_RANDOMNETWORK_H

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <random>

namespace pdkc {

/// Random integers; the standard's distributions differ from library to
/// library, its engines do not.
class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}

  /// From `min` to `max`.
  int64_t get(int64_t min, int64_t max) {
    return min + int64_t(engine() % uint64_t(max - min + 1));
  }
  /// Once in so many times.
  bool once(int64_t times) { return get(1, times) == 1; }
  template <typename T> const T &pick(llvm::ArrayRef<T> from) {
    return from[get(0, from.size() - 1)];
  }

private:
  std::mt19937_64 engine;
};

/// A module with one function, the model; its tensors' types have the ranges
/// that the verifiers prove.
mlir::OwningOpRef<mlir::ModuleOp> makeNetwork(mlir::MLIRContext *context,
                                              Random &random);

} // namespace pdkc

#endif // PDKC_TEST_UNIT_PLANNING_RANDOMNETWORK_H
