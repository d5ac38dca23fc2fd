//===- CostModel.cpp - What a plan costs, operation by operation ----------===//

#include "compiler/planning/CostModel.h"

#include "compiler/planning/OperationKey.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/pdk/analysis/CycleBounds.h"
#include "runtime_pdk/simulator/Inference.h"

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

bool CostModel::simulate(Operation *op, pdk::ProgramOp program,
                         OperationCost &cost) {
  auto layout = layOut(program);
  if (failed(layout))
    return false;
  auto standalone = makeStandalone(*layout);
  if (failed(standalone))
    return false;
  sim::Machine machine(*layout->device);
  machine.allowUndocumented(target.undocumented);
  if (!machine.load(standalone->words))
    return false;
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
      return false;
    sum += run.cycles;
  }
  cost.cycles = tensors.empty() ? 0 : sum / tensors.size();
  return true;
}

OperationCost CostModel::measure(Operation *op, func::FuncOp func,
                                 StringRef engine, StringRef routine) {
  OperationCost cost;
  cost.fails = true;
  if (tensors.empty())
    interpretSamples(func);
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(func.getLoc());
  Emission emission(func, target);
  pdk::ProgramOp program = emission.code.getProgram();
  program->moveBefore(scratch->getBody(), scratch->getBody()->end());
  auto alone = emission.runAlone(op, engine, routine);
  if (failed(alone))
    return cost;
  for (Emission::Section &section : alone->sections)
    if (section.shared.empty())
      cost.words += section.words;
    else
      cost.shared.push_back(std::move(section));
  // RAM is judged by whole programs.
  PassManager place = PassManager::on<ModuleOp>(func.getContext());
  place.enableVerifier(false);
  place.addPass(createPdkAllocate());
  if (failed(place.run(*scratch)))
    return cost;
  auto flow = ControlFlow::build(program);
  if (failed(flow) || !simulate(op, program, cost))
    return cost;
  cost.worst = CycleBounds(*flow, {}).getLongestRun(kOutsideCycles);
  cost.cycles -= alone->overhead;
  cost.worst -= alone->overhead;
  cost.fails = false;
  return cost;
}

const OperationCost &CostModel::getCost(Operation *op, func::FuncOp func) {
  OperationKey key(op);
  auto [found, isNew] = costs.try_emplace(key.operation);
  if (isNew)
    found->second = measure(op, func, key.engine, key.routine);
  ++(isNew ? numWritten : numKnown);
  return found->second;
}

PlanCost CostModel::getCost(func::FuncOp func) {
  // Methods that cannot do it are no error.
  ScopedDiagnosticHandler quiet(func.getContext(),
                                [](Diagnostic &) { return success(); });
  tensors.clear();
  PlanCost cost;
  std::map<StringRef, int64_t> shared;
  for (Operation &op : func.front()) {
    const OperationCost &own = getCost(&op, func);
    if (getenv("PDKC_DEBUG2")) llvm::errs() << op.getName() << " " << own.words << " w " << own.cycles << " c " << own.worst << "\n";
    cost.fails |= own.fails;
    cost.words += own.words;
    cost.cycles += own.cycles;
    cost.worst += own.worst;
    for (const Emission::Section &section : own.shared)
      shared[section.shared] = section.words;
  }
  for (auto [text, words] : shared)
    cost.words += words;
  return cost;
}
