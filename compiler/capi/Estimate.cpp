//===- Estimate.cpp - Networks without weights through the C API ----------===//

#include "compiler/Estimate.h"
#include "compiler/Report.h"
#include "compiler/capi/Result.h"

using namespace mlir;
using namespace pdkc;

static PdkcLayer getLayerDefaults() {
  PdkcLayer layer{};
  layer.groups = 1;
  for (size_t i = 0; i < 2; ++i)
    layer.kernel[i] = layer.strides[i] = 1;
  return layer;
}

void pdkcLayerInit(PdkcLayer *layer, size_t size) {
  initialise(layer, getLayerDefaults(), size);
}

void pdkcNetworkInit(PdkcNetwork *network, size_t size) {
  initialise(network, PdkcNetwork{}, size);
}

/// What the caller says of a layer, where positions have so many dimensions;
/// none where it makes no sense whatever the network is.
static std::optional<LayerShape> convert(const PdkcLayer *from, size_t rank) {
  PdkcLayer given = getLayerDefaults();
  if (!from || !take(from, given) ||
      unsigned(given.kind) > PDKC_LAYER_MAX_POOL ||
      unsigned(given.scaling) > PDKC_SCALING_BY_CHANNEL ||
      (given.codebookSize && !given.codebook))
    return std::nullopt;
  LayerShape layer;
  layer.kind = LayerShape::Kind(given.kind);
  layer.outputs = given.outputs;
  layer.kernel.assign(given.kernel, given.kernel + rank);
  layer.strides.assign(given.strides, given.strides + rank);
  layer.pads.assign(given.pads, given.pads + rank);
  layer.groups = given.groups;
  layer.codebook.assign(given.codebook, given.codebook + given.codebookSize);
  if (given.shares)
    layer.shares.assign(given.shares, given.shares + given.codebookSize);
  if (given.activationMin || given.activationMax)
    layer.activation =
        lowbit::Interval{given.activationMin, given.activationMax};
  layer.scaling = Scaling(given.scaling);
  return layer;
}

/// The caller's network; what is wrong with it, if anything.
static std::string convert(const PdkcNetwork *from, NetworkShape &shape) {
  PdkcNetwork given{};
  if (!from || !take(from, given))
    return "the network is missing or of another version: make it by "
           "pdkcNetworkInit";
  if (given.inputRank < 1 || given.inputRank > 3)
    return "an input has channels and at most two dimensions";
  if (given.layerCount && !given.layers)
    return "the layers are missing";
  shape.input.assign(given.inputShape, given.inputShape + given.inputRank);
  shape.range = {given.inputMin, given.inputMax};
  for (size_t i = 0; i < given.layerCount; ++i) {
    auto layer = convert(given.layers[i], given.inputRank - 1);
    if (!layer)
      return "layer " + std::to_string(i + 1) +
             " is missing, of another version, or of no kind that there is: "
             "make it by pdkcLayerInit";
    shape.layers.push_back(std::move(*layer));
  }
  return "";
}

PdkcResult *pdkcEstimate(const PdkcNetwork *network,
                         const PdkcOptions *options) {
  auto result = std::make_unique<PdkcResult>();
  PdkcOptions given;
  CompileOptions converted;
  if (!result->take(options, given, converted))
    return result.release();
  NetworkShape shape;
  std::string error = convert(network, shape);
  if (!error.empty()) {
    result->fail(PDKC_BAD_USAGE, error);
    return result.release();
  }
  converted.isEstimate = true;
  result->run([&](MLIRContext &context) -> LogicalResult {
    OwningOpRef<ModuleOp> model = makeModel(shape, context);
    if (!model)
      return failure();
    auto compilation = compile(std::move(model), converted);
    if (failed(compilation))
      return failure();
    llvm::raw_string_ostream out(result->texts[PDKC_REPORT]);
    writeReport(*compilation, converted, out);
    return success();
  });
  return result.release();
}
