//===- PlanSpace.h - The choices that make a plan ---------------*- C++ -*-===//
//
// A unit is an operation of the function with all in its region; its options
// are the methods that those may have, each combination of them one. A plan is
// an option for each unit.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_PLANNING_PLANSPACE_H
#define PDKC_COMPILER_PLANNING_PLANSPACE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "passes/lowbit_to_pdk/Method.h"

namespace pdkc {

/// The option of each unit, by its number.
using Choices = std::vector<unsigned>;

struct PlanUnit {
  /// Those of its operations that have several methods; none of them has one
  /// that the user wrote into a file, which stands.
  llvm::SmallVector<mlir::Operation *> choosers;
  /// By option the choosers' methods. There is one, of none, without choosers.
  std::vector<llvm::SmallVector<llvm::StringRef>> options;
  /// By option the family of layers that it may share code with; empty: none.
  std::vector<llvm::StringRef> families;
  /// Those that make its operands or take its results, or do so once it
  /// decides.
  llvm::SmallVector<unsigned> neighbours;
  /// Its options decide which operations its neighbours become.
  bool decides = false;

  /// Whether the options differ in one operation's method at most.
  bool areNear(unsigned one, unsigned other) const {
    size_t differing = 0;
    for (auto [a, b] : llvm::zip(options[one], options[other]))
      differing += a != b;
    return differing <= 1;
  }
  bool isLayer() const {
    return llvm::any_of(families, [](llvm::StringRef f) { return !f.empty(); });
  }
};

class PlanSpace {
public:
  /// Of a prepared module.
  PlanSpace(mlir::ModuleOp module, const Target &target);

  llvm::ArrayRef<PlanUnit> getUnits() const { return units; }
  /// A copy of the module with these methods.
  mlir::OwningOpRef<mlir::ModuleOp> apply(const Choices &choices) const;
  /// Gives the module itself these methods.
  void choose(const Choices &choices) const;
  /// The unit that an operation of a copy comes from, whatever passes have made
  /// of it; none where it comes from no single one.
  std::optional<unsigned> getUnit(mlir::Operation *op) const;
  /// The units that an operation of a copy comes from, with their parts of its
  /// price: of several layers that are computed together by their weights.
  llvm::SmallVector<std::pair<unsigned, double>>
  getParts(mlir::Operation *op) const;

  /// The first methods of all; the second ones; and for each name of a method
  /// that, wherever it is among several, alone and with those most alike.
  std::vector<Choices> getUniformPlans() const;
  /// That method, wherever it is among several, else the first.
  Choices getUniform(llvm::StringRef method) const;
  /// The same, where it is not among them with the one of its family whose name
  /// has most words of it: layers that may share its engine.
  Choices getAlike(llvm::StringRef method) const;

private:
  mlir::ModuleOp module;
  std::vector<PlanUnit> units;
  /// Locations say where operations come from.
  llvm::SmallVector<mlir::Location, 0> locations;
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_PLANSPACE_H
