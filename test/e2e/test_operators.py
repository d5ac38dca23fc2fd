"""Every operator on random constants: what pdkc folds is what ONNX Runtime
computes with optimisations off, bit for bit but for the irrational functions.
QONNX's quantisers, which ONNX Runtime lacks, are written in NumPy here.
"""

import numpy as np
from onnx import TensorProto, helper

from folding import Case, compare
from support import EndToEndTest

rng = np.random.default_rng(1)
MS = "com.microsoft"
QONNX = "qonnx.custom_op.general"


def f32(*shape, low=-4, high=4):
    return rng.uniform(low, high, shape).astype(np.float32)


def ints(kind, *shape, low=None, high=None):
    info = np.iinfo(kind)
    low = info.min if low is None else low
    high = info.max if high is None else high
    return rng.integers(low, high, shape, kind, endpoint=True)


def i64(*values):
    return np.array(values, np.int64)


SPECIAL = np.array([0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1e-30, -1e-30,
                    1e30, -1e30, 127.5, 254.5, 0.1, 1 / 3, 88, -88, 18, -18,
                    9.1, -9.1], np.float32)
X = np.concatenate([SPECIAL, f32(1000, low=-12, high=12),
                    f32(200, low=-0.01, high=0.01)])
P = np.abs(X) + np.float32(1e-6)


def elementwise():
    for op in ("Neg", "Abs", "Sign", "Floor", "Ceil", "Round", "Relu",
               "Identity", "Reciprocal", "HardSwish", "LeakyRelu",
               "ThresholdedRelu", "HardSigmoid", "Shrink", "Softsign",
               "Not", "IsNaN", "IsInf"):
        if op == "Not":
            yield Case(op, X > 0)
            continue
        yield Case(op, X, opset=14)
        if op in ("Neg", "Abs", "Sign", "Identity"):
            yield Case(op, ints(np.int8, 50, low=-127))
            yield Case(op, ints(np.int32, 50))
    yield Case("LeakyRelu", X, alpha=0.25, opset=16)
    yield Case("HardSigmoid", X, alpha=0.3, beta=0.25)
    yield Case("ThresholdedRelu", X, alpha=0.7)
    yield Case("Shrink", X, bias=0.5, lambd=1.5)
    yield Case("PRelu", f32(2, 3, 4), f32(3, 1), opset=16)
    for op in ("Add", "Sub", "Mul", "Div"):
        yield Case(op, f32(3, 1, 5), f32(4, 1))
        yield Case(op, f32(7).astype(np.float64), f32(7).astype(np.float64))
        for kind in (np.int32, np.int64):
            a, b = ints(kind, 30), ints(kind, 30, low=1, high=100)
            yield Case(op, a, np.where(rng.random(30) < 0.5, -b, b).astype(kind))
        yield Case(op, ints(np.uint8, 30), ints(np.uint8, 30, low=1), opset=14)
        yield Case(op, ints(np.int8, 30, low=-127),
                   ints(np.int8, 30, low=1), opset=14)
    yield Case("Div", ints(np.uint64, 9), ints(np.uint64, 9, low=1))
    for op in ("Min", "Max", "Sum", "Mean"):
        yield Case(op, f32(3, 4), f32(4), f32(1))
        yield Case(op, f32(3, 4))
    for op in ("Min", "Max"):
        for kind in (np.int32, np.int8, np.uint64):
            yield Case(op, ints(kind, 9), ints(kind, 9))
    for kind in (np.int32, np.int8, np.uint8):
        yield Case("Mod", ints(kind, 50), ints(kind, 50, low=1, high=7))
    yield Case("Mod", ints(np.int32, 50), ints(np.int32, 50, low=-7, high=-1))
    yield Case("Mod", ints(np.int32, 50), ints(np.int32, 50, low=1, high=7),
               fmod=1)
    yield Case("Mod", f32(50), f32(50), fmod=1)
    yield Case("Clip", X, np.float32(-1), np.float32(2))
    yield Case("Clip", X, None, np.float32(2))
    yield Case("Clip", X, np.float32(1.5))
    yield Case("Clip", X, np.float32(2), np.float32(-1))
    yield Case("Clip", ints(np.int8, 40), np.int8(-7), np.int8(7))
    yield Case("Clip", ints(np.uint8, 40), None, np.uint8(15))
    yield Case("Clip", X, opset=7, min=-1.0, max=1.0)
    for op in ("Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal"):
        a, b = ints(np.int32, 60, low=-3, high=3), ints(np.int32, 60, low=-3,
                                                        high=3)
        yield Case(op, a, b)
        yield Case(op, a.astype(np.float32), b.astype(np.float32))
    for op in ("And", "Or", "Xor"):
        yield Case(op, rng.random(30) < 0.5, rng.random(30) < 0.5)
    yield Case("Where", rng.random((3, 1)) < 0.5, f32(1, 4), f32(3, 4))
    yield Case("Where", np.array([True, False]), i64(1, 2), i64(3, 4))
    for direction in ("LEFT", "RIGHT"):
        for kind in (np.uint8, np.uint32, np.uint64):
            yield Case("BitShift", ints(kind, 20), ints(kind, 20, low=0, high=7),
                       direction=direction)
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        for kind in (np.uint8, np.int32):
            yield Case(op, ints(kind, 20), ints(kind, 20), opset=18)
    yield Case("BitwiseNot", ints(np.uint8, 20), opset=18)
    yield Case("BitwiseNot", ints(np.int16, 20), opset=18)
    yield Case("Dropout", X)
    yield Case("Dropout", X, opset=7, ratio=0.3)
    yield Case("BatchNormalization", f32(2, 3, 4, 5), f32(3), f32(3), f32(3),
               f32(3, low=0.1), opset=14, epsilon=1e-3)
    yield Case("BatchNormalization", f32(2, 3), f32(3), f32(3), f32(3),
               f32(3, low=0.1), opset=9)


