//===- PackedEngine.cpp - Layers over packed weight tables ----------------===//

#include "passes/lowbit_to_pdk/methods/PackedEngine.h"

#include "passes/lowbit_to_pdk/support/Multiples.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Pieces that an input may be taken in. Products of more than about four cost
/// more than a multiplication; none is smaller beyond this.
static constexpr int64_t kMostPieces = 8;

//===----------------------------------------------------------------------===//
// Which layers, which decoding
//===----------------------------------------------------------------------===//

std::unique_ptr<PackedEngine> PackedEngine::create(ArrayRef<PackedLayer> given,
                                                   WeightCodes codes) {
  auto result = std::make_unique<PackedEngine>();
  PackedEngine &engine = *result;
  engine.layers.assign(given.begin(), given.end());
  MutableArrayRef<PackedLayer> layers = engine.layers;
  // One codebook for all: the weights that inputs which are read really have.
  llvm::SmallSetVector<int64_t, 16> distinct;
  int64_t entries = 0, calls = 0;
  for (PackedLayer &layer : layers) {
    for (int64_t row = 0; row < layer.rows; ++row)
      for (int64_t input = 0; input < layer.inputs; ++input)
        if (layer.reads[input])
          distinct.insert(layer.getWeight(row, input));
    engine.rows = std::max(engine.rows, layer.rows);
    engine.isUnrolled |= layer.isUnrolled;
    engine.bytes = std::max(engine.bytes, layer.bytes);
    if (!layer.isSigned())
      engine.maxInput = std::max(engine.maxInput, layer.inputRange.max);
    // A stretch of inputs that are read is one loop with one call of the pass.
    for (Stretch stretch : layer.getStretches())
      calls += stretch.isRead;
  }
  SmallVector<int64_t> codebook = distinct.takeVector();
  llvm::sort(codebook);
  if (codebook.empty())
    return nullptr;
  for (PackedLayer &layer : layers) {
    if (!layer.arePairsValid() ||
        (layer.hasBackground && !layer.findBackground(codebook)))
      return nullptr;
    // A loop before a pair, and one behind it.
    calls += layer.pairs.size();
    // Each digit's pass is another call.
    calls += layer.hasBackground;
    entries += layer.getNumEntries();
  }
  if (entries > 255)
    return nullptr;
  std::optional<WeightDecode> decode =
      codes == WeightCodes::Digits     ? findRadixDecode(codebook)
      : codes == WeightCodes::Relative ? findRelativeDecode(codebook)
                                       : findDecode(codebook);
  if (!decode)
    return nullptr;
  engine.decode = *decode;
  engine.maxPiece = decode->getMaxInput(codebook);
  if (engine.maxPiece == 0 || engine.maxInput > kMostPieces * engine.maxPiece)
    return nullptr;
  engine.isShared = calls > 1;
  // A negative weight makes the lowest input the highest product.
  auto fits = [&](const PackedLayer &layer) {
    return llvm::all_of(codebook, [&](int64_t weight) {
      auto isByte = [&](int64_t input) {
        return weight * input >= -128 && weight * input <= 127;
      };
      return isByte(layer.inputRange.min) && isByte(layer.inputRange.max);
    });
  };
  for (const PackedLayer &layer : layers)
    if (layer.isSigned() && (decode->bias != 128 || !fits(layer)))
      return nullptr;
    else if ((layer.hasBackground || !layer.pairs.empty()) &&
             !engine.countsInByte())
      return nullptr;

  // Layers with more rows come first in the tables: then no table has a hole.
  // The very first one's loop counts down to 0. Of layers that are alike in
  // this one ends where the next begins.
  auto order =
      llvm::to_vector(llvm::reverse(llvm::seq<size_t>(0, layers.size())));
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return std::make_pair(layers[a].rows, layers[a].getNumEntries()) >
           std::make_pair(layers[b].rows, layers[b].getNumEntries());
  });
  int64_t next = 1;
  for (size_t index : order) {
    layers[index].firstEntry = next;
    next += layers[index].getNumEntries();
  }
  return result;
}

