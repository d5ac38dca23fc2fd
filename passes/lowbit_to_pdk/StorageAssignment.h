//===- StorageAssignment.h - Buffers for a function's tensors ---*- C++ -*-===//
//
// What methods assign storage with: the function's buffers, and what users want
// of a tensor.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_STORAGEASSIGNMENT_H
#define PDKC_PASSES_LOWBIT_TO_PDK_STORAGEASSIGNMENT_H

#include "passes/lowbit_to_pdk/Method.h"
#include "passes/lowbit_to_pdk/methods/Engines.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace pdkc {

class StorageAssignment {
public:
  StorageAssignment(mlir::func::FuncOp func, const Target &target);

  /// Assigns the storage of all tensors and marks the function with the
  /// buffers. Errors name the operation.
  mlir::LogicalResult run();

  Engines &getEngines() { return engines; }

  /// A new buffer; gives its number.
  int64_t addBuffer(llvm::StringRef name, int64_t size, int64_t align = 1,
                    int64_t within = -1, bool isExported = false);
  bool isExported(int64_t buffer) const { return buffers[buffer].getExported(); }

  /// Gives the tensor that storage; in a buffer of its own where only the
  /// format is given (any but a buffer as place stays).
  void set(mlir::Value value, lowbit::StorageAttr storage);
  void setInNewBuffer(mlir::Value value, lowbit::StorageAttr format,
                      llvm::StringRef name, int64_t within = -1);
  /// Sums of an operation that has no engine: in the place of those that it
  /// adds to; where an engine's layer adds to them, in its; else in a new
  /// buffer.
  void setSums(mlir::Value value, lowbit::StorageAttr format,
               llvm::StringRef name);
  /// Bytes, where the tensor is wanted: among a concatenation's parts, as one
  /// element within lowbit.fused, or in a new buffer.
  void setBytes(mlir::Value value, llvm::StringRef name, int64_t within = -1);
  /// Whether it is wanted among a concatenation's parts.
  bool hasPlace(mlir::Value value) const;

  /// One byte an element, from the lowest where neither signed nor unsigned
  /// ones hold the tensor. It has to span 255 or less.
  static lowbit::StorageAttr getByteFormat(mlir::Value value);
  /// As many bytes as elements less their lowest one need.
  static lowbit::StorageAttr getWideFormat(mlir::Value value);
  /// Sums that count from where their only user wants them to. An error where
  /// they need more bytes than there can be.
  static mlir::FailureOr<lowbit::StorageAttr> getSumFormat(mlir::Value sums);

  /// Requantisations of one engine's sums that are the same share a routine, in
  /// which they have the same cells: the first one's number and buffer.
  struct Routine {
    int64_t number;
    lowbit::Interval sums; ///< of all of them, as stored
    lowbit::StorageAttr result;
  };
  /// The operation's routine, if it shares one; its result is null at first.
  Routine *getRoutine(lowbit::RequantOp op);

private:
  mlir::LogicalResult assign(mlir::Operation *op);
  mlir::LogicalResult assignFused(lowbit::FusedOp fused);
  void assignInputs();
  void placeConcats();
  mlir::LogicalResult copyOutput(mlir::Value value, unsigned result);
  mlir::LogicalResult findRoutines();

  mlir::func::FuncOp func;
  Target target;
  Engines engines;
  llvm::SmallVector<lowbit::RamAttr> buffers;
  /// Where parts of concatenations go, and whether the buffer is begun.
  llvm::DenseMap<mlir::Value, std::pair<int64_t, int64_t>> places;
  llvm::DenseSet<int64_t> begun;
  llvm::SmallVector<Routine, 0> routines;
  llvm::DenseMap<mlir::Operation *, size_t> routineOf;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_STORAGEASSIGNMENT_H
