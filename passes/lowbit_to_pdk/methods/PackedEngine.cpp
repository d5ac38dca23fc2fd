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
    if (layer.hasBackground && !layer.findBackground(codebook))
      return nullptr;
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
    else if (layer.hasBackground && !engine.countsInByte())
      return nullptr;

  // Layers with more rows come first in the tables: then no table has a hole.
  auto order = llvm::to_vector(llvm::seq<size_t>(0, layers.size()));
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return layers[a].rows > layers[b].rows;
  });
  int64_t next = 1;
  for (size_t index : order) {
    layers[index].firstEntry = next;
    next += layers[index].getNumEntries();
  }
  return result;
}

int64_t PackedEngine::getOwnPasses(const PackedLayer &layer) const {
  if (layer.hasBackground)
    return layer.getBackgroundPasses() + layer.getNumRead() - 1;
  if (layer.isSigned())
    return layer.getNumRead();
  return layer.getNumRead() *
         int64_t(llvm::divideCeil(layer.inputRange.max, maxPiece));
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
  // Codes that straddle two bytes need both at hand.
  if (decode.radix) {
    digit = code.cells("digit", 1);
    digitName = code.unique("digit");
  } else if (8 % decode.getBits() != 0)
    weights[1] = code.cells("w_odd", 1);
  if (isInPieces())
    remaining = code.cells("x", 1);
  if (decode.bias)
    passes = code.cells("passes", countsInByte() ? 1 : bytes);
  if (llvm::any_of(layers, [](auto &layer) { return layer.hasBackground; }))
    background = code.cells("background", 1);
  for (const Multiple &multiple : decode.multiples)
    multiples.push_back(
        code.cells("x_times_" + Twine(multiple.coefficient), 1));
  passName = code.unique("pass");
  signedPassName = code.unique("pass_signed");
  if (llvm::count_if(layers, startsAtZero) > 1)
    clearName = code.unique("clear_acc");
  for (int64_t table = 0; table < getNumTables(); ++table)
    tableNames.push_back(code.unique("weights"));
}

//===----------------------------------------------------------------------===//
// A layer
//===----------------------------------------------------------------------===//

/// What a row's sum is before the first pass: a background is scaled up in the
/// sums before anything else is in them.
static int64_t getStart(const PackedLayer &layer, int64_t row) {
  return layer.hasBackground ? 0 : layer.bias[row] + layer.offset;
}

bool PackedEngine::startsAtZero(const PackedLayer &layer) {
  return llvm::all_of(llvm::seq<int64_t>(0, layer.rows), [&](int64_t row) {
    return getStart(layer, row) == 0;
  });
}

/// All accumulators to zero.
void PackedEngine::emitClear(CodeBuilder &code) {
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

/// Accumulators to bias + offset, each distinct byte loaded once.
void PackedEngine::initialise(CodeBuilder &code, const PackedLayer &layer) {
  if (!layer.accumulates)
    code.undef(accumulators);
  for (int64_t byte = 0; decode.bias && layer.addsTo < 0 &&
                         byte < (countsInByte() ? 1 : bytes);
       ++byte)
    code(CLEAR_M, passes.at(byte));
  if (layer.accumulates)
    return;
  // The loop that clears is 8 words.
  if (startsAtZero(layer) && rows * bytes > 8) {
    if (clearName.empty())
      emitClear(code);
    else
      code(CALL_K, clearName);
    return;
  }
  llvm::SmallMapVector<unsigned, SmallVector<Cell>, 8> cellsOf;
  Cell first = accumulators.at(getFirstRow(layer) * bytes);
  for (int64_t byte = getEntryRow(layer) * bytes;
       byte < getFirstRow(layer) * bytes; ++byte)
    code(CLEAR_M, accumulators.at(byte));
  for (int64_t row = 0; row < layer.rows; ++row)
    for (int64_t byte = 0; byte < bytes; ++byte)
      cellsOf[uint8_t(getStart(layer, row) >> (8 * byte))].push_back(
          first.at(row * bytes + byte));
  for (auto &[value, cells] : cellsOf) {
    if (value != 0)
      code(MOV_A_K, value);
    for (Cell cell : cells)
      value == 0 ? code(CLEAR_M, cell) : code(MOV_M_A, cell);
  }
}

void PackedEngine::emitBegin(CodeBuilder &code, size_t index) {
  initialise(code, layers[index]);
  code(MOV_A_K, layers[index].firstEntry);
  code(MOV_M_A, entry);
}

void PackedEngine::emitPassOf(CodeBuilder &code, const PackedLayer &layer) {
  bool inOnePiece = layer.isSigned() && isInPieces();
  if (isShared && !(inOnePiece && layer.hasBackground)) {
    code.call(inOnePiece ? signedPassName : passName, getMaxTrips(layer));
    return;
  }
  std::string next = code.unique("next_input");
  if (isShared) {
    // The shared code does not look whether a signed input is 0.
    code.skipIfFlag(kZeroFlag, false);
    code(GOTO_K, next);
    code.call(signedPassName, getMaxTrips(layer));
  } else {
    emitPass(code, [&] { code(GOTO_K, next); });
  }
  code.label(next);
}

void PackedEngine::emitNextInput(CodeBuilder &code, size_t index) {
  emitPassOf(code, layers[index]);
  code(INC_M, entry);
}

void PackedEngine::emitInputs(CodeBuilder &code, size_t index,
                              const InputSource &source) {
  const PackedLayer &layer = layers[index];
  Cell p = code.pointerP();
  SmallVector<Stretch> stretches = layer.getStretches();
  source.begin(code, llvm::count_if(stretches, [](const Stretch &stretch) {
                 return stretch.isRead;
               }));

  int64_t entryAtEnd = layer.firstEntry + int64_t(layer.digits.size());
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
    if (needsBackground) {
      take(input);
      emitBackground(code, layer);
      if (!source.isSequential())
        code(INC_M, p);
      needsBackground = false;
      if (++input == end)
        continue;
    }
    std::string loop = code.unique("inputs");
    entryAtEnd += end - input;
    code.label(loop, end - input);
    take(input);
    if (layer.hasBackground)
      code(SUB_A_M, background);
    emitPassOf(code, layer);
    if (!source.isSequential())
      code(INC_M, p);
    code(INC_M, entry);
    code(MOV_A_M, entry);
    code(CEQSN_A_K, entryAtEnd);
    code(GOTO_K, loop);
  }
}

