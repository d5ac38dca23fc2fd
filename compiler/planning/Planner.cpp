//===- Planner.cpp - How each layer is computed ---------------------------===//
//
// What cannot fit is refused at once; else the search decides (Search.h).
//
//===----------------------------------------------------------------------===//

#include "compiler/planning/Planner.h"

#include "compiler/Phases.h"
#include "compiler/planning/Search.h"
#include "dialects/lowbit/ModelInterface.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "passes/lowbit_to_pdk/methods/Engines.h"
#include "passes/pdk/ResourceError.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace pdkc;

/// Refuses at once what no method can make fit, so that a huge network costs no
/// search: a weight other than 0 takes a bit of a word's data at the very least
/// (in tables of ±1; straight-line code takes more), a convolution's weights as
/// many as share a word, a row a byte for its sum.
static LogicalResult checkBounds(ModuleOp module,
                                 const CompileOptions &options) {
  const pdk::Device &device = *pdk::findDevice(options.device);
  int64_t bits = Target{&device, options.undocumented}.getDataBits();
  SmallVector<std::pair<Operation *, int64_t>> wordsOf; // of layers so far
  auto checkWords = [&](Operation *op, int64_t weights, StringRef purpose) {
    if (weights <= getAvailableWords(options, device))
      return success();
    int64_t reserved = getReservedWords(options), words = weights + reserved;
    if (words <= int64_t(device.usableWords)) {
      op->emitError("needs ")
          << weights << " words or more " << purpose << ", --max-words allows "
          << options.maxWords << "; allow more, or use fewer weights";
      return failure();
    }
    ResourceError error(op, Resource::Code, device, words, device.usableWords);
    error.detail =
        llvm::formatv(" or more {0} (reserved {1})", purpose, reserved);
    error.advice = "use fewer weights, or a larger device";
    for (auto [layer, ofLayer] : wordsOf)
      error.addUse(layer->getLoc(), ofLayer, "or more for its weights");
    return error.emit();
  };
  auto checkBytes = [&](Operation *op, int64_t bytes, StringRef purpose,
                        StringRef advice) {
    if (bytes <= int64_t(device.ramBytes))
      return success();
    ResourceError error(op, Resource::Ram, device, bytes, device.ramBytes);
    error.detail = (" or more " + purpose).str();
    error.advice = (advice + ", or a larger device").str();
    return error.emit();
  };
  int64_t weights = 0;
  for (auto func : module.getOps<func::FuncOp>()) {
    WalkResult convs = func.walk([&](lowbit::ConvOp conv) {
      ArrayRef<int64_t> codebook = conv.getCodebook();
      int64_t perWord = std::max<int64_t>(
          1, bits / lowbit::getWidth({codebook.front(), codebook.back()}));
      return failed(checkWords(conv, conv.getCodes().getNumElements() / perWord,
                               "for this convolution's weights"))
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (convs.wasInterrupted())
      return failure();
    // All but dense layers, and concatenations, whose parts these can take,
    // have their inputs in RAM.
    for (Operation &op : func.front().without_terminator()) {
      auto fused = dyn_cast<lowbit::FusedOp>(op);
      Operation *layer = fused ? fused.getLayer() : &op;
      if (isa<lowbit::DenseOp, lowbit::ChainsOp, lowbit::ConcatOp>(layer) ||
          isElementwise(&op) || isStreamed(layer))
        continue;
      int64_t bytes = 0;
      for (Value input : op.getOperands())
        bytes += cast<RankedTensorType>(input.getType()).getNumElements();
      if (failed(checkBytes(&op, bytes, "for the node's inputs",
                            "use fewer inputs")))
        return failure();
    }
    // Dense layers do where the inputs lie in a buffer.
    if (func->hasAttr(lowbit::LowbitDialect::kBufferAttr) &&
        failed(checkBytes(func, lowbit::InputLayout::get(func).getTotalBytes(),
                          "for the model's inputs in a buffer",
                          "use --input=stream")))
      return failure();
    SmallVector<lowbit::DenseOp> layers;
    func.walk([&](lowbit::DenseOp dense) { layers.push_back(dense); });
    for (lowbit::DenseOp dense : layers) {
      int64_t ofLayer = llvm::count_if(
          dense.getWeights(), [](int64_t weight) { return weight != 0; });
      wordsOf.push_back({dense, ofLayer / bits});
      weights += ofLayer;
      if (failed(checkWords(dense, weights / bits, "up to this layer")) ||
          failed(checkBytes(dense, dense.getNumRows(), "for the layer's sums",
                            "use fewer neurons")))
        return failure();
    }
  }
  return success();
}

/// What pairs of inputs are chosen by, where a layer takes the model's inputs
/// as they arrive.
static void noteBusyInputs(ModuleOp module, const Samples &samples) {
  // More do not change which inputs are busy.
  constexpr int64_t kSamples = 1000;
  int64_t count = std::min(samples.getCount(), kSamples);
  module.walk([&](lowbit::DenseOp dense) {
    if (!isStreamed(dense) || count == 0)
      return;
    Value source = dense.getInput();
    if (Operation *preprocessing = getPreprocessing(dense))
      source = preprocessing->getOperand(0);
    auto argument = cast<BlockArgument>(getOutside(source));
    auto model = dense->getParentOfType<func::FuncOp>();
    int64_t inputs = dense.getNumInputs();
    SmallVector<int64_t> weights = dense.getWeights();
    int64_t first = 0; // that is read
    auto isRead = [&](int64_t input) {
      return llvm::any_of(
          llvm::seq<int64_t>(0, dense.getNumRows()),
          [&](int64_t row) { return weights[row * inputs + input] != 0; });
    };
    while (first + 1 < inputs && !isRead(first))
      ++first;
    SmallVector<int64_t> busy(inputs, 0);
    for (int64_t sample = 0; sample < count; ++sample) {
      lowbit::Elements values = lowbit::splitInputs(
          model, samples.getValues(sample))[argument.getArgNumber()];
      for (int64_t input = 0; input < inputs; ++input)
        busy[input] += values[input] != values[first];
    }
    for (int64_t &each : busy)
      each = each * 1000 / count;
    dense->setAttr(kBusyAttr, DenseI64ArrayAttr::get(dense.getContext(), busy));
  });
}

/// The fastest plan of those that are at most a fifth larger than the smallest.
static FailureOr<UndocumentedUse> planBalanced(ModuleOp module,
                                               CompileOptions options,
                                               const Samples &samples,
                                               SearchSummary &summary) {
  options.isBalanced = false;
  CompileOptions smallest = options;
  smallest.forSize = true;
  OwningOpRef<ModuleOp> copy = module.clone();
  PlanResult least =
      search(*copy, smallest, samples, PlanGoal::Best, summary);
  if (least.fits()) {
    int64_t words = least.words + least.words / 5;
    options.maxWords =
        options.maxWords ? std::min(options.maxWords, words) : words;
  }
  return plan(module, options, samples, PlanGoal::Best, summary);
}

FailureOr<UndocumentedUse> pdkc::plan(ModuleOp module,
                                      const CompileOptions &options,
                                      const Samples &samples, PlanGoal goal,
                                      SearchSummary &summary) {
  if (failed(checkBounds(module, options)))
    return failure();
  TimingScope timer = startTimer(options, "Plan");
  noteBusyInputs(module, samples);
  if (options.isBalanced && goal == PlanGoal::Best)
    return planBalanced(module, options, samples, summary);
  UndocumentedUse use;
  if (!options.undocumented) {
    search(module, options, samples, goal, summary);
    return use;
  }
  OwningOpRef<ModuleOp> other = module.clone();
  CompileOptions documented = options;
  documented.undocumented = false;
  SearchSummary ofOther;
  PlanResult without = search(module, documented, samples, goal, summary);
  PlanResult with = search(*other, options, samples, goal, ofOther);
  if (!without.fails)
    use.wordsWithout = without.words;
  use.isUsed = with < without;
  if (use.isUsed) {
    summary = ofOther;
    module.getBodyRegion().takeBody(other->getBodyRegion());
  }
  return use;
}
