//===- CostModel.cpp - What a plan costs, operation by operation ----------===//

#include "compiler/planning/CostModel.h"

#include "compiler/planning/Footprint.h"
#include "mlir/IR/Diagnostics.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/pdk/Allocation.h"
#include "passes/pdk/analysis/CycleBounds.h"
#include "runtime_pdk/simulator/Inference.h"

#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Place;

/// An operation's program, alone.
struct CostModel::Program {
  OwningOpRef<pdk::ProgramOp> op;
  int64_t overhead = 0; ///< cycles of what a whole program does not have
  /// Of the operation that it was written for, as are its numbers of buffers.
  SmallVector<lowbit::StorageAttr> operands;
  SmallVector<int64_t> buffers; ///< in the order of the key
  bool isPlaced = false, cannotBePlaced = false;

  std::optional<Footprint> footprint; ///< once it is asked for
};

struct CostModel::Cost {
  /// None where the method fails.
  std::optional<Program> program;
  int64_t words = 0;
  SmallVector<Emission::Section, 0> shared;
  /// Means over the samples, by a hash of the operands that these make; none
  /// where the program cannot run.
  std::map<uint64_t, std::optional<double>> cycles;
  std::optional<int64_t> worst; ///< no input takes more
};

CostModel::CostModel(const Target &target, const Samples &samples,
                     int64_t limit)
    : target(target), samples(samples), limit(limit) {}

CostModel::~CostModel() = default;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Text that is the same only for operations that compute the same: attributes
/// are unique in a context, and say that of all but how it is computed.
static void writeMeaning(Operation *op, llvm::raw_ostream &out) {
  out << op->getName().getStringRef() << '{';
  for (NamedAttribute named : op->getAttrs())
    if (named.getName() != "method" && named.getName() != kEngineAttr &&
        named.getName() != kPairsAttr && named.getName() != kRoutineAttr &&
        named.getName() != kInputRoutineAttr &&
        named.getName() != kRoutineSumsAttr)
      out << named.getName().getValue() << '='
          << named.getValue().getAsOpaquePointer() << ';';
  out << '}';
  for (Value value : op->getResults()) {
    auto type = cast<RankedTensorType>(value.getType());
    out << type.getElementType().getAsOpaquePointer();
    for (int64_t size : type.getShape())
      out << 'x' << size;
  }
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &inner : block) {
        // Values in the order in which they are made.
        for (Value operand : inner.getOperands()) {
          if (auto argument = dyn_cast<BlockArgument>(operand))
            out << '%' << argument.getArgNumber();
          else
            out << '@' << std::distance(block.begin(),
                                        operand.getDefiningOp()->getIterator());
        }
        writeMeaning(&inner, out);
      }
}

lowbit::Elements CostModel::getArgument(Value argument, int64_t sample) const {
  auto number = cast<BlockArgument>(argument).getArgNumber();
  auto model = cast<func::FuncOp>(argument.getParentBlock()->getParentOp());
  return lowbit::splitInputs(model, samples.getValues(sample))[number];
}

const CostModel::Tensor &CostModel::getTensor(Value value) {
  if (const Tensor *known = tensorOf.lookup(value))
    return *known;
  Operation *op = value.getDefiningOp();
  std::string text;
  llvm::raw_string_ostream out(text);
  if (op)
    writeMeaning(op, out);
  else
    out << cast<BlockArgument>(value).getArgNumber();
  SmallVector<const Tensor *> operands;
  for (Value operand : op ? op->getOperands() : ValueRange()) {
    operands.push_back(&getTensor(operand));
    out << ',' << operands.back()->hash;
  }
  auto [found, isNew] = tensors.try_emplace(text);
  Tensor &tensor = found->second;
  tensorOf[value] = &tensor;
  if (!isNew)
    return tensor;
  SmallVector<int64_t, 0> all;
  for (int64_t i = 0, count = std::min(samples.getCount(), limit); i < count;
       ++i) {
    SmallVector<const lowbit::Elements *> inputs;
    for (const Tensor *operand : operands)
      inputs.push_back(&operand->elements[i]);
    tensor.elements.push_back(op ? lowbit::interpret(op, inputs)
                                 : getArgument(value, i));
    llvm::append_range(all, tensor.elements.back());
  }
  tensor.hash = llvm::xxh3_64bits(ArrayRef(
      reinterpret_cast<const uint8_t *>(all.data()),
      all.size() * sizeof(int64_t)));
  return tensor;
}

