//===- Instructions.td - The PDK instruction table ------------------------===//
//
// Every instruction form of the sets PDK13, PDK14 and PDK15, once: syntax,
// operand form, where control goes, cycles, flags, what it reads and writes,
// and its encoding.
// The table has two readers:
//   * llvm-tblgen -gen-searchable-tables makes a plain C++ table of it
//     (InstructionTable.h), which the encoder, the assembler text, the cost
//     model and the simulator's decoder share;
//   * mlir-tblgen makes one operation of the pdk dialect of each row (PdkOps.td).
//
// Encodings are bit strings, most significant bit first, of 13, 14 or 15 bits;
// an empty one says that the set lacks the instruction. Letters are operand
// bits: m memory address, w memory address without its lowest bit (a two-byte
// pointer at an even address), i I/O address, n bit number, k immediate or code
// address.
//
// Source: the free-pdk instruction set tables; sdaspdk13/14/15 check the
// encodings in the tests.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_PDK_INSTRUCTIONS_TD
#define PDKC_DIALECTS_PDK_INSTRUCTIONS_TD

include "llvm/TableGen/SearchableTable.td"

// llvm-tblgen's backend looks these up by name, for LLVM's own targets.
class HwMode;
class HwModeSelect;
class IntrinsicProperty;
class Intrinsic;
class Fusion;
class Target;
def Padauk : Target;

/// What an instruction's operand is; it decides the operand class, that is,
/// which addresses an instruction set can reach.
class OperandForm<string enumerator> { string Enumerator = enumerator; }
def NoOperand : OperandForm<"OperandForm::None">;
def Memory    : OperandForm<"OperandForm::Memory">;    // M
def MemoryBit : OperandForm<"OperandForm::MemoryBit">; // M.n
def Pointer   : OperandForm<"OperandForm::Pointer">;   // two bytes at an even M
def Io        : OperandForm<"OperandForm::Io">;        // IO
def IoBit     : OperandForm<"OperandForm::IoBit">;     // IO.n
def Immediate : OperandForm<"OperandForm::Immediate">; // k, 8 bits
def CodeAddress : OperandForm<"OperandForm::Target">;  // code address

/// Where control goes behind an instruction, and its cycles; a skip takes one
/// more when it skips.
class Control<string flow, int cycles> {
  string Flow = "Flow::" # flow;
  bits<2> Cycles = cycles;
}
def One      : Control<"Next", 1>;
def Two      : Control<"Next", 2>;
def Skips    : Control<"Skip", 1>;     // the next instruction, or not
def Jumps    : Control<"Jump", 2>;     // to the target
def Calls    : Control<"Call", 2>;     // to the target, and on when it returns
def Returns  : Control<"Return", 2>;   // to the address on the stack
def JumpsByA : Control<"Computed", 2>; // to its own address plus A
def Resets   : Control<"Reset", 1>;    // to where the chip starts

/// What is read and written beside the flags that are set. M is the memory
/// operand (of a Pointer form the pointer itself, Pointee the byte that it
/// points to), Io the I/O register (of an IoBit form that bit of it; the others
/// stay), F all flags.
class Effect<int bitNumber> { int Mask = !shl(1, bitNumber); }
def ReadsA   : Effect<0>;
def WritesA  : Effect<1>;
def ReadsC   : Effect<2>;
def ReadsF   : Effect<3>;
def ReadsM   : Effect<4>;
def WritesM  : Effect<5>;
def ReadsPointee  : Effect<6>;
def WritesPointee : Effect<7>;
def ReadsIo  : Effect<8>;
def WritesIo : Effect<9>;
def Pushes   : Effect<10>; // a word onto the stack
def Pops     : Effect<11>; // a word off the stack

/// A set of flags by their letters, as bits of FLAG.
class Flags<string letters> {
  int Mask = !foldl(0, !range(4), sum, i,
      !if(!ge(!find(letters, !substr("ZCAV", i, 1)), 0),
          !add(sum, !shl(1, i)), sum));
}

