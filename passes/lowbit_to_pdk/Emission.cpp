//===- Emission.cpp - Writes the program behind a planned model -----------===//

#include "passes/lowbit_to_pdk/Emission.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "passes/pdk/analysis/Interference.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Place;

Emission::Emission(func::FuncOp func, const Target &target)
    : target(target), code([&] {
        OpBuilder builder(func);
        return CodeBuilder(builder, func.getLoc(), func.getSymName(),
                           target.device->name);
      }()),
      functions(code), func(func) {
  if (auto attribute =
          func->getAttrOfType<ArrayAttr>(lowbit::LowbitDialect::kRamAttr))
    ram.append(attribute.getAsRange<lowbit::RamAttr>().begin(),
               attribute.getAsRange<lowbit::RamAttr>().end());
  buffers.resize(ram.size());
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

Cell Emission::getBuffer(int64_t number) {
  Cell &cell = buffers[number];
  if (cell.cells)
    return cell;
  lowbit::RamAttr buffer = ram[number];
  StringRef name = buffer.getName().getValue();
  if (buffer.getExported())
    return cell = code.exportedCells(name, buffer.getSize());
  Value within = buffer.getWithin() < 0 ? Value()
                                        : getBuffer(buffer.getWithin()).cells;
  return cell =
             code.cells(name, buffer.getSize(), buffer.getAlign(), within);
}

Storage Emission::getStorage(Value value) {
  value = getYielded(getOutside(value));
  Storage storage(value);
  lowbit::StorageAttr attribute = lowbit::getStorage(value);
  if (attribute.getPlace() == Place::Buffer)
    storage.cells = getBuffer(attribute.getBuffer()).at(attribute.getAt());
  if (auto found = biases.find(value); found != biases.end())
    storage.bias = RuntimeBias{found->second, attribute.getBiasStep()};
  return storage;
}

void Emission::setBias(Value value, std::optional<Cell> cells) {
  if (cells)
    biases[getYielded(value)] = *cells;
}

bool Emission::isStream(Value value) {
  return lowbit::getStorage(value).getPlace() == Place::Stream;
}

void Emission::begin(const Storage &storage) {
  if (storage.isFresh)
    code.undef(storage.cells);
}

FailureOr<InputSource> Emission::getSource(Operation *layer) {
  Value input = layer->getOperand(0);
  InputSource source;
  source.size = cast<RankedTensorType>(input.getType()).getNumElements();
  source.range = lowbit::getRange(input);
  Value raw = input;
  if (lowbit::getStorage(input).getPlace() == Place::Element) {
    Operation *op = input.getDefiningOp();
    auto preprocessing = getPreprocessing(op);
    if (failed(preprocessing))
      return failure();
    source.preprocessing = std::move(*preprocessing);
    raw = op->getOperand(0);
  }
  if (isStream(raw)) {
    source.stream.emplace(getOutside(raw));
  } else {
    source.stored = getStorage(raw);
    if (source.stored->isPacked()) {
      source.packed.emplace(code, *source.stored);
      source.stored.reset();
    }
  }
  return source;
}

std::string Emission::getSharedRoutine(int64_t number, StringRef stem,
                                       std::function<void()> write) {
  auto [found, isNew] = shared.try_emplace({number, stem.str()});
  if (isNew)
    found->second = {code.unique(stem), std::move(write)};
  return found->second.first;
}

Cell Emission::getSharedCells(int64_t number, StringRef name, int64_t size) {
  auto [found, isNew] = sharedCells.try_emplace({number, name.str()});
  if (isNew)
    found->second = code.cells(name, size);
  return found->second;
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

LogicalResult Emission::emitReturn(func::ReturnOp op) {
  Value result = op.getOperand(0);
  if (lowbit::getStorage(result).getPlace() != Place::Accumulator) {
    Storage value = getStorage(result);
    subtractBias(code, emitBias(code, value), value.cells, value.bytes);
    code(MOV_A_M, value.cells);
    if (value.offset)
      code(SUB_A_K, value.offset);
  }
  code(RET);
  return success();
}

LogicalResult Emission::emit(Operation *op) {
  code.setLoc(op->getLoc());
  if (auto ret = dyn_cast<func::ReturnOp>(op))
    return emitReturn(ret);
  // A group's code is its layer's, with all around it.
  if (auto fused = dyn_cast<lowbit::FusedOp>(op))
    return emit(fused.getLayer());
  const Method *method = MethodRegistry::get(op->getContext()).find(op);
  if (!method)
    return op->emitError("has no lowering to the device");
  return method->emit(op, *this);
}

/// Everything that is to be written has its storage, of a kind that fits.
static LogicalResult checkStorage(func::FuncOp func) {
  auto check = [&](Value value, Operation *at) -> LogicalResult {
    lowbit::StorageAttr storage =
        isa<RankedTensorType>(value.getType()) ? lowbit::getStorage(value)
                                               : lowbit::StorageAttr();
    if (!storage)
      return at->emitError(
          "has no storage yet; see the pass --lowbit-assign-storage");
    Operation *op = value.getDefiningOp();
    bool isInGroup = isa<lowbit::FusedOp>(at->getParentOp());
    bool fits = (storage.getPlace() == Place::Buffer &&
                 func->hasAttr(lowbit::LowbitDialect::kRamAttr)) ||
                (storage.getPlace() == Place::Stream && !op) ||
                (storage.getPlace() == Place::Element && op && isInGroup) ||
                (storage.getPlace() == Place::Accumulator &&
                 isa_and_nonnull<lowbit::ArgmaxOp>(op) &&
                 llvm::all_of(op->getUsers(),
                              llvm::IsaPred<func::ReturnOp>));
    if (!fits)
      return at->emitError("has a result that cannot be stored as ")
             << stringifyPlace(storage.getPlace());
    // Within lowbit.fused its user is known only outside.
    bool isPackedSum = storage.getBits() == 12 &&
                       isa_and_nonnull<lowbit::DenseOp>(getProducer(value)) &&
                       isa_and_nonnull<lowbit::ArgmaxOp>(getOnlyUser(value));
    if (storage.isPacked() && !isPackedSum &&
        !(op && arePacked(op) &&
          llvm::all_of(op->getUsers(), llvm::IsaPred<lowbit::DenseOp>)))
      return at->emitError("has a result that cannot be packed, of ")
             << storage.getBits() << " bits an element";
    return success();
  };
  for (Value argument : func.getArguments())
    if (failed(check(argument, func)))
      return failure();
  return failure(
      func.walk([&](Operation *op) {
            for (Value result : op->getResults())
              if (failed(check(result, op)))
                return WalkResult::interrupt();
            return WalkResult::advance();
          })
          .wasInterrupted());
}

LogicalResult Emission::begin(Operation *alone) {
  if ((!alone && failed(checkStorage(func))) ||
      failed(engines.build(func, target, alone)))
    return failure();
  for (const auto &engine : engines.getAll()) {
    engine->engine->makeCells(code, getBuffer(engine->buffer));
    for (auto [i, layer] : llvm::enumerate(engine->layers))
      setBias(layer.getResult(), engine->engine->getBias(i));
  }
  code.routine((func.getSymName() + "_infer").str(), /*exported=*/true);
  isStreaming = isStream(func.getArgument(0)); // all of them, or none
  return success();
}

void Emission::finish(ArrayRef<Engines::Engine *> used, StringRef engine,
                      const std::map<int64_t, std::string> &texts,
                      llvm::function_ref<void(const std::string &)> mark) {
  for (auto &[key, each] : shared) {
    code.routine(each.first);
    each.second();
    auto text = texts.find(key.first);
    mark(text == texts.end() ? "" : text->second);
  }
  for (Engines::Engine *each : used) {
    each->engine->emitShared(code);
    mark(engine.str());
  }
  for (const auto &write : routines)
    write();
  mark("");
  functions.emitRoutines(mark);
  if (isStreaming)
    code.external(code.getNextInput(),
                  lowbit::getStorage(func.getArgument(0)).getBytes());
}

LogicalResult Emission::run() {
  if (failed(begin()))
    return failure();
  for (Value argument : func.getArguments())
    if (!isStreaming)
      getStorage(argument);
  // Several outputs are known, and sent, in their order.
  auto results = func.front().getTerminator()->getOperands();
  if (results.size() > 2)
    for (Value result : results.drop_front())
      getStorage(result);
  for (Operation &op : func.front())
    if (failed(emit(&op)))
      return failure();
  SmallVector<Engines::Engine *> all;
  for (const auto &engine : engines.getAll())
    all.push_back(engine.get());
  finish(all, "", {}, [](const std::string &) {});
  return success();
}

//===----------------------------------------------------------------------===//
// One operation
//===----------------------------------------------------------------------===//

void Emission::exportCells(Value value, bool isResult) {
  // Operands are needed until they are read.
  auto mark = [](Cell cell, bool isExported) {
    auto cells = cell.cells.getDefiningOp<CellsOp>();
    cells->setAttr(kGivenAttr, UnitAttr::get(cells->getContext()));
    cells.setExported(cells.getExported() || isExported);
  };
  if (lowbit::getStorage(value).getPlace() == Place::Buffer)
    mark(getStorage(value).cells, isResult);
  if (auto found = biases.find(getYielded(getOutside(value)));
      found != biases.end())
    mark(found->second, /*isExported=*/true);
}

FailureOr<Emission::Alone>
Emission::runAlone(Operation *op, StringRef engine,
                   const std::map<int64_t, std::string> &texts) {
  if (failed(begin(op)))
    return failure();
  for (Value value : op->getOperands()) {
    // What it selects from is not written here.
    Value origin = getBiasSource(value);
    if (auto found = biases.find(getYielded(origin)); found != biases.end())
      setBias(value, Cell(found->second));
    exportCells(value, /*isResult=*/false);
  }
  for (Value value : op->getResults())
    exportCells(value, /*isResult=*/true);
  SmallVector<Engines::Engine *> used;
  op->walk([&](lowbit::DenseOp dense) {
    auto [found, layer] = engines.find(dense);
    if (!found)
      return;
    used.push_back(found);
    found->engine->emitStateBefore(code, layer);
  });
  Alone alone;
  int64_t counted = countWords(code.getProgram());
  alone.overhead = counted; // a cycle each
  if (failed(emit(op)))
    return failure();
  if (!isa<func::ReturnOp>(op)) {
    code(RET);
    ++counted;
    alone.overhead += getInstruction(RET).cycles;
  }
  for (auto [number, buffer] : llvm::enumerate(buffers))
    if (buffer.cells)
      buffer.cells.getDefiningOp()->setAttr(
          kBufferNumber,
          IntegerAttr::get(IntegerType::get(op->getContext(), 64), number));
  auto mark = [&](const std::string &shared) {
    int64_t words = countWords(code.getProgram());
    auto *section = llvm::find_if(alone.sections, [&](const Section &each) {
      return each.shared == shared;
    });
    if (section == alone.sections.end())
      section = alone.sections.insert(section, {shared, 0});
    section->words += words - counted;
    counted = words;
  };
  mark("");
  finish(used, engine, texts, mark);
  return alone;
}
