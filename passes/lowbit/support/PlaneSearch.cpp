//===- PlaneSearch.cpp - Bit planes, and a walk that sums them ------------===//
//
// The sets that are to be tapped are nodes of a tree: a set is reached from its
// parent by as many steps as the two differ in inputs. Of a node's children the
// first goes on with what A holds, the others recall the tap, a step more. Two
// roots, no inputs and all inputs, are where walks begin.
//
//   cost = sum over the nodes of steps from their parents
//          + children that recall + taps
//
// The tree starts as a least spanning one, and is improved by annealing: an
// edge is added, another one of the cycle that this makes is taken away.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/PlaneSearch.h"
#include "passes/lowbit/support/BlockSearch.h"
#include "passes/lowbit/support/Random.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;
using lowbit::Walk;

static constexpr unsigned kMostPlanes = 8;
/// Trials of trees for one of blocks, by input of a set.
static constexpr int64_t kTrialsOfBlocks = 250;

//===----------------------------------------------------------------------===//
// Planes
//===----------------------------------------------------------------------===//

/// For each value bits of the coefficients, all above 0, that sum up to its
/// distance from the first value; none where some value has no such sum.
static std::optional<SmallVector<uint32_t>>
encode(ArrayRef<int64_t> values, ArrayRef<int64_t> coefficients) {
  llvm::DenseMap<int64_t, uint32_t> codeOf;
  for (uint32_t code = 0; code < 1u << coefficients.size(); ++code) {
    int64_t sum = 0;
    for (auto [k, coefficient] : llvm::enumerate(coefficients))
      sum += code >> k & 1 ? coefficient : 0;
    codeOf.try_emplace(sum, code);
  }
  SmallVector<uint32_t> codes;
  for (int64_t value : values) {
    auto found = codeOf.find(value - values.front());
    if (found == codeOf.end())
      return std::nullopt;
    codes.push_back(found->second);
  }
  return codes;
}

/// Calls `visit` with every choice of `count` of the distances, each as often
/// as wanted, in rising order, until it returns true.
static bool forEachChoice(ArrayRef<int64_t> distances, unsigned count,
                          SmallVector<int64_t> &chosen,
                          llvm::function_ref<bool(ArrayRef<int64_t>)> visit) {
  if (chosen.size() == count)
    return visit(chosen);
  for (size_t i = 0; i < distances.size(); ++i) {
    chosen.push_back(distances[i]);
    bool isDone = forEachChoice(distances.drop_front(i), count, chosen, visit);
    chosen.pop_back();
    if (isDone)
      return true;
  }
  return false;
}

/// Of several codes of one value the one with the fewest bits.
static void useFewestBits(PlaneCode &planes) {
  ArrayRef<int64_t> coefficients = ArrayRef(planes.coefficients).drop_front();
  auto getValue = [&](uint32_t code) {
    int64_t value = 0;
    for (auto [k, coefficient] : llvm::enumerate(coefficients))
      value += code >> k & 1 ? coefficient : 0;
    return value;
  };
  for (uint32_t &code : planes.codes) {
    int64_t value = getValue(code);
    for (uint32_t other = 0; other < 1u << coefficients.size(); ++other)
      if (getValue(other) == value &&
          llvm::popcount(other) < llvm::popcount(code))
        code = other;
  }
}

