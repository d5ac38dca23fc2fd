//===- DecomposeQLinear.cpp - Operators on quantised tensors taken apart --===//
//
// Sums of products become sums of products of integers and one float32
// multiplication, just as ONNX Runtime's kernels compute them; the others
// become DequantizeLinear, the operator itself and QuantizeLinear. So is
// ONNX-ML's Scaler, a difference and a product. Every new node keeps the
// location of the old one.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

namespace pdkc {
#define GEN_PASS_DEF_ONNXDECOMPOSEQLINEAR
#include "passes/Passes.h.inc"
} // namespace pdkc

namespace {

constexpr int64_t kFloat = 1, kInt32 = 6, kDouble = 11; // TensorProto.DataType

class Decomposer {
public:
  explicit Decomposer(Operation *op) : op(op), builder(op) {}

  /// The value that replaces the node's; null where it is no composite, an
  /// error where it cannot be taken apart.
  FailureOr<Value> decompose();

private:
  Value create(StringRef name, ValueRange operands,
               ArrayRef<NamedAttribute> attributes = {}) {
    OperationState state(op->getLoc(), ("onnx." + name).str(), operands,
                         getUnknownType(op->getContext()), attributes);
    return builder.create(state)->getResult(0);
  }
  NamedAttribute integer(StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  }
  Value getNone() {
    return NoValueOp::create(builder, op->getLoc(), builder.getNoneType());
  }
  Value getFloat(float value) {
    return create(
        "Constant", {},
        builder.getNamedAttr("value_float", builder.getF32FloatAttr(value)));
  }
  /// The node's own attributes of these names.
  SmallVector<NamedAttribute> take(ArrayRef<StringRef> names) {
    SmallVector<NamedAttribute> result;
    for (NamedAttribute attribute : op->getAttrDictionary())
      if (llvm::is_contained(names, attribute.getName().getValue()))
        result.push_back(attribute);
    return result;
  }
  SmallVector<NamedAttribute> takeWindow() {
    return take({"auto_pad", "kernel_shape", "strides", "pads", "dilations",
                 "group", "ceil_mode", "count_include_pad"});
  }

  /// A parameter with a place for each of several channels, with `count`
  /// dimensions of size 1 behind it.
  Value alongRows(Value parameter, int64_t count);
  /// x - zero point as int32; `trailing` dimensions follow that of the zero
  /// point.
  Value getIntegers(Value x, Value zeroPoint, int64_t trailing);
  Value dequantize(Value x, Value scale, Value zeroPoint) {
    return create("DequantizeLinear", {x, scale, zeroPoint});
  }
  /// Where the result has no zero point, it has the type of the first one.
  Value quantize(Value x, Value scale, Value zeroPoint, Value like) {
    if (isNoValue(zeroPoint) && !isNoValue(like))
      zeroPoint = create("CastLike", {getFloat(0), like});
    return create("QuantizeLinear", {x, scale, zeroPoint});
  }
  /// The same as ONNX Runtime's kernels for Add, Mul and AveragePool have it,
  /// which round what has the zero point already: with an odd one ties go the
  /// other way. Where `isPlain`, a float, is 1 they do not; null for never.
  Value quantizeShifted(Value x, Value scale, Value zeroPoint, Value like,
                        Value isPlain = {});
  /// Sums of products times their scales over the result's, quantised.
  Value requantize(Value sums, Value scale, Value resultScale, Value zeroPoint,
                   Value like);

  Value matMulInteger(MatMulIntegerOp node);
  Value convInteger(ConvIntegerOp node);
  Value qlinearMatMul(QLinearMatMulOp node);
  Value qlinearConv(QLinearConvOp node);
  Value qgemm(QGemmOp node);
  Value qlinearConcat(QLinearConcatOp node);
  /// 1.0 where the one window is the whole input, else 0.0; null where it never
  /// is.
  Value coversAll(QLinearAveragePoolOp node);
  Value qlinearAveragePool(QLinearAveragePoolOp node);
  /// ONNX-ML's, which computes in float32, but of doubles in double.
  FailureOr<Value> scaler(ScalerOp node);
  /// A node of one or two quantised tensors as one of floats.
  template <typename NodeOp>
  Value unary(NodeOp node, StringRef name,
              ArrayRef<NamedAttribute> attributes = {}) {
    Value x = dequantize(node.getA(), node.getAScale(), node.getAZeroPoint());
    return quantize(create(name, x, attributes), node.getCScale(),
                    node.getCZeroPoint(), node.getAZeroPoint());
  }
  template <typename NodeOp> Value binary(NodeOp node, StringRef name) {
    Value a = dequantize(node.getA(), node.getAScale(), node.getAZeroPoint());
    Value b = dequantize(node.getB(), node.getBScale(), node.getBZeroPoint());
    return quantizeShifted(create(name, {a, b}), node.getCScale(),
                           node.getCZeroPoint(), node.getAZeroPoint());
  }

