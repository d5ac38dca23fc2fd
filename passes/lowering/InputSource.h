//===- InputSource.h - Where a layer's inputs come from ---------*- C++ -*-===//
//
// Either bytes in RAM, or the stream of <name>_next_input with what is done to
// each raw value as it arrives.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWERING_INPUTSOURCE_H
#define PDKC_PASSES_LOWERING_INPUTSOURCE_H

#include "passes/lowering/Vector.h"

namespace pdkc {

struct InputSource {
  /// In RAM: bytes, unsigned, from 0 on. Absent: a stream.
  std::optional<Vector> vector;
  /// Of a stream: what turns a raw value into the layer's input.
  lowbit::RequantOp preprocess;
  /// Inputs, whether the layer reads them or not, and their range.
  int64_t size = 0;
  lowbit::Interval range;

  bool isStream() const { return !vector; }

  /// Of a stream: takes the next value and leaves it, preprocessed, in A.
  void take(CodeBuilder &code) const;
  /// Of a stream: takes `count` values that nobody reads.
  void discard(CodeBuilder &code, int64_t count) const;
};

/// Whether a stream's preprocessing can be done on one byte as it arrives:
/// an added constant, a right shift and clips.
bool canPreprocess(lowbit::RequantOp op);

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_INPUTSOURCE_H