/// One row. `syntax` is sdas' spelling with {m}, {i}, {n}, {k}, {t} for
/// memory, I/O address, bit, immediate and target; `flags` are the flags the
/// instruction sets, out of Z, C, A (auxiliary carry) and V (overflow).
class Instruction<string syntax, OperandForm form, Control control,
                  string flags, list<Effect> effects, string pdk13,
                  string pdk14, string pdk15> {
  string Name = NAME;
  string Syntax = syntax;
  string Form = form.Enumerator;
  string Flow = control.Flow;
  bits<2> Cycles = control.Cycles;
  bits<4> FlagsSet = Flags<flags>.Mask;
  bits<12> Effects = !foldl(0, effects, sum, e, !add(sum, e.Mask));
  string Pdk13 = pdk13;
  string Pdk14 = pdk14;
  string Pdk15 = pdk15;
}

def Opcode : GenericEnum {
  let FilterClass = "Instruction";
  let NameField = "Name";
}

def InstructionTable : GenericTable {
  let FilterClass = "Instruction";
  let CppTypeName = "Instruction";
  let Fields = ["Name", "Syntax", "Form", "Flow", "Cycles", "FlagsSet",
                "Effects", "Pdk13", "Pdk14", "Pdk15"];
  string TypeOf_Form = "code";
  string TypeOf_Flow = "code";
}

def NOP        : Instruction<"nop", NoOperand, One, "",
    [],
    "0000000000000", "00000000000000", "000000000000000">;
def LDSPTL     : Instruction<"ldsptl", NoOperand, Two, "",
    [WritesA],
    "0000000000110", "00000000000110", "">;
def LDSPTH     : Instruction<"ldspth", NoOperand, Two, "",
    [WritesA],
    "0000000000111", "00000000000111", "">;
def ADDC_A     : Instruction<"addc a", NoOperand, One, "ZCAV",
    [ReadsA, WritesA, ReadsC],
    "0000000010000", "00000001100000", "000000001100000">;
def SUBC_A     : Instruction<"subc a", NoOperand, One, "ZCAV",
    [ReadsA, WritesA, ReadsC],
    "0000000010001", "00000001100001", "000000001100001">;
def IZSN_A     : Instruction<"izsn a", NoOperand, Skips, "ZCAV",
    [ReadsA, WritesA],
    "0000000010010", "00000001100010", "000000001100010">;
def DZSN_A     : Instruction<"dzsn a", NoOperand, Skips, "ZCAV",
    [ReadsA, WritesA],
    "0000000010011", "00000001100011", "000000001100011">;
def PCADD_A    : Instruction<"pcadd a", NoOperand, JumpsByA, "",
    [ReadsA],
    "0000000010111", "00000001100111", "000000001100111">;
def NOT_A      : Instruction<"not a", NoOperand, One, "Z",
    [ReadsA, WritesA],
    "0000000011000", "00000001101000", "000000001101000">;
def NEG_A      : Instruction<"neg a", NoOperand, One, "Z",
    [ReadsA, WritesA],
    "0000000011001", "00000001101001", "000000001101001">;
def SR_A       : Instruction<"sr a", NoOperand, One, "C",
    [ReadsA, WritesA],
    "0000000011010", "00000001101010", "000000001101010">;
def SL_A       : Instruction<"sl a", NoOperand, One, "C",
    [ReadsA, WritesA],
    "0000000011011", "00000001101011", "000000001101011">;
def SRC_A      : Instruction<"src a", NoOperand, One, "C",
    [ReadsA, WritesA, ReadsC],
    "0000000011100", "00000001101100", "000000001101100">;
def SLC_A      : Instruction<"slc a", NoOperand, One, "C",
    [ReadsA, WritesA, ReadsC],
    "0000000011101", "00000001101101", "000000001101101">;
def SWAP_A     : Instruction<"swap a", NoOperand, One, "",
    [ReadsA, WritesA],
    "0000000011110", "00000001101110", "000000001101110">;
def WDRESET    : Instruction<"wdreset", NoOperand, One, "",
    [],
    "0000000110000", "00000001110000", "000000001110000">;
def PUSHAF     : Instruction<"pushaf", NoOperand, One, "",
    [ReadsA, ReadsF, Pushes],
    "0000000110010", "00000001110010", "000000001110010">;
