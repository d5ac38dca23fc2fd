//===- Modes.h - The ways to run a program ----------------------*- C++ -*-===//
//
// Each runs the samples and fills in the summary; unless it returns Good, it
// has said why nothing could be run.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_TOOL_MODES_H
#define PDKC_RUNTIME_PDK_TOOL_MODES_H

#include "runtime_pdk/tool/Results.h"

namespace pdkc::tool {

/// Calls model_infer for each sample, as C would.
ExitStatus runCalls(sim::Machine &machine, const Options &options,
                    const Samples &samples, Summary &summary);

/// Runs the program from reset, the samples coming in through a port.
ExitStatus runFromReset(sim::Machine &machine, const Options &options,
                        const Samples &samples, Summary &summary);

/// The same for each sample alone, once for each instruction boundary with an
/// interrupt there.
ExitStatus runSweep(sim::Machine &machine, const Options &options,
                    const Samples &samples, Summary &summary);

/// Runs a firmware from reset, the samples coming in as serial frames.
ExitStatus runSerial(sim::Machine &machine, const Options &options,
                     const Samples &samples, Summary &summary);

/// Lets the machine write the first instructions to stderr, as many as the
/// options say.
void startTrace(sim::Machine &machine, const Options &options);

} // namespace pdkc::tool

#endif // PDKC_RUNTIME_PDK_TOOL_MODES_H
