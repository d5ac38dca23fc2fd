//===- ModelLowering.h - A model's way onto the device ----------*- C++ -*-===//
//
// Walks the flat model in order and lets each operation's lowering write its
// code. Four files: layers and their engines (Engines.cpp), what is done with
// each element (ElementLowering.cpp, ScaleLowering.cpp), convolutions and
// pooling (WindowLowering.cpp), and the walk itself.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_MODELLOWERING_H
#define PDKC_PASSES_LOWBIT_TO_PDK_MODELLOWERING_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/lowbit_to_pdk/methods/DenseEngine.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/StepFunctions.h"

#include <map>

namespace pdkc {

class ModelLowering {
public:
  /// `allowsUndocumented`: LDSPTL and LDSPTH where the device has them.
  ModelLowering(mlir::func::FuncOp func, llvm::StringRef device,
                bool allowsUndocumented);

  /// Writes the program behind the function. Errors name the operation.
  mlir::LogicalResult run();

  /// Whether the selection is nothing but a look at neighbouring elements, or
  /// at one of them, by operations that can read it in place.
  static bool isView(lowbit::SelectOp op);

private:
  //===--------------------------------------------------------------------===//
  // Layers
  //===--------------------------------------------------------------------===//

  mlir::LogicalResult makeEngines();
  mlir::FailureOr<DenseLayer> getLayer(lowbit::DenseOp dense);
  mlir::LogicalResult lowerLayer(mlir::Operation *op);
  mlir::FailureOr<InputSource> getSource(mlir::Operation *op);
  /// What is added to an operation's sums for the sake of their only user, and
  /// the range they have then.
  mlir::FailureOr<std::pair<int64_t, lowbit::Interval>>
  getOffset(mlir::Value sums);

  //===--------------------------------------------------------------------===//
  // Elements
  //===--------------------------------------------------------------------===//

  mlir::LogicalResult lowerElementwise(mlir::Operation *op);
  void lowerShift(lowbit::RequantOp op, const Vector &sums);
  void lowerWideShift(lowbit::RequantOp op, const Vector &sums);
  mlir::LogicalResult lowerScale(lowbit::ScaleOp op);
  void lowerByte(lowbit::ByteOp op);
  /// An elementwise operation on the bytes of the stream, as they arrive, or
  /// by step functions on a vector.
  mlir::LogicalResult lowerSteps(mlir::Operation *op, const Vector *values);
  /// The functions of the operation, and by element which it is; an error
  /// where there are too many values.
  mlir::FailureOr<llvm::SmallVector<StepTable>>
  getFunctions(mlir::Operation *op, llvm::SmallVector<int64_t> &numbers);
  mlir::FailureOr<Preprocessing> getPreprocessingOf(mlir::Operation *op);
  /// How the elementwise operation is computed, of those that a model may have.
  static llvm::StringRef getMethod(mlir::Operation *op);
  static mlir::InFlightDiagnostic refuseFunctions(mlir::Operation *op);
  void lowerSelect(lowbit::SelectOp op);
  void lowerConcat(lowbit::ConcatOp op);
  /// Takes the whole stream into RAM.
  void storeInput();
  /// Leaves the values where C sees them.
  mlir::LogicalResult emitOutput(mlir::Value value);
  mlir::LogicalResult lowerReturn(mlir::func::ReturnOp op);

  //===--------------------------------------------------------------------===//
  // Windows
  //===--------------------------------------------------------------------===//

  mlir::LogicalResult lowerConv(lowbit::ConvOp conv);
  mlir::LogicalResult lowerMaxPool(lowbit::MaxPoolOp pool);
  /// Whether the layer's inputs are preprocessed each time it reads one.
  bool preprocessesInputs(lowbit::ConvOp conv);
  /// Whether each channel's sums can go through the elementwise operation one
  /// by one.
  static bool canFuse(mlir::Operation *op, int64_t channels);
  /// An elementwise operation on one sum at a time, channel after channel.
  struct ElementCode {
    Cell value;                       ///< where it expects the sum
    std::function<void()> apply;      ///< A = the result; destroys the sum
    std::function<void()> endChannel; ///< to the next channel; may be empty
  };
  mlir::FailureOr<ElementCode>
  beginElements(mlir::Operation *op, const Vector &sums, int64_t channels);

  /// The tensor as bytes, which count from its lowest value where neither
  /// signed nor unsigned ones hold it.
  static Vector describeBytes(mlir::Value value);
  /// New cells for an operation's results, one byte each; in a concatenation's
  /// or an engine's where they are wanted there. `within` as in pdk.cells.
  Vector makeBytes(mlir::Value value, llvm::StringRef name,
                   mlir::Value within = {});
  /// Where the results go if among the cells of the engine of their sums.
  std::optional<Cell> getInPlace(mlir::Operation *op);
  void placeConcats();

  void findSharedRequants();
  void emitSharedRequants();

  mlir::LogicalResult lower(mlir::Operation *op);

  mlir::func::FuncOp func;
  bool allowsUndocumented;
  mlir::OpBuilder builder;
  CodeBuilder code;
  StepFunctions functions;
  /// Vectors in RAM by the tensor they hold.
  llvm::DenseMap<mlir::Value, Vector> vectors;
  /// Where tensors go that are parts of a concatenation. Its cells come to life
  /// with the first of them.
  llvm::DenseMap<mlir::Value, Cell> places;
  llvm::DenseMap<mlir::Value, bool> isBegun;
  /// Operations whose code is part of another one's before them.
  llvm::DenseSet<mlir::Operation *> isFused;
  /// Routines and tables, to be written behind the program.
  std::vector<std::function<void()>> routines;
  /// The class is in A already.
  bool classIsInA = false;

  /// Engines, and by layer its engine and its number there.
  std::vector<std::unique_ptr<DenseEngine>> engines;
  llvm::DenseMap<mlir::Operation *, std::pair<size_t, size_t>> engineOf;

  /// Requantisations of one engine's sums that are the same: one routine.
  struct SharedRequant {
    unsigned uses = 0;
    lowbit::Interval range; ///< of all their sums
    std::string routine;
    Vector sums, result;
  };
  /// Engine, rows, what is done, whether in place.
  using RequantKey = std::tuple<size_t, int64_t, Requantisation, bool>;
  std::optional<RequantKey> getKey(lowbit::RequantOp op);
  std::map<RequantKey, SharedRequant> sharedRequants;
};

/// Whether the operation's code is to be a loop or unrolled.
Traversal getTraversal(mlir::Operation *op);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_MODELLOWERING_H
