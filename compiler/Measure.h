//===- Measure.h - Emitted words on samples in the simulator ----*- C++ -*-===//

#ifndef PDKC_COMPILER_MEASURE_H
#define PDKC_COMPILER_MEASURE_H

#include "compiler/Compiler.h"
#include "dialects/lowbit/Interpreter.h"

namespace pdkc {

/// Inputs for inferences, one byte a value.
struct Samples {
  std::vector<uint8_t> bytes;
  int64_t inputs = 0;    ///< bytes an inference
  bool isSigned = false; ///< bytes are two's complement

  int64_t getCount() const { return bytes.size() / inputs; }
  const uint8_t *get(int64_t i) const { return bytes.data() + i * inputs; }
  /// The integers of inference i.
  lowbit::Elements getValues(int64_t i) const;
};

/// An error at the operation where the user's samples are no whole inferences
/// of so many inputs, or outside the range.
mlir::LogicalResult checkSamples(mlir::Operation *at, lowbit::Interval range,
                                 int64_t inputs,
                                 llvm::ArrayRef<uint8_t> given);

/// The user's samples and `count` made-up ones: the extremes, then random
/// values of which half are the smallest (as images have a background).
Samples makeSamples(lowbit::Interval range, int64_t inputs,
                    llvm::ArrayRef<uint8_t> given, int64_t count);

struct Measurement {
  Cycles cycles;
  std::vector<uint8_t> classes;
  /// The bytes of the exported outputs, where there are some.
  std::vector<std::vector<uint8_t>> outputs;
  std::string error; ///< the first rule broken, if any
};

/// Runs the program on the first `limit` samples (all when negative). It may
/// use LDSPTL and LDSPTH if `undocumented`. After each sample `isEnough` is
/// told what the mean of all is at least; where it says so, that is the mean
/// given.
Measurement measure(const Layout &layout, const Standalone &program,
                    const Samples &samples, bool undocumented,
                    int64_t limit = -1,
                    llvm::function_ref<bool(double)> isEnough = nullptr);

} // namespace pdkc

#endif // PDKC_COMPILER_MEASURE_H