int64_t PackedEngine::getOwnPasses(const PackedLayer &layer) const {
  return layer.getNumEntries() * getMaxPieces(layer) +
         int64_t(layer.pairs.size());
}

/// Whether one byte counts the passes; else the bias itself is summed up.
bool PackedEngine::countsInByte() const {
  return decode.bias == 128 && llvm::all_of(layers, [&](const auto &layer) {
           return getMaxPasses(layer) <= 255;
         });
}

/// Of the layer and those that it adds to.
int64_t PackedEngine::getMaxPasses(const PackedLayer &layer) const {
  return sumUp<PackedLayer>(layers, layer, [&](const PackedLayer &each) {
    return getOwnPasses(each);
  });
}

DenseEngine::Sums PackedEngine::getSums(size_t layer) const {
  return {getFirstRow(layers[layer]) * bytes, bytes,
          decode.bias * getMaxPasses(layers[layer]),
          decode.bias && countsInByte() ? 128 : 0};
}

void PackedEngine::makeCells(CodeBuilder &code, Cell arena) {
  accumulators = arena;
  entry = code.cells("entry", 1);
  weights[0] = weights[1] = code.cells("w", 1);
  // Codes that straddle two bytes need both at hand; relative ones are fetched
  // two bytes at a time, for one move of what A holds.
  if (decode.radix) {
    digit = code.cells("digit", 1);
    digitName = code.unique("digit");
  } else if (8 % decode.getBits() != 0 ||
             (decode.isRelative && getNumTables() > 1)) {
    weights[1] = code.cells("w_odd", 1);
  }
  if (maxInput > maxPiece)
    remaining = code.cells("x", 1);
  if (decode.bias)
    passes = code.cells("passes", countsInByte() ? 1 : bytes);
  if (llvm::any_of(layers, [](auto &layer) { return layer.hasBackground; }))
    background = code.cells("background", 1);
  for (auto [i, multiple] : llvm::enumerate(decode.multiples)) {
    // What A holds for a relative code waits where the code will be.
    bool waits = decode.isRelative && i == decode.first;
    multiples.push_back(
        waits ? weights[1]
              : code.cells("x_times_" + Twine(multiple.coefficient), 1));
  }
  passName = code.unique("pass");
  for (const PackedLayer &layer : layers) {
    int64_t row = getEntryRow(layer);
    if (row != 0 && !rowNames.contains(row))
      rowNames[row] = code.unique("row");
  }
  piecePassNames[0] = code.unique("pass_piece");
  for (auto &[row, name] : rowNames)
    if (isUnrolled && isShared)
      piecePassNames[row] = code.unique("pass_from_" + std::to_string(row));
  if (llvm::count_if(layers, startsAtZero) > 1)
    clearName = code.unique("clear_acc");
  for (int64_t table = 0; table < getNumTables(); ++table)
    tableNames.push_back(code.unique("weights"));
}

//===----------------------------------------------------------------------===//
// A layer
//===----------------------------------------------------------------------===//

bool PackedEngine::startsAtZero(const PackedLayer &layer) {
  return llvm::all_of(llvm::seq<int64_t>(0, layer.rows), [&](int64_t row) {
    return layer.bias[row] + layer.offset == 0;
  });
}

/// All accumulators to zero.
void PackedEngine::emitClear(CodeBuilder &code) {
  if (isUnrolled) {
    for (int64_t byte = 0; byte < rows * bytes; ++byte)
      code(CLEAR_M, accumulators.at(byte));
    return;
  }
  Cell p = code.pointerP();
  std::string loop = code.unique("clear");
  code.addressOf(MOV_A_K, accumulators);
  code(MOV_M_A, p);
  code.label(loop, rows * bytes);
  code(MOV_A_K, 0);
  code.indirect(IDXM_M_A, p, accumulators);
  code(INC_M, p);
  code(MOV_A_M, p);
  code.addressOf(CEQSN_A_K, accumulators.at(rows * bytes));
  code(GOTO_K, loop);
}

