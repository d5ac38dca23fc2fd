//===- SerialLoop.cpp - Dense layers in one loop, weight by weight --------===//

#include "passes/lowbit_to_pdk/methods/SerialLoop.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

//===----------------------------------------------------------------------===//
// Codes and places
//===----------------------------------------------------------------------===//

std::optional<SerialCode> pdkc::findSerialCode(ArrayRef<int64_t> weights) {
  SerialCode code;
  int64_t most = 0;
  code.least = 1;
  for (int64_t weight : weights) {
    code.isSigned |= weight < 0;
    code.least = std::min(code.least, std::abs(weight));
    most = std::max(most, std::abs(weight));
  }
  // A weight that is always the same has a bit all the same.
  if (most == code.least && !code.isSigned)
    code.least = 0;
  code.countBits =
      llvm::Log2_64_Ceil(std::max(most, int64_t(1)) - code.least + 1);
  return most <= 63 ? std::optional(code) : std::nullopt;
}

SmallVector<lowbit::DenseOp> pdkc::getSerialLayers(lowbit::DenseOp dense) {
  auto fused = dyn_cast<lowbit::FusedOp>(dense->getParentOp());
  if (!fused)
    return {dense};
  auto ops = fused.getBody().front().getOps<lowbit::DenseOp>();
  return SmallVector<lowbit::DenseOp>(ops.begin(), ops.end());
}

static int64_t getMostRows(ArrayRef<lowbit::DenseOp> layers) {
  int64_t most = 0;
  for (lowbit::DenseOp layer : layers)
    most = std::max(most, layer.getNumRows());
  return most;
}

int64_t pdkc::getSerialArena(ArrayRef<lowbit::DenseOp> layers) {
  int64_t inputs = 0;
  for (lowbit::DenseOp layer : layers.drop_front())
    inputs = std::max(inputs, layer.getNumInputs());
  return llvm::alignTo(inputs, 2) + 2 * getMostRows(layers);
}

int64_t pdkc::getSerialSums(ArrayRef<lowbit::DenseOp> layers, int64_t rows) {
  return getSerialArena(layers) - 2 * rows;
}

/// Goes on with the loop unless the pointer has come to the end. Destroys A.
static void emitUntil(CodeBuilder &code, Cell pointer, Cell end,
                      StringRef loop) {
  code(MOV_A_M, pointer);
  code.addressOf(CEQSN_A_K, end);
  code(GOTO_K, loop);
}