def POPAF      : Instruction<"popaf", NoOperand, One, "ZCAV",
    [WritesA, Pops],
    "0000000110011", "00000001110011", "000000001110011">;
def RESET      : Instruction<"reset", NoOperand, Resets, "",
    [],
    "0000000110101", "00000001110101", "000000001110101">;
def STOPSYS    : Instruction<"stopsys", NoOperand, One, "",
    [],
    "0000000110110", "00000001110110", "000000001110110">;
def STOPEXE    : Instruction<"stopexe", NoOperand, One, "",
    [],
    "0000000110111", "00000001110111", "000000001110111">;
def ENGINT     : Instruction<"engint", NoOperand, One, "",
    [],
    "0000000111000", "00000001111000", "000000001111000">;
def DISGINT    : Instruction<"disgint", NoOperand, One, "",
    [],
    "0000000111001", "00000001111001", "000000001111001">;
def RET        : Instruction<"ret", NoOperand, Returns, "",
    [Pops],
    "0000000111010", "00000001111010", "000000001111010">;
def RETI       : Instruction<"reti", NoOperand, Returns, "",
    [Pops],
    "0000000111011", "00000001111011", "000000001111011">;
def XOR_IO_A   : Instruction<"xor.io {i},a", Io, One, "",
    [ReadsA, ReadsIo, WritesIo],
    "00000011iiiii", "00000011iiiiii", "00000001iiiiiii">;
def MOV_IO_A   : Instruction<"mov.io {i},a", Io, One, "",
    [ReadsA, WritesIo],
    "00000100iiiii", "00000110iiiiii", "00000010iiiiiii">;
def MOV_A_IO   : Instruction<"mov.io a,{i}", Io, One, "Z",
    [WritesA, ReadsIo],
    "00000101iiiii", "00000111iiiiii", "00000011iiiiiii">;
def STT16_M    : Instruction<"stt16 {m}", Pointer, One, "",
    [ReadsM],
    "00000110wwww0", "0000110wwwwww0", "0000110wwwwwww0">;
def LDT16_M    : Instruction<"ldt16 {m}", Pointer, One, "",
    [WritesM],
    "00000110wwww1", "0000110wwwwww1", "0000110wwwwwww1">;
def IDXM_M_A   : Instruction<"idxm {m},a", Pointer, Two, "",
    [ReadsA, ReadsM, WritesPointee],
    "00000111wwww0", "0000111wwwwww0", "0000111wwwwwww0">;
def IDXM_A_M   : Instruction<"idxm a,{m}", Pointer, Two, "",
    [WritesA, ReadsM, ReadsPointee],
    "00000111wwww1", "0000111wwwwww1", "0000111wwwwwww1">;
def RET_K      : Instruction<"ret #{k}", Immediate, Returns, "",
    [WritesA, Pops],
    "00001kkkkkkkk", "000010kkkkkkkk", "0000010kkkkkkkk">;
def T0SN_MBIT  : Instruction<"t0sn {m},#{n}", MemoryBit, Skips, "",
    [ReadsM],
    "00010nnn0mmmm", "10000nnnmmmmmm", "10000nnnmmmmmmm">;
def T1SN_MBIT  : Instruction<"t1sn {m},#{n}", MemoryBit, Skips, "",
    [ReadsM],
    "00010nnn1mmmm", "10001nnnmmmmmm", "10001nnnmmmmmmm">;
def SET0_MBIT  : Instruction<"set0 {m},#{n}", MemoryBit, One, "",
    [ReadsM, WritesM],
    "00011nnn0mmmm", "10010nnnmmmmmm", "10010nnnmmmmmmm">;
def SET1_MBIT  : Instruction<"set1 {m},#{n}", MemoryBit, One, "",
    [ReadsM, WritesM],
    "00011nnn1mmmm", "10011nnnmmmmmm", "10011nnnmmmmmmm">;
def ADD_M_A    : Instruction<"add {m},a", Memory, One, "ZCAV",
    [ReadsA, ReadsM, WritesM],
    "0010000mmmmmm", "0010000mmmmmmm", "0010000mmmmmmmm">;
