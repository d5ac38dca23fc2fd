//===- Header.cpp - The C header of a module ------------------------------===//

#include "compiler/emit/Writers.h"

using namespace mlir;
using namespace pdkc;

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
      << "#define " << upper << "_CLASSES " << interface.classes << "\n\n"
      << "/* One inference; returns the class. */\n"
      << "uint8_t " << interface.name << "_infer(void);\n\n"
      << "/* Yours to write: gives the next input. Called " << interface.inputs
      << " times an inference,\n   in the order of the network's inputs. It "
      << "may use A, the flags and p. */\n"
      << "uint8_t " << interface.name << "_next_input(void);\n\n"
      << "#endif\n";
}
