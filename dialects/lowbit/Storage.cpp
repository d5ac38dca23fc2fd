//===- Storage.cpp - Storage and methods in the lowbit dialect ------------===//
//
// The attributes that say where tensors lie and how operations are computed:
// their text, and what has to hold.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/MethodInterface.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc::lowbit;

//===----------------------------------------------------------------------===//
// #lowbit.storage
//===----------------------------------------------------------------------===//

Attribute StorageAttr::parse(AsmParser &parser, Type) {
  StringRef placeName;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&placeName))
    return {};
  std::optional<Place> place = symbolizePlace(placeName);
  if (!place) {
    parser.emitError(loc, "unknown place '") << placeName << "'";
    return {};
  }
  int64_t buffer = 0, at = 0, bits = 8, base = 0, bias = 0, step = 0;
  bool isFresh = false, isSplat = false;
  if (*place == Place::Buffer) {
    if (parser.parseInteger(buffer) || parser.parseKeyword("at") ||
        parser.parseInteger(at))
      return {};
    isFresh = succeeded(parser.parseOptionalKeyword("fresh"));
    isSplat = succeeded(parser.parseOptionalKeyword("splat"));
  }
  if (parser.parseComma() || parser.parseKeyword("bits") ||
      parser.parseInteger(bits) || parser.parseComma() ||
      parser.parseKeyword("base") || parser.parseInteger(base))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("bias") || parser.parseInteger(bias))
      return {};
    if (succeeded(parser.parseOptionalKeyword("of")) &&
        (parser.parseKeyword("step") || parser.parseInteger(step)))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<StorageAttr>(loc, parser.getContext(), *place,
                                        buffer, at, isFresh, isSplat, bits, base,
                                        bias, step);
}

void StorageAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifyPlace(getPlace());
  if (getPlace() == Place::Buffer) {
    printer << ' ' << getBuffer() << " at " << getAt();
    if (getFresh())
      printer << " fresh";
    if (getSplat())
      printer << " splat";
  }
  printer << ", bits " << getBits() << ", base " << getBase();
  if (getBias())
    printer << ", bias " << getBias();
  if (getBiasStep())
    printer << " of step " << getBiasStep();
  printer << '>';
}

LogicalResult
StorageAttr::verify(function_ref<InFlightDiagnostic()> emitError, Place place,
                    int64_t buffer, int64_t at, bool, bool, int64_t bits,
                    int64_t, int64_t bias, int64_t step) {
  // No device has more RAM.
  constexpr int64_t kMost = 1 << 16;
  if (buffer < 0 || buffer > kMost || at < 0 || at > kMost)
    return emitError() << "buffer " << buffer << " at " << at << " is none";
  bool isPacked = bits == 1 || bits == 2 || bits == 4 || bits == 12;
  if (!isPacked && (bits < 8 || bits % 8 != 0 || bits > 64))
    return emitError() << "elements have 1, 2, 4, 8 or 12 bits or a few bytes, not "
                       << bits << " bits";
  if (bias < 0 || step < 0)
    return emitError() << "bias of " << bias << " of step " << step
                       << " is negative";
  return success();
}

/// Without a bias the bits hold every element, unsigned or in two's complement.
LogicalResult
StorageAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                            function_ref<InFlightDiagnostic()> emitError) const {
  auto type = dyn_cast<IntType>(elementType);
  if (!type)
    return emitError() << "storage is of !lowbit.int, not of " << elementType;
  Interval stored;
  if (llvm::SubOverflow(type.getMin(), getBase(), stored.min) ||
      llvm::SubOverflow(type.getMax(), getBase(), stored.max))
    return emitError() << "base " << getBase() << " is out of all proportion";
  if (getPlace() != Place::Element && !getBias() &&
      getWidth(stored) > getBits())
    return emitError() << "stored elements of " << stored.min << " to "
                       << stored.max << " need " << getWidth(stored)
                       << " bits, there are " << getBits();
  return success();
}

