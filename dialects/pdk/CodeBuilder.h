//===- CodeBuilder.h - Writes instructions of the pdk dialect ---*- C++ -*-===//
//
// What the lowering writes code with: one call an instruction, named by its
// row of the instruction table, e.g. code(ADD_A_M, acc.at(3)).
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_PDK_CODEBUILDER_H
#define PDKC_DIALECTS_PDK_CODEBUILDER_H

#include "dialects/pdk/PdkDialect.h"
#include "mlir/IR/Builders.h"

namespace pdkc {

/// One byte of cells.
struct Cell {
  mlir::Value cells;
  int64_t offset = 0;

  Cell at(int64_t further) const { return {cells, offset + further}; }
};

/// The words of a program, whether its cells have addresses or not.
int64_t countWords(pdk::ProgramOp program);

class CodeBuilder {
public:
  /// Begins an empty program at the builder's insertion point.
  CodeBuilder(mlir::OpBuilder &builder, mlir::Location loc,
              llvm::StringRef name, llvm::StringRef device);

  /// Continues a program: what is made comes behind what is there.
  CodeBuilder(mlir::OpBuilder &builder, pdk::ProgramOp program);

  pdk::ProgramOp getProgram() { return program; }

  /// The routine that the user provides: gives the next input in A.
  std::string getNextInput() {
    return (program.getSymName() + "_next_input").str();
  }

  /// Where the operations that follow come from.
  void setLoc(mlir::Location newLoc) { loc = newLoc; }

  /// New virtual cells. With `within`, see pdk.cells.
  Cell cells(const llvm::Twine &name, int64_t size, int64_t align = 1,
             mlir::Value within = {});
  /// Bytes from `first` on, under a name of their own, see pdk.part.
  Cell part(const llvm::Twine &name, Cell first, int64_t size);
  /// Cells that C sees under the program's name and this one.
  Cell exportedCells(const llvm::Twine &name, int64_t size);
  /// SDCC's pseudo-register p, a pointer at RAM address 0 whose high byte is 0.
  Cell pointerP();

  bool hasPointerP() const { return bool(p); }
  /// The stack of a program of its own; only its address is of use.
  Cell stack();

  /// Begins a routine; instructions go there until the next one begins.
  void routine(llvm::StringRef name, bool exported = false);
  void external(llvm::StringRef name, int64_t bytes = 1);
  /// A table; entries are counted from 1.
  void table(llvm::StringRef name, llvm::ArrayRef<int32_t> bytes);

  /// Data, whole code words.
  void words(llvm::StringRef name, llvm::ArrayRef<int32_t> words);

  /// A name not used before in the program, for a label or routine.
  std::string unique(llvm::StringRef stem);
  /// With `trips` the beginning of a loop, see pdk.label.
  void label(llvm::StringRef name, int64_t trips = 0);
  void undef(Cell cell);

  /// Instructions, by operand form.
  void operator()(pdk::Opcode opcode);                          // none
  void ioBit(pdk::Opcode opcode, int64_t address, int64_t bit); // I/O bit
  void operator()(pdk::Opcode opcode, Cell cell);               // memory
  void operator()(pdk::Opcode opcode, Cell cell, int64_t bit);  // memory bit
  void operator()(pdk::Opcode opcode, int64_t number); // immediate or I/O
  void operator()(pdk::Opcode opcode, llvm::StringRef target); // code address
  /// A call of a routine whose loops make at most `trips`, see pdk.label.
  void call(llvm::StringRef routine, int64_t trips);
  /// idxm through the two bytes at `pointer`, into the cells of `pointee`; with
  /// a size, only into so many bytes from `pointee` on.
  void indirect(pdk::Opcode opcode, Cell pointer, Cell pointee,
                int64_t size = 0);
  /// An immediate that is a cell's address.
  void addressOf(pdk::Opcode opcode, Cell cell);
  /// An immediate that is a byte of a word's address in code.
  void addressByte(pdk::Opcode opcode, llvm::StringRef target, int64_t byte);
  /// Skips the next instruction when the flag has the value.
  void skipIfFlag(int64_t flag, bool value);
  void clearFlag(int64_t flag);

private:
  mlir::Operation *create(pdk::Opcode opcode,
                          llvm::ArrayRef<mlir::Value> operands,
                          llvm::ArrayRef<mlir::NamedAttribute> attributes);
  void setInsertionPointToCells();
  mlir::NamedAttribute number(llvm::StringRef name, int64_t value);

  mlir::OpBuilder builder; // inserts into the current routine
  mlir::Location loc;
  pdk::ProgramOp program;
  mlir::Value p;
  unsigned nextUnique = 0;
};

} // namespace pdkc

#endif // PDKC_DIALECTS_PDK_CODEBUILDER_H
