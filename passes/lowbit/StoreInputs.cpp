//===- StoreInputs.cpp - Copies of inputs that have to be stored ----------===//
//
// A stream is taken once, input after input. What takes an input many times, or
// another one's before it, takes a copy. Of an array copies are made where its
// two bytes a value are not what an operation reads.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/ModelInterface.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/Streaming.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSTOREINPUTS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitStoreInputs
    : pdkc::impl::LowbitStoreInputsBase<LowbitStoreInputs> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (failed(lowbit::checkModel(func)))
        return signalPassFailure();
      if (func->hasAttr(lowbit::LowbitDialect::kBufferAttr))
        storeBuffer(func);
      else
        storeStream(func);
    }
  }

  static void storeBuffer(func::FuncOp func);
  static void storeStream(func::FuncOp func);
};

} // namespace

/// Puts a copy of the argument, for the users that are to take it, behind the
/// operation; at the function's start where that is null.
static lowbit::CopyOp copy(BlockArgument argument, Operation *behind,
                           llvm::function_ref<bool(Operation *)> takes) {
  OpBuilder builder(argument.getContext());
  if (behind)
    builder.setInsertionPointAfter(behind);
  else
    builder.setInsertionPointToStart(argument.getOwner());
  auto copy = lowbit::CopyOp::create(builder, argument.getLoc(),
                                     argument.getType(), argument);
  argument.replaceUsesWithIf(copy.getResult(), [&](OpOperand &use) {
    return use.getOwner() != copy && takes(use.getOwner());
  });
  return copy;
}

/// Where a value has two bytes, most operations take a copy in the form that
/// they read: bytes where the range is one of bytes.
void LowbitStoreInputs::storeBuffer(func::FuncOp func) {
  if (lowbit::InputLayout::get(func).bytes == 1)
    return;
  auto takes = [](Operation *op) {
    return !isElementwise(op) && !isa<lowbit::ByteOp>(op);
  };
  Operation *last = nullptr;
  for (BlockArgument argument : func.getArguments())
    if (llvm::any_of(argument.getUsers(), takes))
      last = copy(argument, last, takes);
}

/// What takes the argument as it arrives; null where nothing does.
static Operation *getTaker(BlockArgument argument) {
  if (!argument.hasOneUse())
    return nullptr;
  Operation *user = *argument.user_begin();
  if (!isElementwise(user))
    return isStreamed(user) ? user : nullptr;
  lowbit::Interval results = lowbit::getRange(user->getResult(0));
  if (results.max - results.min > 255)
    return nullptr;
  return user;
}

/// The layer for which the elementwise operation alone prepares inputs as they
/// arrive; others are their own. With it they may become one group.
static Operation *getGroupEnd(Operation *taker) {
  if (isElementwise(taker) && taker->hasOneUse())
    if (Operation *layer = *taker->user_begin(); isStreamed(layer))
      return layer;
  return taker;
}

/// Whether inputs from this one on can be taken where they are needed, those
/// that nothing takes as they arrive stored behind the one before; `visit` is
/// told of each what it is behind.
static bool
canArrive(ArrayRef<BlockArgument> arguments,
          llvm::function_ref<void(BlockArgument, Operation *)> visit) {
  Operation *last = nullptr;
  for (BlockArgument argument : arguments) {
    Operation *taker = getTaker(argument);
    if (taker && (!last || last->isBeforeInBlock(taker))) {
      last = getGroupEnd(taker);
      continue;
    }
    if (llvm::any_of(argument.getUsers(), [&](Operation *user) {
          return last && !last->isBeforeInBlock(user);
        }))
      return false;
    visit(argument, last);
  }
  return true;
}

void LowbitStoreInputs::storeStream(func::FuncOp func) {
  // What prepares a layer's inputs does so where the layer is.
  if (func.getNumArguments() > 1)
    for (BlockArgument argument : func.getArguments()) {
      Operation *taker = getTaker(argument);
      if (taker && getGroupEnd(taker) != taker)
        taker->moveBefore(getGroupEnd(taker));
    }
  SmallVector<BlockArgument> arguments(func.getArguments());
  auto takesAny = [](Operation *) { return true; };
  // As few as can be are stored before all else.
  size_t first = 0;
  while (!canArrive(ArrayRef(arguments).drop_front(first),
                    [](BlockArgument, Operation *) {}))
    ++first;
  SmallVector<std::pair<BlockArgument, Operation *>> stored;
  canArrive(ArrayRef(arguments).drop_front(first),
            [&](BlockArgument argument, Operation *behind) {
              stored.push_back({argument, behind});
            });
  Operation *last = nullptr;
  for (BlockArgument argument : ArrayRef(arguments).take_front(first))
    last = copy(argument, last, takesAny);
  // Several may be behind one operation.
  llvm::DenseMap<Operation *, Operation *> lastBehind;
  lastBehind[nullptr] = last;
  for (auto [argument, behind] : stored) {
    auto [found, isNew] = lastBehind.try_emplace(behind, behind);
    found->second = copy(argument, found->second, takesAny);
  }
}
