//===- BlockSearch.cpp - Blocks of rows on one walk of the accumulator ----===//
//
// Annealing, of how rows are cut into blocks and of the order of all of them:
//
//   cost = steps between blocks, or of a new beginning where that is shorter
//          + what adding to sums takes, for each block
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/BlockSearch.h"
#include "passes/lowbit/support/Random.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace pdkc;
using llvm::SmallVector;

namespace {

/// Blocks in a ring: 0 stands for where the walk begins and ends.
class BlockSearch {
public:
  BlockSearch(const BlockProblem &problem);

  void anneal(int64_t trials);
  BlockWalk write() const;

private:
  struct Block {
    int64_t row = 0;
    unsigned previous = 0, next = 0;
    /// Inputs that A has added and taken off; the block's own, unless turned.
    int16_t added = 0, deducted = 0;
    bool isTurned = false;

    int64_t getSize() const { return added + deducted; }
  };

  uint64_t *getAdded(unsigned block) { return &sets[2 * block * words]; }
  uint64_t *getDeducted(unsigned block) { return getAdded(block) + words; }
  const uint64_t *getAdded(unsigned block) const {
    return &sets[2 * block * words];
  }
  const uint64_t *getDeducted(unsigned block) const {
    return getAdded(block) + words;
  }
  const uint64_t *getDigits(unsigned block, bool areAdded) const {
    const Block &it = blocks[block];
    return &(areAdded != it.isTurned ? digits.added
                                     : digits.deducted)[it.row * words];
  }
  static bool has(const uint64_t *set, int64_t input) {
    return set[input / 64] >> (input % 64) & 1;
  }
  bool fits(unsigned block) const {
    return problem.fits(blocks[block].added, blocks[block].deducted);
  }

  void add(unsigned block, int64_t input);
  void remove(unsigned block, int64_t input);
  void turn(unsigned block);
  void link(unsigned before, unsigned block);
  void unlink(unsigned block);
  unsigned &getBlockOf(int64_t row, int64_t input) {
    return blockOf[row * digits.inputs + input];
  }
  /// A random one of the inputs in the set, which is in `scratch`.
  std::optional<int64_t> pick();
  int64_t pickInput(unsigned block);

  /// Steps from one block to the next.
  int64_t getSteps(unsigned from, unsigned to) const;
  int64_t getSteps(unsigned block) const {
    return getSteps(blocks[block].previous, block) +
           getSteps(block, blocks[block].next);
  }
  /// Around both blocks.
  int64_t getSteps2(unsigned one, unsigned other) const;
  bool accept(int64_t change);

  void tryMove(unsigned block);
  void tryPlace(unsigned block);
  void tryStretch(unsigned block);

  const BlockProblem &problem;
  const BlockDigits &digits;
  const size_t words;
  std::vector<Block> blocks;
  std::vector<uint64_t> sets; ///< of each block, as A has them
  std::vector<unsigned> blockOf;
  std::vector<uint64_t> scratch;
  Random random;
  uint64_t chances[8] = {}; ///< of 2^16, that a change for the worse is taken
  int64_t cost = 0;
};

} // namespace

int64_t BlockDigits::count() const {
  int64_t count = 0;
  for (const auto &set : {added, deducted})
    for (uint64_t word : set)
      count += llvm::popcount(word);
  return count;
}

