//===- PackedPairs.cpp - Busy inputs in straight-line code, two by two ----===//
//
// An input that is skipped for few samples is no use in a loop: with another
// one it takes half as long, for about six times the words. What two inputs add
// to a row's sum is a byte, biased like a product of one: the pair counts as
// one more pass.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/PackedEngine.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

const PackedLayer::Pair *PackedLayer::findPair(int64_t input) const {
  const auto *found = llvm::find_if(
      pairs, [&](const Pair &pair) { return pair.first == input; });
  return found == pairs.end() ? nullptr : found;
}

/// Whether what a row gets of the two inputs is a byte, with 128 on top.
static bool isPairOfBytes(const PackedLayer &layer, int64_t first) {
  return llvm::all_of(llvm::seq<int64_t>(0, layer.rows), [&](int64_t row) {
    int64_t least = 0, most = 0;
    for (int64_t input : {first, first + 1}) {
      int64_t weight = layer.getWeight(row, input);
      auto [low, high] = std::minmax(
          {weight * layer.inputRange.min, weight * layer.inputRange.max});
      least += low;
      most += high;
    }
    return least >= -128 && most <= 127;
  });
}

bool PackedLayer::arePairsValid() const {
  int64_t behind = 0;
  // The background comes before all others.
  if (hasBackground)
    while (behind < inputs && !reads[behind++])
      ;
  for (const Pair &pair : pairs) {
    if (pair.first < behind || pair.first + 1 >= inputs)
      return false;
    behind = pair.first + 2;
    auto isAlike = [&](int64_t input) {
      return reads[input] &&
             (kinds.empty() || kinds[input] == kinds[pair.first]);
    };
    if (!isAlike(pair.first) || !isAlike(pair.first + 1) ||
        !isPairOfBytes(*this, pair.first))
      return false;
  }
  return true;
}

void PackedEngine::emitPair(CodeBuilder &code, const PackedLayer &layer,
                            const PackedLayer::Pair &pair,
                            llvm::function_ref<void(int64_t)> take) {
  const PairWalk &walk = pair.walk;
  Cell once[2], twice[2];
  for (unsigned i : {0, 1}) {
    once[i] = code.cells("pair_" + Twine(i), 1);
    take(pair.first + i);
    code(MOV_M_A, once[i]);
  }
  for (unsigned i : {1, 0}) {
    if (!walk.needsDouble[i])
      continue;
    twice[i] = code.cells("pair_twice_" + Twine(i), 1);
    if (i == 0)
      code(MOV_A_M, once[0]);
    code(SL_A);
    code(MOV_M_A, twice[i]);
  }
  code(ADD_A_K, 128);
  Cell sums = accumulators.at(getFirstRow(layer) * bytes);
  for (const PairStep &step : walk.steps) {
    const Cell &cell = (step.isDouble ? twice : once)[step.input];
    switch (step.kind) {
    case PairStep::Add:
      code(ADD_A_M, cell);
      break;
    case PairStep::Subtract:
      code(SUB_A_M, cell);
      break;
    case PairStep::Negate:
      code(NEG_A); // keeps 128 in place
      break;
    case PairStep::Tap:
      code(ADD_M_A, sums.at(step.row * bytes));
      for (int64_t byte = 1; byte < bytes; ++byte)
        code(ADDC_M, sums.at(step.row * bytes + byte));
      break;
    }
  }
}

//===----------------------------------------------------------------------===//
// Which inputs
//===----------------------------------------------------------------------===//

/// Passes that the background takes, with these pairs; more than any where
/// there are no digits.
static int64_t getBackgroundPasses(PackedLayer layer, ArrayRef<int64_t> chosen,
                                   ArrayRef<int64_t> codebook) {
  for (int64_t first : chosen)
    layer.pairs.push_back({first, {}});
  return layer.findBackground(codebook) ? layer.digits.size() : 8;
}

SmallVector<int64_t> pdkc::choosePairs(const PackedLayer &layer,
                                       ArrayRef<int64_t> codebook,
                                       ArrayRef<int64_t> busy, int64_t count) {
  // Thousandths of a pass, roughly: what passes of both inputs take less what
  // the pair takes. That two pairs are neighbours saves a loop's words.
  constexpr int64_t kPass = 1000, kPair = 400, kLoop = 600;
  // More candidates than this are no longer tried in all combinations.
  constexpr size_t kMostCandidates = 12;
  SmallVector<std::pair<int64_t, int64_t>> candidates; // gain, first
  int64_t firstRead = llvm::find(layer.reads, true) - layer.reads.begin();
  for (int64_t first = firstRead + layer.hasBackground;
       first + 1 < layer.inputs; ++first) {
    PackedLayer alone = layer;
    alone.pairs.push_back({first, {}});
    if (alone.arePairsValid())
      candidates.push_back({busy[first] + busy[first + 1] - kPair, first});
  }
  llvm::stable_sort(candidates,
                    [](auto a, auto b) { return a.first > b.first; });
  candidates.truncate(std::min(candidates.size(), kMostCandidates));
  llvm::sort(candidates, [](auto a, auto b) { return a.second < b.second; });
  SmallVector<int64_t> chosen, best;
  int64_t bestGain = INT64_MIN;
  auto choose = [&](auto &&self, size_t next, int64_t gain) -> void {
    if (int64_t(chosen.size()) == count) {
      if (layer.hasBackground)
        gain -= kPass * getBackgroundPasses(layer, chosen, codebook);
      if (gain > bestGain) {
        bestGain = gain;
        best = chosen;
      }
      return;
    }
    for (size_t i = next; i < candidates.size(); ++i) {
      auto [own, first] = candidates[i];
      if (!chosen.empty() && first < chosen.back() + 2)
        continue;
      bool isNeighbour = !chosen.empty() && first == chosen.back() + 2;
      chosen.push_back(first);
      self(self, i + 1, gain + own + (isNeighbour ? kLoop : 0));
      chosen.pop_back();
    }
  };
  choose(choose, 0, 0);
  return best;
}
