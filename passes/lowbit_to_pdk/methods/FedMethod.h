//===- FedMethod.h - Methods of layers that are fed ------------*- C++ -*-===//
//
// What methods have in common whose layers take their inputs one by one, from
// what makes them in the same lowbit.fused, and in no other way.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FEDMETHOD_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FEDMETHOD_H

#include "passes/lowbit_to_pdk/Method.h"

namespace pdkc {

class FedMethod : public Method {
public:
  FedMethod(llvm::StringRef name, llvm::StringRef description)
      : Method("lowbit.dense", name, description) {}

  mlir::LogicalResult emit(mlir::Operation *op, Emission &) const final {
    return op->emitError("is fed with its inputs, or has another method");
  }
  bool canBeFed() const final { return true; }
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FEDMETHOD_H
