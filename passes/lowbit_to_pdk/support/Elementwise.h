//===- Elementwise.h - What is done with each element -----------*- C++ -*-===//
//
// Loops over a vector's elements, requantisation, the class.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_ELEMENTWISE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_ELEMENTWISE_H

#include "passes/lowbit_to_pdk/support/Storage.h"

namespace pdkc {

/// How a vector's elements are gone through.
enum class Traversal { Loop, Unrolled };

/// Works out the vector's bias; gives its bytes, or none where there is none.
std::optional<Cell> emitBias(CodeBuilder &code, const Storage &values);

/// Takes the bias, if any, off `bytes` bytes.
void subtractBias(CodeBuilder &code, std::optional<Cell> bias, Cell value,
                    int64_t bytes);

/// Copies `bytes` bytes.
void copy(CodeBuilder &code, Cell to, Cell from, int64_t bytes);

/// Adds a constant to `bytes` bytes, modulo 256^bytes.
void addConstant(CodeBuilder &code, int64_t constant, Cell value,
                 int64_t bytes);

/// Adds its own constant to each element, wherever that is not 0.
void addToElements(CodeBuilder &code, const Storage &values,
                   llvm::ArrayRef<int64_t> constants);

/// The body so many times in a loop, 1 to 255; once without one.
void emitTimes(CodeBuilder &code, llvm::StringRef name, int64_t trips,
               llvm::function_ref<void()> body);

/// Goes through the elements `begin` to `end` - 1 of the result in a loop.
/// `load` leaves the next element's bytes in `value`; `work` makes the result's
/// bytes of them: one byte in A, more in the cells that it returns.
void emitLoop(CodeBuilder &code, const Storage &result, int64_t begin,
              int64_t end, llvm::function_ref<void()> load,
              llvm::function_ref<Cell()> work);

/// Sets a pointer, p unless another is given, to the vector's element `begin`;
/// the function returned then reads element after element into `value` and
/// takes the bias off.
std::function<void()>
beginReading(CodeBuilder &code, const Storage &values, int64_t begin,
             Cell value, std::optional<Cell> bias,
             std::optional<Cell> pointer = std::nullopt);

/// Sets a pointer to the vector's first byte; the function returned stores A or
/// the cells' bytes there and goes on.
std::function<void(std::optional<Cell>)> beginStoring(CodeBuilder &code,
                                                      const Storage &result);

/// What requantisation does with a sum to which its offset, less `min` steps,
/// is already added: clamp(sum >> shift, 0 to max - min) + min, where `ties`
/// says what sum >> shift is without remainder.
struct Requantisation {
  int64_t shift, min, max;
  lowbit::Ties ties = lowbit::Ties::Up;

  /// The operation's, with results that are stored with `offset` added.
  Requantisation(lowbit::RequantOp op, int64_t offset)
      : shift(op.getShift()), min(op.getMin() + offset),
        max(op.getMax() + offset),
        ties(lowbit::moveTies(op.getTies(), op.getMin())) {}
  Requantisation(int64_t shift, int64_t min, int64_t max)
      : shift(shift), min(min), max(max) {}
  bool operator<(const Requantisation &other) const {
    return std::tie(shift, min, max, ties) <
           std::tie(other.shift, other.min, other.max, other.ties);
  }
};

/// The bytes of a sum above those that it has, up to `bytes`.
void extend(CodeBuilder &code, const Storage &sums, Cell value, int64_t bytes);

/// Takes 1 off a value of `bytes` bytes, which is not negative, if its bits
/// from `shift` on are odd for even ties, or even for odd ones: shifted, only a
/// tie becomes another number. Carry says that it was 0 and ties are odd.
void emitTies(CodeBuilder &code, Cell value, int64_t bytes, int64_t shift,
              lowbit::Ties ties);

/// Shifts an unsigned number of `bytes` bytes, which becomes at most `highest`,
/// clamps it to the range and takes the range's lower end off. Where the result
/// then is.
Cell emitShiftAndClamp(CodeBuilder &code, Cell value, int64_t bytes,
                       int64_t shift, lowbit::Interval range, int64_t highest);

/// A = the requantised sum from the bytes at `value`, which it destroys. Of
/// `sums` it reads bytes and range.
void emitRequantOfOne(CodeBuilder &code, const Storage &sums, Cell value,
                      Requantisation requant);

/// Bytes of activations. `result` has one byte an element and may begin at or
/// below the sums' first byte. Unrolled code destroys the sums. `missing` is
/// what the sums still lack of the requantisation's offset.
void emitRequant(CodeBuilder &code, const Storage &sums, Requantisation requant,
                 const Storage &result, Traversal traversal,
                 int64_t missing = 0);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_ELEMENTWISE_H
