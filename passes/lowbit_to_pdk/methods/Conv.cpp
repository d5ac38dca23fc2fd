//===- Conv.cpp - A convolution, one sum after the other ------------------===//
//
// A convolution's sums are made one at a time (ConvLoop.h). What stands behind
// it in one lowbit.fused takes each as it comes: an elementwise operation, and
// pooling, of which only the results go to RAM.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/PoolWindows.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/ConvLoop.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Place;

/// What takes the tensor within the group; null where it is the group's result,
/// or there is no group.
static Operation *getFollower(Value value) {
  return lowbit::getStorage(value).getPlace() == Place::Element
             ? *value.user_begin()
             : nullptr;
}

static LogicalResult emitConv(lowbit::ConvOp conv, Emission &emission,
                              bool packs) {
  CodeBuilder &code = emission.code;
  int64_t channels = conv.getResultShape().front();
  int64_t positions = conv.getResult().getType().getNumElements() / channels;
  auto source = emission.getSource(conv);
  if (failed(source))
    return failure();
  const Storage sums = emission.getStorage(conv.getResult());
  int64_t inputOffset = -lowbit::getStorage(conv.getInput()).getBase();
  std::optional<Storage> before;
  if (conv.getSums())
    before = emission.getStorage(conv.getSums());
  auto allWindows = findConvWindows(conv);
  if (failed(allWindows))
    return failure();
  auto loop = ConvLoop::create(code, conv, *allWindows, *source, inputOffset,
                               sums.offset, sums.bytes, before,
                               emission.target.getTableBits(), packs);
  if (failed(loop))
    return failure();

  Value last = conv.getResult();
  Operation *elementwise = getFollower(last);
  std::optional<PoolWindows> windows;
  ElementCode element;
  element.value = Cell();
  if (elementwise) {
    auto begun = beginElements(elementwise, sums, channels, emission);
    if (failed(begun))
      return failure();
    element = *begun;
    last = elementwise->getResult(0);
    if (auto pool = dyn_cast_or_null<lowbit::MaxPoolOp>(getFollower(last))) {
      windows = findPoolWindows(pool, channels);
      if (!windows || windows->size > 255 || windows->getNumWindows() > 255)
        return pool.emitError("cannot take a convolution's results one by one: "
                              "its windows are not those of each channel, or "
                              "more than 255");
      last = pool.getResult();
    }
  } else {
    element.value = code.cells("sum", sums.bytes);
  }
  const Storage result = emission.getStorage(last);
  emission.begin(result);
  std::function<void(std::optional<Cell>)> store;
  if (Operation *fed = elementwise ? getFollower(last) : nullptr) {
    auto feed = MethodRegistry::get(fed->getContext())
                    .find(fed)
                    ->beginFeeding(fed, emission);
    if (failed(feed))
      return failure();
    store = [feed = *feed](std::optional<Cell>) { feed(); };
  } else {
    store = beginStoring(code, result);
  }

  SmallVector<int64_t, 0> order;
  if (windows)
    order = windows->elements;
  else
    order.append(llvm::iota_range<int64_t>(0, positions, false).begin(),
                 llvm::iota_range<int64_t>(0, positions, false).end());
  // The largest is found among unsigned bytes.
  int64_t lift = -std::min<int64_t>(result.range.min, 0);
  bool isPool = windows && windows->size > 1;
  Cell best;
  if (isPool)
    best = code.cells("largest", 1);
  auto useSum = [&] {
    if (!elementwise) {
      store(element.value);
      return;
    }
    element.apply();
    if (!isPool) {
      store(std::nullopt);
      return;
    }
    if (lift)
      code(ADD_A_K, lift);
    ConvLoop::emitMaxOfByte(code, best);
  };
  auto beginElement = [&] {
    if (isPool)
      code(CLEAR_M, best);
  };
  auto endElement = [&] {
    if (!isPool)
      return;
    code(MOV_A_M, best);
    if (lift)
      code(SUB_A_K, lift);
    store(std::nullopt);
  };
  auto endChannel = [&] {
    if (element.endChannel)
      element.endChannel();
  };
  ConvLoop *convLoop = loop->get();
  convLoop->emit(element.value, order, windows ? windows->size : 1,
                 {useSum, beginElement, endElement, endChannel});
  emission.addRoutine([shared = std::shared_ptr<ConvLoop>(std::move(*loop))] {
    shared->emitShared();
  });
  return success();
}

namespace {
struct ConvMethod : Method {
  ConvMethod(StringRef name, StringRef description)
      : Method("lowbit.conv", name, description) {}

  bool suits(Operation *op) const override {
    return !isStreamed(op) && !isFollower(cast<lowbit::ConvOp>(op));
  }

  bool accepts(Operation *op, const Target &target) const override {
    return !packsWeights() ||
           ConvLoop::canPack(cast<lowbit::ConvOp>(op), target);
  }

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto conv = cast<lowbit::ConvOp>(op);
    if (failed(checkInputs(op)))
      return failure();
    auto format = StorageAssignment::getSumFormat(conv.getResult());
    if (failed(format))
      return failure();
    assignment.setInNewBuffer(conv.getResult(), *format, "sums");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    return emitConv(cast<lowbit::ConvOp>(op), emission, packsWeights());
  }

private:
  /// Whether several weights share a word.
  bool packsWeights() const { return getName() == "windows-packed"; }
};
} // namespace

std::unique_ptr<Method> pdkc::makeConvMethod(StringRef name,
                                             StringRef description) {
  return std::make_unique<ConvMethod>(name, description);
}