def casts():
    floats = np.concatenate([SPECIAL[:8], f32(40, low=-100, high=100)])
    kinds = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16,
             TensorProto.INT8, TensorProto.UINT8, TensorProto.INT16,
             TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL)
    for kind in kinds:
        yield Case("Cast", floats, to=kind)
        yield Case("Cast", floats > 0, to=kind)
        yield Case("Cast", ints(np.int32, 20), to=kind)
        yield Case("Cast", ints(np.uint8, 20), to=kind)
        yield Case("Cast", ints(np.int64, 20), to=kind)
    yield Case("Cast", ints(np.uint64, 20), to=TensorProto.FLOAT)
    yield Case("CastLike", floats, np.int8([1]), opset=15)
    yield Case("CastLike", ints(np.int8, 20), f32(1), opset=15)


# The float32 kernels that pdkc follows step by step, then those of libraries.
ULPS = {"Tanh": 0, "Sigmoid": 0, "Erf": 0, "Sqrt": 0, "Exp": 0, "Gelu": 0,
        "Elu": 8, "Celu": 8, "Selu": 8, "Softplus": 4, "Mish": 8, "Log": 3,
        "Sin": 2, "Cos": 2, "Atan": 4, "Sinh": 2, "Cosh": 2, "Asinh": 2,
        "Tan": 2}


def irrational():
    for op, ulps in ULPS.items():
        opset = 20 if op == "Gelu" else 18 if op == "Mish" else 14
        x = P if op in ("Log", "Sqrt") else np.clip(X, -80, 80)
        yield Case(op, x, opset=opset, ulps=ulps)
    unit = np.clip(X, -0.99, 0.99)
    for op in ("Asin", "Acos", "Atanh"):
        yield Case(op, unit, ulps=4)
    yield Case("Acosh", P + np.float32(1), ulps=2)
    yield Case("Elu", X, alpha=0.5, ulps=8)
    yield Case("Selu", X, alpha=1.5, gamma=1.1, ulps=8)
    yield Case("Celu", X, alpha=2.0, ulps=16)
    yield Case("Gelu", np.clip(X, -12, 12), approximate="tanh", opset=20)
    for exponent in (2, 3, 0.5, -1, 2.5):
        yield Case("Pow", P, np.float32(exponent), ulps=1)
    yield Case("Pow", np.float32(2), ints(np.int32, 20, low=-5, high=9))
    yield Case("Pow", ints(np.int32, 20, low=-9, high=9), np.int32(3))


