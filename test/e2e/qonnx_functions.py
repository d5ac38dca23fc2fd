"""QONNX's operators as model-local functions of ONNX operators.

with_functions(model) gives a model that any ONNX runtime executes: each node
of the QONNX domains becomes the call of a function that computes what the
QONNX specification says, in the types in which NumPy does: float64 behind a
scale of float64, or a zero point of that or of wide integers, and else the type
of the node's first input, which the result has in any case.

    Quant, IntQuant   s (round(clip(x / s + z)) - z); 1 bit, signed: +-1
    BipolarQuant      x >= 0 ? s : -s
    Trunc             5 inputs (version 1) or 6 (version 2)
    MultiThreshold    out_scale count(x >= T) + out_bias
"""

import onnx
from onnx import helper

FLOAT, DOUBLE = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE
# What makes a sum with float32 a float64.
WIDE = (DOUBLE, onnx.TensorProto.INT32, onnx.TensorProto.INT64,
        onnx.TensorProto.UINT32, onnx.TensorProto.UINT64)
DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas",
           "finn.custom_op.general")
LOCAL = "pdkc.test"  # the domain of the functions

# Rounding modes by what ONNX operators make of x.
ROUNDINGS = {
    "ROUND": "y = Round (x)",
    "HALF_EVEN": "y = Round (x)",
    "CEIL": "y = Ceil (x)",
    "FLOOR": "y = Floor (x)",
    "UP": "s = Sign (x)\n a = Abs (x)\n c = Ceil (a)\n y = Mul (s, c)",
    "DOWN": "s = Sign (x)\n a = Abs (x)\n c = Floor (a)\n y = Mul (s, c)",
    "HALF_UP": "s = Sign (x)\n a = Abs (x)\n h = Add (a, half)\n"
               " c = Floor (h)\n y = Mul (s, c)",
    "HALF_DOWN": "s = Sign (x)\n a = Abs (x)\n h = Sub (a, half)\n"
                 " c = Ceil (h)\n y = Mul (s, c)",
}

# Round is of opset 11; before, from the floor and the rest. The rest is exact
# but for tiny negative x, where it rounds to 1, which serves as well.
ROUND_BEFORE_11 = """
 f = Floor (x)
 rest = Sub (x, f)
 above = Greater (rest, half)
 below = Less (rest, half)
 decided = Or (above, below)
 tie = Not (decided)
 h = Mul (f, half)
 hf = Floor (h)
 odd = Greater (h, hf)
 oddtie = And (tie, odd)
 up = Or (above, oddtie)
 one = CastLike_ (up)
 y = Add (f, one)"""


class Body:
    """The nodes of a function, written one a line: 'y = Op (a, b)'."""

    def __init__(self, opset):
        self.opset, self.nodes, self.serial = opset, [], 0
        self.like, self.kind = "x", FLOAT  # of the numbers computed with

    def constant(self, name, value, kind=FLOAT):
        """A scalar constant; floats are cast to the type of the numbers."""
        dims = [len(value)] if isinstance(value, list) else []
        values = value if isinstance(value, list) else [value]
        raw = name + "_raw" if kind == FLOAT else name
        self.nodes.append(helper.make_node(
            "Constant", [], [raw],
            value=helper.make_tensor(raw, kind, dims, values)))
        if raw != name:
            self.cast(raw, name)

    def cast(self, source, target):
        self.nodes.append(
            helper.make_node("CastLike", [source, self.like], [target])
            if self.opset >= 15 else
            helper.make_node("Cast", [source], [target], to=self.kind))

    def add(self, text, prefix="", **names):
        """Adds lines; names maps names of the text to those outside."""

        def rename(name):
            return names.get(name, prefix + name)

        for line in filter(None, map(str.strip, text.splitlines())):
            target, rest = line.split(" = ")
            operator, inputs = rest.rstrip(")").split(" (")
            inputs = [rename(i) for i in inputs.split(", ")]
            if operator == "CastLike_":
                self.cast(inputs[0], rename(target))
                continue
            self.nodes.append(helper.make_node(operator, inputs,
                                               [rename(target)]))

    def round(self, mode, source, target):
        text = ROUNDINGS[mode]
        if mode in ("ROUND", "HALF_EVEN") and self.opset < 11:
            text = ROUND_BEFORE_11
        self.serial += 1
        self.add(text, f"round{self.serial}_", x=source, y=target, half="half")

    def clamp(self, bits, signed, narrow, source, target):
        """To the integers of `bits` bits, the name of a tensor."""
        self.add(f"""
            size = Pow (two, {bits})
            half_size = Mul (size, half)
            negative = Neg (half_size)
            unsigned_high = Sub (size, {'two' if narrow else 'one'})
            signed_high = Sub (half_size, one)
            signed_low = {'Neg (signed_high)' if narrow
                          else 'Identity (negative)'}
            cut = Min ({source}, {'signed_high' if signed
                                  else 'unsigned_high'})
            {target} = Max (cut, {'signed_low' if signed else 'zero'})""")