void PackedEngine::clearPasses(CodeBuilder &code) {
  for (int64_t byte = 0; byte < (countsInByte() ? 1 : bytes); ++byte)
    code(CLEAR_M, passes.at(byte));
}

/// Accumulators to bias + offset, each distinct byte loaded once.
void PackedEngine::initialise(CodeBuilder &code, const PackedLayer &layer) {
  if (!layer.accumulates)
    code.undef(accumulators);
  bool isCleared = !layer.accumulates && startsAtZero(layer) &&
                   rows * bytes > 8; // the loop that clears is 8 words
  if (isCleared && clearName.empty())
    emitClear(code);
  else if (isCleared)
    code(CALL_K, clearName); // the passes, too
  if (decode.bias && layer.addsTo < 0) {
    if (!layer.pairs.empty()) {
      // Each is a pass, whatever the inputs.
      code(MOV_A_K, layer.pairs.size());
      code(MOV_M_A, passes);
    } else if (!isCleared || clearName.empty()) {
      clearPasses(code);
    }
  }
  if (layer.accumulates || isCleared)
    return;
  llvm::SmallMapVector<unsigned, SmallVector<Cell>, 8> cellsOf;
  Cell first = accumulators.at(getFirstRow(layer) * bytes);
  for (int64_t byte = getEntryRow(layer) * bytes;
       byte < getFirstRow(layer) * bytes; ++byte)
    code(CLEAR_M, accumulators.at(byte));
  for (int64_t row = 0; row < layer.rows; ++row)
    for (int64_t byte = 0; byte < bytes; ++byte)
      cellsOf[uint8_t((layer.bias[row] + layer.offset) >> (8 * byte))]
          .push_back(first.at(row * bytes + byte));
  for (auto &[value, cells] : cellsOf) {
    if (value != 0)
      code(MOV_A_K, value);
    for (Cell cell : cells)
      value == 0 ? code(CLEAR_M, cell) : code(MOV_M_A, cell);
  }
}

void PackedEngine::emitBegin(CodeBuilder &code, size_t index) {
  initialise(code, layers[index]);
  if (!continues(index))
    setEntry(code, layers[index]);
}

void PackedEngine::setEntry(CodeBuilder &code, const PackedLayer &layer) {
  code(MOV_A_K, layer.getLastEntry());
  code(MOV_M_A, entry);
}

/// Whether the layer's entries are those behind which the one before it ends.
bool PackedEngine::continues(size_t index) const {
  return index > 0 &&
         layers[index - 1].firstEntry == layers[index].getLastEntry() + 1;
}

void PackedEngine::emitStateBefore(CodeBuilder &code, size_t index) {
  if (continues(index))
    setEntry(code, layers[index]);
}

std::function<void()> PackedEngine::emitPassOf(CodeBuilder &code,
                                               const PackedLayer &layer) {
  int64_t pieces = getMaxPieces(layer);
  if (!isShared) {
    std::string next = code.unique("next_input");
    emitPass(code, [&] { code(GOTO_K, next); });
    code.label(next);
    return {};
  }
  if (pieces > 1 && takesPieces()) {
    code.call(passName, pieces);
    return {};
  }
  auto found = piecePassNames.find(getEntryRow(layer));
  std::string name =
      found == piecePassNames.end() ? piecePassNames[0] : found->second;
  if (pieces == 1) {
    // A difference has set the flag.
    if (layer.hasBackground)
      code.skipIfFlag(kZeroFlag, true);
    else
      code(CEQSN_A_K, 0);
    code.call(name, 1);
    return {};
  }
  std::string again = code.unique("piece"), large = code.unique("large");
  code.label(again, pieces);
  code(SUB_A_K, maxPiece + 1);
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, large);
  code(ADD_A_K, maxPiece + 1); // sets Z
  code.skipIfFlag(kZeroFlag, true);
  code.call(name, 1);
  return [this, &code, again, large, name] {
    code.label(large);
    code(ADD_A_K, 1);
    code(MOV_M_A, remaining);
    code(MOV_A_K, maxPiece);
    code.call(name, 1);
    code(MOV_A_M, remaining);
    code(GOTO_K, again);
  };
}

