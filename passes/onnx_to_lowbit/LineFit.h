//===- LineFit.h - The lines that step functions are ------------*- C++ -*-===//
//
// A quantiser's function is a line of its sum, rounded and clipped. What lies
// between says the slope exactly, as a fraction of as many digits as its scales
// have together; far fewer say the same of all integers of a range.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_LINEFIT_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_LINEFIT_H

#include "passes/onnx_to_lowbit/StepFunction.h"

namespace pdkc {

/// How the program's values, of which `steps` are, rise with each integer where
/// they are not clipped, if rounding is left out; 0 where that is not known.
Rational findSlope(ElementProgram &program, const RealSteps &steps);

/// The line that the function is, but for exceptions (see lowbit.steps), with
/// the simplest fraction that is the slope, in values an integer, or close
/// enough to it; none where there is none.
std::optional<lowbit::Line> fitLine(const IntegerSteps &function,
                                    const Rational &slope);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_LINEFIT_H