def movements():
    x = f32(2, 3, 4)
    yield Case("Reshape", x, i64(0, -1))
    yield Case("Reshape", x, i64(4, 6), allowzero=1, opset=14)
    yield Case("Flatten", x, axis=2)
    yield Case("Squeeze", f32(1, 3, 1), i64(0))
    yield Case("Squeeze", f32(1, 3, 1), axes=[2], opset=11)
    yield Case("Unsqueeze", x, i64(0, -1))
    yield Case("Unsqueeze", x, axes=[1], opset=11)
    yield Case("Transpose", x)
    yield Case("Transpose", x, perm=[1, 2, 0])
    yield Case("Slice", x, i64(0, 2), i64(2, -5), i64(0, 2), i64(1, -1))
    yield Case("Slice", x, i64(1), i64(100), i64(-1))
    yield Case("Slice", x, starts=[1], ends=[3], axes=[1], opset=9)
    yield Case("Concat", x, f32(2, 1, 4), f32(2, 2, 4), axis=1)
    yield Case("Concat", x, axis=-1)
    yield Case("Split", f32(7, 2), i64(3, 4), axis=0, outputs=2)
    yield Case("Split", f32(6, 2), axis=0, outputs=3)
    yield Case("Split", f32(7, 2), axis=0, outputs=3, num_outputs=3, opset=18)
    yield Case("Split", f32(7, 2), axis=0, split=[5, 2], outputs=2, opset=11)
    pads = i64(0, 1, 2, 0, 0, 1)
    for mode in ("constant", "edge", "reflect"):
        yield Case("Pad", x, pads, mode=mode)
    yield Case("Pad", x, i64(1, 2, 3, 4, 5, 6), mode="wrap", opset=19)
    yield Case("Pad", x, pads, np.float32(7))
    yield Case("Pad", x, i64(0, 0, -1, 0, 1, -1))
    yield Case("Pad", x, i64(2, 1), np.float32(1.5), i64(-1), opset=18)
    yield Case("Pad", x, pads=[0, 1, 0, 0, 0, 2], value=2.5, opset=10)
    yield Case("Pad", ints(np.int8, 2, 2), i64(1, 0, 0, 1), np.int8(3))
    yield Case("Expand", f32(3, 1), i64(2, 1, 4))
    yield Case("Expand", f32(3, 4), i64(1, 1))
    yield Case("Tile", x, i64(1, 2, 3))
    yield Case("Gather", x, i64(2, -3), axis=1)
    yield Case("Gather", x, np.int32([[0, 1], [3, 2]]), axis=-1)
    yield Case("Gather", i64(1, 2, 3), np.int64(1))
    yield Case("GatherElements", x, ints(np.int64, 2, 2, 4, low=-3, high=2),
               axis=1)
    for mode in ("DCR", "CRD"):
        yield Case("DepthToSpace", f32(1, 8, 2, 3), blocksize=2, mode=mode)
    yield Case("SpaceToDepth", f32(1, 2, 4, 6), blocksize=2)
    yield Case("ArrayFeatureExtractor", f32(2, 5), i64(4, 0),
               domain="ai.onnx.ml")
    yield Case("ArrayFeatureExtractor", f32(5), i64(1), domain="ai.onnx.ml")
    yield Case("Shape", x)
    yield Case("Shape", x, start=1, end=-1, opset=15)
    yield Case("Size", x)
    yield Case("ConstantOfShape", i64(2, 3))
    yield Case("ConstantOfShape", i64(2),
               value=helper.make_tensor("v", TensorProto.INT8, [1], [3]))
    yield Case("Range", np.int64(3), np.int64(-6), np.int64(-2))
    yield Case("Range", np.float32(0), np.float32(2), np.float32(0.5))


