//===- CycleBounds.cpp - Longest times between events ---------------------===//
//
// Each routine is summed up once. Within a routine, strongly connected
// components are the loops: entered at a label that bounds them, without the
// edges back to it, they are acyclic or hold smaller loops.
//
//===----------------------------------------------------------------------===//

#include "passes/pdk/analysis/CycleBounds.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static constexpr int64_t kNever = -1;

/// What a table takes that is called or jumped to.
static int64_t getTableCycles() {
  return getInstruction(TableOp::kFetch).cycles +
         getInstruction(TableOp::kEntry).cycles;
}

static int64_t add(int64_t a, int64_t b) {
  if (a == kNever || b == kNever)
    return kNever;
  return std::min(a + b, CycleBounds::kUnbounded);
}

CycleBounds::CycleBounds(const ControlFlow &flow, ArrayRef<StringRef> names)
    : flow(flow) {
  for (unsigned entry : flow.getEntries()) {
    StringRef name =
        flow.getNodes()[entry].op->getParentOfType<RoutineOp>().getSymName();
    if (llvm::is_contained(names, name))
      events[name] = entry;
  }
}

/// 0 where the node begins no loop that is bounded.
int64_t CycleBounds::getTrips(unsigned node) const {
  auto label = dyn_cast<LabelOp>(flow.getNodes()[node].op);
  return label ? std::min(label.getTrips().value_or(0), limit) : 0;
}

CycleBounds::Summary CycleBounds::summariseCallee(const FlowNode &call) {
  auto trips = call.op->getAttrOfType<IntegerAttr>("trips");
  return summarise(call.callee,
                   trips ? std::max<int64_t>(trips.getInt(), 1) : INT64_MAX);
}

bool CycleBounds::isEvent(unsigned node) const {
  int callee = flow.getNodes()[node].callee;
  return llvm::any_of(events,
                      [&](auto &event) { return int(event.second) == callee; });
}

int64_t CycleBounds::getCycles(unsigned node, unsigned successor) {
  const FlowNode &flowNode = flow.getNodes()[node];
  if (!flowNode.row)
    return 0;
  int64_t cycles = flowNode.row->cycles;
  // The second way on is behind the instruction that is skipped.
  if (flowNode.row->flow == Flow::Skip && successor == 1)
    ++cycles;
  if (flowNode.callsTable)
    cycles += getTableCycles();
  if (flowNode.callsOutside)
    return add(cycles, outside);
  if (flowNode.callee >= 0)
    return add(cycles, summariseCallee(flowNode).through);
  return cycles;
}

/// The label that bounds a loop: where control comes in, and there only. Or the
/// only such label, if a single way within the loop leads to it: then it is no
/// loop within one that has no bound.
std::optional<unsigned> CycleBounds::findHeader(ArrayRef<unsigned> nodes,
                                                const Times &times) {
  SmallVector<unsigned> entries, labels;
  for (unsigned node : nodes) {
    if (times.count(node))
      entries.push_back(node);
    if (getTrips(node))
      labels.push_back(node);
  }
  if (entries.size() == 1 && llvm::is_contained(labels, entries[0]))
    return entries[0];
  if (labels.size() != 1)
    return std::nullopt;
  unsigned waysBack = 0;
  for (unsigned node : nodes)
    waysBack += llvm::count(flow.getNodes()[node].successors, labels[0]);
  if (waysBack == 1)
    return labels[0];
  return std::nullopt;
}

/// The nodes are one loop; `times` holds when control comes in, and then when
/// it is at each node at the latest.
void CycleBounds::propagateLoop(ArrayRef<unsigned> nodes, Times &times) {
  auto giveUp = [&] {
    for (unsigned node : nodes)
      times[node] = kUnbounded;
  };
  std::optional<unsigned> header = findHeader(nodes, times);
  if (!header || !blocked.insert(*header).second)
    return giveUp();
  // The latest arrival at the header by an edge from within.
  auto getReturn = [&](const Times &inner) {
    int64_t latest = kNever;
    for (unsigned node : nodes) {
      auto found = inner.find(node);
      if (found == inner.end() || isEvent(node))
        continue;
      for (auto [i, successor] :
           llvm::enumerate(flow.getNodes()[node].successors))
        if (successor == *header)
          latest = std::max(latest, add(found->second, getCycles(node, i)));
    }
    return latest;
  };
  // From elsewhere to the header, or out of the loop without it.
  Times first = times;
  first.erase(*header);
  propagate(nodes, first);
  int64_t arrival = getReturn(first);
  if (auto found = times.find(*header); found != times.end())
    arrival = std::max(arrival, found->second);
  // Around, and out.
  Times around = {{*header, 0}};
  propagate(nodes, around);
  int64_t more = getTrips(*header) - 1;
  int64_t turn = getReturn(around);
  if (turn != kNever && more > 0)
    arrival =
        turn >= kUnbounded / more ? kUnbounded : add(arrival, turn * more);
  blocked.erase(*header);
  for (unsigned node : nodes) {
    int64_t latest = kNever;
    if (auto found = first.find(node); found != first.end())
      latest = found->second;
    if (auto found = around.find(node); found != around.end())
      latest = std::max(latest, add(arrival, found->second));
    if (latest != kNever)
      times[node] = latest;
  }
}

