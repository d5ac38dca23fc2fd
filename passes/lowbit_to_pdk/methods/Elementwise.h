//===- Elementwise.h - Methods of elementwise operations --------*- C++ -*-===//
//
// They go through a tensor's elements; or, behind a convolution in one
// lowbit.fused, take its sums one by one; or prepare the model's inputs as they
// are read.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_ELEMENTWISE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_ELEMENTWISE_H

#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"

namespace pdkc {

/// Attributes of requantisations that share a routine: its number, and the
/// range of all their sums as they are stored. Sums of bit planes share
/// routines of that number for their rows, and some for their inputs.
constexpr llvm::StringLiteral kRoutineAttr = "routine",
                              kRoutineSumsAttr = "routine_sums",
                              kInputRoutineAttr = "input_routine";

/// Whether the operation's attributes of a routine, if it has any, make sense;
/// else an error.
mlir::LogicalResult checkRoutine(mlir::Operation *op);

/// Whether the operation's code is unrolled instead of a loop.
bool isUnrolled(mlir::Operation *op);

/// Whether the results of the elementwise operation, made of an engine's sums,
/// go to where the engine's next layer takes them in place.
bool isMadeInPlace(mlir::Operation *op, const Engines &engines);

/// An elementwise operation on one sum at a time, channel after channel.
struct ElementCode {
  Cell value;                       ///< where it expects the sum
  std::function<void()> apply;      ///< A = the result; destroys the sum
  std::function<void()> endChannel; ///< to the next channel; may be empty
};

/// Code for the operation behind sums of a convolution's channels; its results
/// are bytes. Where all channels' sums come more than once, `restart` becomes
/// what is written before each time: it may be empty.
mlir::FailureOr<ElementCode>
beginElements(mlir::Operation *op, const Storage &sums, int64_t channels,
              Emission &emission, std::function<void()> *restart = nullptr);

/// The functions of a lowbit.steps, or of a requantisation to bytes; by element
/// which it is, nothing where there is one. Values as they are to be stored.
llvm::SmallVector<StepTable>
getFunctions(mlir::Operation *op, llvm::SmallVector<int64_t> &numbers);

/// By element the number of the routine that computes it; nothing where all are
/// computed alike.
llvm::SmallVector<int64_t> getRoutineNumbers(mlir::Operation *op);

/// Whether the requantisation is a shift of integers that are stored, or that
/// come one by one behind a convolution; or a few instructions by which the
/// model's inputs are prepared.
bool isShift(lowbit::RequantOp op);

/// The operation's results as step functions of its elements, stored or as they
/// arrive.
mlir::LogicalResult emitStepFunctions(mlir::Operation *op, Emission &emission);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_ELEMENTWISE_H
