//===- DenseByPlanes.cpp - Layers as sums of bit planes, modulo 256 -------===//
//
// A dense layer, together with the requantisation behind it where that is a
// shift, becomes a lowbit.planes: the planes, the walk and the limit of the
// inputs' sum that make it fastest, as far as a short search finds them.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/PlaneSearch.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/Planes.h"
#include "passes/lowbit_to_pdk/support/PlaneSum.h"

#include <map>
#include <mutex>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

/// Sums that are walked through at most; no device has room for more.
static constexpr int64_t kMostTaps = 1024;
/// Limits of the inputs' sum that are tried: what is left up to 255 is room for
/// constants on the way to the results.
static constexpr int64_t kLimits[] = {255, 251, 247, 239, 223, 191};

//===----------------------------------------------------------------------===//
// Form
//===----------------------------------------------------------------------===//

/// The requantisation that alone takes the sums, if rows can be requantised one
/// by one as they are put together; else null.
static lowbit::RequantOp getRequant(lowbit::DenseOp dense) {
  auto requant =
      dyn_cast_or_null<lowbit::RequantOp>(getOnlyUser(dense.getResult()));
  if (!requant || requant.getMultiplier() != 1 ||
      requant.getTies() != lowbit::Ties::Up ||
      requant.getMax() - requant.getMin() > 255 ||
      requant->getParentOp() != dense->getParentOp())
    return {};
  return requant;
}

/// Bits a digit: as many as keep the sum of all inputs' digits within the
/// limit; 0 where there are none.
static int64_t getDigitBits(int64_t inputs, int64_t limit) {
  int64_t bits = 0;
  while (bits < 7 && inputs * ((int64_t(2) << bits) - 1) <= limit)
    ++bits;
  return bits;
}

/// The values of the weights, in rising order.
static SmallVector<int64_t> getValues(ArrayRef<int64_t> weights) {
  SmallVector<int64_t> values(weights);
  llvm::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

namespace {
/// Plans ask for the same layers again and again.
class KnownWalks {
public:
  const WalkProgram &search(const WalkProblem &problem);

private:
  std::mutex lock;
  std::map<std::vector<uint64_t>, WalkProgram> programs;
};

struct PlanesDenseMethod : Method {
  PlanesDenseMethod(StringRef name, StringRef description,
                    std::shared_ptr<KnownWalks> known)
      : Method("lowbit.dense", name, description), known(std::move(known)) {}

  bool accepts(Operation *op, const Target &) const override {
    return succeeded(check(cast<lowbit::DenseOp>(op), /*isQuiet=*/true));
  }
  LogicalResult specialise(Operation *op) const override;
  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &) const override {
    return op->emitError("has no planes yet; see --lowbit-specialize");
  }
  LogicalResult emit(Operation *, Emission &) const override {
    llvm_unreachable("has become a lowbit.planes");
  }

private:
  static LogicalResult check(lowbit::DenseOp dense, bool isQuiet);

  std::shared_ptr<KnownWalks> known;
};
} // namespace

LogicalResult PlanesDenseMethod::check(lowbit::DenseOp dense, bool isQuiet) {
  auto refuse = [&](const Twine &reason) -> LogicalResult {
    return isQuiet ? LogicalResult(failure())
                   : dense.emitError("sums of bit planes ") << reason;
  };
  Interval input = lowbit::getRange(dense.getInput());
  if (input.min < 0 || input.max > 255)
    return refuse("take inputs of 0 to 255, not " + Twine(input.min) + " to " +
                  Twine(input.max));
  if (dense.getSums() || getAccumulator(dense.getResult()) || isFed(dense))
    return refuse("take all inputs at once, from RAM, and add to no sums");
  if (dense.getNumInputs() > 255)
    return refuse("take at most 255 inputs, not " +
                  Twine(dense.getNumInputs()));
  if (unsigned width = lowbit::getWidth(lowbit::getRange(dense.getResult()));
      width > 32)
    return refuse("have at most 32 bits, not " + Twine(width));
  ArrayRef<int64_t> codebook = dense.getCodebook();
  if (codebook.back() - codebook.front() > 255)
    return refuse("have weights that span at most 255, not " +
                  Twine(codebook.back() - codebook.front()));
  int64_t planes = lowbit::getWidth({0, codebook.back() - codebook.front()});
  if (planes * dense.getNumRows() > kMostTaps)
    return refuse("are at most " + Twine(kMostTaps) + ", not " +
                  Twine(planes * dense.getNumRows()));
  return success();
}

const WalkProgram &KnownWalks::search(const WalkProblem &problem) {
  std::vector<uint64_t> key = {uint64_t(problem.inputs), problem.hasTotal};
  for (const InputSet &set : problem.sets)
    llvm::append_range(key, set);
  std::lock_guard<std::mutex> guard(lock);
  auto [found, isNew] = programs.try_emplace(std::move(key));
  if (isNew)
    found->second = findWalk(problem);
  return found->second;
}

