//===- ModelInterface.h - What a model takes and gives ----------*- C++ -*-===//
//
// A model is one function. Its arguments are what the device hands over, one
// tensor after the other; its first result is the class, the others are
// integers that stand for the graph's outputs. Attributes of arguments and
// results say what the integers are worth.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_MODELINTERFACE_H
#define PDKC_DIALECTS_LOWBIT_MODELINTERFACE_H

#include "dialects/lowbit/Interpreter.h"
#include "dialects/lowbit/LowbitDialect.h"

#include <vector>

namespace pdkc::lowbit {

/// Of an argument or result: its name in the graph, a string.
constexpr llvm::StringLiteral kNameAttr = "lowbit.name";
/// Of an argument: the device's integer r is worth (r - zero point) * scale;
/// strings, decimals or fractions. Of a result: integer n is worth n * scale +
/// offset; arrays of doubles, one for all elements or one each.
constexpr llvm::StringLiteral kScaleAttr = "lowbit.scale",
                              kZeroPointAttr = "lowbit.zero_point",
                              kOffsetAttr = "lowbit.offset";
/// Of a result: what of the graph it is, in words for the header.
constexpr llvm::StringLiteral kMeaningAttr = "lowbit.meaning";

/// Of a result: its array's name in C behind the model's, a string.
constexpr llvm::StringLiteral kSymbolAttr = "lowbit.symbol";

/// Of a result, a unit: where it has more than 16 bits its upper ones do.
constexpr llvm::StringLiteral kCutAttr = "lowbit.cut";

/// Of the class: how many classes there are where 255 stands for none of them.
constexpr llvm::StringLiteral kBesideNoneAttr = "lowbit.classes_beside_none";

/// The name with whatever C's identifiers do not have made underscores.
std::string toIdentifier(llvm::StringRef name);

/// That name of result i, from 1 on; "output" unless the attribute says another
/// one, with the number where there are several.
std::string getOutputSymbol(mlir::func::FuncOp model, unsigned result);

/// An error where the function is no model: of tensors of integers, of at most
/// 16 bits, with a body that gives tensors of integers, the class and perhaps
/// outputs.
mlir::LogicalResult checkModel(mlir::func::FuncOp func);

/// What stands in sample files and what C hands over: a value after the other,
/// of the first argument, then the next one.
struct InputLayout {
  /// Of each value.
  llvm::SmallVector<Interval, 0> ranges;
  /// Bytes a value, low byte first: 2 where any needs them.
  int64_t bytes = 1;

  static InputLayout get(mlir::func::FuncOp model);

  int64_t size() const { return ranges.size(); }
  /// Of one inference.
  int64_t getTotalBytes() const { return size() * bytes; }
  /// The integers from so many bytes. A value is two's complement where its
  /// range has a negative part.
  Elements decode(llvm::ArrayRef<uint8_t> stored) const;
  void encode(llvm::ArrayRef<int64_t> values,
              std::vector<uint8_t> &stored) const;
};

/// Bytes of an integer as C has it, one of the types of 1, 2 or 4 bytes.
int64_t getBytesInC(Interval range);

/// The values of each argument, from those of all, one after the other.
llvm::SmallVector<Elements, 2> splitInputs(mlir::func::FuncOp model,
                                           llvm::ArrayRef<int64_t> values);

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_MODELINTERFACE_H