def SUB_M_A    : Instruction<"sub {m},a", Memory, One, "ZCAV",
    [ReadsA, ReadsM, WritesM],
    "0010001mmmmmm", "0010001mmmmmmm", "0010001mmmmmmmm">;
def ADDC_M_A   : Instruction<"addc {m},a", Memory, One, "ZCAV",
    [ReadsA, ReadsC, ReadsM, WritesM],
    "0010010mmmmmm", "0010010mmmmmmm", "0010010mmmmmmmm">;
def SUBC_M_A   : Instruction<"subc {m},a", Memory, One, "ZCAV",
    [ReadsA, ReadsC, ReadsM, WritesM],
    "0010011mmmmmm", "0010011mmmmmmm", "0010011mmmmmmmm">;
def AND_M_A    : Instruction<"and {m},a", Memory, One, "Z",
    [ReadsA, ReadsM, WritesM],
    "0010100mmmmmm", "0010100mmmmmmm", "0010100mmmmmmmm">;
def OR_M_A     : Instruction<"or {m},a", Memory, One, "Z",
    [ReadsA, ReadsM, WritesM],
    "0010101mmmmmm", "0010101mmmmmmm", "0010101mmmmmmmm">;
def XOR_M_A    : Instruction<"xor {m},a", Memory, One, "Z",
    [ReadsA, ReadsM, WritesM],
    "0010110mmmmmm", "0010110mmmmmmm", "0010110mmmmmmmm">;
def MOV_M_A    : Instruction<"mov {m},a", Memory, One, "",
    [ReadsA, WritesM],
    "0010111mmmmmm", "0010111mmmmmmm", "0010111mmmmmmmm">;
def ADD_A_M    : Instruction<"add a,{m}", Memory, One, "ZCAV",
    [ReadsA, WritesA, ReadsM],
    "0011000mmmmmm", "0011000mmmmmmm", "0011000mmmmmmmm">;
def SUB_A_M    : Instruction<"sub a,{m}", Memory, One, "ZCAV",
    [ReadsA, WritesA, ReadsM],
    "0011001mmmmmm", "0011001mmmmmmm", "0011001mmmmmmmm">;
def ADDC_A_M   : Instruction<"addc a,{m}", Memory, One, "ZCAV",
    [ReadsA, WritesA, ReadsC, ReadsM],
    "0011010mmmmmm", "0011010mmmmmmm", "0011010mmmmmmmm">;
def SUBC_A_M   : Instruction<"subc a,{m}", Memory, One, "ZCAV",
    [ReadsA, WritesA, ReadsC, ReadsM],
    "0011011mmmmmm", "0011011mmmmmmm", "0011011mmmmmmmm">;
def AND_A_M    : Instruction<"and a,{m}", Memory, One, "Z",
    [ReadsA, WritesA, ReadsM],
    "0011100mmmmmm", "0011100mmmmmmm", "0011100mmmmmmmm">;
def OR_A_M     : Instruction<"or a,{m}", Memory, One, "Z",
    [ReadsA, WritesA, ReadsM],
    "0011101mmmmmm", "0011101mmmmmmm", "0011101mmmmmmmm">;
def XOR_A_M    : Instruction<"xor a,{m}", Memory, One, "Z",
    [ReadsA, WritesA, ReadsM],
    "0011110mmmmmm", "0011110mmmmmmm", "0011110mmmmmmmm">;
def MOV_A_M    : Instruction<"mov a,{m}", Memory, One, "Z",
    [WritesA, ReadsM],
    "0011111mmmmmm", "0011111mmmmmmm", "0011111mmmmmmmm">;
def ADDC_M     : Instruction<"addc {m}", Memory, One, "ZCAV",
    [ReadsC, ReadsM, WritesM],
    "0100000mmmmmm", "0100000mmmmmmm", "0100000mmmmmmmm">;
def SUBC_M     : Instruction<"subc {m}", Memory, One, "ZCAV",
    [ReadsC, ReadsM, WritesM],
    "0100001mmmmmm", "0100001mmmmmmm", "0100001mmmmmmmm">;
