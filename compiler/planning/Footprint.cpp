//===- Footprint.cpp - What of RAM operations need ------------------------===//

#include "compiler/planning/Footprint.h"

#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/pdk/analysis/Interference.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace pdkc;
using lowbit::Place;

/// Buffers that may lie within others may share their bytes: of those that may,
/// the most at a time are needed.
static int64_t sumByRoot(ArrayRef<int64_t> counts, ArrayRef<int64_t> rootOf) {
  SmallVector<int64_t> most(counts.size(), 0);
  for (auto [count, root] : llvm::zip(counts, rootOf))
    most[root] = std::max(most[root], count);
  return std::accumulate(most.begin(), most.end(), int64_t(0));
}

Footprint pdkc::getFootprint(pdk::ProgramOp program,
                             ArrayRef<int64_t> buffers) {
  Footprint result;
  result.reads.resize(buffers.size());
  result.begins.resize(buffers.size());
  // Operands are needed as long as they are read, results as soon as what is
  // written is read here: all else is for those around to say.
  SmallVector<pdk::CellsOp> exported;
  for (auto cells : program.getBody().getOps<pdk::CellsOp>())
    if (cells.getExported())
      exported.push_back(cells);
  for (pdk::CellsOp cells : exported)
    cells.setExported(false);
  ModuleAnalysisManager analyses(program, nullptr);
  auto &liveness = AnalysisManager(analyses).getAnalysis<ProgramLiveness>();
  auto depth = liveness.getFlow().getStackDepth();
  if (liveness.isValid() && succeeded(depth)) {
    result.stack = *depth;
    ArrayRef<pdk::CellsOp> cells = liveness.getCells();
    const llvm::BitVector &atStart =
        liveness.getLiveIn(liveness.getFlow().getEntries().front()).bytes;
    auto interference = computeInterference(liveness);
    if (succeeded(interference)) {
      llvm::BitVector needed = findClique(*interference, cells);
      // p lies below all others.
      for (unsigned byte : needed.set_bits())
        result.bytes +=
            !pdk::CellsOp(cells[liveness.getCellsOfByte(byte)]).isPointerP();
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      pdk::CellsOp each(cells[i]);
      auto number = each->getAttrOfType<IntegerAttr>(kBufferNumber);
      if (!number)
        continue;
      auto *found = llvm::find(buffers, number.getInt());
      if (found == buffers.end())
        continue;
      size_t at = found - buffers.begin();
      result.reads[at].resize(each.getSize());
      result.begins[at].resize(each.getSize());
      for (unsigned byte = 0; byte < result.reads[at].size(); ++byte)
        result.reads[at][byte] = atStart[liveness.getFirstByte(i) + byte];
      program.walk([&](pdk::UndefOp undef) {
        pdk::CellRange range = pdk::getCellRange(undef.getCells());
        if (range.cells == each.getOperation())
          result.begins[at].set(range.offset, range.offset + range.size);
      });
    }
  }
  for (pdk::CellsOp cells : exported)
    cells.setExported(true);
  return result;
}

/// The bytes of its buffer that a tensor takes; none where it lies in none.
static std::optional<std::pair<int64_t, int64_t>> getBytesOf(Value value) {
  lowbit::StorageAttr storage = lowbit::getStorage(value);
  if (storage.getPlace() != Place::Buffer)
    return std::nullopt;
  int64_t count = storage.getSplat()
                      ? 1
                      : cast<RankedTensorType>(value.getType()).getNumElements();
  return std::make_pair(storage.getAt(),
                        storage.getAt() + storage.getBytesOf(count));
}

SmallVector<int64_t> pdkc::getBytes(ArrayRef<FootprintUse> uses,
                                    bool isFirmware, int64_t reserve) {
  auto func = uses.front().op->getParentOfType<func::FuncOp>();
  SmallVector<lowbit::RamAttr> ram(
      func->getAttrOfType<ArrayAttr>(lowbit::LowbitDialect::kRamAttr)
          .getAsRange<lowbit::RamAttr>());
  SmallVector<int64_t> rootOf;
  SmallVector<llvm::BitVector, 8> live;
  for (auto [i, buffer] : llvm::enumerate(ram)) {
    int64_t root = i;
    while (ram[root].getWithin() >= 0)
      root = ram[root].getWithin();
    rootOf.push_back(root);
    // What C fills or takes stays.
    live.emplace_back(buffer.getSize(), buffer.getExported());
  }
  auto countLive = [&](ArrayRef<bool> isLeftOut) {
    SmallVector<int64_t> counts;
    for (auto [bytes, root] : llvm::zip(live, rootOf))
      counts.push_back(isLeftOut[root] ? 0 : bytes.count());
    return sumByRoot(counts, rootOf);
  };
  // Above p, the cells and the bytes of C comes the stack, from an even address
  // on, with the call of the module.
  auto getTop = [&](int64_t bytes, int64_t stack) -> int64_t {
    if (isFirmware)
      return bytes + stack;
    return llvm::alignTo(2 + bytes + 2 + reserve, 2) + 2 + stack;
  };
  SmallVector<int64_t> needed(uses.size());
  for (auto [use, most] : llvm::reverse(llvm::zip_equal(uses, needed))) {
    const Footprint &footprint = *use.footprint;
    SmallVector<bool> isTouched(ram.size(), false);
    for (auto [number, reads] : llvm::zip(use.buffers, footprint.reads))
      if (!reads.empty())
        isTouched[rootOf[number]] = true;
    int64_t behind = countLive(SmallVector<bool>(ram.size(), false));
    most = getTop(std::max(behind, footprint.bytes + countLive(isTouched)),
                  footprint.stack);
    for (Value result : use.op->getResults())
      if (auto bytes = getBytesOf(result))
        live[lowbit::getStorage(result).getBuffer()].reset(bytes->first,
                                                           bytes->second);
    for (auto [number, begins] : llvm::zip(use.buffers, footprint.begins))
      live[number].reset(begins);
    // Pointers may read all of a buffer; only what is the operand's is there.
    for (Value operand : use.op->getOperands())
      if (auto bytes = getBytesOf(operand)) {
        int64_t number = lowbit::getStorage(operand).getBuffer();
        const llvm::BitVector &reads =
            footprint.reads[llvm::find(use.buffers, number) -
                            use.buffers.begin()];
        for (int64_t at = bytes->first; at < bytes->second; ++at)
          if (!reads.empty() && reads[at])
            live[number].set(at);
      }
  }
  return needed;
}
