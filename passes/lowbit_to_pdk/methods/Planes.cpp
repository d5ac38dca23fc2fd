//===- Planes.cpp - Layers from sums of bit planes, modulo 256 ------------===//
//
// A dense layer, together with the requantisation behind it where that is a
// shift, becomes a lowbit.planes:
//
//   total = sum of all inputs; above the limit: digits, below
//   walk                       // N(r, k) for all rows and planes
//   each row: A = what becomes of total and N(r, k); result[r] = A
//
// Where the total exceeds the limit, the walk, a routine then, is gone for each
// digit of the inputs, the highest first, and a loop over the rows puts
// together
//
//   sum[r] = sum[r] * 2^digits + c[0] * total + sum over k of c[k] * N(r, k)
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/PlaneSearch.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/PlaneSum.h"

#include <map>
#include <mutex>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;
using lowbit::Walk;

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

/// Bits a digit: as many as keep the sum of all inputs' digits within the limit;
/// 0 where there are none.
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

/// Steps for each row; none for those that are put together in bytes.
using RowSteps = std::vector<std::optional<SmallVector<PlaneStep>>>;

/// Of rows of weights that are such codes; `constants` is what is added to each
/// row's sum before the shift, and less the lowest result.
static RowSteps getRowSteps(ArrayRef<int64_t> coefficients,
                            ArrayRef<int64_t> constants,
                            ArrayRef<uint32_t> codes, int64_t limit,
                            int64_t shift, int64_t max) {
  RowSteps steps;
  int64_t inputs = codes.size() / constants.size();
  std::map<std::pair<int64_t, SmallVector<uint32_t>>,
           std::optional<SmallVector<PlaneStep>>>
      known;
  for (auto [row, constant] : llvm::enumerate(constants)) {
    SmallVector<uint32_t> distinct(codes.slice(row * inputs, inputs));
    llvm::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()),
                   distinct.end());
    auto [found, isNew] = known.try_emplace({constant, distinct});
    if (isNew)
      found->second = findPlaneSteps(
          {coefficients, constant, distinct, limit, shift, max});
    steps.push_back(found->second);
  }
  return steps;
}

namespace {

struct PlanesDenseMethod : Method {
  PlanesDenseMethod()
      : Method("lowbit.dense", "planes", "sums of bit planes") {}

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
  /// Plans ask for the same layers again and again.
  const WalkProgram &search(const WalkProblem &problem) const;

