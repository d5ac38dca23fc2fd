//===- Packed.cpp - The methods of dense layers over packed tables --------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/PackedEngine.h"
#include "passes/lowbit_to_pdk/support/SignedInputs.h"

using namespace mlir;
using namespace pdkc;

/// How methods are named whose layers have a background.
static constexpr StringLiteral kBackground = "-background";

namespace {
struct PackedMethod : DenseMethod {
  PackedMethod(StringRef name, WeightCodes codes, PackedInputs inputs,
               StringRef description)
      : DenseMethod(name, getFamilyOf(codes), description), codes(codes),
        inputs(inputs) {}

  static StringRef getFamilyOf(WeightCodes codes) {
    return codes == WeightCodes::Digits     ? "packed-digits"
           : codes == WeightCodes::Relative ? "packed-relative"
                                            : "packed";
  }

  bool accepts(Operation *op, const Target &) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    if (inputs == PackedInputs::Signed && !getOffsetOfInputs(dense))
      return false;
    if (inputs == PackedInputs::Background &&
        (dense.getSums() || isFed(dense) || dense.getNumInputs() < 2))
      return false;
    // Digits are denser than bits for these only.
    size_t values = dense.getCodebook().size();
    if (codes == WeightCodes::Digits)
      return values == 3 || values == 5 || values == 6;
    return codes != WeightCodes::Relative ||
           findRelativeDecode(dense.getCodebook());
  }

  /// Takes the model's signed bytes as they are.
  LogicalResult specialise(Operation *op) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    if (inputs != PackedInputs::Plain)
      takeSignedInputs(dense);
    return success();
  }

  std::unique_ptr<DenseEngine> makeEngine(ArrayRef<DenseLayer> layers,
                                          const Target &) const override {
    SmallVector<PackedLayer> packed;
    for (const DenseLayer &layer : layers) {
      static_cast<DenseLayer &>(packed.emplace_back()) = layer;
      packed.back().hasBackground = layer.method.ends_with(kBackground);
    }
    return PackedEngine::create(packed, codes);
  }

  LogicalResult refuse(lowbit::DenseOp dense,
                       const DenseLayer &layer) const override {
    InFlightDiagnostic error =
        dense.emitError("a packed table cannot hold this layer: ")
        << layer.getNumRead() << " inputs of up to " << layer.inputRange.max
        << " with a codebook of " << dense.getCodebook().size()
        << " values from " << dense.getCodebook().front() << " to "
        << dense.getCodebook().back()
        << "; it takes at most 255 inputs, and products of a weight and an "
           "eighth of an input that fit a byte";
    if (codes == WeightCodes::Relative)
      error << "; and weights of one magnitude or two, one of them below 0";
    if (inputs == PackedInputs::Background)
      error << "; and with a background products of a weight and a difference "
               "of inputs that fit a byte, and rows whose sums are sums of "
               "seven doubled weights";
    return error;
  }

private:
  WeightCodes codes;
  PackedInputs inputs;
};
} // namespace

std::unique_ptr<Method> pdkc::makePackedMethod(StringRef name,
                                               WeightCodes codes,
                                               PackedInputs inputs,
                                               StringRef description) {
  return std::make_unique<PackedMethod>(name, codes, inputs, description);
}
