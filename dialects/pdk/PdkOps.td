//===- PdkOps.td - The pdk dialect ----------------------------------------===//
//
// A program for a PDK chip: cells of RAM, tables of `ret k` words, and routines
// made of one operation an instruction. Cells are virtual until the pass
// --pdk-allocate gives them addresses. Instructions act on the accumulator, the
// flags and cells; inside a routine they are a flat list in program order, with
// labels, because a skip instruction skips exactly the next word.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_PDK_PDKOPS_TD
#define PDKC_DIALECTS_PDK_PDKOPS_TD

include "dialects/pdk/Instructions.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"

def Pdk_Dialect : Dialect {
  let name = "pdk";
  let summary = "Programs for Padauk PDK13, PDK14 and PDK15 microcontrollers";
  let cppNamespace = "::pdkc::pdk";
  let useDefaultTypePrinterParser = 1;
}

/// A 64-bit integer that reads as one with a sign (I64Attr gives uint64_t).
def SignedI64Attr : TypedSignlessIntegerAttrBase<I64, "int64_t",
                                                 "64-bit integer attribute">;

def Pdk_Cells : TypeDef<Pdk_Dialect, "Cells"> {
  let mnemonic = "cells";
  let summary = "A run of neighbouring bytes of RAM";
}

//===----------------------------------------------------------------------===//
// What all instructions share
//===----------------------------------------------------------------------===//

def Pdk_InstructionOpInterface : OpInterface<"InstructionOp"> {
  let cppNamespace = "::pdkc::pdk";
  let description = [{
    An operation that is one code word. The methods give its operands whatever
    its form; those that a form lacks are null or zero.
  }];
  let methods = [
    InterfaceMethod<"The row of the instruction table", "Opcode", "getOpcode">,
    InterfaceMethod<"The cells addressed, or whose address is the immediate",
                    "::mlir::Value", "getCellsOrNull">,
    InterfaceMethod<"Byte within the cells, I/O address, or immediate (added to "
                    "the cells' address where there are any)",
                    "int64_t", "getNumber">,
    InterfaceMethod<"Bit number", "int64_t", "getBitNumber">,
    InterfaceMethod<"The cells that a pointer form reaches through its pointer",
                    "::mlir::Value", "getPointeeOrNull">,
    InterfaceMethod<"Offset and number of the pointee's bytes that it may "
                    "reach; empty where it may reach all",
                    "::llvm::ArrayRef<int64_t>", "getPointeeRange">,
    InterfaceMethod<"The label or routine that a goto or call names",
                    "::llvm::StringRef", "getTargetName">,
  ];
  let extraClassDeclaration = [{
    /// Its row of the instruction table.
    const Instruction &getRow() { return getInstruction(getOpcode()); }
    /// What it reads and writes of A and the flags by itself; a call, not what
    /// is called.
    RegisterUse getRegisterUse() {
      return pdk::getRegisterUse(
          {getOpcode(), uint16_t(getNumber()), uint8_t(getBitNumber())});
    }
  }];
}

class Pdk_Op<string mnemonic, list<Trait> traits = []>
    : Op<Pdk_Dialect, mnemonic, traits>;

/// The methods of the interface, from the expressions of the form's class.
class Pdk_InstructionOp<Instruction row, code cells = "::mlir::Value()",
                      code number = "0", code bitNumber = "0",
                      code pointee = "::mlir::Value()",
                      code target = "::llvm::StringRef()",
                      code range = "::llvm::ArrayRef<int64_t>()">
    : Pdk_Op<!tolower(row.Name),
             [Pdk_InstructionOpInterface, HasParent<"RoutineOp">]> {
  let summary = "`" # row.Syntax # "`";
  let extraClassDeclaration =
    "Opcode getOpcode() { return Opcode::" # row.Name # "; }\n" #
    "::mlir::Value getCellsOrNull() { return " # cells # "; }\n" #
    "int64_t getNumber() { return " # number # "; }\n" #
    "int64_t getBitNumber() { return " # bitNumber # "; }\n" #
    "::mlir::Value getPointeeOrNull() { return " # pointee # "; }\n" #
    "::llvm::ArrayRef<int64_t> getPointeeRange() { return " # range # "; }\n" #
    "::llvm::StringRef getTargetName() { return " # target # "; }\n";
}

class Pdk_PlainOp<Instruction row> : Pdk_InstructionOp<row> {
  let assemblyFormat = "attr-dict";
}

class Pdk_MemoryOp<Instruction row>
    : Pdk_InstructionOp<row, "getCells()", "getOffset()"> {
  let arguments = (ins Pdk_Cells:$cells, SignedI64Attr:$offset);
  let assemblyFormat = "$cells `[` $offset `]` attr-dict";
}