//===----------------------------------------------------------------------===//
// Cycles
//===----------------------------------------------------------------------===//

/// The bytes that hold the elements, where there is no bias.
static void store(const lowbit::StorageAttr &storage, unsigned address,
                  ArrayRef<int64_t> elements,
                  std::vector<std::pair<unsigned, uint8_t>> &ram) {
  if (storage.getSplat())
    elements = elements.take_front();
  std::vector<uint8_t> bytes(storage.getBytesOf(elements.size()), 0);
  for (auto [i, element] : llvm::enumerate(elements)) {
    int64_t bit = i * storage.getBits();
    uint64_t stored = element - storage.getBase();
    for (int64_t i = 0; i < storage.getBits(); ++i, ++bit)
      bytes[bit / 8] |= (stored >> i & 1) << bit % 8;
  }
  for (uint8_t byte : bytes)
    ram.push_back({address++, byte});
}

std::optional<double> CostModel::simulate(Operation *op, Program &program) {
  if (!program.isPlaced && !program.cannotBePlaced) {
    ModuleAnalysisManager analyses(*program.op, nullptr);
    program.isPlaced = succeeded(allocate(
        *program.op, AnalysisManager(analyses).getAnalysis<ProgramLiveness>(),
        /*reserve=*/0));
    program.cannotBePlaced = !program.isPlaced;
  }
  if (!program.isPlaced)
    return std::nullopt;
  auto layout = layOut(*program.op);
  if (failed(layout))
    return std::nullopt;
  auto standalone = makeStandalone(*layout);
  if (failed(standalone))
    return std::nullopt;
  sim::Machine machine(*layout->device);
  machine.allowUndocumented(target.undocumented);
  if (!machine.load(standalone->words))
    return std::nullopt;
  sim::ModelSymbols symbols;
  symbols.infer = standalone->infer;
  symbols.nextInput = standalone->nextInput;
  symbols.stackBase = standalone->stackBase;
  symbols.inputBytes = samples.layout.bytes;
  DenseMap<int64_t, unsigned> addressOf;
  for (pdk::CellsOp cells : program.op->getBody().getOps<pdk::CellsOp>())
    if (auto number = cells->getAttrOfType<IntegerAttr>(kBufferNumber))
      addressOf[number.getInt()] = *cells.getAddress();
  SmallVector<const Tensor *> operands;
  for (Value operand : op->getOperands())
    operands.push_back(&getTensor(operand));
  double sum = 0;
  int64_t count = std::min(samples.getCount(), limit);
  for (int64_t i = 0; i < count; ++i) {
    sim::InferenceOptions options;
    options.mayLeaveInputs = true;
    // Biases at run time are 0.
    for (pdk::CellsOp cells : layout->exportedCells)
      for (uint64_t at = 0; at < uint64_t(cells.getSize()); ++at)
        options.ram.push_back({unsigned(*cells.getAddress() + at), 0});
    std::vector<uint8_t> stream;
    for (auto [operand, storage] : llvm::zip(operands, program.operands)) {
      const lowbit::Elements &elements = operand->elements[i];
      if (storage.getPlace() == Place::Stream)
        samples.layout.encode(elements, stream);
      else if (storage.getPlace() == Place::Buffer)
        store(storage, addressOf.lookup(storage.getBuffer()) + storage.getAt(),
              elements, options.ram);
    }
    sim::InferenceResult run = sim::infer(machine, symbols, stream.data(),
                                          stream.size(), options);
    simulated += run.cycles;
    if (!run.returned)
      return std::nullopt;
    sum += run.cycles;
  }
  return (count ? sum / count : 0) - program.overhead;
}

//===----------------------------------------------------------------------===//
// Prices
//===----------------------------------------------------------------------===//

