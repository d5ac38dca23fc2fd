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

/// A name of the graph's as part of a macro.
static std::string toMacro(StringRef name) {
  std::string macro = lowbit::toIdentifier(name);
  return StringRef(macro).upper();
}

/// Integers beside the class.
static void writeOutput(const ModuleInterface &interface,
                        const ModuleOutput &output, raw_ostream &out) {
  std::string stem = toMacro(interface.name + "_" + output.symbol);
  auto [min, max] = output.range;
  out << "/* Of the last inference, " << min << " to " << max;
  if (!output.meaning.empty())
    out << ": " << toComment(output.meaning);
  out << ".\n   Each is worth integer * scale + offset. */\n"
      << "#define " << toMacro(interface.name) << "_OUTPUTS"
      << StringRef(stem).drop_front(interface.name.size() +
                                    StringRef("_OUTPUT").size())
      << " " << output.count << "\n";
  writeConstants(stem + "_SCALE", output.scale, out);
  writeConstants(stem + "_OFFSET", output.offset, out);
  out << "extern " << getCType(output.range).str() << " " << interface.name
      << "_" << output.symbol << "[" << output.count << "];\n\n";
}

/// What an input's integers are, as macros that begin with `stem`.
static void writeInput(const ModuleInput &input, StringRef stem,
                       raw_ostream &out) {
  out << "#define " << stem << "_MIN (" << input.range.min << ")\n"
      << "#define " << stem << "_MAX " << input.range.max << "\n"
      << "#define " << stem << "_SCALE (1.0 * " << input.scale << ")\n"
      << "#define " << stem << "_ZERO_POINT (1.0 * " << input.zeroPoint
      << ")\n";
}

static void writeInputs(const ModuleInterface &interface, raw_ostream &out) {
  std::string stem = toMacro(interface.name) + "_INPUT";
  CType type = interface.inputType;
  StringRef size = type.bytes == 1 ? "bytes" : "integers of 16 bits";
  if (interface.inputs.size() == 1) {
    const ModuleInput &input = interface.inputs[0];
    out << "/* Inputs: " << input.range.min << " to " << input.range.max << ", "
        << (type.isSigned ? "signed " : "unsigned ") << size
        << "; the network's value is (input - zero point) * scale. */\n"
        << "#define " << stem << "S " << input.count << "\n";
    writeInput(input, stem, out);
    return;
  }
  out << "/* Inputs, one after the other, " << size
      << "; the network's value is (input -\n   zero point) * scale. */\n"
      << "#define " << stem << "S " << interface.countInputs() << "\n";
  int64_t at = 0;
  for (const ModuleInput &input : interface.inputs) {
    out << "/* " << input.count << " of '" << toComment(input.name) << "', "
        << input.range.min << " to " << input.range.max;
    if (input.range.min < 0 && !type.isSigned)
      out << ", two's complement";
    out << ", the first is input " << at << ". */\n";
    std::string own = stem + "_" + input.macro;
    out << "#define " << own << "_FIRST " << at << "\n"
        << "#define " << own << "_COUNT " << input.count << "\n";
    writeInput(input, own, out);
    at += input.count;
  }
}

void pdkc::writeHeader(const Layout &layout, const ModuleInterface &interface,
                       raw_ostream &out) {
  std::string upper = toMacro(interface.name);
  out << "/* Module " << interface.name << " for the " << layout.device->name
      << ", made by pdkc. */\n"
      << "#ifndef " << upper << "_H\n#define " << upper << "_H\n\n"
      << "#include <stdint.h>\n\n"
      << "/* What it takes: words of code, bytes of RAM, bytes of stack with\n"
      << "   the call of " << interface.name
      << "_infer. Interrupts need their own stack on top. */\n"
      << "#define " << upper << "_WORDS " << layout.words.size() << "\n"
      << "#define " << upper << "_RAM " << layout.staticBytes << "\n"
      << "#define " << upper << "_STACK " << layout.stackBytes << "\n\n";
  writeInputs(interface, out);
  out << "#define " << upper << "_CLASSES " << interface.classes << "\n\n";
  if (interface.hasNone)
    out << "/* What stands for none of the classes, the graph's -1. */\n"
        << "#define " << upper << "_NONE 255\n\n";
  out << "/* One inference; returns the class. */\n"
      << "uint8_t " << interface.name << "_infer(void);\n\n";
  CType type = interface.inputType;
  if (interface.isBuffer)
    out << "/* Yours to fill before an inference, which leaves it as it is. "
           "*/\n"
        << "extern " << type.str() << " " << interface.name << "_input["
        << interface.countInputs() << "];\n\n";
  else
    out << "/* Yours to write: gives the next input. Called "
        << interface.countInputs()
        << " times an inference,\n   in the order of the network's inputs. It "
        << "may use A, the flags and p. */\n"
        << CType{type.bytes, /*isSigned=*/false}.str() << " " << interface.name
        << "_next_input(void);\n\n";
  for (const ModuleOutput &output : interface.outputs)
    writeOutput(interface, output, out);
  out << "#endif\n";
}
