//===- Methods.h - The methods of pdkc --------------------------*- C++ -*-===//
//
// What each method's file makes; Methods.cpp registers them.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_METHODS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_METHODS_H

#include "passes/lowbit_to_pdk/Method.h"
#include "passes/lowbit_to_pdk/support/WeightDecode.h"

namespace pdkc {

/// Inputs as they are, the model's signed bytes, or differences from the first.
/// So many pairs of them are taken by straight-line code.
enum class PackedInputs { Plain, Signed, Background };
std::unique_ptr<Method> makePackedMethod(llvm::StringRef name,
                                         WeightCodes codes, PackedInputs inputs,
                                         llvm::StringRef description,
                                         int64_t pairs = 0);
std::unique_ptr<Method> makeLoopedMethod(llvm::StringRef name,
                                         llvm::StringRef description);
std::unique_ptr<Method> makeSerialMethod();
/// Layers in straight-line code: in groups of inputs, or in one walk.
void addStraightMethods(MethodRegistry &methods);
std::unique_ptr<Method> makeChainsMethod();
/// A layer's sums as bit planes, with routines of their own or shared.
void addPlanesDenseMethods(MethodRegistry &methods);
std::unique_ptr<Method> makePlanesMethod(llvm::StringRef name);
std::unique_ptr<Method> makeConvMethod(llvm::StringRef name,
                                       llvm::StringRef description);
std::unique_ptr<Method> makeFedDigitsMethod(llvm::StringRef name,
                                            llvm::StringRef description);
std::unique_ptr<Method> makeFedTurnsMethod();
std::unique_ptr<Method> makeConvLanesMethod(llvm::StringRef name,
                                            llvm::StringRef description);
std::unique_ptr<Method> makeConvStraightMethod();
std::unique_ptr<Method> makeConvShiftedMethod(llvm::StringRef name,
                                              llvm::StringRef description);
std::unique_ptr<Method> makeMaxPoolMethod();
std::unique_ptr<Method> makeShiftMethod(llvm::StringRef name);
/// Methods of step functions: lowbit.steps, and lowbit.requant where it is no
/// shift.
std::unique_ptr<Method> makeCompareMethod(llvm::StringRef operation);
std::unique_ptr<Method> makeTableMethod(llvm::StringRef operation);
std::unique_ptr<Method> makeBisectMethod(llvm::StringRef operation);
std::unique_ptr<Method> makeBentProductMethod(llvm::StringRef operation);
std::unique_ptr<Method> makeLineProductMethod(llvm::StringRef operation);
std::unique_ptr<Method> makeSearchMethod(llvm::StringRef operation);
/// As one with the function behind it, by the method of that name.
std::unique_ptr<Method> makeComposedMethod(llvm::StringRef operation,
                                           llvm::StringRef method);
std::unique_ptr<Method> makeScaleMethod();
std::unique_ptr<Method> makeByteMethod();
std::unique_ptr<Method> makeSelectMethod();
std::unique_ptr<Method> makeConcatMethod();
std::unique_ptr<Method> makeAccumulateMethod();
std::unique_ptr<Method> makeCopyMethod();
std::unique_ptr<Method> makeFusedMethod(llvm::StringRef name);
std::unique_ptr<Method> makeArgmaxMethod(llvm::StringRef name);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_METHODS_H