def small(*shape):
    """Floats whose sums are exact in any order."""
    return ints(np.int8, *shape, low=-9, high=9).astype(np.float32) / 4


def linear():
    yield Case("MatMul", small(3, 40), small(40, 5))
    yield Case("MatMul", small(2, 1, 3, 4), small(5, 4, 2))
    yield Case("MatMul", small(4), small(4))
    yield Case("MatMul", ints(np.int32, 2, 3), ints(np.int32, 3, 2))
    yield Case("Gemm", small(3, 4), small(5, 4), small(5), transB=1, alpha=0.5,
               beta=2.0)
    yield Case("Gemm", small(4, 3), small(4, 5), transA=1)
    yield Case("Conv", small(1, 4, 7, 7), small(6, 2, 3, 3), small(6), group=2,
               pads=[1, 0, 2, 1], strides=[2, 1], dilations=[1, 2])
    yield Case("Conv", small(2, 3, 9), small(4, 3, 3))
    yield Case("Conv", small(1, 2, 4, 5, 4), small(3, 2, 2, 2, 2))
    for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield Case("Conv", small(1, 2, 7, 6), small(3, 2, 3, 2), auto_pad=pad,
                   strides=[2, 2])
        for op in ("MaxPool", "AveragePool"):
            yield Case(op, small(1, 2, 7, 6), kernel_shape=[3, 2], auto_pad=pad,
                       strides=[2, 2])
    for op in ("MaxPool", "AveragePool"):
        yield Case(op, small(1, 2, 8, 8), kernel_shape=[3, 3], strides=[2, 2])
        yield Case(op, small(1, 2, 8, 8), kernel_shape=[3, 3], strides=[2, 2],
                   ceil_mode=1)
        yield Case(op, small(1, 2, 7, 8), kernel_shape=[3, 2], pads=[1, 1, 1, 0],
                   strides=[2, 3], ceil_mode=1)
        yield Case(op, small(1, 2, 9), kernel_shape=[4], pads=[1, 2])
    yield Case("MaxPool", small(1, 2, 8, 8), kernel_shape=[2, 2],
               dilations=[2, 3])
    yield Case("MaxPool", ints(np.int8, 1, 2, 8, 8), kernel_shape=[2, 2],
               strides=[2, 2])
    for opset in (13, 19):
        for ceil in (0, 1):
            yield Case("AveragePool", small(1, 2, 7, 8), kernel_shape=[3, 2],
                       pads=[1, 1, 1, 0], strides=[2, 3], count_include_pad=1,
                       ceil_mode=ceil, opset=opset)
    # What hangs over does not count as padding does.
    for opset in (10, 13, 19):
        for pads in ([0, 0, 0, 0], [1, 1, 0, 0]):
            yield Case("AveragePool", small(1, 2, 4, 5), kernel_shape=[2, 2],
                       pads=pads, strides=[2, 2], count_include_pad=1,
                       ceil_mode=1, opset=opset)
    yield Case("AveragePool", small(1, 2, 8, 8), kernel_shape=[2, 2],
               dilations=[2, 3], opset=19)
    yield Case("GlobalAveragePool", small(2, 3, 4, 4))
    yield Case("GlobalMaxPool", small(2, 3, 4, 5))
    for op in ("ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare"):
        yield Case(op, small(3, 4, 5), axes=[1])
        yield Case(op, small(3, 4, 5), keepdims=0)
    yield Case("ReduceProd", i64(2, 3, 4))
    yield Case("ReduceMax", small(3, 4, 5), i64(-1, 0), opset=18)
    yield Case("ReduceMax", small(3, 4), opset=18, noop_with_empty_axes=1)
    for op in ("ReduceL2", "ReduceLogSum", "ReduceLogSumExp"):
        yield Case(op, np.abs(small(3, 4, 5)) + np.float32(1), axes=[1], ulps=4)