  Operation *op;
  OpBuilder builder;
};

struct DecomposeQLinearPass
    : pdkc::impl::OnnxDecomposeQLinearBase<DecomposeQLinearPass> {
  void runOnOperation() override {
    SmallVector<Operation *> nodes;
    getOperation().walk([&](Node node) { nodes.push_back(node); });
    for (Operation *node : nodes) {
      FailureOr<Value> value = Decomposer(node).decompose();
      if (failed(value))
        return signalPassFailure();
      if (!*value)
        continue;
      node->getResult(0).replaceAllUsesWith(*value);
      node->erase();
    }
  }
};

} // namespace

/// Of a value whose type is known, the number of dimensions.
static std::optional<int64_t> getRank(Value value) {
  if (DenseElementsAttr elements = getConstant(value))
    return elements.getType().getRank();
  if (auto type = dyn_cast<RankedTensorType>(value.getType()))
    return type.getRank();
  return std::nullopt;
}

Value Decomposer::alongRows(Value parameter, int64_t count) {
  DenseElementsAttr elements = getConstant(parameter);
  if (!elements || elements.getNumElements() == 1 || count == 0)
    return parameter;
  SmallVector<int64_t> axes;
  for (int64_t i = 1; i <= count; ++i)
    axes.push_back(i);
  return create(
      "Unsqueeze", {parameter, getNone()},
      builder.getNamedAttr("axes_attr", builder.getDenseI64ArrayAttr(axes)));
}

Value Decomposer::getIntegers(Value x, Value zeroPoint, int64_t trailing) {
  x = create("Cast", x, integer("to", kInt32));
  if (isNoValue(zeroPoint))
    return x;
  zeroPoint =
      create("Cast", alongRows(zeroPoint, trailing), integer("to", kInt32));
  return create("Sub", {x, zeroPoint});
}

Value Decomposer::requantize(Value sums, Value scale, Value resultScale,
                             Value zeroPoint, Value like) {
  Value floats = create("Cast", sums, integer("to", kFloat));
  if (isNoValue(resultScale))
    return create("Mul", {floats, scale});
  Value factor = create("Div", {scale, resultScale});
  Value product = create("Mul", {floats, factor});
  return quantize(product, getFloat(1), zeroPoint, like);
}

Value Decomposer::quantizeShifted(Value x, Value scale, Value zeroPoint,
                                  Value like, Value isPlain) {
  if (isNoValue(zeroPoint))
    return quantize(x, scale, zeroPoint, like);
  Value before = create("Cast", zeroPoint, integer("to", kFloat));
  Value behind = getFloat(0);
  if (isPlain) {
    behind = create("Mul", {before, isPlain});
    before = create("Sub", {before, behind});
  }
  Value steps = create("Add", {create("Div", {x, scale}), before});
  return quantize(steps, getFloat(1), create("CastLike", {behind, zeroPoint}),
                  zeroPoint);
}

Value Decomposer::matMulInteger(MatMulIntegerOp node) {
  return create("MatMul", {getIntegers(node.getA(), node.getAZeroPoint(), 1),
                           getIntegers(node.getB(), node.getBZeroPoint(), 0)});
}

Value Decomposer::convInteger(ConvIntegerOp node) {
  int64_t trailing = getRank(node.getB()).value_or(1) - 1;
  return create("Conv",
                {getIntegers(node.getA(), node.getAZeroPoint(), 0),
                 getIntegers(node.getB(), node.getBZeroPoint(), trailing),
                 getNone()},
                takeWindow());
}

Value Decomposer::qlinearMatMul(QLinearMatMulOp node) {
  Value sums =
      create("MatMul", {getIntegers(node.getA(), node.getAZeroPoint(), 1),
                        getIntegers(node.getB(), node.getBZeroPoint(), 0)});
  Value scale =
      create("Mul", {alongRows(node.getAScale(), 1), node.getBScale()});
  return requantize(sums, scale, alongRows(node.getCScale(), 1),
                    node.getCZeroPoint(), node.getAZeroPoint());
}

Value Decomposer::qlinearConv(QLinearConvOp node) {
  int64_t rank = getRank(node.getB()).value_or(1);
  Value sums = create("Conv",
                      {getIntegers(node.getA(), node.getAZeroPoint(), 0),
                       getIntegers(node.getB(), node.getBZeroPoint(), rank - 1),
                       node.getBias()},
                      takeWindow());
  Value scale =
      create("Mul", {node.getAScale(), alongRows(node.getBScale(), rank - 2)});
  return requantize(sums, scale, node.getCScale(), node.getCZeroPoint(),
                    node.getAZeroPoint());
}

Value Decomposer::qgemm(QGemmOp node) {
  Value sums = create(
      "Gemm",
      {getIntegers(node.getA(), node.getAZeroPoint(), 0),
       getIntegers(node.getB(), node.getBZeroPoint(), node.getTransB() ? 1 : 0),
       node.getC()},
      take({"transA", "transB"}));
  Value scale = create(
      "Mul", {getFloat(node.getAlpha().convertToFloat()), node.getAScale()});
  scale = create("Mul", {scale, node.getBScale()});
  return requantize(sums, scale, node.getCScale(), node.getCZeroPoint(),
                    node.getAZeroPoint());
}

