"""What pdkc tells: devices, diagnostics, errors."""

from typing import NamedTuple, Optional


class Device(NamedTuple):
    """A microcontroller."""
    name: str  #: as `mcu` takes it
    instruction_set: str
    words: int  #: of code that a program can use
    ram_bytes: int
    max_clock: int  #: in Hz; 0: no firmware is made for it


class Diagnostic(NamedTuple):
    """An error, a warning or a note."""
    severity: str  #: "error", "warning" or "note"
    node: str  #: of the graph, or a place in a text; may be ""
    text: str
    #: What there is too little of: "code" (words), "ram", "reachable-ram"
    #: (bytes), "pause" (bit times).
    resource: Optional[str] = None
    device: Optional[str] = None
    needed: Optional[int] = None
    available: Optional[int] = None
    notes: tuple = ()  #: Diagnostics that explain it

    def __str__(self):
        text = f"{self.node}: {self.text}" if self.node else self.text
        return "\n".join([f"{self.severity}: {text}", *map(str, self.notes)])


class Cycles(NamedTuple):
    """Of an inference, calls for inputs included."""
    min: int
    mean: float
    max: int
    bound: Optional[int] = None  #: no input takes more


class Violation(NamedTuple):
    """A rule of the device that a program broke."""
    rule: str
    text: str
    word: int  #: address of the instruction
    sample: int  #: the first one
    count: int


class PdkcError(Exception):
    """What pdkc raises."""


class UsageError(PdkcError, ValueError):
    """Options that make no sense, whatever the model is."""


class CompileError(PdkcError):
    """A model that is wrong. `diagnostics` says where and why."""

    def __init__(self, diagnostics):
        self.diagnostics = diagnostics
        super().__init__("\n".join(map(str, diagnostics)))


class DoesNotFit(CompileError):
    """A model that needs more than the device has: `resource` of `device`,
    `needed`, `available`."""

    def __init__(self, diagnostics):
        super().__init__(diagnostics)
        first = next(d for d in diagnostics if d.resource)
        self.resource, self.device = first.resource, first.device
        self.needed, self.available = first.needed, first.available


class SimulationError(PdkcError):
    """A program that could not be run, or broke a rule of the device."""

    def __init__(self, text, violations=()):
        self.violations = list(violations)
        super().__init__(text)