void PackedEngine::emitNextInput(CodeBuilder &code, size_t index) {
  if (auto rest = emitPassOf(code, layers[index])) {
    std::string next = code.unique("next_input");
    code(GOTO_K, next);
    rest();
    code.label(next);
  }
  code(DEC_M, entry);
}

/// Inputs that a loop takes each turn, of so many.
static int64_t getInputsOfTurn(int64_t inputs) {
  for (int64_t each : {2, 3})
    if (inputs % each == 0)
      return each;
  return 1;
}

void PackedEngine::emitInputs(CodeBuilder &code, size_t index,
                              const InputSource &source) {
  const PackedLayer &layer = layers[index];
  Cell p = code.pointerP();
  SmallVector<Stretch> stretches = layer.getStretches();
  // A turn is short where a pass is a call of one piece from a stream.
  bool takesSeveral = isUnrolled && isShared && source.stream &&
                      !source.preprocessing && getMaxPieces(layer) == 1;
  int64_t places = 0;
  for (const Stretch &stretch : stretches)
    places += stretch.isRead;
  source.begin(code, places);

  int64_t lastEntry = layer.getLastEntry() - int64_t(layer.digits.size());
  bool pointerIsSet = false, needsBackground = layer.hasBackground;
  for (auto [input, end, isRead] : stretches) {
    if (!isRead) {
      if (source.isSequential())
        source.discard(code, end - input);
      pointerIsSet = false;
      continue;
    }
    source.seek(input);
    if (!source.isSequential() && !pointerIsSet) {
      code.addressOf(MOV_A_K, source.stored->element(input));
      code(MOV_M_A, p);
      pointerIsSet = true;
    }
    auto take = [&](int64_t input) {
      if (source.isSequential()) {
        source.take(code, input);
      } else {
        code.indirect(IDXM_A_M, p, source.stored->cells);
        source.preprocess(code, input);
      }
    };
    auto step = [&] {
      if (!source.isSequential())
        code(INC_M, p);
    };
    if (needsBackground) {
      take(input++);
      emitBackground(code, layer);
      step();
      needsBackground = false;
    }
    while (input < end) {
      if (const PackedLayer::Pair *pair = layer.findPair(input)) {
        emitPair(code, layer, *pair, [&](int64_t input) {
          take(input);
          step();
        });
        input += 2;
        continue;
      }
      int64_t behind = input;
      while (behind < end && !layer.findPair(behind))
        ++behind;
      int64_t each = takesSeveral ? getInputsOfTurn(behind - input) : 1;
      int64_t turns = (behind - input) / each;
      lastEntry -= behind - input;
      std::string loop = code.unique("inputs");
      if (turns > 1)
        code.label(loop, turns);
      std::function<void()> rest;
      for (int64_t i = 0; i < each; ++i) {
        if (i > 0)
          code(DEC_M, entry);
        take(input);
        if (layer.hasBackground)
          code(SUB_A_M, background);
        rest = emitPassOf(code, layer);
        step();
      }
      if (turns > 1 && lastEntry == 0) {
        code(DZSN_M, entry);
        code(GOTO_K, loop);
      } else {
        code(DEC_M, entry);
        if (turns > 1) {
          code(MOV_A_M, entry);
          code(CEQSN_A_K, lastEntry);
          code(GOTO_K, loop);
        }
      }
      if (rest) {
        std::string done = code.unique("done");
        code(GOTO_K, done);
        rest();
        code.label(done);
      }
      input = behind;
    }
  }
}

std::optional<Cell> PackedEngine::getBias(size_t) const {
  return decode.bias ? std::optional(passes) : std::nullopt;
}