def sums():
    """The order of float32 sums: a last bit decides where weights round."""
    for shape, axes in (((1024,), [0]), ((256,), [0]), ((160,), [0]),
                        ((7,), [0]), ((37,), [0]), ((16, 64), [1]),
                        ((16, 64), [0, 1]), ((6, 37), [1]), ((5, 3), [1]),
                        ((16, 64), [0]), ((37, 6), [0]), ((8, 3, 3, 3),
                                                         [1, 2, 3]),
                        ((4, 5, 6), [1]), ((4, 5, 6), [0, 2])):
        x = f32(*shape)
        yield Case("ReduceSum", x, i64(*axes))
        yield Case("ReduceMean", x, axes=axes)
        yield Case("ReduceMean", x, axes=axes, keepdims=0)
    # A middle axis goes through a matrix product, of another order.
    yield Case("ReduceMean", np.abs(f32(3, 20, 7)), axes=[1], ulps=4)
    yield Case("ReduceMean", f32(64, 16))
    yield Case("ReduceSum", ints(np.int32, 5, 6, low=-999, high=999), i64(1))


def quantizers():
    x = np.concatenate([SPECIAL, f32(500, low=-40, high=40)])
    for kind in (np.uint8, np.int8, np.uint16, np.int16):
        zero = ints(kind, 1, low=0, high=20)[0]
        for scale in (np.float32(0.1), np.float32(254 / 65025), np.float32(1)):
            yield Case("QuantizeLinear", x, scale, zero, opset=21)
            yield Case("DequantizeLinear", ints(kind, 60), scale, zero, opset=21)
    yield Case("QuantizeLinear", x, np.float32(0.3))
    yield Case("QuantizeLinear", x, np.float32([0.3]), np.int8([4]), axis=0)
    yield Case("DequantizeLinear", ints(np.int32, 30), np.float32(0.01))
    for axis in (0, 1, -1, -2):
        size = (5, 6)[axis]
        yield Case("QuantizeLinear", f32(5, 6), f32(size, low=0.1),
                   ints(np.int8, size, low=-5, high=5), axis=axis)
        yield Case("DequantizeLinear", ints(np.int8, 5, 6),
                   f32(size, low=0.1), ints(np.int8, size), axis=axis)
    yield Case("DequantizeLinear", ints(np.uint8, 5, 6), np.float32(0.5),
               np.uint8(3), axis=-1)
    yield Case("QuantizeLinear", f32(4, 6), f32(4, 3, low=0.1),
               ints(np.uint8, 4, 3), axis=1, block_size=2, opset=21)
    yield Case("DequantizeLinear", ints(np.int8, 6, 4), f32(2, 4, low=0.1),
               ints(np.int8, 2, 4), axis=0, block_size=3, opset=21)
    for kind, low, high in ((TensorProto.INT4, -8, 7),
                            (TensorProto.UINT4, 0, 15)):
        values = ints(np.int8, 7, low=low, high=high).tolist()
        packed = helper.make_tensor("t", kind, [7], values)
        zero = helper.make_tensor("z", kind, [], [3])
        yield Case("DequantizeLinear", packed, np.float32(0.25), zero, opset=21)


