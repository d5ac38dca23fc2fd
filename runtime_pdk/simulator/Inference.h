//===- Inference.h - Calling a model as C would -----------------*- C++ -*-===//
//
// Runs a program's model_infer on the simulated chip the way a C program calls
// it: inputs one by one through model_next_input, or in the buffer model_input.
// What such a call may rely on, and no more, is there: A, the flags, `p` and
// all RAM that the module has not written itself hold nothing of use.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_INFERENCE_H
#define PDKC_RUNTIME_PDK_SIMULATOR_INFERENCE_H

#include "runtime_pdk/simulator/Machine.h"

#include <optional>

namespace pdkc::sim {

/// Where a model lies in a program.
struct ModelSymbols {
  unsigned infer = 0;                ///< word address of model_infer
  std::optional<unsigned> nextInput; ///< word address of model_next_input
  std::optional<unsigned> input;     ///< RAM address of model_input
  unsigned inputBytes = 1; ///< of a value: the second one is returned in p
  unsigned stackBase = 0; ///< SP (even) before the call of model_infer
  /// RAM 0 and 1 are SDCC's pseudo-register p; else the program's own.
  bool hasPointerP = true;
};

struct InferenceOptions {
  uint64_t cycleLimit = 100000000;
  /// The model may take fewer inputs than there are.
  bool mayLeaveInputs = false;
  /// Bytes of RAM that hold something before the call: address and value.
  std::vector<std::pair<unsigned, uint8_t>> ram;
};

struct InferenceResult {
  bool returned = false; ///< model_infer came to its end: there is a class
  uint8_t classIndex = 0;
  /// From model_infer's first instruction to its RET, inclusive.
  uint64_t cycles = 0;
  uint64_t inputsTaken = 0; ///< values
  /// Most bytes ever on the stack, the call of model_infer's two included.
  unsigned stackBytes = 0;
  unsigned deepestSp = 0; ///< the SP then: the bytes below it were in use
  std::vector<Violation> violations;

  bool ok() const { return returned && violations.empty(); }
};

/// Resets the machine and runs one inference on `count` bytes of inputs. A call
/// of model_next_input costs 4 cycles whatever stands there: its first
/// instruction is taken for a RET. After the run the machine's RAM holds what
/// the model left (model_output).
InferenceResult infer(Machine &machine, const ModelSymbols &symbols,
                      const uint8_t *inputs, size_t count,
                      const InferenceOptions &options = {});

/// RAM byte 1 is the high byte of SDCC's pseudo-register `p`, which C code
/// takes to be 0: reports it when it is not.
void checkPseudoRegister(Machine &machine, const char *when);

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_INFERENCE_H