/// A = the result of a sum of two bytes, the low one in A and the high one in
/// `value`'s; in few words where results are all numbers of some bits.
static void emitRequantOfA(CodeBuilder &code, const Storage &sums, Cell value,
                           Requantisation requant) {
  assert(sums.bytes == 2);
  Cell high = value.at(1);
  int64_t max = requant.max - requant.min, shift = requant.shift;
  int64_t largest = std::max<int64_t>(sums.range.max, 0) >> shift;
  bool mayExceed = largest > max;
  // The high byte is 0 where the result is not clamped once the sum is shifted
  // by `up`; it is `down` more to the result.
  int64_t bits =
      mayExceed ? llvm::Log2_64_Ceil(max + 1)
                : std::max<int64_t>(llvm::Log2_64_Ceil(largest + 1), 8 - shift);
  int64_t down = 8 - bits, up = shift - down;
  if ((mayExceed && !llvm::isPowerOf2_64(max + 1)) ||
      requant.ties != lowbit::Ties::Up || up < 0 || up > 6 ||
      sums.range.min < -(1 << 15) + (int64_t(2) << (8 + up))) {
    code(MOV_M_A, value);
    emitRequantOfOne(code, sums, value, requant);
    return;
  }
  for (int64_t i = 0; i < up; ++i) {
    code(SR_M, high);
    code(SRC_A);
  }
  bool mayBeNegative = sums.range.min < 0;
  if (mayExceed || mayBeNegative) {
    // Sets Z; and negated, what is above is told from what is below by the bit
    // that was the sign.
    code(NEG_M, high);
    code.skipIfFlag(kZeroFlag, true);
    code(MOV_A_K, mayBeNegative ? 0 : 255);
    if (mayExceed && mayBeNegative) {
      code(T0SN_MBIT, high, 7 - up);
      code(MOV_A_K, 255);
    }
  }
  for (int64_t i = 0; i < down; ++i)
    code(SR_A);
  if (requant.min != 0)
    code(ADD_A_K, requant.min);
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

namespace {
class SerialLoop {
public:
  SerialLoop(ArrayRef<lowbit::DenseOp> layers, const InputSource &source,
             Emission &emission);
  void run();
  void emitTables() { stream.emitShared(code); }

private:
  lowbit::DenseOp getFrontLayer() const { return layers.front(); }
  lowbit::DenseOp getLastLayer() const { return layers.back(); }
  bool hasLater() const { return layers.size() > 1; }
  bool isStreamed() const { return source.isSequential(); }
  /// Where the first sum's address changes from layer to layer.
  bool variesFirst() const { return bool(first.cells); }
  Cell getFirst(lowbit::DenseOp layer) {
    return arena.at(getSerialSums(layers, layer.getNumRows()));
  }
  int64_t getStart(lowbit::DenseOp layer, int64_t row);
  void findStarts();
  void fillStream();

  void emitBegin();
  void emitResults();
  void emitRequant(Cell value);
  void emitStarts();
  void emitFetch();
  void emitWeight();
  void emitAddition();
  void pointToFirst();

  ArrayRef<lowbit::DenseOp> layers;
  const InputSource &source;
  CodeBuilder &code;
  SerialCode form;
  /// Whether inputs with their signs take two bytes.
  bool isWide = false;
  lowbit::RequantOp requant; ///< between all layers; null where there is one
  WeightStream stream;
  /// The bytes that all sums start with, in turn; empty where rows differ.
  SmallVector<uint8_t> starts;

  Cell arena, p, input, first, from;
  Cell end;   ///< of a layer's stored inputs, where that changes
  Cell later; ///< a bit of it says whether it is the first layer's turn no more
  unsigned laterBit = 0;
  bool isLaterSet = true; ///< or its opposite
  Cell left;              ///< layers
  Cell additions;
};
} // namespace

/// What the row's sum starts at, as it is stored.
int64_t SerialLoop::getStart(lowbit::DenseOp layer, int64_t row) {
  // Inner layers' formats are not kept in types.
  auto format = StorageAssignment::getSumFormat(layer.getResult());
  assert(succeeded(format) && "was assigned");
  return layer.getBias()[row] - format->getBase();
}

SerialLoop::SerialLoop(ArrayRef<lowbit::DenseOp> layers,
                       const InputSource &source, Emission &emission)
    : layers(layers), source(source), code(emission.code) {
  SmallVector<int64_t> weights;
  bool isVarying = false;
  for (lowbit::DenseOp layer : layers) {
    llvm::append_range(weights, layer.getWeights());
    isVarying |= layer.getNumRows() != getFrontLayer().getNumRows();
  }
  form = *findSerialCode(weights);
  isWide = form.isSigned && llvm::any_of(layers, [](lowbit::DenseOp layer) {
             return lowbit::getRange(layer.getInput()).max > 127;
           });
  Storage sums = emission.getStorage(getLastLayer().getResult());
  emission.begin(sums);
  arena = {sums.cells.cells, 0};
  p = code.pointerP();
  input = code.cells("x", isWide ? 2 : 1);
  if (hasLater()) {
    requant =
        cast<lowbit::RequantOp>(getLastLayer().getInput().getDefiningOp());
    from = code.cells("from", 2, 2);
  } else {
    from =
        isStreamed() ? code.cells("inputs_left", 1) : code.cells("from", 2, 2);
  }
  if (isVarying)
    first = code.cells("first", 1);
  if (hasLater()) {
    // A pointer that is not used yet has a byte to spare.
    later = isStreamed() ? from.at(1) : code.cells("later", 1);
    isLaterSet = !isStreamed();
    if (isStreamed())
      laterBit = llvm::countr_zero(uint64_t(getFrontLayer().getNumInputs()));
    else
      end = code.cells("end", 1);
    int64_t rows = getLastLayer().getNumRows();
    if (llvm::any_of(layers.drop_back(), [&](lowbit::DenseOp layer) {
          return layer.getNumRows() == rows;
        }))
      left = code.cells("layers_left", 1);
  }
  if (form.countBits > 1)
    additions = code.cells("additions", 1);
  findStarts();
  WeightStream::Format format;
  format.bits = form.getBits();
  format.wordBits = emission.target.getTableBits();
  format.hasBits = true;
  format.sharesBytes = isVarying || starts.empty();
  stream = WeightStream(format);
  fillStream();
  stream.makeCells(code, "weights", /*countsCodes=*/false);
}

void SerialLoop::findStarts() {
  std::optional<int64_t> common;
  for (lowbit::DenseOp layer : layers)
    for (int64_t row = 0; row < layer.getNumRows(); ++row) {
      int64_t start = getStart(layer, row) & 0xffff;
      if (common.value_or(start) != start)
        return;
      common = start;
    }
  starts.push_back(*common & 255);
  if (*common >> 8 != (*common & 255))
    starts.push_back(*common >> 8);
}

void SerialLoop::fillStream() {
  for (lowbit::DenseOp layer : layers) {
    int64_t rows = layer.getNumRows(), inputs = layer.getNumInputs();
    if (variesFirst())
      stream.appendByte(2 * (getMostRows(layers) - rows));
    for (int64_t row = 0; starts.empty() && row < rows; ++row)
      for (int64_t byte = 0; byte < 2; ++byte)
        stream.appendByte(getStart(layer, row) >> (8 * byte));
    SmallVector<int64_t> weights = layer.getWeights();
    // The pointer comes down over stored inputs; but results go the other way.
    bool isReversed = layer == layers.front() && !isStreamed();
    for (int64_t i = 0; i < inputs; ++i) {
      bool isNegative = false;
      for (int64_t row = 0; row < rows; ++row) {
        int64_t weight =
            weights[row * inputs + (isReversed ? inputs - 1 - i : i)];
        unsigned bits = 0;
        bool changes = weight != 0 && isNegative != (weight < 0);
        isNegative ^= changes;
        // From the lowest bit up, in which the number's highest comes first.
        int64_t more = std::abs(weight) - form.least;
        for (unsigned bit = 0; bit < form.countBits; ++bit)
          bits |= (more >> (form.countBits - 1 - bit) & 1) << bit;
        stream.append(form.isSigned ? bits << 1 | changes : bits);
      }
    }
  }
}

void SerialLoop::run() {
  std::string layer = code.unique("layer"), inputs = code.unique("input"),
              results = code.unique("results");
  emitBegin();
  if (hasLater()) {
    code(GOTO_K, layer);
    code.label(results);
    emitResults();
    code.label(layer, layers.size());
  }
  emitStarts();
  int64_t most = 0;
  for (lowbit::DenseOp each : layers)
    most = std::max(most, each.getNumInputs());
  code.label(inputs, most);
  emitFetch();
  pointToFirst();
  std::string row = code.unique("row");
  code.label(row, getMostRows(layers));
  emitWeight();
  emitUntil(code, p, arena.at(getSerialArena(layers)), row);
  if (!hasLater() && isStreamed()) {
    code(DZSN_M, from);
    code(GOTO_K, inputs);
  } else if (end.cells) {
    code(MOV_A_M, from);
    code(CEQSN_A_M, end);
    code(GOTO_K, inputs);
  } else {
    emitUntil(code, from, hasLater() ? arena : source.stored->cells, inputs);
  }
  if (left.cells) {
    code(DZSN_M, left);
    code(GOTO_K, results);
  } else if (hasLater()) {
    emitUntil(code, first, getFirst(layers.back()), results);
  }
}

void SerialLoop::emitBegin() {
  stream.begin(code);
  stream.beginBits(code);
  source.begin(code, /*places=*/1);
  source.seek(0);
  int64_t inputs = getFrontLayer().getNumInputs();
  if (left.cells) {
    code(MOV_A_K, layers.size());
    code(MOV_M_A, left);
  }
  if (!hasLater() && isStreamed()) {
    code(MOV_A_K, inputs);
    code(MOV_M_A, from);
    return;
  }
  if (isStreamed()) {
    // What the stream goes on with is no address yet; a bit of the number of
    // inputs says so.
    code(MOV_A_K, inputs);
    code(MOV_M_A, later);
    code.addressOf(ADD_A_K, arena);
  } else {
    code.addressOf(MOV_A_K, source.stored->cells);
    code(CLEAR_M, from.at(1));
    if (hasLater()) {
      code(CLEAR_M, later);
      code(MOV_M_A, end);
    }
    code(ADD_A_K, inputs);
  }
  code(MOV_M_A, from);
}

/// Sums to results: p comes down from the arena's end, the pointer is at its
/// beginning.
void SerialLoop::emitResults() {
  if (isStreamed()) {
    code(CLEAR_M, later);
  } else {
    code.addressOf(MOV_A_K, arena);
    code(MOV_M_A, from);
    code(MOV_M_A, end);
    code(SET1_MBIT, later, laterBit);
  }
  std::string loop = code.unique("result");
  code.label(loop, getMostRows(layers));
  Cell value = code.cells("value", 2);
  code(DEC_M, p);
  code.indirect(IDXM_A_M, p, arena);
  code(MOV_M_A, value.at(1));
  code(DEC_M, p);
  code.indirect(IDXM_A_M, p, arena);
  emitRequant(value);
  code.indirect(IDXM_M_A, from, arena);
  code(INC_M, from);
  code(MOV_A_M, p);
  if (variesFirst())
    code(CEQSN_A_M, first);
  else
    code.addressOf(CEQSN_A_K, getFirst(layers.front()));
  code(GOTO_K, loop);
}

/// A = the result of the sum whose low byte is in A and whose high byte is
/// `value`'s.
void SerialLoop::emitRequant(Cell value) {
  Storage sums;
  sums.bytes = 2;
  for (lowbit::DenseOp layer : layers.drop_back()) {
    Interval range = lowbit::getRange(layer.getResult());
    int64_t base =
        StorageAssignment::getSumFormat(layer.getResult())->getBase();
    range = {range.min - base, range.max - base};
    sums.range =
        layer == layers.front() ? range : lowbit::hull(sums.range, range);
  }
  emitRequantOfA(code, sums, value, Requantisation(requant, 0));
}

void SerialLoop::emitStarts() {
  if (variesFirst()) {
    stream.nextByte(code);
    code.addressOf(ADD_A_K,
                   arena.at(getSerialSums(layers, getMostRows(layers))));
    code(MOV_M_A, first);
  } else {
    code.addressOf(MOV_A_K, getFirst(layers.front()));
  }
  code(MOV_M_A, p);
  std::string loop = code.unique("starts");
  code.label(loop,
             2 * getMostRows(layers) / std::max<size_t>(1, starts.size()));
  if (starts.empty())
    stream.nextByte(code);
  for (size_t i = 0; i < std::max<size_t>(1, starts.size()); ++i) {
    if (!starts.empty())
      code(MOV_A_K, starts[i]);
    code.indirect(IDXM_M_A, p, arena);
    code(INC_M, p);
  }
  emitUntil(code, p, arena.at(getSerialArena(layers)), loop);
}

/// The next input, with its own sign.
void SerialLoop::emitFetch() {
  auto fromArena = [&] { code.indirect(IDXM_A_M, from, arena); };
  auto fromSource = [&] {
    if (isStreamed()) {
      source.take(code, 0);
      return;
    }
    code.indirect(IDXM_A_M, from, source.stored->cells);
    source.preprocess(code, 0);
  };
  if (!hasLater()) {
    if (!isStreamed())
      code(DEC_M, from);
    fromSource();
  } else if (isStreamed() && source.stream && !source.preprocessing) {
    code(DEC_M, from);
    code(T0SN_MBIT, later, laterBit);
    fromSource();
    code(T1SN_MBIT, later, laterBit);
    fromArena();
  } else {
    std::string stored = code.unique("stored"), done = code.unique("fetched");
    code(DEC_M, from);
    code(isLaterSet ? T0SN_MBIT : T1SN_MBIT, later, laterBit);
    code(GOTO_K, stored);
    fromSource();
    code(GOTO_K, done);
    code.label(stored);
    fromArena();
    code.label(done);
  }
  code(MOV_M_A, input);
  if (isWide)
    code(CLEAR_M, input.at(1));
}

void SerialLoop::pointToFirst() {
  if (variesFirst())
    code(MOV_A_M, first);
  else
    code.addressOf(MOV_A_K, getFirst(layers.front()));
  code(MOV_M_A, p);
}

/// The next weight's part of the sum at p, which goes on to the next one.
void SerialLoop::emitWeight() {
  bool hasBit = false;
  auto next = [&] {
    hasBit ? stream.nextBit(code) : stream.nextFirstBit(code);
    hasBit = true;
  };
  if (form.isSigned) {
    next();
    if (isWide) {
      std::string keep = code.unique("keep");
      code.skipIfFlag(kCarryFlag, true);
      code(GOTO_K, keep);
      code(NOT_M, input);
      code(NOT_M, input.at(1));
      code(INC_M, input);
      code(ADDC_M, input.at(1));
      code.label(keep);
    } else {
      code.skipIfFlag(kCarryFlag, false);
      code(NEG_M, input);
    }
  }
  std::string again = code.unique("again"), done = code.unique("added");
  if (form.countBits == 0) {
    emitAddition();
  } else if (form.countBits == 1 && form.least == 0) {
    next();
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, done);
    emitAddition();
    code.label(done);
    code(SET1_MBIT, p, 0);
  } else if (form.countBits == 1 && form.isSigned) {
    // The bit is seen before it is taken, and cleared once it is obeyed.
    Cell bits = stream.getCode();
    code.label(again, 2);
    code(SET0_MBIT, p, 0);
    emitAddition();
    code(T1SN_MBIT, bits, 0);
    code(GOTO_K, done);
    code(SET0_MBIT, bits, 0);
    code(GOTO_K, again);
    code.label(done);
    stream.nextBit(code);
  } else {
    std::string test = code.unique("test");
    if (!additions.cells)
      additions = code.cells("additions", 1);
    code(CLEAR_M, additions);
    for (unsigned bit = 0; bit < form.countBits; ++bit) {
      next();
      code(SLC_M, additions);
    }
    code(INC_M, additions);
    if (form.least == 0)
      code(GOTO_K, test);
    int64_t most = int64_t(1) << form.countBits;
    code.label(again, form.least ? most : 0);
    code(SET0_MBIT, p, 0);
    emitAddition();
    code.label(test, form.least ? 0 : most);
    code(DZSN_M, additions);
    code(GOTO_K, again);
    if (form.least == 0)
      code(SET1_MBIT, p, 0);
  }
  code(INC_M, p);
}

/// Adds the input to the sum whose low byte is at p; leaves p at its high byte.
void SerialLoop::emitAddition() {
  code.indirect(IDXM_A_M, p, arena);
  code(ADD_A_M, input);
  code.indirect(IDXM_M_A, p, arena);
  // Unlike an increment this leaves the carry.
  code(SET1_MBIT, p, 0);
  code.indirect(IDXM_A_M, p, arena);
  if (isWide) {
    code(ADDC_A_M, input.at(1));
  } else {
    code(ADDC_A);
    bool isSigned = form.isSigned;
    for (lowbit::DenseOp layer : layers)
      isSigned |= lowbit::getRange(layer.getInput()).min < 0;
    if (isSigned) {
      code(T0SN_MBIT, input, 7);
      code(SUB_A_K, 1);
    }
  }
  code.indirect(IDXM_M_A, p, arena);
}

void pdkc::emitSerialLoop(ArrayRef<lowbit::DenseOp> layers,
                          const InputSource &source, Emission &emission) {
  auto loop = std::make_shared<SerialLoop>(layers, source, emission);
  loop->run();
  emission.addRoutine([loop] { loop->emitTables(); });
}
