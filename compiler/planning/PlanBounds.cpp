//===- PlanBounds.cpp - What plans cost at least --------------------------===//

#include "compiler/planning/PlanBounds.h"

#include "llvm/Support/xxhash.h"

#include <cmath>

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;

/// What sums of the same numbers in another order may be off.
static constexpr double kRounding = 1e-6;
/// Points of a frontier beyond which words are rounded down, to so many parts.
static constexpr size_t kMostPoints = 2000;
static constexpr double kParts = 4;

PlanBounds::PlanBounds(const PlanSpace &space, int64_t availableWords,
                       double availableCycles, int64_t availableBytes)
    : space(space), availableWords(availableWords),
      availableCycles(availableCycles), availableBytes(availableBytes) {
  ArrayRef<PlanUnit> units = space.getUnits();
  auto append = [&](llvm::function_ref<bool(const PlanUnit &)> isMeant) {
    for (unsigned i = 0; i < units.size(); ++i)
      if (isMeant(units[i]))
        order.push_back(i);
  };
  append([](const PlanUnit &unit) { return unit.decides; });
  append([](const PlanUnit &unit) { return !unit.decides && unit.isLayer(); });
  layers = order.size();
  append([](const PlanUnit &unit) { return !unit.decides && !unit.isLayer(); });
  placeOf.resize(units.size());
  for (auto [place, unit] : llvm::enumerate(order))
    placeOf[unit] = place;
  for (const PlanUnit &unit : units)
    least.emplace_back(unit.options.size());
}

bool PlanBounds::Least::add(const Least &seen) {
  auto lower = [](auto &value, auto other, auto unknown) {
    bool isLess = other < value;
    bool wasKnown = value != unknown;
    if (isLess)
      value = other;
    return isLess && wasKnown;
  };
  bool changed = lower(words, seen.words, kUnknown);
  changed |= lower(cycles, seen.cycles, kUnknown);
  changed |= lower(bytes, seen.bytes, std::numeric_limits<int64_t>::max());
  return changed;
}

bool PlanBounds::add(ArrayRef<OperationPrice> prices, const Choices &choices) {
  // What comes from no unit is in none.
  std::vector<Least> seen(least.size(), Least{0, 0, 0});
  for (const OperationPrice &price : prices)
    for (auto [number, part] : space.getParts(price.op)) {
      Least &unit = seen[number];
      unit.words += part * (price.fails ? kUnknown
                            : sharesAll ? price.leastWords
                                        : price.words);
      unit.cycles += part * price.cycles.value_or(kUnknown);
      unit.bytes = std::max(unit.bytes, price.bytes);
    }
  bool changed = false;
  for (auto [unit, option] : llvm::enumerate(choices)) {
    if (seen[unit].words == kUnknown)
      continue;
    changed |= least[unit][option].add(seen[unit]);
    if (auto place = getSurrounding(unit, choices, order.size()))
      changed |= around[*place].add(seen[unit]);
  }
  isStale = true;
  return changed;
}

/// A number for the unit, its option and what its price may depend on, where
/// all of that is decided.
std::optional<uint64_t>
PlanBounds::getSurrounding(unsigned number, const Choices &choices,
                           size_t decided) const {
  const PlanUnit &unit = space.getUnits()[number];
  SmallVector<unsigned, 16> text = {number, choices[number]};
  llvm::StringRef family = unit.families[choices[number]];
  if (!family.empty()) {
    if (decided < layers)
      return std::nullopt;
    for (unsigned other : ArrayRef(order).take_front(layers)) {
      const PlanUnit &mate = space.getUnits()[other];
      if (mate.families[choices[other]] == family)
        text.push_back(other);
      if (mate.decides)
        text.push_back(choices[other]);
    }
  } else {
    for (unsigned other : unit.neighbours) {
      if (placeOf[other] >= decided)
        return std::nullopt;
      text.push_back(choices[other]);
    }
  }
  return llvm::xxh3_64bits(
      ArrayRef(reinterpret_cast<const uint8_t *>(text.data()),
               text.size() * sizeof(unsigned)));
}

