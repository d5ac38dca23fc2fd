"""Compiles trained low-bit networks to Padauk microcontrollers of a few cents.

    import pdkc
    program = pdkc.compile("model.onnx", mcu="pms150c", input_range=(0, 15))
    program.save("model.ihx")
"""

from ._compile import (Program, compile, devices, emit, explore, fits, version)
from ._estimate import Conv, Dense, Estimate, MaxPool, estimate
from ._simulate import Run
from ._types import (CompileError, Cycles, Device, Diagnostic, DoesNotFit,
                     PdkcError, SimulationError, UsageError, Violation)

__version__ = version().split()[1]