/// A layer in planes of one kind.
namespace {
struct Form {
  PlaneCode planes;
  SmallVector<uint32_t> codes; ///< of the weights
  std::vector<InputSet> sets;  ///< by row and plane
  int64_t limit = 255;
  int64_t cost = 0; ///< of rows and of a walk, roughly
};
} // namespace

static Form makeForm(const PlaneCode &planes, ArrayRef<int64_t> weights,
                     ArrayRef<int64_t> values, int64_t rows) {
  Form form{planes, {}, {}};
  int64_t inputs = weights.size() / rows;
  size_t count = planes.coefficients.size() - 1;
  form.sets.assign(rows * count, InputSet((inputs + 63) / 64, 0));
  for (auto [i, weight] : llvm::enumerate(weights)) {
    uint32_t code =
        planes.codes[llvm::lower_bound(values, weight) - values.begin()];
    form.codes.push_back(code);
    for (size_t k = 0; k < count; ++k)
      if (code >> k & 1)
        form.sets[i / inputs * count + k][i % inputs / 64] |=
            uint64_t(1) << (i % inputs % 64);
  }
  return form;
}

LogicalResult PlanesDenseMethod::specialise(Operation *op) const {
  auto dense = cast<lowbit::DenseOp>(op);
  if (failed(check(dense, /*isQuiet=*/false)))
    return failure();
  if (auto fused = dyn_cast<lowbit::FusedOp>(op->getParentOp()))
    unfuse(fused);
  storeStream(dense);
  int64_t rows = dense.getNumRows(), inputs = dense.getNumInputs();
  SmallVector<int64_t> weights = dense.getWeights();
  SmallVector<int64_t> values = getValues(weights);
  SmallVector<int64_t> bias(dense.getBias()), constants;
  lowbit::RequantOp requant = getRequant(dense);
  if (requant)
    for (int64_t &each : bias) {
      each += requant.getOffset();
      constants.push_back(
          each - lowbit::shiftUp(requant.getMin(), requant.getShift()));
    }
  int64_t largest = lowbit::getRange(dense.getInput()).max * inputs;
  bool isProven = largest <= 255;
  SmallVector<int64_t> limits{ArrayRef(kLimits)};
  if (isProven)
    limits.assign({largest});

  // Of all forms the one that looks best before its walk is searched for; of
  // the limits the largest that lets most rows stay in A.
  constexpr int64_t kCostInBytes = 35;
  std::optional<Form> best;
  for (const PlaneCode &planes : findPlanes(values)) {
    Form form = makeForm(planes, weights, values, rows);
    int64_t least = INT64_MAX;
    for (int64_t limit : limits) {
      if (!isProven && inputs > limit)
        continue; // not even digits of a bit
      int64_t cost = 0;
      if (requant)
        for (const auto &steps : findPlaneRowSteps(
                 planes.coefficients, constants, form.codes, limit,
                 requant.getShift(), requant.getMax() - requant.getMin()))
          cost += steps ? getCost(*steps) : kCostInBytes;
      else
        for (int64_t coefficient : planes.coefficients)
          cost += rows * (coefficient ? 1 + 2 * std::abs(coefficient) : 0);
      if (cost >= least)
        continue;
      least = cost;
      form.limit = limit;
    }
    bool hasTotal = !isProven || planes.coefficients.front() != 0;
    form.cost = least + findWalk({form.sets, inputs, hasTotal}, 0).cost +
                (hasTotal ? inputs : 0);
    if (!best || form.cost < best->cost)
      best = std::move(form);
  }
  if (!best)
    return dense.emitError("has weights that are no sum of a few bit planes");
  bool hasTotal = !isProven || best->planes.coefficients.front() != 0;
  const WalkProgram &program = known->search({best->sets, inputs, hasTotal});

  OpBuilder builder(dense);
  auto number = [&](int64_t value) { return builder.getI64IntegerAttr(value); };
  IntegerAttr digits, min, max;
  if (!isProven)
    digits = number(getDigitBits(inputs, best->limit));
  if (requant) {
    min = number(requant.getMin());
    max = number(requant.getMax());
  }
  Value result = requant ? requant.getResult() : dense.getResult();
  auto made = lowbit::PlanesOp::create(
      builder, dense.getLoc(), result.getType(), dense.getInput(),
      builder.getDenseI32ArrayAttr(program.walk),
      builder.getDenseI64ArrayAttr(best->planes.coefficients),
      builder.getDenseI64ArrayAttr(bias), number(best->limit), digits,
      number(requant ? requant.getShift() : 0), min, max);
  if (getName() == kSharedPlanes)
    lowbit::setMethod(made, getName());
  // What is behind stays, dead.
  result.replaceAllUsesWith(made.getResult());
  return success();
}

void pdkc::addPlanesDenseMethods(MethodRegistry &methods) {
  auto known = std::make_shared<KnownWalks>();
  methods.add<PlanesDenseMethod>("planes", "sums of bit planes", known);
  methods.add<PlanesDenseMethod>(kSharedPlanes,
                                 "sums of bit planes, routines shared", known);
}
