//===- Multiply.h - Products of two unsigned numbers ------------*- C++ -*-===//
//
// Routines for values and factors of any number of bytes.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_MULTIPLY_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_MULTIPLY_H

#include "dialects/pdk/CodeBuilder.h"

#include <map>

namespace pdkc {

/// Routines that multiply, made where they are asked for and shared.
class Multiply {
public:
  explicit Multiply(CodeBuilder &code) : code(code) {}

  /// A routine for a value and a factor of so many bytes. The factor goes into
  /// the low bytes of the product, which has as many bytes as both.
  struct Routine {
    Cell value, product;
    std::string name;
  };
  const Routine &get(int64_t valueBytes, int64_t factorBytes);

  /// `mark` as of StepFunctions.
  void emitRoutines(llvm::function_ref<void(const std::string &)> mark);

private:
  CodeBuilder &code;
  std::map<std::pair<int64_t, int64_t>, Routine> routines;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_MULTIPLY_H
