//===- Measure.h - Emitted words on samples in the simulator ----*- C++ -*-===//

#ifndef PDKC_COMPILER_MEASURE_H
#define PDKC_COMPILER_MEASURE_H

#include "compiler/Compiler.h"
#include "dialects/lowbit/ModelInterface.h"

#include <map>

namespace pdkc {

/// Inputs for inferences, as sample files have them.
struct Samples {
  lowbit::InputLayout layout;
  std::vector<uint8_t> bytes;
  /// So many of them, the first ones, are the user's, and what is measured is
  /// of these alone; 0: of all.
  int64_t given = 0;

  int64_t getCount() const { return bytes.size() / layout.getTotalBytes(); }
  llvm::ArrayRef<uint8_t> get(int64_t i) const {
    int64_t size = layout.getTotalBytes();
    return llvm::ArrayRef(bytes).slice(i * size, size);
  }
  /// The integers of inference i.
  lowbit::Elements getValues(int64_t i) const { return layout.decode(get(i)); }
};

/// Cycles of <name>_next_input as it is measured: a RET.
constexpr int64_t kNextInputCycles = 2;

/// An error at the operation where the user's samples are no whole inferences,
/// or outside the range, or are not what the array says that they were in.
mlir::LogicalResult checkSamples(mlir::Operation *at,
                                 const lowbit::InputLayout &layout,
                                 llvm::ArrayRef<uint8_t> given,
                                 const std::optional<sim::SampleArray> &array);

/// The user's samples and `count` made-up ones: the extremes, then random
/// values of which half are the smallest (as images have a background).
Samples makeSamples(const lowbit::InputLayout &layout,
                    llvm::ArrayRef<uint8_t> given, int64_t count);

struct Measurement {
  Cycles cycles;
  std::vector<uint8_t> classes;
  /// The bytes of the exported outputs, by their names behind the model's.
  std::vector<std::map<std::string, std::vector<uint8_t>>> outputs;
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
