//===- Emission.h - Writes the program behind a planned model ---*- C++ -*-===//
//
// What methods write code with: the tensors' storage as cells, step functions
// and products that several of them use, engines. All decisions stand in the
// IR; each operation's method writes its code, one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_EMISSION_H
#define PDKC_PASSES_LOWBIT_TO_PDK_EMISSION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/lowbit_to_pdk/methods/Engines.h"
#include "passes/lowbit_to_pdk/support/StepFunctions.h"

namespace pdkc {

/// Attribute of the cells of a program of one operation: the buffer's number.
constexpr llvm::StringLiteral kBufferNumber = "buffer";

class Emission {
public:
  Emission(mlir::func::FuncOp func, const Target &target);

  /// Writes the program before the function. Errors name the operation.
  mlir::LogicalResult run();

  /// Words of a program, and what they compute: nothing where they are only
  /// for the one operation, else a description of what others may share.
  struct Section {
    std::string shared;
    int64_t words;
  };
  struct Alone {
    llvm::SmallVector<Section, 0> sections;
    int64_t overhead; ///< cycles of what a whole program does not have
  };
  /// Writes a program of one operation of the function's, or the return, which
  /// begins with the tensors that it takes in their cells and no bias at run
  /// time. Cells of results and biases are exported. `engine` describes the
  /// engine of the operation's layer, `routines` what others share, by number.
  mlir::FailureOr<Alone>
  runAlone(mlir::Operation *op, llvm::StringRef engine,
           const std::map<int64_t, std::string> &routines);

  const Target &target;
  CodeBuilder code;
  StepFunctions functions;

  /// Where the tensor is, within lowbit.fused or not. Not of a stream's.
  Storage getStorage(mlir::Value value);
  /// The cells of what the tensor's elements have on top at run time, if any.
  void setBias(mlir::Value value, std::optional<Cell> cells);
  bool isStream(mlir::Value value);
  /// Begins the lifetime of the cells, where it begins with these elements.
  void begin(const Storage &storage);

  /// Where the layer's inputs come from.
  mlir::FailureOr<InputSource> getSource(mlir::Operation *layer);
  /// What an elementwise operation does with each raw byte.
  mlir::FailureOr<Preprocessing> getPreprocessing(mlir::Operation *op);

  Engines &getEngines() { return engines; }
  /// Routines and tables, to be written behind the program.
  void addRoutine(std::function<void()> write) { routines.push_back(write); }
  /// A routine of that number and name, written by the first that asks for it.
  std::string getSharedRoutine(int64_t number, llvm::StringRef stem,
                               std::function<void()> write);
  /// Cells that routines of that number, and who calls them, have in common.
  Cell getSharedCells(int64_t number, llvm::StringRef name, int64_t size);

private:
  Cell getBuffer(int64_t number);
  mlir::LogicalResult begin(mlir::Operation *alone = nullptr);
  mlir::LogicalResult emit(mlir::Operation *op);
  /// What operations share, after them. Calls `mark` after each part with what
  /// it is: `engine` or one of `routines` among them.
  void finish(llvm::ArrayRef<Engines::Engine *> used, llvm::StringRef engine,
              const std::map<int64_t, std::string> &routines,
              llvm::function_ref<void(const std::string &)> mark);
  void exportCells(mlir::Value value, bool isResult);
  mlir::LogicalResult emitReturn(mlir::func::ReturnOp op);

  mlir::func::FuncOp func;
  Engines engines;
  llvm::SmallVector<lowbit::RamAttr> ram;
  llvm::SmallVector<Cell> buffers; ///< null before they are used
  bool isStreaming = false;
  llvm::DenseMap<mlir::Value, Cell> biases;
  std::vector<std::function<void()>> routines;
  using SharedKey = std::pair<int64_t, std::string>;
  std::map<SharedKey, std::pair<std::string, std::function<void()>>> shared;
  std::map<SharedKey, Cell> sharedCells;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_EMISSION_H