def IZSN_M     : Instruction<"izsn {m}", Memory, Skips, "ZCAV",
    [ReadsM, WritesM],
    "0100010mmmmmm", "0100010mmmmmmm", "0100010mmmmmmmm">;
def DZSN_M     : Instruction<"dzsn {m}", Memory, Skips, "ZCAV",
    [ReadsM, WritesM],
    "0100011mmmmmm", "0100011mmmmmmm", "0100011mmmmmmmm">;
def INC_M      : Instruction<"inc {m}", Memory, One, "ZCAV",
    [ReadsM, WritesM],
    "0100100mmmmmm", "0100100mmmmmmm", "0100100mmmmmmmm">;
def DEC_M      : Instruction<"dec {m}", Memory, One, "ZCAV",
    [ReadsM, WritesM],
    "0100101mmmmmm", "0100101mmmmmmm", "0100101mmmmmmmm">;
def CLEAR_M    : Instruction<"clear {m}", Memory, One, "",
    [WritesM],
    "0100110mmmmmm", "0100110mmmmmmm", "0100110mmmmmmmm">;
def XCH_M      : Instruction<"xch {m}", Memory, One, "",
    [ReadsA, WritesA, ReadsM, WritesM],
    "0100111mmmmmm", "0100111mmmmmmm", "0100111mmmmmmmm">;
def NOT_M      : Instruction<"not {m}", Memory, One, "Z",
    [ReadsM, WritesM],
    "0101000mmmmmm", "0101000mmmmmmm", "0101000mmmmmmmm">;
def NEG_M      : Instruction<"neg {m}", Memory, One, "Z",
    [ReadsM, WritesM],
    "0101001mmmmmm", "0101001mmmmmmm", "0101001mmmmmmmm">;
def SR_M       : Instruction<"sr {m}", Memory, One, "C",
    [ReadsM, WritesM],
    "0101010mmmmmm", "0101010mmmmmmm", "0101010mmmmmmmm">;
def SL_M       : Instruction<"sl {m}", Memory, One, "C",
    [ReadsM, WritesM],
    "0101011mmmmmm", "0101011mmmmmmm", "0101011mmmmmmmm">;
def SRC_M      : Instruction<"src {m}", Memory, One, "C",
    [ReadsC, ReadsM, WritesM],
    "0101100mmmmmm", "0101100mmmmmmm", "0101100mmmmmmmm">;
def SLC_M      : Instruction<"slc {m}", Memory, One, "C",
    [ReadsC, ReadsM, WritesM],
    "0101101mmmmmm", "0101101mmmmmmm", "0101101mmmmmmmm">;
def CEQSN_A_M  : Instruction<"ceqsn a,{m}", Memory, Skips, "ZCAV",
    [ReadsA, ReadsM],
    "0101110mmmmmm", "0101110mmmmmmm", "0101110mmmmmmmm">;
def T0SN_IOBIT : Instruction<"t0sn.io {i},#{n}", IoBit, Skips, "",
    [ReadsIo],
    "01100nnniiiii", "01100nnniiiiii", "01100nnniiiiiii">;
def T1SN_IOBIT : Instruction<"t1sn.io {i},#{n}", IoBit, Skips, "",
    [ReadsIo],
    "01101nnniiiii", "01101nnniiiiii", "01101nnniiiiiii">;
def SET0_IOBIT : Instruction<"set0.io {i},#{n}", IoBit, One, "",
    [WritesIo],
    "01110nnniiiii", "01110nnniiiiii", "01110nnniiiiiii">;
def SET1_IOBIT : Instruction<"set1.io {i},#{n}", IoBit, One, "",
    [WritesIo],
    "01111nnniiiii", "01111nnniiiiii", "01111nnniiiiiii">;
def ADD_A_K    : Instruction<"add a,#{k}", Immediate, One, "ZCAV",
    [ReadsA, WritesA],
    "10000kkkkkkkk", "101000kkkkkkkk", "1010000kkkkkkkk">;
def SUB_A_K    : Instruction<"sub a,#{k}", Immediate, One, "ZCAV",
    [ReadsA, WritesA],
    "10001kkkkkkkk", "101001kkkkkkkk", "1010001kkkkkkkk">;