//===----------------------------------------------------------------------===//
// lowbit.ram
//===----------------------------------------------------------------------===//

static LogicalResult verifyBuffer(Operation *op, Value value,
                                  ArrayRef<Attribute> buffers) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  auto storage =
      type ? dyn_cast_or_null<StorageAttr>(type.getEncoding()) : StorageAttr();
  if (!storage || storage.getPlace() != Place::Buffer)
    return success();
  if (storage.getBuffer() >= int64_t(buffers.size()))
    return op->emitError("a tensor lies in buffer ")
           << storage.getBuffer() << " of " << buffers.size();
  auto ram = cast<RamAttr>(buffers[storage.getBuffer()]);
  int64_t stored = storage.getSplat() ? 1 : type.getNumElements();
  int64_t end = storage.getAt() + storage.getBytesOf(stored);
  if (end > ram.getSize())
    return op->emitError("a tensor ends at byte ")
           << end << " of buffer \"" << ram.getName().getValue()
           << "\", which has " << ram.getSize();
  return success();
}

LogicalResult LowbitDialect::verifyOperationAttribute(Operation *op,
                                                      NamedAttribute named) {
  if (named.getName() != kRamAttr)
    return success();
  auto func = dyn_cast<FunctionOpInterface>(op);
  auto buffers = dyn_cast<ArrayAttr>(named.getValue());
  if (!func || !buffers ||
      !llvm::all_of(buffers, llvm::IsaPred<RamAttr>))
    return op->emitError("'")
           << kRamAttr << "' is an array of #lowbit.ram on a function";
  for (auto [i, buffer] : llvm::enumerate(buffers.getAsRange<RamAttr>()))
    if (buffer.getSize() < 1 || buffer.getSize() > (1 << 16) ||
        (buffer.getAlign() != 1 && buffer.getAlign() != 2) ||
        buffer.getWithin() >= int64_t(i) || buffer.getWithin() < -1)
      return op->emitError("buffer ")
             << i << " has no size or alignment that a buffer can have, or is "
                     "within one that does not come before it";
  if (func.isExternal())
    return success();
  for (Value argument : func.getArguments())
    if (failed(verifyBuffer(op, argument, buffers.getValue())))
      return failure();
  return failure(op->walk([&](Operation *inner) {
                     for (Value result : inner->getResults())
                       if (failed(
                               verifyBuffer(inner, result, buffers.getValue())))
                         return WalkResult::interrupt();
                     return WalkResult::advance();
                   })
                     .wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Methods
//===----------------------------------------------------------------------===//

static constexpr llvm::StringLiteral kMethod = "method";

StringRef pdkc::lowbit::getMethod(Operation *op) {
  auto method = op->getAttrOfType<StringAttr>(kMethod);
  return method ? method.getValue() : StringRef();
}

void pdkc::lowbit::setMethod(Operation *op, StringRef method) {
  op->setAttr(kMethod, StringAttr::get(op->getContext(), method));
}

LogicalResult pdkc::lowbit::verifyMethod(Operation *op) {
  Attribute attribute = op->getAttr(kMethod);
  if (!attribute)
    return success();
  auto name = dyn_cast<StringAttr>(attribute);
  if (!name)
    return op->emitOpError("has a method that is no string");
  auto *methods =
      op->getDialect()->getRegisteredInterface<MethodInterface>();
  return methods ? methods->verify(op, name) : success();
}

//===----------------------------------------------------------------------===//
// lowbit.fused
//===----------------------------------------------------------------------===//

Value pdkc::lowbit::getOutside(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto fused = argument ? dyn_cast<FusedOp>(argument.getOwner()->getParentOp())
                        : FusedOp();
  return fused ? fused.getInputs()[argument.getArgNumber()] : value;
}

Value pdkc::lowbit::getYielded(Value value) {
  auto fused = value.getDefiningOp<FusedOp>();
  return fused ? fused.getBody().front().getTerminator()->getOperand(0) : value;
}

Operation *pdkc::lowbit::getProducer(Value value) {
  return getYielded(getOutside(value)).getDefiningOp();
}

Operation *FusedOp::getLayer() {
  for (Operation &op : getBody().front())
    if (isa<DenseOp, ChainsOp, ConvOp>(op))
      return &op;
  return nullptr;
}

DenseOp FusedOp::getFedLayer() {
  if (!isa<ConvOp>(getLayer()))
    return {};
  auto last = dyn_cast_or_null<DenseOp>(
      getBody().front().getTerminator()->getOperand(0).getDefiningOp());
  return last != getLayer() ? last : DenseOp();
}

LogicalResult FusedOp::verify() {
  Block &body = getBody().front();
  if (body.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("region takes other tensors than the operation");
  if (body.empty() || !isa<YieldOp>(body.back()))
    return emitOpError("region ends without lowbit.yield");
  if (body.back().getOperand(0).getType() != getResult().getType())
    return emitOpError("region yields another tensor than the operation's");
  if (!getLayer())
    return emitOpError("is not around a layer");
  // What may come, in this order: preparation, layer, activation and pool in
  // either order, and the layer that is fed; a convolution may have the same
  // behind it.
  int last = -1;
  bool isActivated = false, isPooled = false;
  auto conv = dyn_cast<ConvOp>(getLayer());
  Value made;
  for (Operation &op : body.without_terminator()) {
    if (auto next = dyn_cast<ConvOp>(op); next && isActivated) {
      conv = next;
      isActivated = isPooled = false;
      last = 0;
    }
    bool isElementwise = isa<RequantOp, StepsOp>(op), isBehind = last >= 1;
    int place = isElementwise                  ? 2 * isBehind + isPooled
                : isa<MaxPoolOp>(op)           ? 2 + isActivated
                : isa<DenseOp>(op) && isBehind ? 4
                : isa<DenseOp, ChainsOp, ConvOp>(op) ? 1
                                                     : -1;
    // Behind a dense layer, by turns: a requantisation and the next layer.
    if (isBehind && isa<DenseOp>(getLayer())) {
      place = isa<RequantOp>(op) && last == 1 ? 2
              : isa<DenseOp>(op) && last == 2 ? 1
                                              : -1;
      last = 0;
    }
    if (place <= last || (place == 4 && !isActivated) ||
        (place > 1 && !conv && !isa<DenseOp>(getLayer())))
      return op.emitOpError("cannot stand there in a lowbit.fused");
    isActivated |= isElementwise && isBehind;
    isPooled |= isa<MaxPoolOp>(op);
    // Sums that are added to come in their own order, not that of windows.
    if (isPooled && conv.getSums())
      return op.emitOpError("pools a convolution that adds to sums in a "
                            "lowbit.fused");
    auto steps = dyn_cast<StepsOp>(op);
    if (place == 0 && steps && !steps.getFunction().empty() && conv)
      return op.emitOpError("prepares a convolution's inputs by more than one "
                            "function");
    if (!llvm::all_of(op.getOperands().drop_front(),
                      llvm::IsaPred<BlockArgument>))
      return op.emitOpError("adds to sums of the same lowbit.fused");
    bool follows = made ? op.getOperand(0) == made
                        : isa<BlockArgument>(op.getOperand(0));
    if (!follows || !op.getResult(0).hasOneUse())
      return op.emitOpError("does not take what the operation before it in "
                            "lowbit.fused makes, or is not the only one");
    last = place;
    made = op.getResult(0);
  }
  if (last == 2 && isa<DenseOp>(getLayer()))
    return emitOpError("ends with no layer");
  if (isPooled && !isActivated)
    return emitOpError("pools sums that no elementwise operation takes");
  if (body.back().getOperand(0) != made)
    return emitOpError("region yields another tensor than its last");
  return success();
}
