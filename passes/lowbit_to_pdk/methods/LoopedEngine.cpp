//===- LoopedEngine.cpp - Layers of any weights in nested loops -----------===//

#include "passes/lowbit_to_pdk/methods/LoopedEngine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

//===----------------------------------------------------------------------===//
// Which layers, how their weights are stored
//===----------------------------------------------------------------------===//

std::unique_ptr<LoopedEngine> LoopedEngine::create(ArrayRef<Layer> layers,
                                                   Form form) {
  auto engine = std::make_unique<LoopedEngine>();
  engine->layers.assign(layers.begin(), layers.end());
  std::optional<lowbit::Interval> weights;
  int64_t maxInput = 0, calls = 0;
  for (const Layer &layer : layers) {
    assert(layer.inputRange.min >= 0 && "inputs are unsigned bytes");
    for (int64_t input = 0; input < layer.inputs; ++input)
      for (int64_t row = 0; layer.reads[input] && row < layer.rows; ++row) {
        int64_t weight = layer.getWeight(row, input);
        weights =
            lowbit::hull(weights.value_or(lowbit::Interval{weight, weight}),
                         {weight, weight});
      }
    engine->bytes = std::max(engine->bytes, layer.bytes);
    if (layer.getNumRead() > 0)
      engine->rows = std::max(engine->rows, layer.rows);
    maxInput = std::max(maxInput, layer.inputRange.max);
    for (Stretch stretch : layer.getStretches())
      if (stretch.isRead)
        calls += llvm::divideCeil(stretch.end - stretch.begin, 255);
  }
  auto find = [&](unsigned wordBits) {
    return findProduct(weights.value_or(lowbit::Interval{0, 0}), maxInput,
                       engine->bytes, wordBits);
  };
  auto product = find(form.wordBits);
  if (!product)
    return nullptr;
  if (auto inBytes = find(8);
      form.usesStack && form.wordBits / product->bits <= 8 / inBytes->bits) {
    product = inBytes;
    form.wordBits = 8;
    form.usesStack = false;
  }
  engine->product = *product;
  engine->form = form;
  // Passes are counted in a byte.
  if (engine->countsPasses() &&
      llvm::any_of(layers, [&](const Layer &layer) {
        return engine->getAllRead(layer) > 255;
      }))
    return nullptr;
  // Sums of others start without the products' biases.
  for (const Layer &layer : layers)
    if (layer.accumulates && layer.addsTo < 0 && product->bias &&
        !form.skipsZeros)
      return nullptr;
  engine->passIsShared = calls > 1;
  for (const Layer &layer : layers)
    engine->size = std::max(engine->size, (layer.isInPlace ? layer.inputs : 0) +
                                              engine->getBiasBytes() +
                                              layer.rows * engine->bytes);
  // Pairs of bytes begin at even addresses.
  if (engine->bytes == 2)
    engine->size = llvm::alignTo(engine->size, 2);
  WeightStream::Format format{product->bits, form.wordBits, form.usesStack};
  format.fetchIsShared =
      form.unrollsRows ||
      (!form.fetchesInline &&
       !llvm::all_of(layers, [&](const Layer &layer) {
         return engine->startsUniform(layer);
       }));
  engine->stream = WeightStream(format);
  for (const Layer &layer : engine->layers) {
    engine->firstWords.push_back(engine->stream.getNumWords());
    engine->appendToStream(layer);
  }
  return engine;
}

/// What a row's sum starts at. Where all inputs have a pass, the products'
/// biases are known.
int64_t LoopedEngine::getStart(const Layer &layer, int64_t row) const {
  // Of the layer that adds last.
  int64_t read = 0;
  for (const Layer &other : layers)
    for (const Layer *each = &other;; each = &layers[each->addsTo]) {
      if (each == &layer)
        read = std::max(read, getAllRead(other));
      if (each->addsTo < 0)
        break;
    }
  int64_t biases = form.skipsZeros ? 0 : product.bias * read;
  return layer.bias[row] + layer.offset - biases;
}

bool LoopedEngine::startsUniform(const Layer &layer) const {
  return layer.accumulates || llvm::all_equal(layer.bias);
}

