//===- LowbitTypes.td - Types and attributes of lowbit --------------------===//
//
// Integers of proven ranges, the storage that tensors of them have on the
// device, and what operations' definitions say of both.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_LOWBITTYPES_TD
#define PDKC_DIALECTS_LOWBIT_LOWBITTYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/TensorEncoding.td"

def Lowbit_Dialect : Dialect {
  let name = "lowbit";
  let summary = "Networks of small integers with proven ranges";
  let cppNamespace = "::pdkc::lowbit";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    /// On a function: its input lies in a buffer instead of being a stream.
    static constexpr ::llvm::StringLiteral kBufferAttr = "lowbit.buffer";
    /// On a function, once storage is assigned: the buffers that its tensors'
    /// storage names, an array of #lowbit.ram.
    static constexpr ::llvm::StringLiteral kRamAttr = "lowbit.ram";
  }];
}

/// A 64-bit integer that reads as one with a sign (I64Attr gives uint64_t).
def SignedI64Attr : TypedSignlessIntegerAttrBase<I64, "int64_t",
                                                 "64-bit integer attribute">;

def Lowbit_Int : TypeDef<Lowbit_Dialect, "Int"> {
  let mnemonic = "int";
  let summary = "An integer of proven range";
  let description = [{
    `!lowbit.int<-31, 31>` holds the integers from -31 to 31. Its width follows:
    the fewest bits of two's complement, or of an unsigned number when the range
    has no negative part.
  }];
  let parameters = (ins "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` $min `,` $max `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Bits needed; at least 1.
    unsigned getWidth() const;
    bool contains(int64_t value) const {
      return value >= getMin() && value <= getMax();
    }
  }];
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

def Lowbit_Place : I32EnumAttr<"Place", "where a tensor's elements are", [
    I32EnumAttrCase<"Buffer", 0, "buffer">,
    I32EnumAttrCase<"Stream", 1, "stream">,
    I32EnumAttrCase<"Element", 2, "element">,
    I32EnumAttrCase<"Accumulator", 3, "accumulator">]> {
  let cppNamespace = "::pdkc::lowbit";
}

def Lowbit_Storage : AttrDef<Lowbit_Dialect, "Storage",
    [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "storage";
  let summary = "Where and how a tensor's elements lie on the device";
  let description = [{
    The encoding of a tensor's type, once storage is assigned:

      stored(i) = (element(i) - base + bias) mod 2^bits

    in `bits` bits, one element after the other, low bits and bytes first: those
    of element i begin at bit i * bits of the tensor's first byte. Elements of 1,
    2, 4 or 12 bits are packed, others are whole bytes. The bias, at most `bias`, is
    one number for all elements that is known at run time only; it is left out
    where there is none. Cells of the layer's that made the elements hold it, or
    with `of step` a byte times the step.

    `buffer n at b`: in buffer n of the function (`lowbit.ram`) from byte b on.
    Tensors of one buffer share it on purpose; the one that is `fresh` begins its
    lifetime. Of a `splat` all elements are the one stored there. `stream`:
    elements arrive one by one, as bytes. `element`: each is used as it is made,
    and there is never more than one (within lowbit.fused). `accumulator`: the
    one element is in A.

    ```mlir
    tensor<16x!lowbit.int<-3968, 3968>,
           #lowbit.storage<buffer 0 at 0 fresh, bits 16, base -3968>>
    ```
  }];
  let parameters = (ins "Place":$place, "int64_t":$buffer, "int64_t":$at,
                        "bool":$fresh, "bool":$splat, "int64_t":$bits,
                        "int64_t":$base, "int64_t":$bias,
                        "int64_t":$biasStep);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Bytes an element; 1 where several are packed in one.
    int64_t getBytes() const { return isPacked() ? 1 : getBits() / 8; }
    bool isPacked() const { return getBits() % 8 != 0; }
    /// Bytes of so many elements.
    int64_t getBytesOf(int64_t elements) const {
      return (elements * getBits() + 7) / 8;
    }
    /// `bytes` an element, each less `base`.
    static StorageAttr get(::mlir::MLIRContext *context, Place place,
                           int64_t bytes, int64_t base) {
      return get(context, place, 0, 0, false, false, 8 * bytes, base, 0, 0);
    }
    /// The same in a buffer.
    StorageAttr in(int64_t buffer, int64_t at, bool fresh,
                   bool splat = false) const {
      return get(getContext(), Place::Buffer, buffer, at, fresh, splat,
                 getBits(), getBase(), getBias(), getBiasStep());
    }
    /// The same elsewhere.
    StorageAttr in(Place place) const {
      return get(getContext(), place, 0, 0, false, false, getBits(), getBase(),
                 getBias(), getBiasStep());
    }
  }];
}

def Lowbit_Ram : AttrDef<Lowbit_Dialect, "Ram"> {
  let mnemonic = "ram";
  let summary = "A buffer: neighbouring bytes that tensors lie in";
  let description = [{
    `align` 2 asks for an even address. A buffer `within` another, an earlier
    one, may share bytes with it although both are live, provided that it does
    not lie above it: element i is read there before element i is written here.
    An `exported` one is seen by C under the model's name and its own.

    ```mlir
    lowbit.ram = [#lowbit.ram<"acc" size 32>, #lowbit.ram<"act" size 16 within 0>]
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "int64_t":$size,
      DefaultValuedParameter<"int64_t", "1">:$align,
      DefaultValuedParameter<"int64_t", "-1">:$within,
      DefaultValuedParameter<"bool", "false">:$exported);
  let assemblyFormat = [{
    `<` $name `size` $size (`align` $align^)? (`within` $within^)?
    (`exported` $exported^)? `>`
  }];
}

/// Numbers of a codebook's entries: bytes, or two where it has more than 256.
def Lowbit_Codes : ElementsAttrBase<CPred<[{
    ::llvm::isa<::mlir::DenseIntElementsAttr>($_self) &&
    (::llvm::cast<::mlir::DenseIntElementsAttr>($_self)
         .getElementType().isSignlessInteger(8) ||
     ::llvm::cast<::mlir::DenseIntElementsAttr>($_self)
         .getElementType().isSignlessInteger(16))
  }]>, "8-bit or 16-bit signless integer elements attribute"> {
  let storageType = "::mlir::DenseIntElementsAttr";
  let returnType = "::mlir::DenseIntElementsAttr";
  let convertFromStorage = "$_self";
}

class RankedTensorOfInt : Type<CPred<[{
    ::llvm::isa<::mlir::RankedTensorType>($_self) &&
    ::llvm::cast<::mlir::RankedTensorType>($_self).hasStaticShape() &&
    ::llvm::isa<::pdkc::lowbit::IntType>(
        ::llvm::cast<::mlir::RankedTensorType>($_self).getElementType())
  }]>, "static tensor of !lowbit.int", "::mlir::RankedTensorType">;
def Lowbit_Tensor : RankedTensorOfInt;

/// The planner's choice of how the operation is computed stands in its
/// attribute `method`, absent before planning: the name of one of the methods
/// registered with the dialect (MethodInterface.h), which the trait verifies.
def Lowbit_HasMethod : NativeOpTrait<"HasMethod"> {
  let cppNamespace = "::pdkc::lowbit";
}

#endif // PDKC_DIALECTS_LOWBIT_LOWBITTYPES_TD
