//===- Explore.cpp - What a model can be on which device ------------------===//

#include "compiler/Explore.h"

#include "compiler/Measure.h"
#include "compiler/Report.h"
#include "dialects/lowbit/ModelInterface.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;

/// Sizes that are tried between the smallest program and the fastest one.
static constexpr int64_t kSizesBetween = 6;

bool ExploredPoint::dominates(const ExploredPoint &other) const {
  bool isNoLarger = device->usableWords <= other.device->usableWords &&
                    device->ramBytes <= other.device->ramBytes;
  auto costs = [](const ExploredPoint &point) {
    return std::array<double, 3>{double(point.words), double(point.bytes),
                                 point.cycles.mean};
  };
  auto mine = costs(*this), others = costs(other);
  bool isNoWorse = llvm::all_of(llvm::zip(mine, others), [](auto pair) {
    return std::get<0>(pair) <= std::get<1>(pair);
  });
  return isNoLarger && isNoWorse && (device != other.device || mine != others);
}

namespace {
/// The programs of one model.
class Explorer {
public:
  Explorer(ModuleOp module, const CompileOptions &options,
           llvm::function_ref<void(int64_t, int64_t)> progress, int64_t all)
      : module(module), options(options), progress(progress), all(all) {}

  /// All points of a device and a way in which inputs come.
  void run(StringRef device, StringRef input);

  std::vector<ExploredPoint> points;

private:
  /// The program with these options, if there is one.
  std::optional<ExploredPoint> make(bool forSize, int64_t maxWords);

  ModuleOp module;
  CompileOptions options;
  llvm::function_ref<void(int64_t, int64_t)> progress;
  int64_t all, done = 0;
};
} // namespace

std::optional<ExploredPoint> Explorer::make(bool forSize, int64_t maxWords) {
  options.forSize = forSize;
  options.maxWords = maxWords;
  // What does not fit is no point.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  auto result = compile(module.clone(), options);
  if (failed(result))
    return std::nullopt;
  ExploredPoint point;
  point.device = result->layout.device;
  point.input = options.input;
  point.forSize = forSize;
  point.maxWords = maxWords;
  point.words = result->layout.words.size();
  point.bytes = countBytes(result->layout);
  point.cycles = result->cycles;
  point.longest = result->longest;
  points.push_back(point);
  return point;
}

void Explorer::run(StringRef device, StringRef input) {
  options.device = device.str();
  options.input = input.str();
  options.isBalanced = false;
  int64_t begun = done, most = options.maxWords;
  auto step = [&] { progress(++done, all); };
  auto smallest = make(/*forSize=*/true, most);
  step();
  if (smallest) {
    auto fastest = make(/*forSize=*/false, most);
    step();
    int64_t span = fastest ? fastest->words - smallest->words : 0;
    for (int64_t i = 0; i <= kSizesBetween && span > 0; ++i) {
      make(/*forSize=*/false, smallest->words + span * i / (kSizesBetween + 1));
      step();
    }
  }
  options.maxWords = most;
  done = begun + 3 + kSizesBetween;
  progress(done, all);
}

FailureOr<std::vector<ExploredPoint>>
pdkc::explore(OwningOpRef<ModuleOp> module, const CompileOptions &options,
              ArrayRef<std::string> devices,
              llvm::function_ref<void(int64_t, int64_t)> progress) {
  if (failed(runTo(Stage::Lowbit, *module, options)))
    return failure();
  auto models = llvm::to_vector(module->getOps<func::FuncOp>());
  if (models.size() == 1 && succeeded(lowbit::checkModel(models[0])) &&
      failed(checkSamples(models[0], lowbit::InputLayout::get(models[0]),
                          options.samples, options.sampleArray)))
    return failure();
  SmallVector<StringRef> inputs{options.input};
  if (options.input == "auto")
    inputs = {"stream", "buffer"};
  CompileOptions quiet = options;
  quiet.configure = nullptr;
  quiet.timing = nullptr;
  Explorer explorer(*module, quiet, progress,
                    int64_t(devices.size() * inputs.size()) *
                        (3 + kSizesBetween));
  for (const std::string &device : devices)
    for (StringRef input : inputs)
      explorer.run(device, input);
  std::vector<ExploredPoint> best;
  for (auto [i, point] : llvm::enumerate(explorer.points)) {
    bool isNew = llvm::none_of(best, [&, &point = point](auto &other) {
      return other.device == point.device && other.words == point.words &&
             other.bytes == point.bytes &&
             other.cycles.mean == point.cycles.mean;
    });
    if (isNew && llvm::none_of(explorer.points, [&, &point = point](auto &other) {
          return other.dominates(point);
        }))
      best.push_back(point);
  }
  auto getPlace = [&](const ExploredPoint &point) {
    return llvm::find(devices, point.device->name) - devices.begin();
  };
  llvm::stable_sort(best, [&](const ExploredPoint &a, const ExploredPoint &b) {
    return std::make_pair(getPlace(a), a.words) <
           std::make_pair(getPlace(b), b.words);
  });
  return best;
}