def composites():
    a, b = ints(np.uint8, 4, 10), ints(np.int8, 10, 5)
    one = np.float32
    yield Case("MatMulInteger", a, b)
    yield Case("MatMulInteger", a, b, np.uint8(7), np.int8(-3))
    yield Case("MatMulInteger", a, b, np.uint8(7), ints(np.int8, 5))
    yield Case("ConvInteger", ints(np.uint8, 1, 2, 5, 5),
               ints(np.uint8, 3, 2, 3, 3), np.uint8(9), np.uint8(4),
               pads=[1, 1, 1, 1])
    for kind in (np.uint8, np.int8):
        zero = kind(10)
        x, w = ints(kind, 4, 10), ints(kind, 10, 5)
        yield Case("QLinearMatMul", x, one(0.02), zero, w, one(0.03), kind(3),
                   one(0.2), kind(11))
    w = ints(np.int8, 10, 5)
    yield Case("QLinearMatMul", a, one(0.02), np.uint8(3), w,
               f32(5, low=0.01, high=0.1), np.zeros(5, np.int8), one(0.3),
               np.uint8(99))
    x = ints(np.uint8, 1, 2, 6, 6)
    w = ints(np.int8, 4, 2, 3, 3)
    yield Case("QLinearConv", x, one(0.02), np.uint8(30), w,
               f32(4, low=0.01, high=0.1), np.zeros(4, np.int8), one(0.1),
               np.uint8(120), ints(np.int32, 4, low=-999, high=999),
               pads=[1, 1, 0, 0], strides=[2, 1])
    yield Case("QLinearConv", x, one(0.02), np.uint8(30), w, one(0.05),
               np.int8(0), one(0.7), np.uint8(120))
    c = ints(np.int32, 5, low=-2000, high=2000)
    for last in ((one(0.3), np.uint8(100)), ()):
        yield Case("QGemm", a, one(0.02), np.uint8(5), ints(np.int8, 5, 10),
                   one(0.03), np.int8(0), c, *last, transB=1, domain=MS)
    yield Case("QGemm", a, one(0.02), np.uint8(5), b, f32(5, low=0.01, high=0.1),
               np.zeros(5, np.int8), c, one(0.3), np.uint8(100), domain=MS)
    p, q = ints(np.uint8, 4, 10), ints(np.uint8, 4, 10)
    # Powers of two: the kernels' own roundings do not show.
    yield Case("QLinearAdd", p, one(0.5), np.uint8(3), q, one(0.25),
               np.uint8(9), one(1), np.uint8(40), domain=MS)
    yield Case("QLinearMul", p, one(0.5), np.uint8(3), q, one(0.25),
               np.uint8(9), one(16), np.uint8(40), domain=MS)
    yield Case("QLinearLeakyRelu", p, one(0.02), np.uint8(100), one(0.03),
               np.uint8(40), alpha=0.2, domain=MS)
    yield Case("QLinearSigmoid", p, one(0.05), np.uint8(100), one(1 / 256),
               np.uint8(0), domain=MS)
    x = ints(np.uint8, 1, 2, 6, 6, low=0, high=63) * np.uint8(4)
    yield Case("QLinearAveragePool", x, one(0.5), np.uint8(3), one(0.5),
               np.uint8(7), kernel_shape=[2, 2], strides=[2, 2], domain=MS)
    yield Case("QLinearGlobalAveragePool", ints(np.uint8, 1, 2, 4, 4), one(0.5),
               np.uint8(3), one(1), np.uint8(7), domain=MS)
    yield Case("QLinearConcat", one(0.3), np.uint8(8), p, one(0.2), np.uint8(1),
               q, one(0.4), np.uint8(2), axis=1, domain=MS)


# ---- QONNX, as its definition says

ROUNDING = {
    "ROUND": np.round, "half_even": np.round, "CEIL": np.ceil,
    "floor": np.floor, "UP": lambda v: np.sign(v) * np.ceil(np.abs(v)),
    "DOWN": np.trunc,
    "HALF_UP": lambda v: np.sign(v) * np.floor(np.abs(v) + np.float32(0.5)),
    "Half_Down": lambda v: np.sign(v) * np.ceil(np.abs(v) - np.float32(0.5))}


def limits(bits, signed, narrow):
    if signed:
        return -2 ** (bits - 1) + narrow, 2 ** (bits - 1) - 1
    return 0, 2 ** bits - 1 - narrow


def quant(x, scale, zero, bits, signed, narrow, mode):
    y = x / scale + zero
    if bits == 1 and signed:
        y = np.where(y >= 0, 1, -1)
    else:
        y = ROUNDING[mode](np.clip(y, *limits(int(bits), signed, narrow)))
    return [((y - zero) * scale).astype(np.float32)]


def trunc(x, scale, zero, drop, mode):
    y = ROUNDING[mode](np.round(x / scale + zero) / np.float32(2 ** drop))
    return [((y - zero) * scale).astype(np.float32)]


