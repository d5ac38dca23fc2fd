//===- StraightLine.cpp - Layers as straight-line code --------------------===//
//
// One or a few instructions for each step of a lowbit.chains.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/ChainSearch.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

#include "llvm/ADT/MapVector.h"

#include <mutex>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Step;

/// Whether input i, which has just arrived in A, is needed from a cell: used
/// after the step `next`, which may find it in A still.
static bool isUsedLater(ArrayRef<int32_t> steps, size_t next, int32_t input) {
  for (size_t i = next; i < steps.size(); i += 2) {
    Step step = Step(steps[i]);
    if (steps[i + 1] != input)
      continue;
    if (step == Step::Add || step == Step::Sub)
      return true;
    if (step == Step::Load && i != next)
      return true;
  }
  return false;
}

static int64_t countSteps(lowbit::ChainsOp chains, Step step) {
  int64_t count = 0;
  for (size_t i = 0; i < chains.getSteps().size(); i += 2)
    count += Step(chains.getSteps()[i]) == step;
  return count;
}

static LogicalResult emitChains(lowbit::ChainsOp chains, Emission &emission) {
  CodeBuilder &code = emission.code;
  auto found = emission.getSource(chains);
  if (failed(found))
    return failure();
  const InputSource &source = *found;
  int64_t takes = countSteps(chains, Step::Take);
  if (takes != (source.isSequential() ? source.size : 0))
    return chains.emitError("takes ")
           << takes
           << " inputs; it must take all where they arrive one by "
              "one, and none where they lie in RAM";
  source.begin(code, takes);
  source.seek(0);
  const Storage sums = emission.getStorage(chains.getResult());
  int64_t bytes = sums.bytes, offset = sums.offset;
  emission.begin(sums);
  if (chains.getSums()) {
    if (auto bias = emission.getStorage(chains.getSums()).bias)
      emission.setBias(chains.getResult(), bias->cells);
    addToElements(code, sums, chains.getBias());
  }

  // What sums start at becomes the bias as they are doubled; a bit that comes
  // in between finds an even sum.
  int64_t doublings = countSteps(chains, Step::DoubleSums);
  // Bytes of the same value together: one load of A serves all.
  llvm::SmallMapVector<unsigned, SmallVector<Cell>, 8> cellsOf;
  for (auto [row, bias] : llvm::enumerate(chains.getBias()))
    for (int64_t byte = 0; byte < bytes && !chains.getSums(); ++byte)
      cellsOf[uint8_t((bias + offset) >> (8 * byte + doublings))].push_back(
          sums.element(row).at(byte));
  for (auto &[value, cells] : cellsOf) {
    if (value != 0)
      code(MOV_A_K, value);
    for (Cell cell : cells)
      value == 0 ? code(CLEAR_M, cell) : code(MOV_M_A, cell);
  }

  ArrayRef<int32_t> steps = chains.getSteps();
  llvm::DenseMap<int32_t, Cell> stored;
  auto getInput = [&](int32_t input) {
    return source.isSequential() ? stored.lookup(input)
                             : source.stored->element(input);
  };
  int32_t inA = -1;      // the input that A holds, or none
  int32_t nextInput = 0; // of the stream
  for (size_t i = 0; i < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    int32_t wasInA = inA;
    inA = -1;
    switch (Step(steps[i])) {
    case Step::Const:
      code(MOV_A_K, operand);
      break;
    case Step::Load:
      if (wasInA != operand)
        code(MOV_A_M, getInput(operand));
      inA = operand;
      break;
    case Step::Add:
      code(ADD_A_M, getInput(operand));
      break;
    case Step::Sub:
      code(SUB_A_M, getInput(operand));
      break;
    case Step::Double:
      code(SL_A);
      break;
    case Step::Offset:
      code(ADD_A_K, operand);
      break;
    case Step::Accumulate:
    case Step::Deduct: {
      bool adds = Step(steps[i]) == Step::Accumulate;
      Cell sum = sums.element(operand);
      code(adds ? ADD_M_A : SUB_M_A, sum);
      for (int64_t byte = 1; byte < bytes; ++byte)
        code(adds ? ADDC_M : SUBC_M, sum.at(byte));
      inA = wasInA;
      break;
    }
    case Step::Take:
      assert(operand == nextInput && "inputs arrive in their order");
      ++nextInput;
      source.take(code, operand);
      inA = operand;
      if (isUsedLater(steps, i + 2, operand)) {
        stored[operand] = code.cells("in_" + Twine(operand), 1);
        code(MOV_M_A, stored[operand]);
      }
      break;
    case Step::DoubleSums:
      --doublings;
      for (auto [row, bias] : llvm::enumerate(chains.getBias())) {
        Cell sum = sums.element(row);
        for (int64_t byte = 0; byte < bytes; ++byte)
          code(byte ? SLC_M : SL_M, sum.at(byte));
        if ((bias + offset) >> doublings & 1)
          code(INC_M, sum);
      }
      break;
    }
  }
  return success();
}

