//===- Methods.cpp - The list of methods ----------------------------------===//
//
// Of each operation's methods the first is taken where none is chosen.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/Planes.h"

using namespace pdkc;

/// By number of pairs, from 1.
static constexpr llvm::StringLiteral kPairedMethods[] = {
    "packed-relative-background-unrolled-pair",
    "packed-relative-background-unrolled-2-pairs",
    "packed-relative-background-unrolled-3-pairs",
    "packed-relative-background-unrolled-4-pairs"};

void pdkc::registerMethods(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context,
                            lowbit::LowbitDialect *) {
    MethodRegistry &methods = MethodRegistry::get(context);
    methods.add(makePackedMethod("packed", WeightCodes::Bits,
                                 PackedInputs::Plain, "packed tables"));
    addStraightMethods(methods);
    methods.add(makeLoopedMethod("looped", "weights in loops"));
    methods.add(
        makeLoopedMethod("looped-skip", "weights in loops, zeros skipped"));
    methods.add(makeLoopedMethod("looped-unrolled",
                                 "multiplied row by row, zeros skipped"));
    methods.add(makePackedMethod("packed-signed", WeightCodes::Bits,
                                 PackedInputs::Signed,
                                 "packed tables, signed inputs"));
    methods.add(makePackedMethod("packed-background", WeightCodes::Bits,
                                 PackedInputs::Background,
                                 "packed tables, background skipped"));
    methods.add(makePackedMethod("packed-digits", WeightCodes::Digits,
                                 PackedInputs::Plain,
                                 "packed tables of digits"));
    methods.add(makePackedMethod("packed-relative", WeightCodes::Relative,
                                 PackedInputs::Plain,
                                 "packed tables of changes"));
    methods.add(makePackedMethod("packed-relative-signed",
                                 WeightCodes::Relative, PackedInputs::Signed,
                                 "packed tables of changes, signed inputs"));
    methods.add(
        makePackedMethod("packed-relative-background", WeightCodes::Relative,
                         PackedInputs::Background,
                         "packed tables of changes, background skipped"));
    methods.add(makePackedMethod("packed-relative-unrolled",
                                 WeightCodes::Relative, PackedInputs::Plain,
                                 "packed tables of changes, unrolled"));
    methods.add(
        makePackedMethod("packed-relative-signed-unrolled",
                         WeightCodes::Relative, PackedInputs::Signed,
                         "packed tables of changes, signed inputs, unrolled"));
    methods.add(makePackedMethod(
        "packed-relative-background-unrolled", WeightCodes::Relative,
        PackedInputs::Background,
        "packed tables of changes, background skipped, unrolled"));
    for (int64_t pairs = 1; pairs <= 4; ++pairs)
      methods.add(makePackedMethod(
          kPairedMethods[pairs - 1], WeightCodes::Relative,
          PackedInputs::Background,
          "packed tables of changes, background skipped, unrolled, pairs of "
          "inputs in straight-line code",
          pairs));
    methods.add(makeLoopedMethod("looped-inline", "weights in loops"));
    methods.add(makeSerialMethod());
    methods.add(makeFedDigitsMethod("digits", "digits, sums of 12 bits"));
    methods.add(makeFedDigitsMethod("digits-counted",
                                    "digits counted, sums of 12 bits"));
    methods.add(
        makeFedDigitsMethod("digits-wide", "digits counted, sums of 16 bits"));
    methods.add(makeFedDigitsMethod("digits-unrolled",
                                    "digits row by row, sums of 12 bits"));
    methods.add(makeFedTurnsMethod());
    methods.add(makeChainsMethod());
    addPlanesDenseMethods(methods);
    methods.add(makePlanesMethod("planes"));
    methods.add(makePlanesMethod(kSharedPlanes));
    methods.add(makeConvMethod("windows", "windows, one sum at a time"));
    methods.add(makeConvMethod("windows-packed",
                               "windows, one sum at a time, packed weights"));
    methods.add(makeConvStraightMethod());
    methods.add(
        makeConvLanesMethod("lanes", "pixels shifted in, positions at once"));
    methods.add(makeConvLanesMethod("lanes-unrolled",
                                    "pixels shifted in, positions at once, "
                                    "rows of the kernel unrolled"));
    methods.add(makeConvShiftedMethod("windows-shifted",
                                      "pixels shifted in, one sum at a time"));
    methods.add(makeConvShiftedMethod(
        "windows-shifted-small",
        "pixels shifted in, one sum at a time, in few words"));
    methods.add(makeMaxPoolMethod());
    methods.add(makeShiftMethod("loop"));
    methods.add(makeShiftMethod("unrolled"));
    methods.add(makeShiftMethod("loop-packed"));
    for (llvm::StringRef operation : {"lowbit.requant", "lowbit.steps"}) {
      methods.add(makeCompareMethod(operation));
      methods.add(makeTableMethod(operation));
      methods.add(makeLineProductMethod(operation));
      methods.add(makeSearchMethod(operation));
      methods.add(makeBisectMethod(operation));
      if (operation == "lowbit.steps")
        methods.add(makeBentProductMethod(operation));
      for (llvm::StringRef method : {"compare", "table", "search"})
        methods.add(makeComposedMethod(operation, method));
    }
    methods.add(makeScaleMethod());
    methods.add(makeByteMethod());
    methods.add(makeSelectMethod());
    methods.add(makeConcatMethod());
    methods.add(makeAccumulateMethod());
    methods.add(makeCopyMethod());
    methods.add(makeFusedMethod("fed"));
    methods.add(makeFusedMethod("stored"));
    methods.add(makeArgmaxMethod("loop"));
    methods.add(makeArgmaxMethod("unrolled"));
  });
}