  mutable std::mutex lock;
  mutable std::map<std::vector<uint64_t>, WalkProgram> programs;
};

struct PlanesMethod : Method {
  PlanesMethod() : Method("lowbit.planes", "planes") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override;
  LogicalResult emit(Operation *op, Emission &emission) const override;
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

const WalkProgram &
PlanesDenseMethod::search(const WalkProblem &problem) const {
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

/// The walk reads inputs from RAM: those of a stream are stored first.
static void storeStream(lowbit::DenseOp dense) {
  Value input = dense.getInput();
  bool isBuffer = dense->getParentOfType<func::FuncOp>()->hasAttr(
      lowbit::LowbitDialect::kBufferAttr);
  if (!isa<BlockArgument>(input) || isBuffer)
    return;
  OpBuilder builder(dense);
  dense.getInputMutable().assign(lowbit::CopyOp::create(
      builder, dense.getLoc(), input.getType(), input));
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
        for (const auto &steps :
             getRowSteps(planes.coefficients, constants, form.codes, limit,
                         requant.getShift(),
                         requant.getMax() - requant.getMin()))
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
  const WalkProgram &program = search({best->sets, inputs, hasTotal});

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
  // What is behind stays, dead.
  result.replaceAllUsesWith(made.getResult());
  return success();
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

LogicalResult
PlanesMethod::assignStorage(Operation *op,
                            StorageAssignment &assignment) const {
  auto planes = cast<lowbit::PlanesOp>(op);
  lowbit::StorageAttr input = lowbit::getStorage(planes.getInput());
  if (input.getPlace() != lowbit::Place::Buffer || input.getBits() != 8 ||
      input.getBase() != 0 || input.getBias() != 0 || input.getSplat())
    return op->emitError("takes inputs that are bytes in RAM, as they are");
  if (planes.getMin()) {
    if (*planes.getMax() - *planes.getMin() > 255)
      return op->emitError("has results that do not fit a byte");
    assignment.setBytes(planes.getResult(), "act");
    return success();
  }
  auto format = StorageAssignment::getSumFormat(planes.getResult());
  if (failed(format))
    return failure();
  assignment.setSums(planes.getResult(), *format, "sum");
  return success();
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

namespace {

class PlanesWriter {
public:
  PlanesWriter(lowbit::PlanesOp op, Emission &emission);
  void run();

private:
  /// Leaves the sum of all inputs in `total`; goes to the label where it
  /// exceeds the limit.
  void emitTotal(StringRef above);
  void emitWalk();
  void emitRows();
  void emitRowInBytes(int64_t row);
  /// The same by digits.
  void emitDigits();
  void emitDigit(int64_t digit, const Storage &saved);
  void emitGather(const Storage &sums);

  Cell getSum(int64_t row, size_t number) const {
    return number == 0 ? total : taps.at(row * planes + number - 1);
  }
  /// The codes that the row's weights have.
  SmallVector<uint32_t> getCodes();

  lowbit::PlanesOp op;
  Emission &emission;
  CodeBuilder &code;
  int64_t rows, planes, inputs;
  bool isGuarded, isRequantised;
  const Storage input, result;
  Cell taps, total;
  std::string walk; ///< the routine, where it is one
};

} // namespace

PlanesWriter::PlanesWriter(lowbit::PlanesOp op, Emission &emission)
    : op(op), emission(emission), code(emission.code), rows(op.getNumRows()),
      planes(op.getNumPlanes()), inputs(op.getNumInputs()),
      isGuarded(op.getDigits().has_value()), isRequantised(op.getMin()),
      input(emission.getStorage(op.getInput())),
      result(emission.getStorage(op.getResult())) {}

void PlanesWriter::emitTotal(StringRef above) {
  int64_t limit = op.getLimit(), most = lowbit::getRange(op.getInput()).max;
  Cell over;
  if (isGuarded) {
    over = code.cells("over", 1);
    code(CLEAR_M, over);
  }
  code(MOV_A_M, input.element(0));
  for (int64_t i = 1; i < inputs; ++i) {
    code(ADD_A_M, input.element(i));
    if (isGuarded && (i + 1) * most > 255)
      code(ADDC_M, over);
  }
  code(MOV_M_A, total);
  if (!isGuarded)
    return;
  if (limit < 255) {
    code(MOV_A_K, limit);
    code(SUB_A_M, total);
    code(ADDC_M, over);
  }
  code(MOV_A_M, over);
  code.skipIfFlag(kZeroFlag, true);
  code(GOTO_K, above);
}

void PlanesWriter::emitWalk() {
  ArrayRef<int32_t> steps = op.getWalk();
  for (size_t i = 0; i < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    switch (Walk(steps[i])) {
    case Walk::Load:
      code(MOV_A_M, input.element(operand));
      break;
    case Walk::Add:
      code(ADD_A_M, input.element(operand));
      break;
    case Walk::Sub:
      code(SUB_A_M, input.element(operand));
      break;
    case Walk::Total:
      code(MOV_A_M, total);
      break;
    case Walk::Clear:
      code(MOV_A_K, 0);
      break;
    case Walk::Recall:
      code(MOV_A_M, taps.at(operand));
      break;
    case Walk::Tap:
      code(MOV_M_A, taps.at(operand));
      break;
    }
  }
}

SmallVector<uint32_t> PlanesWriter::getCodes() {
  SmallVector<uint32_t> codes(rows * inputs, 0);
  for (auto [tap, inputsOf] : llvm::enumerate(op.getTaps()))
    for (auto [i, isIn] : llvm::enumerate(inputsOf))
      codes[tap / planes * inputs + i] |= uint32_t(isIn) << (tap % planes);
  return codes;
}

/// Of a sum in bytes of its own.
void PlanesWriter::emitRowInBytes(int64_t row) {
  Interval sums = op.getSumRange();
  int64_t constant = op.getBias()[row];
  auto getCell = [&](size_t number) { return getSum(row, number); };
  if (!isRequantised) {
    emitPlaneSum(code, result.element(row), result.bytes, op.getCoefficients(),
                 constant + result.offset, getCell);
    return;
  }
  int64_t missing = -lowbit::shiftUp(*op.getMin(), op.getShift());
  Storage complete;
  complete.range = {sums.min + missing, sums.max + missing};
  complete.bytes = getBytes(complete.range);
  Cell value = code.cells("value", complete.bytes);
  emitPlaneSum(code, value, complete.bytes, op.getCoefficients(),
               constant + missing, getCell);
  emitRequantOfOne(code, complete, value,
                   Requantisation(op.getShift(), *op.getMin() + result.offset,
                                  *op.getMax() + result.offset));
  code(MOV_M_A, result.element(row));
}

void PlanesWriter::emitRows() {
  emission.begin(result);
  RowSteps steps(rows);
  if (isRequantised) {
    SmallVector<int64_t> constants(op.getBias());
    for (int64_t &constant : constants)
      constant -= lowbit::shiftUp(*op.getMin(), op.getShift());
    steps = getRowSteps(op.getCoefficients(), constants, getCodes(),
                        op.getLimit(), op.getShift(),
                        *op.getMax() - *op.getMin());
  }
  for (int64_t row = 0; row < rows; ++row) {
    if (!steps[row]) {
      emitRowInBytes(row);
      continue;
    }
    emitPlaneSteps(code, *steps[row],
                   [&](size_t number) { return getSum(row, number); });
    if (int64_t least = (*op.getMin() + result.offset) & 255)
      code(ADD_A_K, least);
    code(MOV_M_A, result.element(row));
  }
}

/// Takes the digit of each input and goes the walk.
void PlanesWriter::emitDigit(int64_t digit, const Storage &saved) {
  int64_t bits = *op.getDigits();
  bool isHighest = digit + 1 == op.getNumDigits();
  Cell value = code.cells("value", 1);
  code(CLEAR_M, total);
  auto load = beginReading(code, saved, 0, value, std::nullopt);
  emitLoop(code, input, 0, inputs, load, [&] {
    code(MOV_A_M, value);
    int64_t shift = digit * bits;
    if (shift >= 4) {
      code(SWAP_A);
      if (isHighest)
        code(AND_A_K, 15);
      shift -= 4;
    }
    for (int64_t i = 0; i < shift; ++i)
      code(SR_A);
    if (!isHighest)
      code(AND_A_K, (1 << bits) - 1);
    code(ADD_M_A, total);
    return Cell();
  });
  code(CALL_K, walk);
}

/// sums = sums * 2^bits + what the walk's sums are worth.
void PlanesWriter::emitGather(const Storage &sums) {
  Storage rowsTaps;
  rowsTaps.cells = taps;
  rowsTaps.size = rows;
  rowsTaps.bytes = planes;
  Cell value = code.cells("value", sums.bytes);
  Cell part = code.cells("part", sums.bytes);
  Cell row = code.cells("row", planes);
  auto loadTaps = beginReading(code, rowsTaps, 0, row, std::nullopt);
  auto loadSum = beginReading(code, sums, 0, value, std::nullopt,
                              code.cells("from", 2, 2));
  emitLoop(
      code, sums, 0, rows,
      [&] {
        loadTaps();
        loadSum();
      },
      [&] {
        emitPlaneSum(
            code, part, sums.bytes, op.getCoefficients(), 0,
            [&](size_t number) { return number ? row.at(number - 1) : total; });
        for (int64_t i = 0; i < int64_t(*op.getDigits()); ++i)
          for (int64_t byte = 0; byte < sums.bytes; ++byte)
            code(byte ? SLC_M : SL_M, value.at(byte));
        for (int64_t byte = 0; byte < sums.bytes; ++byte) {
          code(MOV_A_M, part.at(byte));
          code(byte ? ADDC_M_A : ADD_M_A, value.at(byte));
        }
        if (sums.bytes == 1)
          code(MOV_A_M, value);
        return value;
      });
}

void PlanesWriter::emitDigits() {
  auto copyAll = [&](const Storage &from, const Storage &to) {
    Cell value = code.cells("value", 1);
    auto load = beginReading(code, from, 0, value, std::nullopt);
    emitLoop(code, to, 0, inputs, load, [&] {
      code(MOV_A_M, value);
      return Cell();
    });
  };
  Storage saved = input;
  saved.cells = code.cells("saved", inputs);
  code.undef(saved.cells);
  copyAll(input, saved);

  // Sums without their biases, where the results are if they are sums.
  Storage sums = result;
  if (isRequantised) {
    sums = Storage();
    sums.size = rows;
    sums.range = op.getSumRange(/*hasBias=*/false);
    sums.bytes = getBytes(lowbit::hull(sums.range, op.getSumRange()));
    sums.cells = code.cells("sums", rows * sums.bytes);
    code.undef(sums.cells);
  } else {
    emission.begin(result);
  }
  Storage bytes = sums;
  bytes.size = rows * sums.bytes;
  bytes.bytes = 1;
  emitLoop(code, bytes, 0, bytes.size, [] {}, [&] {
    code(MOV_A_K, 0);
    return Cell();
  });
  std::string gather = code.unique("gather");
  for (int64_t digit = op.getNumDigits(); digit-- > 0;) {
    emitDigit(digit, saved);
    code(CALL_K, gather);
  }
  emission.addRoutine([*this, gather, sums]() mutable {
    code.routine(gather);
    emitGather(sums);
    code(RET);
  });
  // Others may need the inputs as they were.
  if (!op.getInput().hasOneUse() || !getProducer(op.getInput()) ||
      isa<lowbit::ConcatOp, lowbit::SelectOp>(getProducer(op.getInput())))
    copyAll(saved, input);

  SmallVector<int64_t> constants(op.getBias());
  if (!isRequantised) {
    for (int64_t &constant : constants)
      constant += result.offset;
    addToElements(code, sums, constants);
    return;
  }
  int64_t missing = -lowbit::shiftUp(*op.getMin(), op.getShift());
  if (llvm::all_equal(constants)) {
    missing += constants.front();
  } else {
    addToElements(code, sums, constants);
    sums.range = op.getSumRange();
  }
  emission.begin(result);
  emitRequant(code, sums,
              Requantisation(op.getShift(), *op.getMin() + result.offset,
                             *op.getMax() + result.offset),
              result, Traversal::Loop, missing);
}

void PlanesWriter::run() {
  taps = code.cells("taps", rows * planes);
  bool needsTotal = isGuarded || op.getCoefficients().front() != 0;
  for (size_t i = 0; i < op.getWalk().size(); i += 2)
    needsTotal |= Walk(op.getWalk()[i]) == Walk::Total;
  std::string above, done;
  if (isGuarded) {
    above = code.unique("above");
    done = code.unique("done");
    walk = code.unique("walk");
  }
  if (needsTotal) {
    total = code.cells("total", 1);
    emitTotal(above);
  }
  if (!isGuarded) {
    emitWalk();
    emitRows();
    return;
  }
  code(CALL_K, walk);
  emitRows();
  code(GOTO_K, done);
  code.label(above);
  emitDigits();
  code.label(done);
  emission.addRoutine([*this]() mutable {
    code.routine(walk);
    emitWalk();
    code(RET);
  });
}

LogicalResult PlanesMethod::emit(Operation *op, Emission &emission) const {
  PlanesWriter(cast<lowbit::PlanesOp>(op), emission).run();
  return success();
}

std::unique_ptr<Method> pdkc::makePlanesDenseMethod() {
  return std::make_unique<PlanesDenseMethod>();
}
std::unique_ptr<Method> pdkc::makePlanesMethod() {
  return std::make_unique<PlanesMethod>();
}