BlockSearch::BlockSearch(const BlockProblem &problem)
    : problem(problem), digits(problem.digits), words(digits.words), blocks(1),
      sets(2 * words, 0), blockOf(digits.rows * digits.inputs, 0),
      scratch(words, 0) {
  // Row by row as the inputs come; the rows' first blocks come first.
  std::vector<SmallVector<unsigned>> ofRows(digits.rows);
  size_t most = 0;
  for (int64_t row = 0; row < digits.rows; ++row) {
    for (int64_t input = 0; input < digits.inputs; ++input) {
      if (!has(&digits.added[row * words], input) &&
          !has(&digits.deducted[row * words], input))
        continue;
      if (!ofRows[row].empty()) {
        add(ofRows[row].back(), input);
        if (fits(ofRows[row].back()))
          continue;
        remove(ofRows[row].back(), input);
      }
      ofRows[row].push_back(blocks.size());
      blocks.emplace_back().row = row;
      sets.resize(sets.size() + 2 * words, 0);
      add(ofRows[row].back(), input);
    }
    most = std::max(most, ofRows[row].size());
  }
  for (size_t i = 0; i < most; ++i)
    for (const auto &ofRow : ofRows)
      if (i < ofRow.size())
        link(blocks[0].previous, ofRow[i]);
  for (unsigned block = blocks[0].next; block; block = blocks[block].next) {
    cost += getSteps(blocks[block].previous, block) + problem.accumulateCost;
    for (int64_t input = 0; input < digits.inputs; ++input)
      if (has(getAdded(block), input) || has(getDeducted(block), input))
        getBlockOf(blocks[block].row, input) = block;
  }
}

void BlockSearch::add(unsigned block, int64_t input) {
  bool isAdded = has(getDigits(block, true), input);
  uint64_t *set = isAdded ? getAdded(block) : getDeducted(block);
  set[input / 64] |= uint64_t(1) << (input % 64);
  ++(isAdded ? blocks[block].added : blocks[block].deducted);
}

void BlockSearch::remove(unsigned block, int64_t input) {
  bool isAdded = has(getDigits(block, true), input);
  uint64_t *set = isAdded ? getAdded(block) : getDeducted(block);
  set[input / 64] &= ~(uint64_t(1) << (input % 64));
  --(isAdded ? blocks[block].added : blocks[block].deducted);
}

void BlockSearch::turn(unsigned block) {
  std::swap_ranges(getAdded(block), getDeducted(block), getDeducted(block));
  std::swap(blocks[block].added, blocks[block].deducted);
  blocks[block].isTurned = !blocks[block].isTurned;
}

void BlockSearch::link(unsigned before, unsigned block) {
  unsigned behind = blocks[before].next;
  blocks[block].previous = before;
  blocks[block].next = behind;
  blocks[before].next = blocks[behind].previous = block;
}

void BlockSearch::unlink(unsigned block) {
  blocks[blocks[block].previous].next = blocks[block].next;
  blocks[blocks[block].next].previous = blocks[block].previous;
}

std::optional<int64_t> BlockSearch::pick() {
  int64_t count = 0;
  for (uint64_t word : scratch)
    count += llvm::popcount(word);
  if (count == 0)
    return std::nullopt;
  int64_t left = random.get(count);
  for (size_t i = 0;; ++i) {
    int64_t here = llvm::popcount(scratch[i]);
    if (left >= here) {
      left -= here;
      continue;
    }
    uint64_t word = scratch[i];
    for (; left > 0; --left)
      word &= word - 1;
    return i * 64 + llvm::countr_zero(word);
  }
}

int64_t BlockSearch::pickInput(unsigned block) {
  for (size_t i = 0; i < words; ++i)
    scratch[i] = getAdded(block)[i] | getDeducted(block)[i];
  return *pick();
}

int64_t BlockSearch::getSteps(unsigned from, unsigned to) const {
  if (to == 0)
    return 0;
  int64_t fresh = problem.beginCost + blocks[to].getSize();
  if (from == 0)
    return fresh;
  int64_t common = 0;
  for (size_t i = 0; i < words; ++i)
    common += llvm::popcount((getAdded(from)[i] & getAdded(to)[i]) |
                             (getDeducted(from)[i] & getDeducted(to)[i]));
  return std::min(fresh,
                  blocks[from].getSize() + blocks[to].getSize() - 2 * common);
}

