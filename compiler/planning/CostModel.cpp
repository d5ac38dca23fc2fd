//===- CostModel.cpp - What a plan costs, operation by operation ----------===//

#include "compiler/planning/CostModel.h"

#include "mlir/IR/Diagnostics.h"
#include "passes/pdk/Allocation.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/pdk/analysis/CycleBounds.h"
#include "runtime_pdk/simulator/Inference.h"

#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Place;

/// Cycles of the caller's model_next_input: a RET.
static constexpr int64_t kOutsideCycles = 2;

void CostModel::interpretSamples(func::FuncOp func) {
  int64_t count = std::min(samples.getCount(), limit);
  for (int64_t i = 0; i < count; ++i) {
    auto &values = tensors.emplace_back();
    values[func.getArgument(0)] = samples.getValues(i);
    for (Operation &op : func.front().without_terminator()) {
      SmallVector<const lowbit::Elements *> operands;
      for (Value operand : op.getOperands())
        operands.push_back(&values.find(operand)->second);
      lowbit::Elements result = lowbit::interpret(&op, operands);
      values[op.getResult(0)] = std::move(result);
    }
  }
}

uint64_t CostModel::hashOperands(Operation *op) {
  std::vector<int64_t> elements;
  for (const auto &values : tensors)
    for (Value operand : op->getOperands())
      llvm::append_range(elements, values.find(operand)->second);
  return llvm::xxh3_64bits(
      ArrayRef(reinterpret_cast<const uint8_t *>(elements.data()),
               elements.size() * sizeof(int64_t)));
}

/// The bytes that hold the elements, where there is no bias.
static void store(const lowbit::StorageAttr &storage, unsigned address,
                  ArrayRef<int64_t> elements,
                  std::vector<std::pair<unsigned, uint8_t>> &ram) {
  for (int64_t element : elements) {
    uint64_t stored = element - storage.getBase();
    for (int64_t byte = 0; byte < storage.getBytes(); ++byte)
      ram.push_back({address++, uint8_t(stored >> (8 * byte))});
    if (storage.getSplat())
      break;
  }
}

std::optional<double> CostModel::simulate(Operation *op,
                                          pdk::ProgramOp program) {
  auto layout = layOut(program);
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
  DenseMap<int64_t, unsigned> addressOf;
  for (pdk::CellsOp cells : program.getBody().getOps<pdk::CellsOp>())
    if (auto number = cells->getAttrOfType<IntegerAttr>(kBufferNumber))
      addressOf[number.getInt()] = *cells.getAddress();
  double sum = 0;
  for (const auto &values : tensors) {
    sim::InferenceOptions options;
    options.mayLeaveInputs = true;
    // Biases at run time are 0.
    for (pdk::CellsOp cells : layout->exportedCells)
      for (uint64_t i = 0; i < uint64_t(cells.getSize()); ++i)
        options.ram.push_back({unsigned(*cells.getAddress() + i), 0});
    std::vector<uint8_t> stream;
    for (Value operand : op->getOperands()) {
      auto storage = lowbit::getStorage(operand);
      const lowbit::Elements &elements = values.find(operand)->second;
      if (storage.getPlace() == Place::Stream)
        for (int64_t element : elements)
          stream.push_back(uint8_t(element));
      else if (storage.getPlace() == Place::Buffer)
        store(storage, addressOf.lookup(storage.getBuffer()) + storage.getAt(),
              elements, options.ram);
    }
    sim::InferenceResult run = sim::infer(machine, symbols, stream.data(),
                                          stream.size(), options);
    if (!run.returned)
      return std::nullopt;
    sum += run.cycles;
  }
  return tensors.empty() ? 0 : sum / tensors.size();
}

/// The program stands before its function until it is taken from there.
struct CostModel::Program {
  Emission emission;
  Emission::Alone alone;