Value Decomposer::qlinearConcat(QLinearConcatOp node) {
  SmallVector<Value> tensors;
  OperandRange inputs = node.getInputs();
  for (size_t i = 0; i < inputs.size(); i += 3)
    tensors.push_back(dequantize(inputs[i], inputs[i + 1], inputs[i + 2]));
  return quantize(create("Concat", tensors, take({"axis"})), node.getYScale(),
                  node.getYZeroPoint(), inputs[2]);
}

Value Decomposer::coversAll(QLinearAveragePoolOp node) {
  if (!node.getKernelShape())
    return {};
  ArrayRef<int64_t> kernel = *node.getKernelShape();
  StringRef autoPad = node.getAutoPad();
  bool isSame = autoPad.starts_with("SAME");
  for (int64_t pad : node.getPads().value_or(ArrayRef<int64_t>()))
    if (pad != 0 && (autoPad.empty() || autoPad == "NOTSET"))
      return {};
  // Then one position is all, and needs no padding.
  for (auto [i, size] : llvm::enumerate(kernel))
    if (isSame && (!node.getStrides() || i >= node.getStrides()->size() ||
                   (*node.getStrides())[i] < size))
      return {};
  Value shape = create("Shape", node.getA(), integer("start", 2));
  Value window =
      create("Constant", {},
             builder.getNamedAttr("value", builder.getI64TensorAttr(kernel)));
  Value isEqual =
      create("Cast", create("Equal", {shape, window}), integer("to", kFloat));
  return create("ReduceMin", {isEqual, getNone()}, integer("keepdims", 0));
}

/// Where one window covers the whole input ONNX Runtime leaves it to the kernel
/// of QLinearGlobalAveragePool.
Value Decomposer::qlinearAveragePool(QLinearAveragePoolOp node) {
  Value x = dequantize(node.getA(), node.getAScale(), node.getAZeroPoint());
  SmallVector<NamedAttribute> attributes = takeWindow();
  attributes.push_back(builder.getNamedAttr("counts_overhang",
                                            builder.getI64IntegerAttr(1)));
  return quantizeShifted(create("AveragePool", x, attributes),
                         node.getCScale(), node.getCZeroPoint(),
                         node.getAZeroPoint(), coversAll(node));
}

FailureOr<Value> Decomposer::scaler(ScalerOp node) {
  ArrayRef<float> offset = node.getOffset().value_or(ArrayRef<float>()),
                  scale = node.getScale().value_or(ArrayRef<float>());
  if (offset.empty() || offset.size() != scale.size())
    return op->emitOpError("has ")
           << offset.size() << " offsets and " << scale.size()
           << " scales; it needs one each, or one each for every feature";
  auto type = dyn_cast<RankedTensorType>(node.getX().getType());
  NamedAttribute to =
      integer("to", type && type.getElementType().isF64() ? kDouble : kFloat);
  auto getVector = [&](ArrayRef<float> values) {
    return create(
        "Cast",
        create("Constant", {},
               builder.getNamedAttr(
                   "value", DenseElementsAttr::get(
                                RankedTensorType::get(int64_t(values.size()),
                                                      builder.getF32Type()),
                                values))),
        to);
  };
  Value x = create("Cast", node.getX(), to);
  x = create("Sub", {x, getVector(offset)});
  x = create("Mul", {x, getVector(scale)});
  return create("Cast", x, integer("to", kFloat));
}

FailureOr<Value> Decomposer::decompose() {
  if (auto node = dyn_cast<ScalerOp>(op))
    return scaler(node);
  auto channelsLast = op->getAttrOfType<IntegerAttr>("channels_last");
  if (channelsLast && channelsLast.getInt())
    return op->emitOpError("with channels_last is not supported: export the "
                           "model with channels first");
  if (auto concat = dyn_cast<QLinearConcatOp>(op);
      concat && concat.getInputs().size() % 3 != 0)
    return op->emitOpError("needs a tensor, a scale and a zero point for each "
                           "part");
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](MatMulIntegerOp node) { return matMulInteger(node); })
      .Case([&](ConvIntegerOp node) { return convInteger(node); })
      .Case([&](QLinearMatMulOp node) { return qlinearMatMul(node); })
      .Case([&](QLinearConvOp node) { return qlinearConv(node); })
      .Case([&](QGemmOp node) { return qgemm(node); })
      .Case([&](QLinearAddOp node) { return binary(node, "Add"); })
      .Case([&](QLinearMulOp node) { return binary(node, "Mul"); })
      .Case([&](QLinearLeakyReluOp node) {
        return unary(node, "LeakyRelu", take({"alpha"}));
      })
      .Case([&](QLinearSigmoidOp node) { return unary(node, "Sigmoid"); })
      .Case([&](QLinearSoftmaxOp node) {
        return unary(node, "Softmax", take({"axis"}));
      })
      .Case([&](QLinearAveragePoolOp node) { return qlinearAveragePool(node); })
      .Case([&](QLinearGlobalAveragePoolOp node) {
        return unary(node, "GlobalAveragePool");
      })
      .Case([&](QLinearConcatOp node) { return qlinearConcat(node); })
      .Default([](Operation *) { return Value(); });
}
