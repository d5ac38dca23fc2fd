//===- ChipRun.h - Running a whole program from reset -----------*- C++ -*-===//
//
// Runs a linked program as the chip does, from word 0: start-up code, its own
// main, its own model_next_input. The samples come in through an I/O port, one
// byte a read, or are the program's own; each return from model_infer ends a
// sample.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_CHIPRUN_H
#define PDKC_RUNTIME_PDK_SIMULATOR_CHIPRUN_H

#include "runtime_pdk/simulator/Inference.h"

namespace pdkc::sim {

class ChipRun : private IoPort {
public:
  /// Resets the machine; attached to it as long as this object lives. `bytes`
  /// are all samples, one after the other, and must outlive it too. Every
  /// instruction that uses what it reads at `port` takes the next one; without
  /// a port none is handed out.
  ChipRun(Machine &machine, const ModelSymbols &symbols,
          std::optional<unsigned> port, const uint8_t *bytes, size_t count);
  ~ChipRun() override;
  ChipRun(const ChipRun &) = delete;
  ChipRun &operator=(const ChipRun &) = delete;

  /// Goes on until the next return from model_infer, for at most `cycleLimit`
  /// cycles. `inputs` is how many bytes the sample has; without it the sample
  /// takes what it takes. Reads count from the end of the sample before, so
  /// that a main may fill a buffer first. Of the result, `cycles` and
  /// `stackBytes` are those of model_infer alone, as infer() gives them;
  /// deepestSp is that of the whole program so far.
  InferenceResult next(std::optional<size_t> inputs, uint64_t cycleLimit);

  /// Goes on until model_infer is called again, so that the program can put
  /// out the class. False, and a violation reported, if it is not.
  bool runToCall(uint64_t cycleLimit);

private:
  uint8_t read(unsigned address, uint8_t latch, uint8_t used) override;

  bool execute(uint64_t cycleLimit, InferenceResult &result);
  bool runToTrap(uint64_t lastCycle, uint64_t cycleLimit);
  void enter();

  Machine &machine;
  const ModelSymbols &symbols;
  std::optional<unsigned> port;
  const uint8_t *bytes;
  size_t count;
  size_t position = 0; ///< next byte to hand out
  size_t end = 0;      ///< end of this sample

  // The call of model_infer under way.
  bool inside = false;
  unsigned returnAddress = 0;
  unsigned callerSp = 0;
  uint64_t startCycles = 0;
  unsigned deepestSp = 0;
  uint64_t interruptsSeen = 0;
};

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_CHIPRUN_H