CostModel::Cost &CostModel::getCost(Operation *op, const OperationKey &key) {
  std::unique_ptr<Cost> &cost = costs[key.operation];
  if (cost)
    return *cost;
  cost = std::make_unique<Cost>();
  Emission emission(op->getParentOfType<func::FuncOp>(), target);
  auto alone = emission.runAlone(op, key.engine, key.routines);
  OwningOpRef<pdk::ProgramOp> written(emission.code.getProgram());
  if (failed(alone))
    return *cost;
  (*written)->remove();
  Program &program = cost->program.emplace();
  program.op = std::move(written);
  program.overhead = alone->overhead;
  program.buffers = key.buffers;
  for (Value operand : op->getOperands())
    program.operands.push_back(lowbit::getStorage(operand));
  for (Emission::Section &section : alone->sections)
    if (section.shared.empty())
      cost->words += section.words;
    else
      cost->shared.push_back(std::move(section));
  return *cost;
}

/// How much of what an operation shares is its part.
static double getShare(Operation *op) {
  double share = 1;
  op->walk([&](lowbit::DenseOp dense) {
    share += double(dense.getNumRows()) * dense.getNumInputs();
  });
  return share;
}

SmallVector<OperationPrice> CostModel::getPrices(func::FuncOp func) {
  // Methods that cannot do it are no error.
  ScopedDiagnosticHandler quiet(func.getContext(),
                                [](Diagnostic &) { return success(); });
  tensorOf.clear();
  SmallVector<OperationPrice> prices;
  std::map<StringRef, double> shares; // of each piece, all together
  int64_t functions = 0; // operations that may share each other's routines
  for (Operation &op : llvm::make_early_inc_range(func.front())) {
    OperationPrice &price = prices.emplace_back(&op);
    const Cost &cost = getCost(&op, price.key);
    price.fails = !cost.program;
    functions += getShare(&op) == 1;
    for (const Emission::Section &section : cost.shared)
      shares[section.shared] += getShare(&op);
  }
  for (OperationPrice &price : prices) {
    const Cost &cost = getCost(price.op, price.key);
    price.words = price.leastWords = cost.words;
    double own = getShare(price.op);
    for (const Emission::Section &section : cost.shared) {
      double part = own / shares.find(section.shared)->second;
      price.words += section.words * part;
      // Of engines what is seen is what there is: with all layers, and alone.
      price.leastWords +=
          section.words * (own == 1 ? std::min(part, 1.0 / functions) : part);
    }
  }
  return prices;
}

void CostModel::addBytes(MutableArrayRef<OperationPrice> prices,
                         bool isFirmware, int64_t reserve) {
  SmallVector<FootprintUse> uses;
  for (OperationPrice &price : prices) {
    Program &program = *getCost(price.op, price.key).program;
    if (!program.footprint)
      program.footprint = getFootprint(*program.op, program.buffers);
    uses.push_back({price.op, price.key.buffers, &*program.footprint});
  }
  for (auto [price, bytes] :
       llvm::zip(prices, getBytes(uses, isFirmware, reserve)))
    price.bytes = bytes;
}

std::optional<double> CostModel::getCycles(const OperationPrice &price) {
  Cost &cost = getCost(price.op, price.key);
  std::string operands;
  for (Value operand : price.op->getOperands())
    operands += std::to_string(getTensor(operand).hash) + " ";
  auto [found, isNew] =
      cost.cycles.try_emplace(llvm::xxh3_64bits(operands));
  if (isNew)
    found->second = simulate(price.op, *cost.program);
  return found->second;
}

void CostModel::addCycles(
    MutableArrayRef<OperationPrice> prices,
    llvm::function_ref<bool(const OperationPrice &)> isWanted) {
  ScopedDiagnosticHandler quiet(prices.front().op->getContext(),
                                [](Diagnostic &) { return success(); });
  for (OperationPrice &price : prices)
    if (!price.fails && !price.cycles && isWanted(price)) {
      price.cycles = getCycles(price);
      price.fails = !price.cycles;
    }
}

std::optional<int64_t> CostModel::getWorst(func::FuncOp func) {
  int64_t sum = 0;
  for (const OperationPrice &price : getPrices(func)) {
    if (price.fails)
      return std::nullopt;
    Cost &cost = getCost(price.op, price.key);
    if (!cost.worst) {
      ControlFlow flow(*cost.program->op);
      if (!flow.isValid())
        return std::nullopt;
      cost.worst = CycleBounds(flow, {}).getLongestRun(kNextInputCycles) -
                   cost.program->overhead;
    }
    // Sums stop at the value that says so.
    if (*cost.worst >= CycleBounds::kUnbounded / 2)
      return std::nullopt;
    sum += *cost.worst;
  }
  return sum;
}
