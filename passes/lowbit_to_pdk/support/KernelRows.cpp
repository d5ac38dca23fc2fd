//===- KernelRows.cpp - A convolution's kernels, row by row ---------------===//

#include "passes/lowbit_to_pdk/support/KernelRows.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

KernelRows::KernelRows(lowbit::ConvOp conv, bool unrolls,
                       llvm::function_ref<SmallVector<uint8_t>(int64_t)> before,
                       llvm::function_ref<SmallVector<uint8_t>(int64_t)> behind)
    : stream(WeightStream::Format{}) {
  SmallVector<int64_t> weights = conv.getWeights();
  int64_t channels = conv.getCodes().getType().getDimSize(0);
  columns = conv.getCodes().getType().getShape().back();
  least = *llvm::min_element(weights);
  uint64_t all = 0; // bits that differ from the least one's
  for (int64_t weight : weights)
    all |= weight - least;
  shift = all ? llvm::countr_zero(all) : 0;
  bits = std::max(1u, lowbit::getWidth({0, int64_t(all >> shift)}));
  rowBytes = llvm::divideCeil(columns * bits, 8);
  constexpr int64_t kMostBytes = 3;
  isPacked = rowBytes <= kMostBytes && rowBytes < columns;
  if (!isPacked)
    rowBytes = columns;
  // All whole, or all but one, of the rests of the first two bytes.
  int64_t whole = rowBytes * getPerByte();
  isInPlace = unrolls && isPacked &&
              (columns <= whole || (columns == whole + 1 && rowBytes > 1 &&
                                    getRest() == bits - 1));
  int64_t taps = weights.size() / channels;
  for (int64_t channel = 0; channel < channels; ++channel) {
    size_t first = stream.getNumWords();
    for (uint8_t byte : before(channel))
      stream.appendByte(byte);
    for (int64_t tap = 0; tap < taps; tap += columns) {
      ArrayRef<int64_t> row =
          ArrayRef(weights).slice(channel * taps + tap, columns);
      uint64_t packed = isPacked ? pack(row) : 0;
      for (int64_t i = 0; i < rowBytes; ++i)
        stream.appendByte(isPacked ? packed >> (8 * i) : row[i]);
    }
    for (uint8_t byte : behind(channel))
      stream.appendByte(byte);
    channelBytes = stream.getNumWords() - first;
  }
}

/// The first weight at the low end.
uint64_t KernelRows::pack(ArrayRef<int64_t> row) const {
  uint64_t packed = 0;
  for (auto [number, weight] : llvm::enumerate(row)) {
    uint64_t code = (weight - least) >> shift;
    int64_t byte = number / getPerByte();
    if (!isInPlace)
      packed |= code << (number * bits);
    else if (byte < rowBytes)
      packed |= code << (8 * byte + number % getPerByte() * bits);
    else // its highest bit is the second byte's lowest one that is left
      packed |= (code & ((1 << getRest()) - 1)) << (8 - getRest()) |
                code >> getRest() << (16 - getRest());
  }
  return packed;
}

void KernelRows::makeCells(CodeBuilder &code) {
  stream.makeCells(code, "kernels", /*countsCodes=*/false);
  if (isPacked)
    codes = code.cells("row_codes", rowBytes);
}

void KernelRows::beginRow(CodeBuilder &code) {
  for (int64_t i = 0; isPacked && i < rowBytes; ++i) {
    stream.nextByte(code);
    code(MOV_M_A, codes.at(i));
  }
}

/// A = the code of a weight.
void KernelRows::loadCode(CodeBuilder &code, int64_t number) {
  int64_t byte = number / getPerByte();
  if (byte < rowBytes) {
    int64_t place = number % getPerByte() * bits;
    code(MOV_A_M, codes.at(byte));
    if (place >= 4)
      code(SWAP_A);
    for (int64_t bit = place >= 4 ? 4 : 0; bit < place; ++bit)
      code(SR_A);
  } else {
    // The highest bit goes through the carry to the others, at the high end.
    code(MOV_A_M, codes.at(1));
    for (int64_t bit = 0; bit < getRest(); ++bit)
      code(SL_A);
    code(MOV_A_M, codes);
    code(SRC_A);
    code(SWAP_A);
    for (int64_t bit = bits; bit < 4; ++bit)
      code(SR_A);
  }
  code(AND_A_K, (1 << bits) - 1);
}

void KernelRows::loadWeight(CodeBuilder &code, int64_t number) {
  if (!isPacked) {
    stream.nextByte(code);
    return;
  }
  loadCode(code, isInPlace ? number : 0);
  for (int64_t bit = 0; bit < shift; ++bit)
    code(SL_A);
  if (least % 256 != 0)
    code(ADD_A_K, least);
}

void KernelRows::dropWeight(CodeBuilder &code) {
  if (!isPacked || isInPlace)
    return;
  for (int64_t bit = 0; bit < bits; ++bit)
    for (int64_t i = rowBytes; i-- > 0;)
      code(i + 1 == rowBytes ? SR_M : SRC_M, codes.at(i));
}