void LoopedEngine::appendToStream(const Layer &layer) {
  if (!startsUniform(layer))
    for (int64_t row = 0; row < layer.rows; ++row)
      for (int64_t byte = 0; byte < bytes; ++byte)
        stream.appendByte(uint8_t(getStart(layer, row) >> (8 * byte)));
  stream.alignToWord();
  for (int64_t input = 0; input < layer.inputs; ++input) {
    if (!layer.reads[input])
      continue;
    if (isAligned())
      stream.alignToWord();
    if (getLead(layer) > 0)
      stream.skipInWord(getLead(layer));
    for (int64_t row = 0; row < layer.rows; ++row)
      stream.append(product.getCode(layer.getWeight(row, input)));
  }
}

DenseEngine::Sums LoopedEngine::getSums(size_t index) const {
  const Layer &layer = layers[index];
  Sums sums{getFirstSum(layer), bytes, 0, 0};
  if (product.base) {
    sums.maxBias = sumUp<Layer>(layers, layer, [&](const Layer &each) {
      return -product.base * each.inputRange.max * each.getNumRead();
    });
  } else if (countsPasses()) {
    sums.maxBias = product.bias * getAllRead(layer);
    sums.biasStep = product.bias;
  }
  return sums;
}

void LoopedEngine::makeCells(CodeBuilder &code, Cell sums) {
  arena = sums;
  input = code.cells("x", 1);
  low = code.cells("product", 1);
  if (product.bytes == 2)
    high = code.cells("product_high", 1);
  stream.makeCells(code, "weights", /*countsCodes=*/!form.unrollsRows);
  weight = stream.getCode();
  if (countsPasses())
    passes = code.cells("passes", 1);
  counter = code.cells("counter", 1);
  passName = code.unique("pass");
  startName = code.unique("start");
  multiplyName = code.unique("multiply");
  for (const Layer &layer : layers)
    if (form.unrollsRows && layer.rows < rows)
      lateNames.try_emplace(rows - layer.rows, code.unique("late"));
}

//===----------------------------------------------------------------------===//
// A layer
//===----------------------------------------------------------------------===//

/// Goes on with the loop unless p has come to the arena's end.
static void emitUntilEnd(CodeBuilder &code, Cell end, StringRef loop) {
  code(MOV_A_M, code.pointerP());
  code.addressOf(CEQSN_A_K, end);
  code(GOTO_K, loop);
}

/// Sums to what they start at, and the stream to where it starts.
void LoopedEngine::emitStart(CodeBuilder &code, const Layer &layer) {
  if (&layer == layers.begin())
    stream.begin(code);
  if (!layer.isInPlace && !layer.accumulates)
    code.undef(arena);
  int64_t first = getFirstSum(layer);
  if (layer.addsTo < 0) {
    if (countsPasses())
      code(CLEAR_M, passes);
    for (int64_t byte = getBiasBytes(); byte > 0; --byte)
      code(CLEAR_M, arena.at(first - byte));
  }
  if (!isAligned())
    stream.beginCodes(code);
  if (layer.accumulates)
    return;
  Cell p = code.pointerP();
  code.addressOf(MOV_A_K, arena.at(first));
  if (!startsUniform(layer)) {
    code(CALL_K, startName);
    return;
  }
  code(MOV_M_A, p);
  std::string loop = code.unique("starts");
  code.label(loop, size);
  int64_t start = getStart(layer, 0), period = bytes;
  bool isOneByte = true;
  for (int64_t byte = 0; byte < bytes; ++byte)
    isOneByte &= uint8_t(start >> (8 * byte)) == uint8_t(start);
  if (isOneByte)
    period = 1;
  for (int64_t byte = 0; byte < period; ++byte) {
    code(MOV_A_K, uint8_t(start >> (8 * byte)));
    code.indirect(IDXM_M_A, p, arena);
    code(INC_M, p);
  }
  emitUntilEnd(code, arena.at(size), loop);
}

/// From the first sum, whose address is in A, on.
void LoopedEngine::emitStartRoutine(CodeBuilder &code) {
  std::string loop = code.unique("starts");
  Cell p = code.pointerP();
  code.routine(startName);
  code(MOV_M_A, p);
  code.label(loop, size);
  stream.nextByte(code);
  code.indirect(IDXM_M_A, p, arena);
  code(INC_M, p);
  emitUntilEnd(code, arena.at(size), loop);
  code(RET);
}

