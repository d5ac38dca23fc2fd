//===- Passes.td - Every pass of pdkc, in the order of the pipeline -------===//

#ifndef PDKC_PASSES_PASSES_TD
#define PDKC_PASSES_PASSES_TD

include "passes/onnx/Passes.td"
include "passes/onnx_to_lowbit/Passes.td"
include "passes/lowbit/Passes.td"
include "passes/lowbit_to_pdk/Passes.td"
include "passes/pdk/Passes.td"

#endif // PDKC_PASSES_PASSES_TD
