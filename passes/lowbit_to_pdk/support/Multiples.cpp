//===- Multiples.cpp - The multiples of an input that weights pick --------===//
//
// A small search for the shortest way from one multiple to the next in the
// accumulator.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/Multiples.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

#include <optional>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// The shortest sequence of doublings, negations, additions of multiples made
/// before and restarts from them, that takes A from one coefficient to another.
namespace {
struct MakeStep {
  enum Kind { Double, Negate, Add, Sub, Restart } kind;
  unsigned multiple = 0;
};
} // namespace

static std::optional<SmallVector<MakeStep>> findPath(int64_t from, int64_t to,
                                                     ArrayRef<Multiple> made,
                                                     bool hasA,
                                                     unsigned depth) {
  if (hasA && from == to)
    return SmallVector<MakeStep>();
  if (depth == 0)
    return std::nullopt;
  SmallVector<std::pair<MakeStep, int64_t>> moves;
  if (hasA) {
    moves.push_back({{MakeStep::Double}, from * 2});
    moves.push_back({{MakeStep::Negate}, -from});
  }
  for (auto [i, multiple] : llvm::enumerate(made)) {
    if (hasA) {
      moves.push_back(
          {{MakeStep::Add, unsigned(i)}, from + multiple.coefficient});
      moves.push_back(
          {{MakeStep::Sub, unsigned(i)}, from - multiple.coefficient});
    }
    moves.push_back({{MakeStep::Restart, unsigned(i)}, multiple.coefficient});
  }
  std::optional<SmallVector<MakeStep>> best;
  for (auto [step, value] : moves) {
    auto rest =
        findPath(value, to, made, true, best ? best->size() - 1 : depth - 1);
    if (rest && (!best || rest->size() + 1 < best->size())) {
      best = SmallVector<MakeStep>{step};
      best->append(rest->begin(), rest->end());
    }
  }
  return best;
}

/// From the piece in A, all multiples of it into their cells. Coefficients that
/// are far from what is there are made by Horner's rule.
void pdkc::emitMultiples(CodeBuilder &code, ArrayRef<Multiple> wantedOnes,
                         ArrayRef<Cell> cells) {
  int64_t coefficient = 1, bias = 0; // of A
  SmallVector<Multiple> made;
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, wantedOnes.size()));
  // The piece itself first, others are made of it; constants last, they lose
  // it.
  auto getRank = [&](unsigned index) -> int64_t {
    int64_t wanted = wantedOnes[index].coefficient;
    return wanted == 1 ? 0 : wanted == 0 ? INT64_MAX : std::abs(wanted);
  };
  llvm::stable_sort(
      order, [&](unsigned a, unsigned b) { return getRank(a) < getRank(b); });
  // What later multiples are made of must be there once. One multiple alone
  // that is 0, 1, 2 or 4 times the piece, or less, is made of A as it is.
  auto isEasy = [](int64_t coefficient) {
    return coefficient == 0 || (std::abs(coefficient) <= 4 &&
                                llvm::isPowerOf2_64(std::abs(coefficient)));
  };
  bool needsUnit =
      order.size() > 1 || !isEasy(wantedOnes[order[0]].coefficient);
  SmallVector<Cell> madeCells;
  if (needsUnit && !llvm::any_of(wantedOnes, [](const Multiple &multiple) {
        return multiple.coefficient == 1;
      })) {
    // The first multiple's cell may hold the piece until the end, when it is
    // made last; simpler and as cheap: a cell of its own.
    Cell unit = code.cells("x_times_1", 1);
    code(MOV_M_A, unit);
    made.push_back({1, 0});
    madeCells.push_back(unit);
  }
  for (unsigned index : order) {
    const Multiple &wanted = wantedOnes[index];
    if (wanted.coefficient == 0) {
      code(MOV_A_K, wanted.bias);
      code(MOV_M_A, cells[index]);
      continue;
    }
    auto path = findPath(coefficient, wanted.coefficient, made, true, 4);
    if (path) {
      for (MakeStep step : *path) {
        switch (step.kind) {
        case MakeStep::Double:
          code(SL_A);
          bias *= 2;
          break;
        case MakeStep::Negate:
          code(NEG_A);
          bias = -bias;
          break;
        case MakeStep::Add:
          code(ADD_A_M, madeCells[step.multiple]);
          bias += made[step.multiple].bias;
          break;
        case MakeStep::Sub:
          code(SUB_A_M, madeCells[step.multiple]);
          bias -= made[step.multiple].bias;
          break;
        case MakeStep::Restart:
          code(MOV_A_M, madeCells[step.multiple]);
          bias = made[step.multiple].bias;
          break;
        }
      }
    } else {
      // Horner's rule over the bits of the coefficient, from one that is 1.
      const auto *unit = llvm::find_if(made, [](const Multiple &multiple) {
        return multiple.coefficient == 1;
      });
      assert(unit != made.end());
      unsigned from = unit - made.begin();
      uint64_t magnitude = std::abs(wanted.coefficient);
      code(MOV_A_M, madeCells[from]);
      bias = unit->bias;
      for (int bit = int(llvm::Log2_64(magnitude)) - 1; bit >= 0; --bit) {
        code(SL_A);
        bias *= 2;
        if (magnitude >> bit & 1) {
          code(ADD_A_M, madeCells[from]);
          bias += unit->bias;
        }
      }
      if (wanted.coefficient < 0) {
        code(NEG_A);
        bias = -bias;
      }
    }
    coefficient = wanted.coefficient;
    if (((wanted.bias - bias) & 255) != 0)
      code(ADD_A_K, wanted.bias - bias);
    bias = wanted.bias;
    code(MOV_M_A, cells[index]);
    made.push_back(wanted);
    madeCells.push_back(cells[index]);
  }
}
