//===- Header.cpp - The C header of a module ------------------------------===//

#include "compiler/emit/Writers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace pdkc;

/// A number as C writes it, such that it reads back the same.
static std::string toC(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.17g", value);
  return text;
}

static void writeConstants(StringRef name, ArrayRef<double> values,
                           raw_ostream &out) {
  out << "#define " << name;
  if (values.size() == 1) {
    out << " (" << toC(values[0]) << ")\n";
    return;
  }
  out << "S {";
  llvm::interleaveComma(values, out, [&](double value) { out << toC(value); });
  out << "}\n";
}

/// The integers before the decision.
static void writeOutputs(const ModuleInterface &interface, raw_ostream &out) {
  std::string upper = StringRef(interface.name).upper();
  auto [min, max] = interface.output;
  bool isWide = lowbit::getWidth(interface.output) > 8;
  out << "/* The last inference's outputs, " << min << " to " << max
      << "; an output's value is integer * scale + offset. */\n"
      << "#define " << upper << "_OUTPUTS " << interface.outputs << "\n";
  writeConstants(upper + "_OUTPUT_SCALE", interface.outputScale, out);
  writeConstants(upper + "_OUTPUT_OFFSET", interface.outputOffset, out);
  out << "extern " << (min < 0 ? "" : "u") << (isWide ? "int16_t " : "int8_t ")
      << interface.name << "_output[" << interface.outputs << "];\n\n";
}

void pdkc::writeHeader(const Layout &layout, const ModuleInterface &interface,
                       raw_ostream &out) {
  std::string upper = StringRef(interface.name).upper();
  bool isSigned = interface.input.min < 0;
  out << "/* Module " << interface.name << " for the " << layout.device->name
      << ", made by pdkc. */\n"
      << "#ifndef " << upper << "_H\n#define " << upper << "_H\n\n"
      << "#include <stdint.h>\n\n"
      << "/* What it takes: words of code, bytes of RAM, bytes of stack with\n"
      << "   the call of " << interface.name
      << "_infer. Interrupts need their own stack on top. */\n"
      << "#define " << upper << "_WORDS " << layout.words.size() << "\n"
      << "#define " << upper << "_RAM " << layout.staticBytes << "\n"
      << "#define " << upper << "_STACK " << layout.stackBytes << "\n\n"
      << "/* Inputs: " << interface.input.min << " to " << interface.input.max
      << ", " << (isSigned ? "signed" : "unsigned")
      << " bytes; the network's value is (input - zero point) * scale. */\n"
      << "#define " << upper << "_INPUTS " << interface.inputs << "\n"
      << "#define " << upper << "_INPUT_MIN (" << interface.input.min << ")\n"
      << "#define " << upper << "_INPUT_MAX " << interface.input.max << "\n"
      << "#define " << upper << "_INPUT_SCALE (1.0 * " << interface.inputScale
      << ")\n"
      << "#define " << upper << "_INPUT_ZERO_POINT (1.0 * "
      << interface.inputZeroPoint << ")\n"
      << "#define " << upper << "_CLASSES " << interface.classes << "\n\n";
  if (interface.hasNone)
    out << "/* What stands for none of the classes, the graph's -1. */\n"
        << "#define " << upper << "_NONE 255\n\n";
  out << "/* One inference; returns the class. */\n"
      << "uint8_t " << interface.name << "_infer(void);\n\n";
  if (interface.isBuffer)
    out << "/* Yours to fill before an inference, which leaves it as it is. "
           "*/\n"
        << "extern " << (isSigned ? "int8_t " : "uint8_t ") << interface.name
        << "_input[" << interface.inputs << "];\n\n";
  else
    out << "/* Yours to write: gives the next input. Called "
        << interface.inputs
        << " times an inference,\n   in the order of the network's inputs. It "
        << "may use A, the flags and p. */\n"
        << "uint8_t " << interface.name << "_next_input(void);\n\n";
  if (interface.outputs)
    writeOutputs(interface, out);
  out << "#endif\n";
}