void PlanBounds::buildFrontiers() {
  isStale = false;
  frontiers.assign(order.size() + 1, {});
  frontiers.back() = {{0, 0}};
  for (size_t place = order.size(); place-- > 0;) {
    std::vector<Point> sums;
    for (const Least &option : least[order[place]]) {
      if (option.words == kUnknown ||
          (option.bytes != std::numeric_limits<int64_t>::max() &&
           option.bytes > availableBytes))
        continue;
      double cycles = option.cycles == kUnknown ? unknownCycles : option.cycles;
      if (cycles == kUnknown)
        continue;
      for (const Point &rest : frontiers[place + 1])
        sums.push_back({option.words + rest.words, cycles + rest.cycles});
    }
    auto thin = [&] {
      llvm::sort(sums, [](const Point &a, const Point &b) {
        return std::tie(a.words, a.cycles) < std::tie(b.words, b.cycles);
      });
      std::vector<Point> kept;
      for (const Point &point : sums)
        if (kept.empty() || point.cycles < kept.back().cycles)
          kept.push_back(point);
      sums = std::move(kept);
    };
    thin();
    if (sums.size() > kMostPoints) {
      for (Point &point : sums)
        point.words = std::floor(point.words * kParts) / kParts;
      thin();
    }
    frontiers[place] = std::move(sums);
  }
}

PlanResult PlanBounds::rate(double words, double cycles, int64_t bytes,
                            bool forSize) const {
  PlanResult result;
  result.words = std::ceil(words - kRounding);
  result.fails = bytes > availableBytes;
  result.excessWords = std::max<int64_t>(0, result.words - availableWords);
  result.excessCycles = std::max(0.0, cycles - availableCycles);
  result.first = forSize ? result.words : cycles;
  result.second = forSize ? cycles : result.words;
  result.bytes = bytes;
  return result;
}

PlanResult PlanBounds::get(const Choices &choices, size_t decided,
                           bool forSize) {
  if (isStale)
    buildFrontiers();
  Least sum{0, 0, 0};
  auto add = [&](const Least &unit) {
    sum.words += unit.words;
    sum.cycles += unit.cycles == kUnknown ? unknownCycles : unit.cycles;
    if (unit.bytes != std::numeric_limits<int64_t>::max())
      sum.bytes = std::max(sum.bytes, unit.bytes);
  };
  for (unsigned unit : ArrayRef(order).take_front(decided)) {
    Least known = least[unit][choices[unit]];
    if (auto place = getSurrounding(unit, choices, decided))
      if (auto found = around.find(*place); found != around.end()) {
        // Cycles may have been seen elsewhere alone.
        double cycles = known.cycles;
        known = found->second;
        if (known.cycles == kUnknown)
          known.cycles = cycles;
      }
    add(known);
  }
  if (!forSize)
    sum.words -= getTolerance();
  const std::vector<Point> &rest = frontiers[decided];
  if (rest.empty() || sum.words == kUnknown || sum.cycles == kUnknown)
    return {};
  // The fewest words that are fast enough; for speed the most of those that fit.
  auto point = rest.begin();
  while (std::next(point) != rest.end() &&
         (!forSize || sum.cycles + point->cycles > availableCycles) &&
         std::ceil(sum.words + std::next(point)->words - kRounding) <=
             availableWords)
    ++point;
  return rate(sum.words + point->words, sum.cycles + point->cycles, sum.bytes,
              forSize);
}

bool PlanBounds::mayFit(unsigned unit, unsigned option) const {
  double words = least[unit][option].words;
  for (size_t other = 0; other < least.size(); ++other)
    if (other != unit) {
      double fewest = kUnknown;
      for (const Least &each : least[other])
        fewest = std::min(fewest, each.words);
      words += fewest;
    }
  return words - getTolerance() - kRounding <= availableWords;
}