void LoopedEngine::emitBegin(CodeBuilder &code, size_t layer) {
  emitStart(code, layers[layer]);
}

void LoopedEngine::emitNextInput(CodeBuilder &code, size_t index) {
  const Layer &layer = layers[index];
  int64_t firstSum = getFirstSum(layer);
  std::string next = code.unique("next");
  code(MOV_M_A, input);
  if (form.skipsZeros) {
    std::string nonzero = code.unique("nonzero");
    code(CEQSN_A_K, 0);
    code(GOTO_K, nonzero);
    stream.skip(code, llvm::divideCeil(getLead(layer) + layer.rows,
                                       stream.getPerWord()));
    code(GOTO_K, next);
    code.label(nonzero);
  }
  if (countsPasses())
    code(INC_M, passes);
  std::string pass = passName;
  if (form.unrollsRows) {
    if (auto late = lateNames.find(rows - layer.rows); late != lateNames.end())
      pass = late->second;
    if (product.base) {
      code(MOV_A_K, product.getCode(0));
      code(MOV_M_A, weight);
      emitAddProduct(code, arena.at(firstSum - bytes));
    }
  } else {
    code.addressOf(MOV_A_K, arena.at(firstSum - getBiasBytes()));
  }
  if (passIsShared)
    code(CALL_K, pass);
  else
    form.unrollsRows ? emitRows(code) : emitPass(code);
  code.label(next);
}

void LoopedEngine::emitInputs(CodeBuilder &code, size_t index,
                              const InputSource &source) {
  const Layer &layer = layers[index];
  Cell p = code.pointerP();
  SmallVector<Stretch> stretches = layer.getStretches();
  int64_t places = 0;
  for (Stretch stretch : stretches)
    if (stretch.isRead)
      places += source.isSequential()
                    ? llvm::divideCeil(stretch.end - stretch.begin, 255)
                    : 1;
  source.begin(code, places);
  for (Stretch stretch : stretches) {
    if (!stretch.isRead) {
      if (source.isSequential())
        source.discard(code, stretch.end - stretch.begin);
      continue;
    }
    source.seek(stretch.begin);
    if (!source.isSequential()) {
      std::string loop = code.unique("inputs");
      code.addressOf(MOV_A_K, source.stored->element(stretch.begin));
      code(MOV_M_A, counter);
      code.label(loop, stretch.end - stretch.begin);
      code(MOV_A_M, counter);
      code(MOV_M_A, p);
      code.indirect(IDXM_A_M, p, source.stored->cells);
      source.preprocess(code, stretch.begin);
      emitNextInput(code, index);
      code(INC_M, counter);
      code(MOV_A_M, counter);
      code.addressOf(CEQSN_A_K, source.stored->element(stretch.end));
      code(GOTO_K, loop);
      continue;
    }
    for (int64_t begin = stretch.begin; begin < stretch.end; begin += 255) {
      std::string loop = code.unique("inputs");
      code(MOV_A_K, std::min<int64_t>(stretch.end - begin, 255));
      code(MOV_M_A, counter);
      code.label(loop, std::min<int64_t>(stretch.end - begin, 255));
      source.take(code, begin);
      emitNextInput(code, index);
      code(DZSN_M, counter);
      code(GOTO_K, loop);
    }
  }
}

std::optional<Cell> LoopedEngine::getBias(size_t index) const {
  if (product.base)
    return arena.at(getFirstSum(layers[index]) - bytes);
  return countsPasses() ? std::optional(passes) : std::nullopt;
}

void LoopedEngine::emitStateBefore(CodeBuilder &code, size_t layer) {
  if (layer > 0) // the first one begins the stream itself
    stream.moveTo(code, firstWords[layer]);
}

//===----------------------------------------------------------------------===//
// The pass of one input over all rows
//===----------------------------------------------------------------------===//