class Pdk_MemoryBitOp<Instruction row>
    : Pdk_InstructionOp<row, "getCells()", "getOffset()", "getBit()"> {
  let arguments = (ins Pdk_Cells:$cells, SignedI64Attr:$offset, SignedI64Attr:$bit);
  let assemblyFormat = "$cells `[` $offset `]` `,` $bit attr-dict";
}

class Pdk_PointerOp<Instruction row>
    : Pdk_InstructionOp<row, "getCells()", "getOffset()", "0", "getPointee()",
                      "::llvm::StringRef()",
                      "getRange().value_or(::llvm::ArrayRef<int64_t>())"> {
  // The cells that the pointer points into, and of these, where it is not all
  // of them, the offset and the number of the bytes that it may point to.
  // Without cells it points to none, but to the stack, say.
  let arguments = (ins Pdk_Cells:$cells, SignedI64Attr:$offset,
      Optional<Pdk_Cells>:$pointee,
      OptionalAttr<ConfinedAttr<DenseI64ArrayAttr,
                                [DenseArrayCount<2>]>>:$range);
  let assemblyFormat = [{
    $cells `[` $offset `]` (`into` $pointee^)? (`range` $range^)? attr-dict
  }];
}

class Pdk_IoOp<Instruction row>
    : Pdk_InstructionOp<row, "::mlir::Value()", "getAddress()"> {
  let arguments = (ins SignedI64Attr:$address);
  let assemblyFormat = "$address attr-dict";
}

class Pdk_IoBitOp<Instruction row>
    : Pdk_InstructionOp<row, "::mlir::Value()", "getAddress()", "getBit()"> {
  let arguments = (ins SignedI64Attr:$address, SignedI64Attr:$bit);
  let assemblyFormat = "$address `,` $bit attr-dict";
}

class Pdk_ImmediateOp<Instruction row>
    : Pdk_InstructionOp<row, "getCells()", "getValue()", "0",
                      "::mlir::Value()",
                      "getTarget().value_or(::llvm::StringRef())"> {
  // With cells the immediate is their address plus the value. With a target it
  // is byte `value`, 0 or 1, of its word address.
  let arguments = (ins SignedI64Attr:$value, Optional<Pdk_Cells>:$cells,
                       OptionalAttr<FlatSymbolRefAttr>:$target);
  let assemblyFormat = "$value (`plus` $cells^)? (`of` $target^)? attr-dict";
}

class Pdk_TargetOp<Instruction row>
    : Pdk_InstructionOp<row, "::mlir::Value()", "0", "0", "::mlir::Value()",
                      "getTarget()"> {
  let arguments = (ins FlatSymbolRefAttr:$target);
  let assemblyFormat = "$target attr-dict";
}

