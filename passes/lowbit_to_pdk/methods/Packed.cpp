//===- Packed.cpp - The methods of dense layers over packed tables --------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/Engines.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/PackedEngine.h"
#include "passes/lowbit_to_pdk/support/SignedInputs.h"

#include <map>
#include <mutex>

using namespace mlir;
using namespace pdkc;

/// What the names of methods have whose layers have a background, or whose
/// engines are unrolled.
static constexpr StringLiteral kBackground = "-background";
static constexpr StringLiteral kUnrolled = "-unrolled";

namespace {
struct PackedMethod : DenseMethod {
  PackedMethod(StringRef name, WeightCodes codes, PackedInputs inputs,
               StringRef description, int64_t pairs)
      : DenseMethod(name, getFamilyOf(codes), description), codes(codes),
        inputs(inputs), pairs(pairs) {}

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
    // Pairs are worth having where no input waits in RAM.
    if (pairs && (!isStreamed(op) ||
                  (getPreprocessing(op) && !getOffsetOfInputs(dense))))
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
    return pairUp(dense);
  }

  std::unique_ptr<DenseEngine> makeEngine(ArrayRef<DenseLayer> layers,
                                          const Target &) const override {
    SmallVector<PackedLayer, 0> packed;
    for (const DenseLayer &layer : layers) {
      static_cast<DenseLayer &>(packed.emplace_back()) = layer;
      packed.back().hasBackground = layer.method.contains(kBackground);
      packed.back().isUnrolled = layer.method.contains(kUnrolled);
      for (int64_t first : layer.pairedInputs) {
        auto walk = getWalk(layer, first);
        if (!walk)
          return nullptr;
        packed.back().pairs.push_back({first, *walk});
      }
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
               "seven weights or their doubles";
    return error;
  }

private:
  /// Chooses the inputs that are taken in pairs.
  LogicalResult pairUp(lowbit::DenseOp dense) const;
  /// The walk of the pair that begins with this input; plans ask for the same
  /// ones again and again.
  std::optional<PairWalk> getWalk(const DenseLayer &layer, int64_t first) const;

  WeightCodes codes;
  PackedInputs inputs;
  int64_t pairs;

  mutable std::mutex lock;
  mutable std::map<std::vector<int64_t>, std::optional<PairWalk>> walks;
  mutable std::map<std::vector<int64_t>, SmallVector<int64_t>> choices;
};
} // namespace

LogicalResult PackedMethod::pairUp(lowbit::DenseOp dense) const {
  if (pairs == 0 || dense->hasAttr(kPairsAttr))
    return success();
  PackedLayer layer;
  layer.weights = dense.getWeights();
  layer.rows = dense.getNumRows();
  layer.inputs = dense.getNumInputs();
  layer.bias.assign(layer.rows, 0);
  layer.inputRange = lowbit::getRange(dense.getInput());
  layer.hasBackground = inputs == PackedInputs::Background;
  SmallVector<int64_t> codebook(layer.weights.begin(), layer.weights.end());
  llvm::sort(codebook);
  codebook.erase(std::unique(codebook.begin(), codebook.end()), codebook.end());
  for (int64_t input = 0; input < layer.inputs; ++input)
    layer.reads.push_back(
        llvm::any_of(llvm::seq<int64_t>(0, layer.rows), [&](int64_t row) {
          return layer.getWeight(row, input) != 0;
        }));
  // Where nothing is known all are alike.
  SmallVector<int64_t> busy(layer.inputs, 500);
  auto known = dense->getAttrOfType<DenseI64ArrayAttr>(kBusyAttr);
  if (known && known.size() == layer.inputs)
    llvm::copy(known.asArrayRef(), busy.begin());

  std::vector<int64_t> key = {layer.rows, layer.inputRange.min,
                              layer.inputRange.max};
  llvm::append_range(key, busy);
  llvm::append_range(key, layer.weights);
  std::lock_guard<std::mutex> guard(lock);
  auto [found, isNew] = choices.try_emplace(std::move(key));
  if (isNew)
    found->second = choosePairs(layer, codebook, busy, pairs);
  if (found->second.empty())
    return dense.emitError("has no ")
           << pairs << " pairs of neighbouring inputs whose products are bytes";
  dense->setAttr(kPairsAttr,
                 DenseI64ArrayAttr::get(dense.getContext(), found->second));
  return success();
}

std::optional<PairWalk> PackedMethod::getWalk(const DenseLayer &layer,
                                              int64_t first) const {
  if (first < 0 || first + 1 >= layer.inputs)
    return std::nullopt;
  SmallVector<std::pair<int64_t, int64_t>> wanted;
  std::vector<int64_t> key;
  for (int64_t row = 0; row < layer.rows; ++row) {
    wanted.push_back(
        {layer.getWeight(row, first), layer.getWeight(row, first + 1)});
    key.push_back(wanted.back().first);
    key.push_back(wanted.back().second);
  }
  std::lock_guard<std::mutex> guard(lock);
  auto [found, isNew] = walks.try_emplace(std::move(key));
  if (isNew)
    found->second = findPairWalk(wanted);
  return found->second;
}

std::unique_ptr<Method>
pdkc::makePackedMethod(StringRef name, WeightCodes codes, PackedInputs inputs,
                       StringRef description, int64_t pairs) {
  return std::make_unique<PackedMethod>(name, codes, inputs, description,
                                        pairs);
}