/// Completes `times`, which holds where control starts, over the nodes.
void CycleBounds::propagate(ArrayRef<unsigned> nodes, Times &times) {
  // Tarjan's algorithm, without recursion; components come in reverse order.
  DenseSet<unsigned> members(nodes.begin(), nodes.end());
  auto leadsTo = [&](unsigned node, unsigned successor) {
    return !isEvent(node) && members.count(successor) &&
           !blocked.count(successor);
  };
  DenseMap<unsigned, unsigned> index, low;
  DenseSet<unsigned> onStack;
  SmallVector<unsigned> stack;
  std::vector<SmallVector<unsigned, 1>> components;
  for (unsigned root : nodes) {
    if (index.count(root))
      continue;
    SmallVector<std::pair<unsigned, unsigned>> work = {{root, 0}};
    while (!work.empty()) {
      auto [node, position] = work.back();
      if (position == 0) {
        unsigned number = index.size();
        index[node] = low[node] = number;
        stack.push_back(node);
        onStack.insert(node);
      }
      ArrayRef<unsigned> successors = flow.getNodes()[node].successors;
      if (position < successors.size()) {
        ++work.back().second;
        unsigned successor = successors[position];
        if (!leadsTo(node, successor))
          continue;
        if (!index.count(successor))
          work.push_back({successor, 0});
        else if (onStack.count(successor))
          low[node] = std::min(low[node], index[successor]);
        continue;
      }
      work.pop_back();
      if (!work.empty())
        low[work.back().first] = std::min(low[work.back().first], low[node]);
      if (low[node] != index[node])
        continue;
      auto &component = components.emplace_back();
      unsigned member;
      do {
        member = stack.pop_back_val();
        onStack.erase(member);
        component.push_back(member);
      } while (member != node);
    }
  }

  for (auto &component : llvm::reverse(components)) {
    Times inner;
    for (unsigned node : component)
      if (auto found = times.find(node); found != times.end())
        inner.insert(*found);
    if (inner.empty())
      continue;
    unsigned only = component.front();
    if (component.size() > 1 ||
        (llvm::is_contained(flow.getNodes()[only].successors, only) &&
         leadsTo(only, only)))
      propagateLoop(component, inner);
    DenseSet<unsigned> here(component.begin(), component.end());
    for (auto [node, time] : inner) {
      times[node] = time;
      for (auto [i, successor] :
           llvm::enumerate(flow.getNodes()[node].successors)) {
        if (here.count(successor) || !leadsTo(node, successor))
          continue;
        int64_t arrival = add(time, getCycles(node, i));
        if (arrival == kNever)
          continue;
        auto [found, isNew] = times.insert({successor, arrival});
        if (!isNew)
          found->second = std::max(found->second, arrival);
      }
    }
  }
}

CycleBounds::Summary CycleBounds::summarise(unsigned entry, int64_t newLimit) {
  auto key = std::make_pair(entry, newLimit);
  if (auto found = summaries.find(key); found != summaries.end())
    return found->second;
  llvm::SaveAndRestore saved(limit, newLimit);
  SmallVector<unsigned> nodes = {entry};
  DenseSet<unsigned> seen = {entry};
  for (size_t i = 0; i < nodes.size(); ++i)
    for (unsigned successor : flow.getNodes()[nodes[i]].successors)
      if (seen.insert(successor).second)
        nodes.push_back(successor);

  // From the entry, and from behind each event.
  Times start = {{entry, 0}}, after;
  propagate(nodes, start);
  Summary result = {kNever, kNever, kNever, kNever};
  for (unsigned node : nodes) {
    const FlowNode &flowNode = flow.getNodes()[node];
    if (flowNode.callee < 0)
      continue;
    int64_t time = kNever;
    if (isEvent(node)) {
      if (unsigned(flowNode.callee) == from)
        time = 0;
    } else {
      Summary inner = summariseCallee(flowNode);
      time = inner.fromEvent;
      result.between = std::max(result.between, inner.between);
    }
    if (time == kNever)
      continue;
    for (unsigned successor : flowNode.successors) {
      auto [found, isNew] = after.insert({successor, time});
      if (!isNew)
        found->second = std::max(found->second, time);
    }
  }
  propagate(nodes, after);

  auto atEnds = [&](const Times &times, int64_t &toReturn, int64_t &toEvent) {
    for (auto [node, time] : times) {
      const FlowNode &flowNode = flow.getNodes()[node];
      if (flowNode.returns) {
        int64_t cycles = flowNode.row->cycles;
        if (flowNode.callsTable)
          cycles += getTableCycles();
        toReturn = std::max(toReturn, add(time, cycles));
      }
      if (isEvent(node)) {
        if (unsigned(flowNode.callee) == to)
          toEvent = std::max(toEvent, time);
      } else if (flowNode.callee >= 0) {
        toEvent = std::max(toEvent, add(add(time, flowNode.row->cycles),
                                        summariseCallee(flowNode).toEvent));
      }
    }
  };
  atEnds(start, result.through, result.toEvent);
  atEnds(after, result.fromEvent, result.between);
  return summaries[key] = result;
}

std::optional<int64_t> CycleBounds::getLongest(StringRef fromName,
                                               StringRef toName) {
  if (!events.count(fromName) || !events.count(toName))
    return std::nullopt;
  from = events.lookup(fromName);
  to = events.lookup(toName);
  summaries.clear();
  int64_t result = summarise(flow.getEntries().front()).between;
  return result == kNever ? std::nullopt : std::optional<int64_t>(result);
}

int64_t CycleBounds::getLongestRun(int64_t cycles) {
  llvm::SaveAndRestore saved(outside, cycles);
  summaries.clear();
  return summarise(flow.getEntries().front()).through;
}
