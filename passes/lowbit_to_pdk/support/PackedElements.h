//===- PackedElements.h - Several elements in a byte ------------*- C++ -*-===//
//
// Elements of 1, 2 or 4 bits, written and read one after the other in their
// order, the first one in a byte's low bits.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PACKEDELEMENTS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PACKEDELEMENTS_H

#include "passes/lowbit_to_pdk/support/Storage.h"

namespace pdkc {

class PackedWriter {
public:
  /// To the tensor's first element.
  PackedWriter(CodeBuilder &code, const Storage &result);
  /// Stores the next one, which is in A. Destroys A and flags.
  void put();
  /// After the last one.
  void finish();

private:
  CodeBuilder &code;
  const Storage &result;
  Cell target, packed, left;
};

class PackedReader {
public:
  PackedReader(CodeBuilder &code, const Storage &values);
  /// To the tensor's first element.
  void begin(CodeBuilder &code) const;
  /// A = the next one. Destroys flags.
  void next(CodeBuilder &code) const;

private:
  Storage values;
  Cell source, packed, left;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PACKEDELEMENTS_H