/// What a search for chains starts from.
static std::vector<int64_t> getKey(const ChainProblem &problem) {
  std::vector<int64_t> key = {problem.rows,     problem.inputs,
                              problem.minInput, problem.maxInput,
                              problem.isStream, problem.accumulateCost};
  llvm::append_range(key, problem.weights);
  return key;
}

/// What makes the model's signed inputs count from 0 up, and nothing else; null
/// where there is none. Chains take them as they are: sums of bytes modulo 256
/// are what they are, and a form needs a constant to be a byte in any case.
static lowbit::RequantOp getRebasing(lowbit::DenseOp dense) {
  auto requant = dense.getInput().getDefiningOp<lowbit::RequantOp>();
  if (!requant || getProducer(requant.getInput()) ||
      !requant.getInput().hasOneUse() || !requant.getResult().hasOneUse() ||
      requant.getMultiplier() != 1 || requant.getShift() != 0)
    return {};
  lowbit::Interval raw = lowbit::getRange(requant.getInput());
  int64_t offset = requant.getOffset();
  bool isPlain = raw.min >= -128 && raw.min < 0 && raw.max <= 127 &&
                 raw.min + offset >= requant.getMin() &&
                 raw.max + offset <= requant.getMax();
  return isPlain ? requant : lowbit::RequantOp();
}

namespace {
/// Plans ask for the same layers again and again.
class KnownPrograms {
public:
  const std::optional<ChainProgram> &search(const ChainProblem &problem,
                                            bool hasBlocks) {
    std::lock_guard<std::mutex> guard(lock);
    auto [found, isNew] = programs[hasBlocks].try_emplace(getKey(problem));
    if (isNew)
      found->second = hasBlocks ? findBlocks(problem) : findChains(problem);
    return found->second;
  }

private:
  std::mutex lock;
  std::map<std::vector<int64_t>, std::optional<ChainProgram>> programs[2];
};

/// A dense layer becomes a lowbit.chains, whose only method writes it.
struct StraightMethod : Method {
  /// In groups of inputs as these come; or in blocks, of inputs that are stored
  /// before, in a loop or in as many calls.
  enum Kind { Groups, Blocks, TakenBlocks };

  StraightMethod(StringRef name, StringRef description, Kind kind,
                 std::shared_ptr<KnownPrograms> known)
      : Method("lowbit.dense", name, description), kind(kind),
        known(std::move(known)) {}

  bool accepts(Operation *op, const Target &) const override {
    auto dense = cast<lowbit::DenseOp>(op);
    return kind == Groups || (succeeded(checkBlocks(dense, /*isQuiet=*/true)) &&
                              (kind == Blocks || isStreamed(dense)));
  }
  LogicalResult specialise(Operation *op) const override;
  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &) const override {
    return op->emitError("is not in straight-line form yet; see "
                         "--lowbit-specialize");
  }

  LogicalResult emit(Operation *, Emission &) const override {
    llvm_unreachable("has become a lowbit.chains");
  }

private:
  static LogicalResult checkBlocks(lowbit::DenseOp dense, bool isQuiet);

  Kind kind;
  std::shared_ptr<KnownPrograms> known;
};

struct ChainsMethod : Method {
  ChainsMethod() : Method("lowbit.chains", "straight") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto format = StorageAssignment::getSumFormat(op->getResult(0));
    if (failed(format) || failed(checkInputs(op)) ||
        failed(checkAccumulation(op)))
      return failure();
    assignment.setSums(op->getResult(0), *format, "sum");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    return emitChains(cast<lowbit::ChainsOp>(op), emission);
  }
};
} // namespace

