//===- Emission.h - Writes the program behind a planned model ---*- C++ -*-===//
//
// What methods write code with: the tensors' storage as cells, step functions
// and products that several of them use, engines. All decisions stand in the IR;
// each operation's method writes its code, one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_EMISSION_H
#define PDKC_PASSES_LOWBIT_TO_PDK_EMISSION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/lowbit_to_pdk/methods/Engines.h"
#include "passes/lowbit_to_pdk/support/StepFunctions.h"

namespace pdkc {

class Emission {
public:
  Emission(mlir::func::FuncOp func, const Target &target);

  /// Writes the program before the function. Errors name the operation.
  mlir::LogicalResult run();

  const Target &target;
  CodeBuilder code;
  StepFunctions functions;

  /// Where the tensor is, within lowbit.fused or not. Not of a stream's.
  Storage getStorage(mlir::Value value);
  /// What the tensor's elements have on top at run time.
  void setBias(mlir::Value value, std::optional<RuntimeBias> bias);
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
  /// A routine of that number, written by the first that asks for it.
  std::string getSharedRoutine(int64_t number, llvm::StringRef stem,
                               std::function<void()> write);

private:
  Cell getBuffer(int64_t number);
  mlir::LogicalResult emit(mlir::Operation *op);
  mlir::LogicalResult emitReturn(mlir::func::ReturnOp op);

  mlir::func::FuncOp func;
  Engines engines;
  llvm::SmallVector<lowbit::RamAttr> ram;
  llvm::SmallVector<Cell> buffers; ///< null before they are used
  llvm::DenseMap<mlir::Value, RuntimeBias> biases;
  std::vector<std::function<void()>> routines;
  std::map<int64_t, std::pair<std::string, std::function<void()>>> shared;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_EMISSION_H