std::optional<Cell> PackedEngine::getBias(size_t) const {
  return decode.bias ? std::optional(passes) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// The pass of one input over all rows
//===----------------------------------------------------------------------===//

void PackedEngine::emitPass(CodeBuilder &code,
                            llvm::function_ref<void()> leave) {
  std::string again = code.unique("piece"), large = code.unique("large"),
              start = code.unique("start");
  if (isInPieces()) {
    code(MOV_M_A, remaining);
    // Once for each piece, and once to find that nothing remains.
    code.label(again, llvm::divideCeil(maxInput, maxPiece) + 1);
    code(MOV_A_M, remaining); // sets Z
    code.skipIfFlag(kZeroFlag, false);
    leave();
    code(SUB_A_K, maxPiece);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, large);
    code(ADD_A_K, maxPiece);
    code.label(signedPassName);
    code(CLEAR_M, remaining);
    code.label(start);
  } else {
    std::string nonzero = code.unique("nonzero");
    code(CEQSN_A_K, 0);
    code(GOTO_K, start);
    leave();
    code.label(start);
    if (background.cells)
      code.label(signedPassName);
  }
  emitMultiples(code, decode.multiples, multiples);
  if (decode.bias) {
    if (countsInByte()) {
      code(INC_M, passes);
    } else {
      code(MOV_A_K, decode.bias);
      code(ADD_M_A, passes);
      for (int64_t byte = 1; byte < bytes; ++byte)
        code(ADDC_M, passes.at(byte));
    }
  }
  emitRows(code);
  if (isInPieces()) {
    code(GOTO_K, again);
    code.label(large);
    code(MOV_M_A, remaining);
    code(MOV_A_K, maxPiece);
    code(GOTO_K, start);
  } else {
    leave();
  }
}

/// From a row's code its product, added to its sum.
void PackedEngine::emitRow(CodeBuilder &code, int64_t row) {
  if (!decode.isRelative)
    code(MOV_A_M, multiples[decode.first]);
  for (auto [bit, step] : llvm::enumerate(decode.steps)) {
    int64_t position = row * int64_t(decode.getBits()) + int64_t(bit);
    if (decode.radix)
      code(T0SN_MBIT, digit, bit);
    else
      code(T0SN_MBIT, weights[position / 8 % 2], position % 8);
    switch (step.kind) {
    case DecodeStep::Take:
      code(MOV_A_M, multiples[step.multiple]);
      break;
    case DecodeStep::Add:
      code(ADD_A_M, multiples[step.multiple]);
      break;
    case DecodeStep::Double:
      code(SL_A);
      break;
    case DecodeStep::Negate:
      code(NEG_A);
      break;
    case DecodeStep::Exchange:
      code(XCH_M, multiples[step.multiple]);
      break;
    }
  }
  if (decode.finalOffset)
    code(ADD_A_K, decode.finalOffset);
  code(ADD_M_A, accumulators.at(row * bytes));
  for (int64_t byte = 1; byte < bytes; ++byte)
    code(ADDC_M, accumulators.at(row * bytes + byte));
}