def CEQSN_A_K  : Instruction<"ceqsn a,#{k}", Immediate, Skips, "ZCAV",
    [ReadsA],
    "10010kkkkkkkk", "101010kkkkkkkk", "1010010kkkkkkkk">;
def AND_A_K    : Instruction<"and a,#{k}", Immediate, One, "Z",
    [ReadsA, WritesA],
    "10100kkkkkkkk", "101100kkkkkkkk", "1010100kkkkkkkk">;
def OR_A_K     : Instruction<"or a,#{k}", Immediate, One, "Z",
    [ReadsA, WritesA],
    "10101kkkkkkkk", "101101kkkkkkkk", "1010101kkkkkkkk">;
def XOR_A_K    : Instruction<"xor a,#{k}", Immediate, One, "Z",
    [ReadsA, WritesA],
    "10110kkkkkkkk", "101110kkkkkkkk", "1010110kkkkkkkk">;
def MOV_A_K    : Instruction<"mov a,#{k}", Immediate, One, "",
    [WritesA],
    "10111kkkkkkkk", "101111kkkkkkkk", "1010111kkkkkkkk">;
def GOTO_K     : Instruction<"goto {t}", CodeAddress, Jumps, "",
    [],
    "110kkkkkkkkkk", "110kkkkkkkkkkk", "110kkkkkkkkkkkk">;
def CALL_K     : Instruction<"call {t}", CodeAddress, Calls, "",
    [Pushes],
    "111kkkkkkkkkk", "111kkkkkkkkkkk", "111kkkkkkkkkkkk">;
def MUL        : Instruction<"mul", NoOperand, One, "",
    [ReadsA, WritesA],
    "", "00000001111100", "000000001111100">;
def SWAPC_IOBIT: Instruction<"swapc.io {i},#{n}", IoBit, One, "C",
    [ReadsC, ReadsIo, WritesIo],
    "", "00010nnniiiiii", "10111nnniiiiiii">;
def COMP_A_M   : Instruction<"comp a,{m}", Memory, One, "ZCAV",
    [ReadsA, ReadsM],
    "", "0001100mmmmmmm", "0001100mmmmmmmm">;
def COMP_M_A   : Instruction<"comp {m},a", Memory, One, "ZCAV",
    [ReadsA, ReadsM],
    "", "0001101mmmmmmm", "0001101mmmmmmmm">;
def NADD_A_M   : Instruction<"nadd a,{m}", Memory, One, "ZCAV",
    [ReadsA, WritesA, ReadsM],
    "", "0001110mmmmmmm", "0001110mmmmmmmm">;
def NADD_M_A   : Instruction<"nadd {m},a", Memory, One, "ZCAV",
    [ReadsA, ReadsM, WritesM],
    "", "0001111mmmmmmm", "0001111mmmmmmmm">;
def CNEQSN_A_M : Instruction<"cneqsn a,{m}", Memory, Skips, "ZCAV",
    [ReadsA, ReadsM],
    "", "0101111mmmmmmm", "0101111mmmmmmmm">;
def CNEQSN_A_K : Instruction<"cneqsn a,#{k}", Immediate, Skips, "ZCAV",
    [ReadsA],
    "", "101011kkkkkkkk", "1010011kkkkkkkk">;
def LDTABL_M   : Instruction<"ldtabl {m}", Pointer, Two, "",
    [WritesA, ReadsM],
    "", "", "0000101wwwwwww0">;
def LDTABH_M   : Instruction<"ldtabh {m}", Pointer, Two, "",
    [WritesA, ReadsM],
    "", "", "0000101wwwwwww1">;
def NMOV_A_M   : Instruction<"nmov a,{m}", Memory, One, "Z",
    [WritesA, ReadsM],
    "", "", "0001000mmmmmmmm">;
def NMOV_M_A   : Instruction<"nmov {m},a", Memory, One, "",
    [ReadsA, WritesM],
    "", "", "0001001mmmmmmmm">;
def SWAP_M     : Instruction<"swap {m}", Memory, One, "",
    [ReadsM, WritesM],
    "", "", "0001010mmmmmmmm">;

#endif // PDKC_DIALECTS_PDK_INSTRUCTIONS_TD