int64_t BlockSearch::getSteps2(unsigned one, unsigned other) const {
  int64_t steps = getSteps(one);
  if (blocks[other].previous != one)
    steps += getSteps(blocks[other].previous, other);
  if (blocks[other].next != one)
    steps += getSteps(other, blocks[other].next);
  return steps;
}

bool BlockSearch::accept(int64_t change) {
  if (change > 0 && (change > int64_t(std::size(chances)) ||
                     random.get(65536) >= chances[change - 1]))
    return false;
  cost += change;
  return true;
}

/// Takes an input over from another block of the row, rather one that a
/// neighbour has; for one of its own where there is no room, or by chance.
void BlockSearch::tryMove(unsigned block) {
  uint32_t how = random.get(16);
  const uint64_t *added = getDigits(block, true);
  const uint64_t *deducted = getDigits(block, false);
  unsigned neighbour = how & 1 ? blocks[block].previous : blocks[block].next;
  if (how != 0 && neighbour == 0)
    return;
  for (size_t i = 0; i < words; ++i) {
    uint64_t all = how == 0 ? added[i] | deducted[i]
                            : (added[i] & getAdded(neighbour)[i]) |
                                  (deducted[i] & getDeducted(neighbour)[i]);
    scratch[i] = all & ~(getAdded(block)[i] | getDeducted(block)[i]);
  }
  std::optional<int64_t> input = pick();
  if (!input)
    return;
  int64_t row = blocks[block].row;
  unsigned other = getBlockOf(row, *input);
  std::optional<int64_t> back;
  add(block, *input);
  bool hasRoom = fits(block);
  remove(block, *input);
  if (!hasRoom || random.get(4) == 0)
    back = pickInput(block);
  int64_t before = getSteps2(block, other);

  if (!back && blocks[other].getSize() == 1) {
    // The other one is gone then.
    unsigned previous = blocks[other].previous, next = blocks[other].next;
    unlink(other);
    add(block, *input);
    int64_t after = getSteps(block);
    if (previous != block && next != block)
      after += getSteps(previous, next);
    if (accept(after - before - problem.accumulateCost)) {
      remove(other, *input);
      getBlockOf(row, *input) = block;
    } else {
      remove(block, *input);
      link(previous, other);
    }
    return;
  }
  auto exchange = [&](unsigned to, unsigned from) {
    remove(from, *input);
    if (back)
      remove(to, *back);
    add(to, *input);
    if (back)
      add(from, *back);
  };
  exchange(block, other);
  if (fits(block) && fits(other) && accept(getSteps2(block, other) - before)) {
    getBlockOf(row, *input) = block;
    if (back)
      getBlockOf(row, *back) = other;
    return;
  }
  exchange(other, block);
}

/// Puts a block beside another one that has an input of its own, turned as it
/// suits there.
void BlockSearch::tryPlace(unsigned block) {
  unsigned before = random.get(16)
                        ? getBlockOf(random.get(digits.rows), pickInput(block))
                        : random.get(blocks.size());
  if (before && random.get(2))
    before = blocks[before].previous;
  if (before == block || (before && blocks[before].getSize() == 0))
    return;
  unsigned previous = blocks[block].previous;
  bool stays = before == previous;
  int64_t old = getSteps(block);
  if (!stays) {
    old += getSteps(before, blocks[before].next) -
           getSteps(previous, blocks[block].next);
    unlink(block);
    link(before, block);
  }
  int64_t straight = getSteps(block), turned = straight;
  bool isTurned = false;
  if (problem.canTurn) {
    turn(block);
    turned = getSteps(block);
    isTurned = stays || turned < straight;
    if (!isTurned)
      turn(block);
  }
  if (accept((isTurned ? turned : straight) - old))
    return;
  if (isTurned)
    turn(block);
  if (!stays) {
    unlink(block);
    link(previous, block);
  }
}

