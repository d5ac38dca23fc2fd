//===- Compiler.h - From a model to a module for a device -------*- C++ -*-===//
//
// The compiler as a library: nothing here prints, exits or keeps globals. What
// is wrong with a model is told as diagnostics of the MLIR context.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_COMPILER_H
#define PDKC_COMPILER_COMPILER_H

#include "compiler/emit/Writers.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "passes/pdk/firmware/Firmware.h"
#include "runtime_pdk/simulator/SampleFile.h"

#include <functional>

namespace pdkc {

struct CompileOptions {
  /// In small letters; or "auto": the smallest that the model fits.
  std::string device = "pms150c";
  std::string name = "model";
  bool forSize = false; ///< fewest words; else fewest cycles that fit
  /// Fewest cycles of what is at most a fifth larger than the smallest.
  bool isBalanced = false;
  /// Words of the program, and cycles of an inference on average, that are
  /// allowed; 0: whatever there is.
  int64_t maxWords = 0, maxCycles = 0;
  /// LDSPTL and LDSPTH may be used, which Padauk's data sheets do not describe.
  bool undocumented = false;
  /// What the device's integers are: for each input, or for all that are not
  /// named, "[NAME=]LO:HI" or "[NAME=]NUMBER", separated by commas; empty: not
  /// given.
  std::string inputRange, inputScale, inputZeroPoint;
  /// Files of samples, and of their classes, one byte each, to make scales
  /// constant that depend on the input; empty: not given.
  std::string calibrate, labels;
  /// What is given besides the class: "class" for nothing, "logits", "values".
  std::string output = "class";
  /// Names of the graph's outputs that are given, separated by commas; empty:
  /// the first.
  std::string outputs;
  /// How inputs come: "stream", "buffer", or "auto": a buffer only where the
  /// first layer cannot take the inputs as they arrive.
  std::string input = "auto";
  int64_t reserveWords = 0, reserveRam = 0;
  int64_t verify = 100; ///< inputs made up to check the emitted words with
  /// A program that is not far from the best, in less time; where it
  /// does not fit, other devices are not tried.
  bool isEstimate = false;
  /// A firmware instead of a module that is linked with C.
  std::optional<FirmwareOptions> firmware;
  /// Inputs of the user to measure and to check with, as lowbit::InputLayout
  /// has them.
  std::vector<uint8_t> samples;
  /// What an array that they were read from says of them.
  std::optional<sim::SampleArray> sampleArray;
  /// Sets up the pass managers whose results are kept (to print what is between
  /// passes, to write reproducers); those of plans that are only measured are
  /// not seen. May be null.
  std::function<mlir::LogicalResult(mlir::PassManager &)> configure;
  /// Told how many plans have been priced so far; may be null.
  std::function<void(int64_t plans)> progress;
  /// Where times are to be kept; may be null. Outlives the compilation.
  mlir::TimingScope *timing = nullptr;
};

/// What about the options is wrong, whatever the model is, as one line; empty
/// where nothing is. What follows takes options without such errors.
std::string checkOptions(const CompileOptions &options);

/// Words left to the C program that the module is linked with, by default.
constexpr int64_t kWordsForC = 40;

/// Words that the program may not use.
inline int64_t getReservedWords(const CompileOptions &options) {
  return (options.firmware ? 0 : kWordsForC) + options.reserveWords;
}

/// Words that the program may use on the device.
inline int64_t getAvailableWords(const CompileOptions &options,
                                 const pdk::Device &device) {
  int64_t words = int64_t(device.usableWords) - getReservedWords(options);
  return options.maxWords ? std::min(words, options.maxWords) : words;
}

/// Cycles of inferences in the simulator.
struct Cycles {
  uint64_t min = 0, max = 0;
  double mean = 0;
};

/// Undocumented instructions in a program, where they were allowed.
struct UndocumentedUse {
  bool isUsed = false; ///< the plan with them is better
  /// Of the best program without; none where there is none.
  std::optional<int64_t> wordsWithout;
};

/// A model that came through; every part stays for whoever wants to see it.
struct Compilation {
  mlir::OwningOpRef<mlir::ModuleOp> lowbit; ///< as imported: the meaning
  mlir::OwningOpRef<mlir::ModuleOp> plan;   ///< flat, with methods chosen
  mlir::OwningOpRef<mlir::ModuleOp> pdk;    ///< with addresses
  Layout layout;                            ///< refers to `pdk`
  Standalone program;
  ModuleInterface interface;
  Cycles cycles;
  /// Cycles that no input takes more than, by analysis of the program; none of
  /// a firmware, which waits.
  std::optional<int64_t> longest;
  std::optional<UndocumentedUse> undocumented; ///< where allowed
  int64_t verified = 0; ///< inputs on which the words agree with `lowbit`
};

/// How far a model goes down the pipeline; beyond lowbit, compile() plans.
enum class Stage { Onnx, Lowbit };

/// Runs the pipeline up to a stage in place. `module` holds that stage's
/// dialect or one before it.
mlir::LogicalResult runTo(Stage stage, mlir::ModuleOp module,
                          const CompileOptions &options);

/// The devices' names with the smallest first, one of each size: the first that
/// the table lists.
std::vector<std::string> getDevicesBySize();

/// Compiles a module of the onnx or lowbit dialect, or one that holds a program
/// of the pdk dialect already (`lowbit` and `plan` are null then). Where a
/// model does not fit the device, a remark after the errors names devices that
/// it fits.
mlir::FailureOr<Compilation> compile(mlir::OwningOpRef<mlir::ModuleOp> module,
                                     const CompileOptions &options);

/// Interprets a module of the lowbit dialect on the options' samples and writes
/// a line of JSON: "classes", and "undecided", 1 where float32, in some order
/// of its sums, could have given another one; "outputs", of each its "name" and
/// "meaning", "values" (integers, a row a sample), "undecided" likewise, "error",
/// how far off float32 may be where nothing has rounded it since, and what the
/// integers are worth, "scale" and "offset", one for all or one each.
mlir::LogicalResult writeValues(mlir::ModuleOp module,
                                const CompileOptions &options,
                                llvm::raw_ostream &out);

/// Registers what runTo and compile need in a context's registry.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace pdkc

#endif // PDKC_COMPILER_COMPILER_H