def quant(body, attributes):
    signed = attributes.get("signed", 1)
    body.add("shifted = Add (quotient, z)")
    body.clamp("b", signed, attributes.get("narrow", 1), "shifted", "clamped")
    body.round(attributes["rounding_mode"], "clamped", "integer")
    # One signed bit stands for -1 and +1.
    body.add(f"""
        isnegative = Less (shifted, zero)
        flag = CastLike_ (isnegative)
        flags = Mul (flag, two)
        bipolar = Sub (one, flags)
        few = Less (b, {'onehalf' if signed else 'zero'})
        isone = CastLike_ (few)
        others = Sub (one, isone)
        p0 = Mul (bipolar, isone)
        p1 = Mul (integer, others)
        code = Add (p0, p1)
        centred = Sub (code, z)
        y = Mul (centred, s)""")


def bipolar_quant(body, attributes):
    body.add("""
        isnegative = Less (x, zero)
        flag = CastLike_ (isnegative)
        flags = Mul (flag, two)
        bipolar = Sub (one, flags)
        y = Mul (bipolar, s)""")


def trunc1(body, attributes):
    body.add("shifted = Add (quotient, z)")
    body.round("ROUND", "shifted", "integer")
    body.add("""
        difference = Sub (b, ob)
        step = Pow (two, difference)
        parts = Div (integer, step)""")
    body.round(attributes["rounding_mode"], "parts", "code")
    body.add("""
        centred = Sub (code, z)
        y = Mul (centred, s)""")


def trunc2(body, attributes):
    body.add("shifted = Add (quotient, z)")
    body.round("ROUND", "shifted", "integer")
    body.constant("ln2", 0.6931471805599453)
    body.add("""
        ratio = Div (os, s)
        ln = Log (ratio)
        log2 = Div (ln, ln2)""")
    body.round("ROUND", "log2", "exponent")
    body.add("""
        step = Pow (two, exponent)
        parts = Div (integer, step)""")
    body.clamp("ob", attributes.get("signed", 1), attributes.get("narrow", 0),
               "parts", "clamped")
    body.round(attributes["rounding_mode"], "clamped", "code")
    body.add("""
        zero_point = Div (z, step)
        centred = Sub (code, zero_point)
        y = Mul (centred, os)""")


def multi_threshold(body, attributes):
    layout = attributes.get("data_layout", "")
    # Thresholds (channels, steps) become (channels, 1 ..., steps), or stay
    # where the channels are last; a rank of 3 without a layout means NWC.
    int64 = onnx.TensorProto.INT64
    body.constant("out_scale", attributes.get("out_scale", 1.0))
    body.constant("out_bias", attributes.get("out_bias", 0.0))
    body.constant("minus_one", [-1], int64)
    body.constant("i_one", [1], int64)
    body.constant("i_two", [2], int64)
    body.constant("i_three", [3], int64)
    body.constant("i_zero", [0], int64)
    last = layout.endswith("C") and len(layout) > 2
    body.add(f"""
        shape = Shape (x)
        rank = Shape (shape)
        between = Sub (rank, i_two)
        isthree = Equal (rank, i_three)
        ones_count = {'Identity (i_zero)' if last else
                      'Identity (between)' if layout else
                      'Where (isthree, i_zero, between)'}""")
    body.nodes.append(helper.make_node(
        "ConstantOfShape", ["ones_count"], ["ones"],
        value=helper.make_tensor("one", int64, [1], [1])))
    body.add("""
        tshape = Shape (t)
        channels = Gather (tshape, i_zero)
        steps = Gather (tshape, i_one)""")
    body.nodes += [
        helper.make_node("Concat", ["channels", "ones", "steps"], ["wide"],
                         axis=0),
        helper.make_node("Concat", ["shape", "i_one"], ["xshape"], axis=0)]
    body.add("""
        thresholds = Reshape (t, wide)
        values = Reshape (x, xshape)
        below = Less (values, thresholds)
        reached = Not (below)
        flags = CastLike_ (reached)""")
    if body.opset >= 13:
        node = helper.make_node("ReduceSum", ["flags", "minus_one"],
                                ["count"], keepdims=0)
    else:
        node = helper.make_node("ReduceSum", ["flags"], ["count"], axes=[-1],
                                keepdims=0)
    body.nodes.append(node)
    body.add("""
        scaled = Mul (count, out_scale)
        y = Add (scaled, out_bias)""")