foreach row = !instances<Instruction>() in {
  if !eq(row.Form, NoOperand.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_PlainOp<row>;
  if !eq(row.Form, Memory.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_MemoryOp<row>;
  if !eq(row.Form, MemoryBit.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_MemoryBitOp<row>;
  if !eq(row.Form, Pointer.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_PointerOp<row>;
  if !eq(row.Form, Io.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_IoOp<row>;
  if !eq(row.Form, IoBit.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_IoBitOp<row>;
  if !eq(row.Form, Immediate.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_ImmediateOp<row>;
  if !eq(row.Form, CodeAddress.Enumerator) then
    def Pdk_ # row.Name # "Op" : Pdk_TargetOp<row>;
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

def Pdk_ProgramOp : Pdk_Op<"program", [
    IsolatedFromAbove, NoTerminator, SymbolTable, SingleBlock, Symbol]> {
  let summary = "A module: cells, routines and tables for one device";
  let description = [{
    The first routine is the entry that C calls, or in a program with a stack of
    its own, where reset goes. Routines and tables are placed in code memory in
    their order.

    ```mlir
    pdk.program @model for "pms150c" {
      %x = pdk.cells "x" size 1
      pdk.routine @model_infer exported {
        pdk.call_k @model_next_input
        pdk.mov_m_a %x[0]
        pdk.ret
      }
      pdk.external @model_next_input
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$device);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `for` $device attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

def Pdk_CellsOp : Pdk_Op<"cells", [HasParent<"ProgramOp">]> {
  let summary = "Bytes of RAM";
  let description = [{
    `size` neighbouring bytes. `align` 2 asks for an even address. With
    `within %other` the cells may share bytes with `%other` although both are
    live, provided they do not lie above it: code that reads element i of
    `%other` before it writes element i here is then still right. After
    allocation `address` is set; cells may come with an address fixed from the
    start, like SDCC's pseudo-register p.

    Cells marked `stack` are the stack of a program that starts at reset and so
    sets SP itself. Allocation puts them above all others and makes them as large
    as the calls need; code may take their address, no more.
  }];
  let arguments = (ins StrAttr:$name, ConfinedAttr<SignedI64Attr, [IntPositive]>:$size,
      DefaultValuedAttr<SignedI64Attr, "1">:$align, OptionalAttr<SignedI64Attr>:$address,
      Optional<Pdk_Cells>:$within, UnitAttr:$exported, UnitAttr:$stack);
  let results = (outs Pdk_Cells:$result);
  let extraClassDeclaration = [{
    /// SDCC's pseudo-register p.
    bool isPointerP() { return getName() == "p" && getAddress() == 0; }
  }];
  let assemblyFormat = [{
    $name `size` $size (`align` $align^)? (`within` $within^)? (`at` $address^)?
    (`exported` $exported^)? (`stack` $stack^)? attr-dict
  }];
}

def Pdk_PartOp : Pdk_Op<"part", [HasParent<"ProgramOp">]> {
  let summary = "Some bytes of other cells, under a name of their own";
  let description = [{
    `size` bytes of `%cells` from `offset` on; they are those bytes, so that
    address(part) = address(%cells) + offset. Tensors that share bytes on
    purpose are parts of the same cells: what is written to the one is written
    to the other, and the allocator knows. Parts of parts are fine.

    A part has no alignment of its own; the cells it belongs to are aligned as
    the instructions on it need, and pointers lie at even offsets of the cells.
    `pdk.undef` of a part begins the lifetimes of its bytes alone. Cells
    `within` a part may lie on its bytes, not above its first one; what cells
    are within, their parts are within.

    ```mlir
    %sums = pdk.cells "sums" size 8
    %upper = pdk.part "upper" of %sums[4] size 4
    ```
  }];
  let arguments = (ins StrAttr:$name, Pdk_Cells:$cells, SignedI64Attr:$offset,
      ConfinedAttr<SignedI64Attr, [IntPositive]>:$size);
  let results = (outs Pdk_Cells:$result);
  let assemblyFormat = [{
    $name `of` $cells `[` $offset `]` `size` $size attr-dict
  }];
  let hasVerifier = 1;
}

def Pdk_RoutineOp : Pdk_Op<"routine", [
    HasParent<"ProgramOp">, NoTerminator, SingleBlock, Symbol]> {
  let summary = "Instructions in program order";
  let description = [{
    Reached by `call`, or by `goto` from elsewhere. Control does not run past
    the end.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, UnitAttr:$exported);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name (`exported` $exported^)? attr-dict-with-keyword $body";
}

def Pdk_ExternalOp : Pdk_Op<"external", [HasParent<"ProgramOp">, Symbol]> {
  let summary = "A routine that the user's program provides";
  let description = [{
    It returns so many bytes, 1 or 2: the low one in A, the high one in p. It
    may destroy A, the flags and p, and nothing else.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
      ConfinedAttr<DefaultValuedAttr<I64Attr, "1">,
                   [IntMinValue<1>, IntMaxValue<2>]>:$bytes);
  let assemblyFormat = "$sym_name (`bytes` $bytes^)? attr-dict";
}

def Pdk_TableOp : Pdk_Op<"table", [HasParent<"ProgramOp">, Symbol]> {
  let summary = "Bytes in code memory, fetched by a call";
  let description = [{
    One word `pcadd a` followed by one `ret #k` a byte: called with the number
    of an entry, counted from 1, in A, it returns the byte in A. Costs a call,
    2 cycles for pcadd and 2 for ret.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseI32ArrayAttr:$bytes);
  let extraClassDeclaration = [{
    /// The instructions that it is made of.
    static constexpr Opcode kFetch = PCADD_A, kEntry = RET_K;
  }];
  let assemblyFormat = "$sym_name $bytes attr-dict";
  let hasVerifier = 1;
}

def Pdk_WordsOp : Pdk_Op<"words", [HasParent<"ProgramOp">, Symbol]> {
  let summary = "Data in code memory, a whole code word each";
  let description = [{
    For instructions that read code memory (ldtabl, ldtabh).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseI32ArrayAttr:$words);
  let assemblyFormat = "$sym_name $words attr-dict";
  let hasVerifier = 1;
}

def Pdk_LabelOp : Pdk_Op<"label", [HasParent<"RoutineOp">]> {
  let summary = "A place to jump to; no word";
  let description = [{
    With `trips` it is where a loop begins: each time the loop is entered,
    control comes here at most that often. A call with an attribute `trips`
    promises less for the loops of the routine that it calls.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
      OptionalAttr<ConfinedAttr<SignedI64Attr, [IntPositive]>>:$trips);
  let assemblyFormat = "$sym_name (`trips` $trips^)? attr-dict";
}

def Pdk_UndefOp : Pdk_Op<"undef", [HasParent<"RoutineOp">]> {
  let summary = "The cells' contents are not needed before this; no word";
  let description = [{
    Begins a lifetime. Arrays that are filled by a loop need it: no single
    store defines all of their bytes.
  }];
  let arguments = (ins Pdk_Cells:$cells);
  let assemblyFormat = "$cells attr-dict";
}

#endif // PDKC_DIALECTS_PDK_PDKOPS_TD
