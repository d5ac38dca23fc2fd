//===- ControlFlow.cpp - Where control goes in a pdk program --------------===//

#include "passes/pdk/analysis/ControlFlow.h"

#include <functional>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

ControlFlow::ControlFlow(Operation *program) {
  valid = succeeded(build(cast<ProgramOp>(program)));
}

LogicalResult ControlFlow::build(ProgramOp program) {
  llvm::StringMap<unsigned> places; // of labels and routines
  llvm::StringMap<Operation *> others;
  for (Operation &op : program.getBody().front()) {
    auto routine = dyn_cast<RoutineOp>(op);
    if (!routine) {
      if (auto symbol = dyn_cast<SymbolOpInterface>(op))
        others[symbol.getName()] = &op;
      continue;
    }
    if (routine.getBody().front().empty())
      return routine.emitError("has no instruction");
    entries.push_back(nodes.size());
    places[routine.getSymName()] = nodes.size();
    for (Operation &inner : routine.getBody().front()) {
      if (auto label = dyn_cast<LabelOp>(inner))
        places[label.getSymName()] = nodes.size();
      auto instruction = dyn_cast<InstructionOp>(inner);
      nodes.push_back(
          {&inner, instruction ? &instruction.getRow() : nullptr, {}});
    }
  }

  if (entries.empty())
    return program.emitError("has no routine to enter by");

  for (unsigned i = 0; i < nodes.size(); ++i) {
    FlowNode &node = nodes[i];
    auto runOn = [&](unsigned to) -> LogicalResult {
      if (to >= nodes.size() ||
          nodes[to].op->getBlock() != node.op->getBlock())
        return node.op->emitError("control runs past the end of its routine");
      node.successors.push_back(to);
      return success();
    };
    Flow kind = node.row ? node.row->flow : Flow::Next;
    StringRef target;
    if (kind == Flow::Jump || kind == Flow::Call)
      target = cast<InstructionOp>(node.op).getTargetName();
    switch (kind) {
    case Flow::Next:
    case Flow::Skip:
      break;
    case Flow::Return:
      node.returns = true;
      continue;
    case Flow::Reset:
      continue;
    case Flow::Computed:
      return node.op->emitError("`")
             << node.row->syntax << "` outside a table is not analysed";
    case Flow::Jump:
      // A table returns to where this routine was called.
      if (isa_and_nonnull<TableOp>(others.lookup(target))) {
        node.callsTable = node.returns = true;
        continue;
      }
      if (!places.count(target))
        return node.op->emitError("goto @")
               << target << " leads to no label or routine of the program";
      node.successors.push_back(places.lookup(target));
      continue;
    case Flow::Call:
      if (Operation *other = others.lookup(target)) {
        if (isa<WordsOp>(other))
          return node.op->emitError("call @") << target << " leads into data";
        auto external = dyn_cast<ExternalOp>(other);
        node.callsOutside = bool(external);
        node.returnsInP = external && external.getBytes() > 1;
        node.callsTable = isa<TableOp>(other);
      } else {
        node.callee = places.lookup(target);
      }
      break;
    }
    if (failed(runOn(i + 1)))
      return failure();
    if (kind == Flow::Skip) {
      // What is skipped is the next instruction, whatever stands before it.
      unsigned skipped = i + 1;
      while (skipped < nodes.size() && !nodes[skipped].row)
        ++skipped;
      if (failed(runOn(skipped + 1)))
        return failure();
    }
  }
  return success();
}

unsigned ControlFlow::getNumber(Operation *op) const {
  // Nodes stand in the order of the program, routine by routine.
  const unsigned *entry = llvm::find_if(entries, [&](unsigned node) {
    return nodes[node].op->getBlock() == op->getBlock();
  });
  assert(entry != entries.end() && "not of a routine of this program");
  unsigned end = entry + 1 == entries.end() ? nodes.size() : entry[1];
  const FlowNode *node = std::lower_bound(
      nodes.begin() + *entry, nodes.begin() + end, op,
      [](const FlowNode &other, Operation *op) {
        return other.op->isBeforeInBlock(op);
      });
  return node - nodes.begin();
}

FailureOr<unsigned> ControlFlow::getStackDepth() const {
  // By entry node; -1 while being worked on.
  DenseMap<unsigned, int> depths;
  std::function<FailureOr<int>(unsigned)> visit =
      [&](unsigned entry) -> FailureOr<int> {
    if (auto found = depths.find(entry); found != depths.end()) {
      if (found->second < 0)
        return nodes[entry].op->emitError("routine calls itself: the stack "
                                          "has no bound");
      return found->second;
    }
    depths[entry] = -1;
    int deepest = 0;
    // Everything reachable, gotos into other routines included; and the bytes
    // pushed when control comes there.
    SmallVector<unsigned> work = {entry};
    DenseMap<unsigned, int> before = {{entry, 0}};
    while (!work.empty()) {
      unsigned number = work.pop_back_val();
      const FlowNode &node = nodes[number];
      int after = before.lookup(number);
      if (node.returns && after != 0)
        return node.op->emitError("returns with ")
               << after << " bytes more on the stack than at the call";
      if (node.row) {
        int pushed = after + (node.row->has(Pushes) ? kStackWord : 0);
        if (node.callee >= 0) {
          auto inner = visit(node.callee);
          if (failed(inner))
            return failure();
          pushed += *inner;
        }
        deepest = std::max(deepest, pushed);
        // What a call pushes is gone when control comes back.
        if (node.row->flow != Flow::Call)
          after = pushed - (node.row->has(Pops) ? kStackWord : 0);
        if (after < 0 && !node.returns)
          return node.op->emitError("takes down what its routine did not push");
      }
      for (unsigned successor : node.successors) {
        auto [found, isNew] = before.insert({successor, after});
        if (isNew)
          work.push_back(successor);
        else if (found->second != after)
          return nodes[successor].op->emitError("is reached with ")
                 << found->second << " and with " << after
                 << " bytes on the stack";
      }
    }
    depths[entry] = deepest;
    return deepest;
  };
  auto depth = visit(entries.front());
  if (failed(depth))
    return failure();
  return unsigned(*depth);
}