std::vector<PlaneCode> pdkc::findPlanes(ArrayRef<int64_t> values) {
  int64_t span = values.back() - values.front();
  if (span >= 1 << kMostPlanes)
    return {};
  SmallVector<int64_t> distances;
  for (int64_t a : values)
    for (int64_t b : values)
      if (a < b)
        distances.push_back(b - a);
  llvm::sort(distances);
  distances.erase(std::unique(distances.begin(), distances.end()),
                  distances.end());
  // The binary number of the distance from the first value always does.
  unsigned binary = std::max(1u, lowbit::getWidth({0, span}));
  SmallVector<int64_t> coefficients;
  SmallVector<uint32_t> codes;
  auto use = [&](ArrayRef<int64_t> chosen) {
    auto found = encode(values, chosen);
    if (!found)
      return false;
    coefficients.assign(chosen.begin(), chosen.end());
    codes = *found;
    return true;
  };
  // Few distances only: their choices are many.
  unsigned fewest = std::max(1u, llvm::Log2_64_Ceil(values.size()));
  bool isFound = false;
  if (distances.size() <= 16)
    for (unsigned count = fewest; count < std::min(binary, 5u) && !isFound;
         ++count) {
      SmallVector<int64_t> chosen;
      isFound = forEachChoice(distances, count, chosen, use);
    }
  if (!isFound) {
    SmallVector<int64_t> powers;
    for (unsigned bit = 0; bit < binary; ++bit)
      powers.push_back(int64_t(1) << bit);
    use(powers);
  }
  // Any plane the other way round: c b = c - c (1 - b). Of many planes only the
  // highest one.
  std::vector<PlaneCode> result;
  size_t count = coefficients.size();
  for (uint32_t turned = 0; turned < 1u << count; ++turned) {
    if (count > 4 && turned != 0 && turned != 1u << (count - 1))
      continue;
    PlaneCode code{{values.front()}, codes};
    for (auto [k, coefficient] : llvm::enumerate(coefficients)) {
      bool isTurned = turned >> k & 1;
      code.coefficients.front() += isTurned ? coefficient : 0;
      code.coefficients.push_back(isTurned ? -coefficient : coefficient);
    }
    for (uint32_t &each : code.codes)
      each ^= turned;
    if (count <= 4)
      useFewestBits(code);
    result.push_back(std::move(code));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Walks
//===----------------------------------------------------------------------===//

namespace {

class WalkSearch {
public:
  WalkSearch(const WalkProblem &problem);
  WalkProgram run(int64_t trials);

private:
  int64_t getSize(size_t node) const { return count(sets[node]); }
  static int64_t count(const InputSet &set) {
    int64_t bits = 0;
    for (uint64_t word : set)
      bits += llvm::popcount(word);
    return bits;
  }
  /// Steps from a parent, to recall it among them.
  int64_t getEdge(unsigned parent, unsigned child) const {
    return edges[parent * sets.size() + child];
  }
  bool isRoot(unsigned node) const { return node >= sets.size(); }
  void span();
  void anneal(int64_t trials);
  /// Tries to give a random node a random parent; `heat` of 65536 is how likely
  /// a tree that is a step worse is taken.
  void tryMove(uint32_t heat);
  WalkProgram write() const;

  const WalkProblem &problem;
  SmallVector<InputSet, 0> sets;                ///< distinct, none empty
  SmallVector<SmallVector<int32_t, 1>, 0> taps; ///< of each
  SmallVector<int32_t> emptyTaps;
  unsigned none, total, roots;
  std::vector<int32_t> edges;
  Random random;
  SmallVector<unsigned> parents, children; ///< of nodes: the parent, how many
  int64_t cost = 0;                        ///< without taps
};

} // namespace

WalkSearch::WalkSearch(const WalkProblem &problem) : problem(problem) {
  std::map<InputSet, size_t> numbers;
  for (auto [tap, set] : llvm::enumerate(problem.sets)) {
    if (count(set) == 0) {
      emptyTaps.push_back(tap);
      continue;
    }
    auto [found, isNew] = numbers.try_emplace(set, sets.size());
    if (isNew) {
      sets.push_back(set);
      taps.emplace_back();
    }
    taps[found->second].push_back(tap);
  }
  none = sets.size();
  total = none + 1;
  roots = problem.hasTotal ? 2 : 1;
  edges.resize((sets.size() + 2) * sets.size());
  for (size_t child = 0; child < sets.size(); ++child) {
    for (size_t parent = 0; parent < sets.size(); ++parent) {
      int64_t differing = 1;
      for (auto [a, b] : llvm::zip(sets[parent], sets[child]))
        differing += llvm::popcount(a ^ b);
      edges[parent * sets.size() + child] = differing;
    }
    edges[none * sets.size() + child] = getSize(child);
    edges[total * sets.size() + child] = 1 + problem.inputs - getSize(child);
  }
}

/// A least spanning tree, as if each child had to recall its parent.
void WalkSearch::span() {
  size_t nodes = sets.size();
  parents.assign(nodes, none);
  children.assign(nodes + 2, 0);
  SmallVector<bool> isIn(nodes, false);
  auto offer = [&](unsigned parent) {
    for (size_t child = 0; child < nodes; ++child)
      if (!isIn[child] &&
          getEdge(parent, child) < getEdge(parents[child], child))
        parents[child] = parent;
  };
  if (roots == 2)
    offer(total);
  for (size_t added = 0; added < nodes; ++added) {
    size_t next = nodes;
    for (size_t node = 0; node < nodes; ++node)
      if (!isIn[node] && (next == nodes || getEdge(parents[node], node) <
                                               getEdge(parents[next], next)))
        next = node;
    isIn[next] = true;
    ++children[parents[next]];
    offer(next);
  }
  cost = 0;
  for (size_t node = 0; node < nodes; ++node)
    cost += getEdge(parents[node], node) - (children[node] != 0);
}

void WalkSearch::tryMove(uint32_t heat) {
  size_t nodes = sets.size();
  unsigned child = random.get(nodes), parent = random.get(nodes + roots);
  if (child == parent || parents[child] == parent)
    return;
  // The child is no ancestor of its new parent.
  SmallVector<unsigned, 32> above; // of the parent
  for (unsigned node = parent; !isRoot(node); node = parents[node]) {
    if (node == child) {
      std::swap(child, parent);
      if (parents[child] == parent)
        return;
      above.assign({parent});
      break;
    }
    above.push_back(node);
  }
  // Of the edges from the child up to where the cycle closes one goes: the one
  // above `top`; those below it turn round.
  SmallVector<unsigned, 32> path;
  for (unsigned node = child; !isRoot(node) && !llvm::is_contained(above, node);
       node = parents[node])
    path.push_back(node);
  size_t length = 1;
  if (path.size() > 1 && random.get(2))
    length = 1 + random.get(path.size());
  unsigned top = path[length - 1], old = parents[top];
  if (old == parent && top == child)
    return;
  int64_t change = getEdge(parent, child) - getEdge(old, top);
  auto addChildren = [&](unsigned node, int amount) {
    if (isRoot(node))
      return;
    change += children[node] != 0;
    children[node] += amount;
    change -= children[node] != 0;
  };
  auto move = [&](int sign) {
    addChildren(old, -sign);
    addChildren(parent, sign);
    if (top != child) {
      addChildren(child, sign);
      addChildren(top, -sign);
    }
  };
  move(1);
  if (change > 0) {
    uint64_t likely = heat;
    for (int64_t i = 1; i < std::min<int64_t>(change, 16); ++i)
      likely = likely * heat >> 16;
    if (random.get(65536) >= likely) {
      move(-1);
      return;
    }
  }
  cost += change;
  for (size_t i = length; i-- > 1;)
    parents[path[i]] = path[i - 1];
  parents[child] = parent;
}

void WalkSearch::anneal(int64_t trials) {
  if (sets.size() < 2)
    return;
  SmallVector<unsigned> best = parents;
  int64_t least = cost;
  for (int64_t trial = 0; trial < trials; ++trial) {
    // From about a half down to 0.
    uint64_t left = 65536 * (trials - trial) / trials;
    tryMove(left * left >> 17);
    if (cost < least) {
      least = cost;
      best = parents;
    }
  }
  parents = best;
  cost = least;
}

WalkProgram WalkSearch::write() const {
  WalkProgram program;
  auto add = [&](Walk step, int64_t operand = 0) {
    program.walk.append({int32_t(step), int32_t(operand)});
    ++program.cost;
  };
  SmallVector<SmallVector<unsigned>, 0> childrenOf(sets.size() + 2);
  for (auto [node, parent] : llvm::enumerate(parents))
    childrenOf[parent].push_back(node);
  auto has = [](const InputSet &set, int64_t input) {
    return set[input / 64] >> (input % 64) & 1;
  };
  if (!emptyTaps.empty())
    add(Walk::Clear);
  for (int32_t tap : emptyTaps)
    add(Walk::Tap, tap);
  // What is to be gone on with; a node's last child comes first, with A as it
  // is.
  SmallVector<std::pair<unsigned, unsigned>> open; // parent, child
  for (unsigned root : {none, total})
    for (unsigned child : childrenOf[root])
      open.push_back({root, child});
  unsigned held = none;
  bool holds = false;
  while (!open.empty()) {
    auto [parent, child] = open.pop_back_val();
    bool begins = false;
    if (parent == total)
      add(Walk::Total);
    else if (parent == none)
      begins = true;
    else if (!holds || held != parent)
      add(Walk::Recall, taps[parent].front());
    for (int64_t input = 0; input < problem.inputs; ++input) {
      bool was =
          parent == total || (parent != none && has(sets[parent], input));
      bool is = has(sets[child], input);
      if (was == is)
        continue;
      add(begins ? Walk::Load : is ? Walk::Add : Walk::Sub, input);
      begins = false;
    }
    for (int32_t tap : taps[child])
      add(Walk::Tap, tap);
    held = child;
    holds = true;
    for (unsigned next : childrenOf[child])
      open.push_back({child, next});
  }
  return program;
}

WalkProgram WalkSearch::run(int64_t trials) {
  span();
  anneal(trials);
  return write();
}

//===----------------------------------------------------------------------===//
// Walks in blocks
//===----------------------------------------------------------------------===//

/// Sets cut into blocks of at most so many inputs: one after the other is added
/// to a tap.
static WalkProgram findWalkInBlocks(const WalkProblem &problem, int64_t most,
                                    int64_t trials) {
  BlockDigits digits(problem.sets.size(), problem.inputs);
  for (auto [tap, set] : llvm::enumerate(problem.sets))
    llvm::copy(set, digits.added.begin() + tap * digits.words);
  BlockWalk found =
      findBlockWalk({digits,
                     [&](int64_t added, int64_t deducted) {
                       return added <= most && deducted == 0;
                     },
                     /*accumulateCost=*/1, /*beginCost=*/0, /*canTurn=*/false},
                    trials);
  WalkProgram program;
  auto add = [&](Walk step, int64_t operand = 0) {
    program.walk.append({int32_t(step), int32_t(operand)});
    ++program.cost;
  };
  llvm::BitVector isTapped(problem.sets.size());
  for (const BlockWalk::Stop &stop : found.stops) {
    for (auto [i, step] : llvm::enumerate(stop.steps))
      add(stop.isFresh && i == 0 ? Walk::Load
          : step.second          ? Walk::Add
                                 : Walk::Sub,
          step.first);
    add(isTapped[stop.row] ? Walk::AddTap : Walk::Tap, stop.row);
    isTapped.set(stop.row);
  }
  if (!isTapped.all())
    add(Walk::Clear);
  for (auto [tap, set] : llvm::enumerate(problem.sets))
    if (!isTapped[tap])
      add(Walk::Tap, tap);
  return program;
}

WalkProgram pdkc::findWalk(const WalkProblem &problem, int64_t trials) {
  WalkProgram best = WalkSearch(problem).run(trials);
  // Smaller blocks are shared by more rows.
  for (int64_t most : {5, 7}) {
    int64_t each = trials / kTrialsOfBlocks;
    if (each == 0)
      continue;
    WalkProgram other = findWalkInBlocks(problem, most, each);
    if (other.cost < best.cost)
      best = std::move(other);
  }
  return best;
}