def trunc2(x, scale, zero, out_scale, bits, signed, narrow, mode):
    step = np.float32(2 ** np.round(np.log2(out_scale / scale)))
    y = np.round(x / scale + zero) / step
    y = ROUNDING[mode](np.clip(y, *limits(int(bits), signed, narrow)))
    return [((y - zero / step) * out_scale).astype(np.float32)]


def qonnx():
    x = np.concatenate([SPECIAL, f32(300, low=-6, high=6),
                        np.arange(-8, 8, 0.25, np.float32)])
    one = np.float32
    for mode in ROUNDING:
        for signed in (0, 1):
            for narrow in (0, 1):
                for bits in (1, 2, 4):
                    for scale in (one(0.5), one(0.3)):
                        yield Case(
                            "Quant", x, scale, one(0), one(bits), domain=QONNX,
                            signed=signed, narrow=narrow, rounding_mode=mode,
                            expected=quant(x, scale, one(0), bits, signed,
                                           narrow, mode))
    attributes = dict(signed=1, narrow=0, rounding_mode="ROUND")
    wide = np.float64(0.1)
    yield Case("IntQuant", x, wide, np.int64(0), np.int64(4), domain=QONNX,
               expected=quant(x.astype(np.float64), wide, 0, 4, **{
                   "signed": 1, "narrow": 0, "mode": "ROUND"}), **attributes)
    scales = f32(3, 1, low=0.1, high=1)
    rows = f32(3, 40)
    yield Case("Quant", rows, scales, one(2), one(3), domain="onnx.brevitas",
               expected=quant(rows, scales, one(2), 3, 0, 0, "ROUND"),
               signed=0, narrow=0)
    for scale in (one(0.5), one(-0.3)):
        yield Case("BipolarQuant", x, scale, domain="finn.custom_op.general",
                   expected=[np.where(x >= 0, scale, -scale)])
    for mode in ("FLOOR", "ROUND", "CEIL"):
        key = {"FLOOR": "floor"}.get(mode, mode)
        yield Case("Trunc", x, one(0.25), one(0), one(8), one(6), domain=QONNX,
                   rounding_mode=mode,
                   expected=trunc(x, one(0.25), one(0), 2, key))
        yield Case("Trunc", x, one(0.25), one(0), one(8), one(1), one(3),
                   domain=QONNX, rounding_mode=mode, signed=1, narrow=1,
                   expected=trunc2(x, one(0.25), one(0), one(1), 3, 1, 1, key))
    v = f32(2, 3, 4, 5)
    for channels in (1, 3):
        t = np.sort(f32(channels, 7), axis=1)
        count = (v[..., None] >= t.reshape(1, channels, 1, 1, 7)).sum(-1)
        for scale, bias in ((1.0, 0.0), (0.5, -1.25)):
            yield Case("MultiThreshold", v, t, domain=QONNX, out_scale=scale,
                       out_bias=bias, out_dtype="INT4",
                       expected=[(scale * count + bias).astype(np.float32)])
    t = np.sort(f32(5, 3), axis=1)
    for domain in (QONNX, "finn.custom_op.general"):
        yield Case("MultiThreshold", v, t, domain=domain, out_dtype="UINT2",
                   data_layout="NHWC", expected=[
                       (v[..., None] >= t).sum(-1).astype(np.float32)])


class OperatorsTest(EndToEndTest):

    def check(self, cases):
        complaints = compare(list(cases), self.folder)
        self.assertEqual(complaints, [], "\n".join(complaints))

    def test_elementwise(self):
        self.check(elementwise())

    def test_casts(self):
        self.check(casts())

    def test_irrational(self):
        self.check(irrational())

    def test_movements(self):
        self.check(movements())

    def test_linear(self):
        self.check(linear())

    def test_sums(self):
        self.check(sums())

    def test_quantizers(self):
        self.check(quantizers())

    def test_composites(self):
        self.check(composites())

    def test_qonnx(self):
        self.check(qonnx())
