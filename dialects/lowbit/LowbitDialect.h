//===- LowbitDialect.h - The lowbit dialect ---------------------*- C++ -*-===//

#ifndef PDKC_DIALECTS_LOWBIT_LOWBITDIALECT_H
#define PDKC_DIALECTS_LOWBIT_LOWBITDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/Endian.h"
#include <optional>

namespace pdkc::lowbit {

/// An interval of integers, both ends included.
struct Interval {
  int64_t min = 0, max = 0;

  bool operator==(const Interval &other) const {
    return min == other.min && max == other.max;
  }
};

/// floor((rise * x + offset) / run), where run is above 0.
struct Line {
  int64_t rise, offset, run;

  /// The line whose value at x is this one's at x + distance; none where its
  /// numbers have no 64 bits.
  std::optional<Line> moved(int64_t distance) const;
  /// The line that is higher by so much.
  std::optional<Line> raised(int64_t distance) const;
  /// The line whose value at x is this one's at -x.
  Line turned() const { return {-rise, offset, run}; }

  bool operator==(const Line &other) const {
    return std::tie(rise, offset, run) ==
           std::tie(other.rise, other.offset, other.run);
  }
  bool operator<(const Line &other) const {
    return std::tie(rise, offset, run) <
           std::tie(other.rise, other.offset, other.run);
  }
};

/// Lines as the attribute of lowbit.steps, three numbers each; empty where none
/// of the functions has one.
llvm::SmallVector<int64_t>
encodeLines(llvm::ArrayRef<std::optional<Line>> lines);

/// The name of the method in the operation's attribute; empty where it has
/// none.
llvm::StringRef getMethod(mlir::Operation *op);
void setMethod(mlir::Operation *op, llvm::StringRef method);
mlir::LogicalResult verifyMethod(mlir::Operation *op);

/// An operation that can be computed in several ways.
template <typename ConcreteOp>
class HasMethod : public mlir::OpTrait::TraitBase<ConcreteOp, HasMethod> {
public:
  static mlir::LogicalResult verifyTrait(mlir::Operation *op) {
    return verifyMethod(op);
  }
};
} // namespace pdkc::lowbit

#include "dialects/lowbit/LowbitDialect.h.inc"
#include "dialects/lowbit/LowbitEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/lowbit/LowbitTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/lowbit/LowbitAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/lowbit/LowbitOps.h.inc"

namespace pdkc::lowbit {

/// The smallest interval that holds both.
Interval hull(Interval a, Interval b);

/// Of tensors as if the regions of lowbit.fused were not there: the one outside
/// that a region's argument stands for, others are their own;
mlir::Value getOutside(mlir::Value value);
/// the one within that a region yields as this one, others are their own;
mlir::Value getYielded(mlir::Value value);
/// and the operation that makes it, null for a model's input.
mlir::Operation *getProducer(mlir::Value value);

/// Bits that hold every value of the interval: two's complement when min is
/// negative, unsigned otherwise; at least 1.
unsigned getWidth(Interval interval);

/// The range in a tensor's element type.
Interval getRange(mlir::Type tensorType);
inline Interval getRange(mlir::Value value) {
  return getRange(value.getType());
}

/// How the tensor is stored; null before storage is assigned.
inline StorageAttr getStorage(mlir::Value value) {
  return llvm::dyn_cast_or_null<StorageAttr>(
      llvm::cast<mlir::RankedTensorType>(value.getType()).getEncoding());
}

/// tensor<shape x !lowbit.int<range>>.
mlir::RankedTensorType getTensorType(mlir::MLIRContext *context,
                                     llvm::ArrayRef<int64_t> shape,
                                     Interval range);

/// The numbers of codebooks' entries that codes of 8 or 16 bits stand for.
class Codes {
public:
  explicit Codes(mlir::DenseIntElementsAttr codes)
      : raw(codes.getRawData()), isSplat(codes.isSplat()),
        isWide(codes.getElementType().isInteger(16)),
        count(codes.getNumElements()) {}

  size_t size() const { return count; }
  size_t operator[](size_t i) const {
    i = isSplat ? 0 : i;
    return isWide ? llvm::support::endian::read16(raw.data() + 2 * i,
                                                  llvm::endianness::native)
                  : uint8_t(raw[i]);
  }

private:
  llvm::ArrayRef<char> raw;
  bool isSplat, isWide;
  size_t count;
};

/// Weights as the list of their distinct values and the places in it.
struct EncodedWeights {
  mlir::DenseIntElementsAttr codes;
  llvm::SmallVector<int64_t> codebook;
};

constexpr size_t kLargestCodebook = 1 << 16;

/// Encodes weights for codes of this shape; none where there are more than
/// kLargestCodebook distinct ones.
std::optional<EncodedWeights> encodeWeights(mlir::MLIRContext *context,
                                            llvm::ArrayRef<int64_t> weights,
                                            llvm::ArrayRef<int64_t> shape);

/// value * 2^shift, of negative values too, whose shifts C++17 leaves
/// undefined.
template <typename Integer> Integer shiftUp(Integer value, unsigned shift) {
  return value * (Integer(1) << shift);
}

/// value / 2^shift, rounded down but for ties, as lowbit.requant does it.
template <typename Integer>
Integer shiftDown(Integer value, unsigned shift, Ties ties) {
  Integer quotient = value >> shift;
  bool isTie = shiftUp(quotient, shift) == value;
  return quotient -
         (ties != Ties::Up && isTie && (quotient & 1) == (ties == Ties::Even));
}

/// The same rounding for results that are larger by `distance`.
inline Ties moveTies(Ties ties, int64_t distance) {
  if (ties == Ties::Up || distance % 2 == 0)
    return ties;
  return ties == Ties::Even ? Ties::Odd : Ties::Even;
}

/// Operations of lowbit.chains' steps.
enum class Step : int32_t {
  Const,
  Load,
  Add,
  Sub,
  Double,
  Offset,
  Accumulate,
  Deduct,
  Take,
  DoubleSums,
};

/// Operations of lowbit.planes' walk.
enum class Walk : int32_t { Load, Add, Sub, Total, Clear, Recall, Tap, AddTap };

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_LOWBITDIALECT_H
