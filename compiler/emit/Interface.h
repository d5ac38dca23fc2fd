//===- Interface.h - What C needs to know of a module -----------*- C++ -*-===//

#ifndef PDKC_COMPILER_EMIT_INTERFACE_H
#define PDKC_COMPILER_EMIT_INTERFACE_H

#include "dialects/lowbit/ModelInterface.h"

#include <string>

namespace pdkc {

/// A tensor that the device hands over: `count` values of the range, the
/// integer r worth (r - zero point) * scale.
struct ModuleInput {
  std::string name;  ///< in the graph
  std::string macro; ///< in C's macros, in capitals; of each another one
  int64_t count = 0;
  lowbit::Interval range;
  std::string scale, zeroPoint; ///< decimals or fractions, as C reads them
};

/// An array of integers beside the class, each worth integer * scale + offset.
struct ModuleOutput {
  std::string name;    ///< in the graph
  std::string symbol;  ///< in C, behind the module's name
  std::string meaning; ///< what of the graph it is
  int64_t count = 0;
  lowbit::Interval range;
  /// One for all elements, or one each.
  llvm::SmallVector<double> scale, offset;
};

/// A signed or unsigned integer type of C.
struct CType {
  int64_t bytes = 1;
  bool isSigned = false;

  std::string str() const {
    return (isSigned ? "int" : "uint") + std::to_string(8 * bytes) + "_t";
  }
};

struct ModuleInterface {
  std::string name; ///< prefix of every symbol
  llvm::SmallVector<ModuleInput, 1> inputs;
  /// Of every value that is handed over. Where it is unsigned and an input has
  /// a negative part, that one's values are two's complement.
  CType inputType;
  bool isBuffer = false; ///< inputs in an array; else a stream
  int64_t classes = 0;
  bool hasNone = false; ///< class 255 stands for none of them
  llvm::SmallVector<ModuleOutput, 1> outputs;

  /// Values an inference takes.
  int64_t countInputs() const;
};

/// The text without what would end a comment of C.
std::string toComment(llvm::StringRef text);

/// The integers' type in C.
CType getCType(lowbit::Interval range);

/// Of a model of the lowbit dialect, before or after it is flat.
ModuleInterface getInterface(mlir::func::FuncOp model, llvm::StringRef name);

} // namespace pdkc

#endif // PDKC_COMPILER_EMIT_INTERFACE_H