# By operator and number of inputs: the builder and the inputs' names.
FUNCTIONS = {
    ("Quant", 4): (quant, "xszb"),
    ("IntQuant", 4): (quant, "xszb"),
    ("BipolarQuant", 2): (bipolar_quant, "xs"),
    ("Trunc", 5): (trunc1, ("x", "s", "z", "b", "ob")),
    ("Trunc", 6): (trunc2, ("x", "s", "z", "b", "os", "ob")),
    ("MultiThreshold", 2): (multi_threshold, "xt"),
}
DEFAULT_MODE = {"Quant": "ROUND", "IntQuant": "ROUND", "Trunc": "FLOOR"}


def divide(body, is_wide_scale, is_wide):
    """quotient = x / s, which is a float64 if asked for."""
    if is_wide_scale:
        body.like, body.kind = "x_wide", DOUBLE
        body.nodes.append(helper.make_node("Cast", ["x"], ["x_wide"],
                                           to=DOUBLE))
    body.cast("given_s", "s_divisor")
    body.add(f"narrow_quotient = Div ({body.like}, s_divisor)")
    body.nodes.append(
        helper.make_node("Cast", ["narrow_quotient"], ["quotient"], to=DOUBLE)
        if is_wide else
        helper.make_node("Identity", ["narrow_quotient"], ["quotient"]))
    body.like, body.kind = "quotient", DOUBLE if is_wide else FLOAT


def make_function(node, name, opset, is_wide_scale, is_wide):
    """The function for a node with its attributes."""
    try:
        build, inputs = FUNCTIONS[node.op_type, len(node.input)]
    except KeyError:
        raise ValueError(f"{node.name}: {node.op_type} with {len(node.input)} "
                         "inputs is not an operator of QONNX") from None
    attributes = {a.name: helper.get_attribute_value(a)
                  for a in node.attribute}
    for key, value in attributes.items():
        if isinstance(value, bytes):
            attributes[key] = value.decode()
    mode = attributes.get("rounding_mode", DEFAULT_MODE.get(node.op_type, ""))
    attributes["rounding_mode"] = mode.upper()
    body = Body(opset)
    divides = "z" in inputs
    if divides:
        divide(body, is_wide_scale, is_wide)
    for constant, value in (("zero", 0.0), ("half", 0.5), ("one", 1.0),
                            ("onehalf", 1.5), ("two", 2.0)):
        body.constant(constant, value)
    # Scales, zero points, widths and thresholds in the type of the numbers.
    for given in inputs[1:]:
        body.cast("given_" + given, given)
    build(body, attributes)
    if divides:
        body.nodes[-1].output[0] = "y_computed"
        body.like, body.kind = "x", FLOAT
        body.cast("y_computed", "y")
    return helper.make_function(
        LOCAL, name, ["x"] + ["given_" + i for i in inputs[1:]], ["y"],
        body.nodes, [helper.make_opsetid("", opset)])


def with_functions(model):
    """A copy of the model whose QONNX nodes call functions in the file."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    opset = next((i.version for i in model.opset_import
                  if i.domain in ("", "ai.onnx")), 1)
    kinds = {i.name: i.data_type for i in result.graph.initializer}
    for nodes in [result.graph.node] + [f.node for f in result.functions]:
        kinds.update((n.output[0], n.attribute[0].t.data_type) for n in nodes
                     if n.op_type == "Constant" and n.attribute[0].HasField("t"))
    made = {}
    if opset < 9 and any(n.domain in DOMAINS for n in model.graph.node):
        raise ValueError(f"QONNX's operators need opset 9, not {opset}, here")
    for nodes in [result.graph.node] + [f.node for f in result.functions]:
        for node in nodes:
            if node.domain not in DOMAINS:
                continue
            attributes = sorted((a.SerializeToString() for a in node.attribute))
            wide = [kinds.get(i) in WIDE for i in node.input[1:3]]
            key = (node.op_type, len(node.input), *wide, *attributes)
            if key not in made:
                made[key] = make_function(node, f"{node.op_type}_{len(made)}",
                                          opset, wide[0], any(wide))
            del node.attribute[:]
            node.op_type, node.domain = made[key].name, LOCAL
    if made:
        result.functions.extend(made.values())
        kept = [i for i in result.opset_import if i.domain != LOCAL]
        del result.opset_import[:]
        result.opset_import.extend(kept + [helper.make_opsetid(LOCAL, 1)])
        for function in result.functions:
            if any(n.domain == LOCAL for n in function.node):
                function.opset_import.append(helper.make_opsetid(LOCAL, 1))
        result.ir_version = max(result.ir_version, 8)
    return result