/// The input is in its cell, the address of the first sum in A.
void LoopedEngine::emitPass(CodeBuilder &code) {
  std::string row = code.unique("row"), fetch = code.unique("fetch"),
              multiply = code.unique("multiply");
  Cell p = code.pointerP();
  code(MOV_M_A, p);
  if (product.base) {
    // The bias comes first: a row whose weight is 0.
    stream.beginCodes(code);
    code(MOV_A_K, product.getCode(0));
    code(MOV_M_A, weight);
    code(GOTO_K, multiply);
  } else if (stream.countsCodes() && isAligned()) {
    code(GOTO_K, fetch);
  }
  code.label(row, size / bytes);
  stream.nextCode(code, fetch, multiply);
  if (!stream.countsCodes())
    code.label(multiply);
  emitProduct(code, product, input, weight, low, high);
  emitAccumulate(code);
  emitUntilEnd(code, arena.at(size), row);
}

/// Adds the product to the sum at p, which goes on to the next sum.
void LoopedEngine::emitAccumulate(CodeBuilder &code) {
  Cell p = code.pointerP();
  bool isWide = product.bytes == 2;
  auto add = [&](Cell part) {
    code.indirect(IDXM_A_M, p, arena);
    code(ADD_A_M, part);
    code.indirect(IDXM_M_A, p, arena);
  };
  if (!isWide)
    code(MOV_M_A, low);
  if (bytes <= 2) {
    add(low);
    if (bytes == 2) {
      // Unlike an increment this leaves the carry.
      code(SET1_MBIT, p, 0);
      code.indirect(IDXM_A_M, p, arena);
      isWide ? code(ADDC_A_M, high) : code(ADDC_A);
      code.indirect(IDXM_M_A, p, arena);
    }
    code(INC_M, p);
    return;
  }
  int64_t byte = 1;
  if (isWide) {
    // The first carry goes into the product, which has room for it.
    code.indirect(IDXM_A_M, p, arena);
    code(ADD_M_A, low);
    code(ADDC_M, high);
    code(MOV_A_M, low);
    code.indirect(IDXM_M_A, p, arena);
    code(INC_M, p);
    add(high);
    byte = 2;
  } else {
    add(low);
  }
  for (; byte < bytes; ++byte) {
    code(MOV_A_K, 0);
    code(ADDC_A);
    code(MOV_M_A, low);
    code(INC_M, p);
    add(low);
  }
  code(INC_M, p);
}

/// The same without a loop, for as many rows as any layer has.
void LoopedEngine::emitRows(CodeBuilder &code) {
  Cell first = arena.at(size - rows * bytes);
  std::map<int64_t, std::string> labels; // within words
  for (auto &[row, name] : lateNames)
    if (row % stream.getPerWord() != 0)
      labels[row] = code.unique("row");
  for (int64_t row = 0; row < rows; ++row) {
    if (row % stream.getPerWord() == 0) {
      if (auto late = lateNames.find(row); late != lateNames.end())
        code.label(late->second);
      stream.nextWord(code);
    } else {
      if (auto label = labels.find(row); label != labels.end())
        code.label(label->second);
      stream.nextInWord(code);
    }
    emitAddProduct(code, first.at(row * bytes));
  }
  if (!passIsShared)
    return;
  code(RET);
  for (auto &[row, label] : labels) {
    code.label(lateNames[row]);
    stream.nextWord(code);
    for (int64_t number = row % int64_t(stream.getPerWord()); number > 1;
         --number)
      stream.nextInWord(code);
    code(GOTO_K, label);
  }
}

/// Adds the product to the sum.
void LoopedEngine::emitAddProduct(CodeBuilder &code, Cell sum) {
  code(CALL_K, multiplyName);
  emitAddition(code, product, low, high, sum, bytes);
}

//===----------------------------------------------------------------------===//
// What layers share
//===----------------------------------------------------------------------===//

void LoopedEngine::emitShared(CodeBuilder &code) {
  if (passIsShared) {
    code.routine(passName);
    if (form.unrollsRows) {
      emitRows(code);
    } else {
      emitPass(code);
      code(RET);
    }
  }
  if (form.unrollsRows) {
    code.routine(multiplyName);
    emitProduct(code, product, input, weight, low, high);
    code(RET);
  }
  if (!llvm::all_of(layers, [&](const Layer &l) { return startsUniform(l); }))
    emitStartRoutine(code);
  stream.emitShared(code);
}