LogicalResult StraightMethod::checkBlocks(lowbit::DenseOp dense, bool isQuiet) {
  if (!dense.getSums())
    return success();
  return isQuiet ? LogicalResult(failure())
                 : dense.emitError("one walk adds to no sums that there are");
}

LogicalResult StraightMethod::specialise(Operation *op) const {
  auto dense = cast<lowbit::DenseOp>(op);
  if (kind != Groups && failed(checkBlocks(dense, /*isQuiet=*/false)))
    return failure();
  // An input is read many times; unless they arrive one by one they are
  // prepared before.
  auto fused = dyn_cast<lowbit::FusedOp>(op->getParentOp());
  bool streams = isStreamed(op) && kind != Blocks;
  lowbit::RequantOp rebasing = getRebasing(dense);
  if (isFed(dense))
    unfeed(fused);
  else if (fused && (!streams || rebasing))
    unfuse(fused);
  SmallVector<int64_t> weights = dense.getWeights();
  SmallVector<int64_t> bias(dense.getBias());
  if (rebasing) {
    for (auto [i, weight] : llvm::enumerate(weights))
      bias[i / dense.getNumInputs()] += weight * rebasing.getOffset();
    dense.getInputMutable().assign(rebasing.getInput());
  }
  lowbit::Interval input = lowbit::getRange(dense.getInput());
  if (!rebasing && (input.min < 0 || input.max > 255))
    return dense.emitError("straight-line code takes inputs of 0 to 255, not ")
           << input.min << " to " << input.max;
  // A byte holds so many steps of the largest input; a larger weight is that
  // many additions more. No device has room for thousands.
  input.min = std::min<int64_t>(input.min, 0);
  int64_t budget = 255 / std::max<int64_t>(input.max - input.min, 1);
  int64_t additions = 0;
  for (int64_t weight : weights)
    if (weight != 0)
      additions += 1 + std::abs(weight) / budget;
  constexpr int64_t kMaxAdditions = 16384;
  if (additions > kMaxAdditions)
    return dense.emitError("straight-line code would take at least ")
           << additions << " additions, more than " << kMaxAdditions
           << "; use smaller weights or narrower inputs";
  if (kind == Blocks)
    storeStream(dense);
  ChainProblem problem{weights,
                       dense.getNumRows(),
                       dense.getNumInputs(),
                       input.max,
                       streams && kind == Groups,
                       int64_t(lowbit::getWidth(lowbit::getRange(
                                   getFinalSums(dense.getResult()))) +
                               7) /
                           8,
                       input.min};
  const std::optional<ChainProgram> &program =
      known->search(problem, kind != Groups);
  if (!program)
    return dense.emitError("one walk takes inputs of at most 127, not ")
           << input.max;
  for (auto [row, excess] : llvm::enumerate(program->excess))
    bias[row] -= excess;
  SmallVector<int32_t> steps;
  for (int64_t i = 0; streams && kind != Groups && i < problem.inputs; ++i)
    steps.append({int32_t(Step::Take), int32_t(i)});
  llvm::append_range(steps, program->steps);
  OpBuilder builder(dense);
  Value chains = lowbit::ChainsOp::create(
      builder, dense.getLoc(), dense.getResult().getType(), dense.getInput(),
      dense.getSums(), steps, bias);
  dense.replaceAllUsesWith(chains);
  dense.erase();
  return success();
}

void pdkc::addStraightMethods(MethodRegistry &methods) {
  auto known = std::make_shared<KnownPrograms>();
  methods.add<StraightMethod>("straight", "straight-line code",
                              StraightMethod::Groups, known);
  methods.add<StraightMethod>(
      "walk", "straight-line code, one walk through all stored inputs",
      StraightMethod::Blocks, known);
  methods.add<StraightMethod>("walk-taken",
                              "straight-line code, one walk through all inputs",
                              StraightMethod::TakenBlocks, known);
}
std::unique_ptr<Method> pdkc::makeChainsMethod() {
  return std::make_unique<ChainsMethod>();
}