/// Puts a stretch of blocks elsewhere, the other way round, turned, or both.
void BlockSearch::tryStretch(unsigned block) {
  constexpr uint32_t kLongest = 20;
  unsigned before = getBlockOf(random.get(digits.rows), pickInput(block));
  if (before && random.get(2))
    before = blocks[before].previous;
  bool isReversed = random.get(2);
  unsigned first = block, last = block;
  for (uint32_t left = 1 + random.get(kLongest); left > 0; --left) {
    if (first == before || last == before)
      return;
    unsigned next = isReversed ? blocks[first].previous : blocks[last].next;
    if (next == 0)
      break;
    (isReversed ? first : last) = next;
  }
  unsigned previous = blocks[first].previous, next = blocks[last].next;
  if (first == before || last == before || before == previous)
    return;
  unsigned behind = blocks[before].next;
  unsigned head = isReversed ? last : first, tail = isReversed ? first : last;
  auto getEnds = [&] {
    return getSteps(before, head) + getSteps(tail, behind);
  };
  auto turnEnds = [&] {
    turn(head);
    if (tail != head)
      turn(tail);
  };
  int64_t change = getSteps(previous, next) - getSteps(previous, first) -
                   getSteps(last, next) - getSteps(before, behind);
  int64_t straight = getEnds(), turned = straight;
  if (problem.canTurn) {
    turnEnds();
    turned = getEnds();
    turnEnds();
  }
  if (isReversed)
    for (unsigned at = first; at != last; at = blocks[at].next)
      change += getSteps(blocks[at].next, at) - getSteps(at, blocks[at].next);
  if (!accept(change + std::min(straight, turned)))
    return;
  unsigned end = before;
  for (unsigned at = head; at != 0;) {
    unsigned following = at == tail   ? 0
                         : isReversed ? blocks[at].previous
                                      : blocks[at].next;
    unlink(at);
    if (turned < straight)
      turn(at);
    link(end, at);
    end = at;
    at = following;
  }
}

void BlockSearch::anneal(int64_t trials) {
  if (blocks.size() < 3)
    return;
  // How likely it is that a step more is taken: at first one time in five.
  constexpr uint64_t kHeat = 12400;
  for (int64_t trial = 0; trial < trials; ++trial) {
    if (trial % 256 == 0) {
      uint64_t left = 65536 * (trials - trial) / trials;
      uint64_t heat = (kHeat * left >> 16) * left >> 16, chance = 65536;
      for (uint64_t &each : chances)
        each = chance = chance * heat >> 16;
    }
    unsigned block = 1 + random.get(blocks.size() - 1);
    if (blocks[block].getSize() == 0)
      continue;
    uint32_t how = random.get(32);
    if (how < 20)
      tryMove(block);
    else if (how < 30)
      tryPlace(block);
    else
      tryStretch(block);
  }
}

BlockWalk BlockSearch::write() const {
  BlockWalk walk;
  walk.cost = cost;
  for (unsigned block = blocks[0].next; block; block = blocks[block].next) {
    unsigned from = blocks[block].previous;
    BlockWalk::Stop &stop = walk.stops.emplace_back();
    stop.row = blocks[block].row;
    stop.isDeducted = blocks[block].isTurned;
    stop.isFresh =
        getSteps(from, block) == problem.beginCost + blocks[block].getSize();
    if (stop.isFresh)
      from = 0; // no inputs
    for (int64_t input = 0; input < digits.inputs; ++input) {
      // Of -1 to 1; a sign that changes takes two steps.
      auto getFactor = [&](unsigned it) {
        return int(has(getAdded(it), input)) - has(getDeducted(it), input);
      };
      int steps = getFactor(block) - getFactor(from);
      for (int i = 0; i < std::abs(steps); ++i)
        stop.steps.push_back({input, steps > 0});
    }
  }
  return walk;
}

BlockWalk pdkc::findBlockWalk(const BlockProblem &problem, int64_t trials) {
  BlockSearch search(problem);
  search.anneal(trials * problem.digits.count());
  return search.write();
}