void PackedEngine::emitRows(CodeBuilder &code) {
  int64_t bits = decode.getBits();
  // What A holds for a relative code, while it fetches.
  Cell kept = multiples[decode.first];
  auto fetch = [&](int64_t byte) {
    code(MOV_A_M, entry);
    code(CALL_K, tableNames[byte]);
    code(MOV_M_A, weights[decode.radix ? 0 : byte % 2]);
    if (decode.isRelative)
      code(MOV_A_M, kept);
  };
  // Rows that begin with a fetch of their own need no other on the way in.
  auto beginsTable = [&](int64_t row) {
    return decode.radix || row * bits % 8 == 0;
  };
  // Layers with fewer rows have the last ones; they enter late. Their entries
  // of the tables come behind those of the layers with more.
  llvm::SmallMapVector<int64_t, int64_t, 4> entryOfRow;
  for (const PackedLayer &layer : layers) {
    if (getEntryRow(layer) == 0)
      continue;
    auto [found, isNew] =
        entryOfRow.insert({getEntryRow(layer), layer.firstEntry});
    if (!isNew)
      found->second = std::min(found->second, layer.firstEntry);
  }
  SmallVector<std::pair<int64_t, int64_t>> late(entryOfRow.begin(),
                                                entryOfRow.end());
  llvm::sort(late, [](auto a, auto b) { return a.second > b.second; });
  llvm::SmallMapVector<int64_t, std::string, 4> labels;
  if (!late.empty())
    code(MOV_A_M, entry);
  int64_t subtracted = 0;
  for (auto [row, firstEntry] : late) {
    labels[row] = code.unique("row");
    // A holds entry less the limits tried before, so that one subtraction
    // compares with the next lower limit.
    code(SUB_A_K, firstEntry - subtracted);
    subtracted = firstEntry;
    if (beginsTable(row)) {
      code.skipIfFlag(kCarryFlag, true);
      code(GOTO_K, labels[row]);
      continue;
    }
    // The row begins within a byte that rows before it have fetched.
    std::string early = code.unique("early");
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, early);
    fetch(row * bits / 8);
    code(GOTO_K, labels[row]);
    code.label(early);
  }

  int64_t fetched = 0;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t lastTable =
        decode.radix ? getTable(row) : ((row + 1) * bits - 1) / 8;
    if (decode.isRelative && row > 0 && fetched <= lastTable)
      code(MOV_M_A, kept);
    auto label = labels.find(row);
    if (label != labels.end())
      code.label(label->second);
    while (fetched <= lastTable)
      fetch(fetched++);
    if (decode.radix)
      code(CALL_K, digitName);
    emitRow(code, row);
  }
}

/// The weights' byte times the base; what exceeds the byte is the digit.
void PackedEngine::emitDigitRoutine(CodeBuilder &code) {
  Cell byte = weights[0];
  code.routine(digitName);
  code(MOV_A_M, byte);
  code(CLEAR_M, digit);
  for (int bit = int(llvm::Log2_32(decode.radix)) - 1; bit >= 0; --bit) {
    code(SL_M, byte);
    code(SLC_M, digit);
    if (decode.radix >> bit & 1) {
      code(ADD_M_A, byte);
      code(ADDC_M, digit);
    }
  }
  code(RET);
}

/// The codes of a column of the layer, by row of the engine; 0 before the
/// layer's own rows.
SmallVector<unsigned> PackedEngine::getCodes(const PackedLayer &layer,
                                             ArrayRef<int64_t> column) const {
  SmallVector<unsigned> codes(getFirstRow(layer), 0);
  codes.append(decode.getCodes(column));
  return codes;
}

/// One byte of a table: what it holds of the codes.
int32_t PackedEngine::getTableByte(ArrayRef<unsigned> codes,
                                   int64_t table) const {
  auto getCode = [&](int64_t row) -> unsigned {
    return row < int64_t(codes.size()) ? codes[row] : 0;
  };
  if (decode.radix) {
    SmallVector<unsigned> digits;
    for (int64_t i = 0; i < int64_t(decode.getDigits()); ++i)
      digits.push_back(getCode(table * int64_t(decode.getDigits()) + i));
    return packDigits(digits, decode.radix);
  }
  int64_t bits = decode.getBits();
  int32_t packed = 0;
  for (int64_t bit = 0; bit < 8; ++bit) {
    int64_t position = table * 8 + bit;
    packed |= (getCode(position / bits) >> (position % bits) & 1) << bit;
  }
  return packed;
}

void PackedEngine::emitShared(CodeBuilder &code) {
  if (decode.radix)
    emitDigitRoutine(code);
  if (isShared) {
    code.routine(passName);
    emitPass(code, [&] { code(RET); });
  }
  if (!clearName.empty()) {
    code.routine(clearName);
    emitClear(code);
    code(RET);
  }
  for (int64_t table = 0; table < getNumTables(); ++table) {
    SmallVector<int32_t> bytesOfTable;
    SmallVector<const PackedLayer *> order;
    for (const PackedLayer &layer : layers)
      order.push_back(&layer);
    llvm::sort(order, [](const PackedLayer *a, const PackedLayer *b) {
      return a->firstEntry < b->firstEntry;
    });
    for (const PackedLayer *layer : order) {
      // Tables before the layer's entrance hold nothing of it, and no layer
      // behind it in the tables has more rows.
      if (table < getFirstByte(*layer))
        break;
      for (ArrayRef<int64_t> column : layer->getColumns())
        bytesOfTable.push_back(getTableByte(getCodes(*layer, column), table));
    }
    code.table(tableNames[table], bytesOfTable);
  }
}