  Program(func::FuncOp func, const Target &target) : emission(func, target) {}
  ~Program() { get().erase(); }
  pdk::ProgramOp get() { return emission.code.getProgram(); }
};

std::unique_ptr<CostModel::Program>
CostModel::write(Operation *op, const OperationKey &key) {
  auto program =
      std::make_unique<Program>(op->getParentOfType<func::FuncOp>(), target);
  auto alone = program->emission.runAlone(op, key.engine, key.routine);
  if (failed(alone))
    return nullptr;
  program->alone = std::move(*alone);
  return program;
}

OperationCost &CostModel::getCost(Operation *op, const OperationKey &key) {
  auto [found, isNew] = costs.try_emplace(key.operation);
  OperationCost &cost = found->second;
  if (!isNew)
    return cost;
  auto program = write(op, key);
  cost.fails = !program;
  if (cost.fails)
    return cost;
  for (Emission::Section &section : program->alone.sections)
    if (section.shared.empty())
      cost.words += section.words;
    else
      cost.shared.push_back(std::move(section));
  return cost;
}

double CostModel::getCycles(Operation *op, const OperationKey &key) {
  OperationCost &cost = getCost(op, key);
  if (cost.fails)
    return 0;
  if (tensors.empty())
    interpretSamples(op->getParentOfType<func::FuncOp>());
  auto [found, isNew] = cost.cycles.try_emplace(hashOperands(op));
  if (!isNew)
    return found->second;
  auto program = write(op, key);
  std::optional<double> cycles;
  // RAM is judged by whole programs.
  ModuleAnalysisManager analyses(program->get(), nullptr);
  if (succeeded(allocate(
          program->get(),
          AnalysisManager(analyses).getAnalysis<ProgramLiveness>(),
          /*reserve=*/0)))
    cycles = simulate(op, program->get());
  cost.fails = !cycles;
  return found->second = cycles ? *cycles - program->alone.overhead : 0;
}

PlanCost
CostModel::getCost(func::FuncOp func,
                   llvm::function_ref<bool(const PlanCost &)> isEnough) {
  // Methods that cannot do it are no error.
  ScopedDiagnosticHandler quiet(func.getContext(),
                                [](Diagnostic &) { return success(); });
  tensors.clear();
  PlanCost cost;
  std::map<StringRef, int64_t> shared;
  SmallVector<std::pair<Operation *, OperationKey>> operations;
  for (Operation &op : func.front())
    operations.push_back({&op, OperationKey(&op)});
  for (auto &[op, key] : operations) {
    const OperationCost &own = getCost(op, key);
    cost.fails |= own.fails;
    cost.words += own.words;
    for (const Emission::Section &section : own.shared)
      if (shared.try_emplace(section.shared, section.words).second)
        cost.words += section.words;
  }
  // What the device has no room for cannot run.
  if (cost.words > int64_t(target.device->usableWords))
    return cost;
  for (auto &[op, key] : operations) {
    if (cost.fails)
      return cost;
    cost.isBound = isEnough(cost);
    if (cost.isBound)
      return cost;
    cost.cycles += getCycles(op, key);
    cost.fails |= getCost(op, key).fails;
  }
  return cost;
}

std::optional<int64_t> CostModel::getWorst(func::FuncOp func) {
  int64_t sum = 0;
  for (Operation &op : llvm::make_early_inc_range(func.front())) {
    OperationKey key(&op);
    OperationCost &cost = getCost(&op, key);
    if (cost.fails)
      return std::nullopt;
    if (!cost.worst) {
      auto program = write(&op, key);
      ControlFlow flow(program->get());
      if (!flow.isValid())
        return std::nullopt;
      cost.worst = CycleBounds(flow, {}).getLongestRun(kOutsideCycles) -
                   program->alone.overhead;
    }
    // Sums stop at the value that says so.
    if (*cost.worst >= CycleBounds::kUnbounded / 2)
      return std::nullopt;
    sum += *cost.worst;
  }
  return sum;
}
