//===- CheckOptions.cpp - Whether options make sense ----------------------===//

#include "compiler/Compiler.h"
#include "dialects/exact/Rational.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace pdkc;

/// Whether C has words that begin so: the module's symbols.
static bool isPrefixInC(StringRef name) {
  static const StringRef keywords[] = {
      "auto",     "break",    "case",     "char",    "const",    "continue",
      "default",  "do",       "double",   "else",    "enum",     "extern",
      "float",    "for",      "goto",     "if",      "inline",   "int",
      "long",     "register", "restrict", "return",  "short",    "signed",
      "sizeof",   "static",   "struct",   "switch",  "typedef",  "union",
      "unsigned", "void",     "volatile", "while",   "_Alignas", "_Alignof",
      "_Atomic",  "_Bool",    "_Complex", "_Generic"};
  return llvm::Regex("^[A-Za-z_][A-Za-z0-9_]*$").match(name) &&
         !llvm::is_contained(keywords, name);
}

/// The assembler tells symbols apart by their first 79 characters; ours end in
/// up to 11 of their own, and in the names of outputs.
constexpr size_t kLongestName = 32;

/// The first word of a list of "[NAME=]WORD,..." that makes no sense, if any.
/// What names there are the model says; one may have commas, so that what is no
/// word may be the beginning of the next entry's name.
static std::optional<StringRef>
findWrong(StringRef entries, llvm::function_ref<bool(StringRef)> isRight) {
  std::optional<StringRef> wrong;
  SmallVector<StringRef> pieces;
  entries.split(pieces, ',', -1, /*KeepEmpty=*/false);
  for (StringRef piece : pieces) {
    bool isNamed = piece.contains('=');
    StringRef word = piece.drop_front(piece.rfind('=') + 1);
    if (isNamed)
      wrong = std::nullopt;
    if (!isRight(word) && (isNamed || !wrong))
      wrong = word;
    if (wrong && isNamed)
      break;
  }
  return wrong;
}

static std::string checkInputs(const CompileOptions &options) {
  auto isRange = [](StringRef word) {
    auto [low, high] = word.split(':');
    int64_t min = 0, max = 0;
    return !low.getAsInteger(10, min) && !high.getAsInteger(10, max) &&
           min < max;
  };
  if (auto wrong = findWrong(options.inputRange, isRange))
    return ("--input-range takes [NAME=]LO:HI, two integers in rising order, "
            "not '" +
            *wrong + "'")
        .str();
  auto isNumber = [](StringRef word) {
    return Rational::parse(word).has_value();
  };
  for (const auto &[name, entries] :
       {std::pair("input-scale", StringRef(options.inputScale)),
        std::pair("input-zero-point", StringRef(options.inputZeroPoint))})
    if (auto wrong = findWrong(entries, isNumber))
      return ("--" + Twine(name) +
              " takes a decimal or a fraction such as 1/255, behind the name "
              "of an input and '=' or without, not '" +
              *wrong + "'")
          .str();
  return "";
}

std::string pdkc::checkOptions(const CompileOptions &options) {
  if (!llvm::is_contained({"class", "logits", "values"}, options.output))
    return "--output takes class, logits or values, not '" + options.output +
           "'";
  if (!llvm::is_contained({"auto", "buffer", "stream"}, options.input))
    return "--input takes auto, buffer or stream, not '" + options.input + "'";
  if (!isPrefixInC(options.name) || options.name.size() > kLongestName)
    return "--name takes what a C identifier begins with: letters, digits and "
           "_, no digit first, no keyword, at most " +
           std::to_string(kLongestName) + " characters; not '" + options.name +
           "'";
  const pdk::Device *device = pdk::findDevice(options.device);
  if (options.device != "auto" && !device)
    return "unknown device '" + options.device + "'; see pdkc --list-mcus";
  if (!options.labels.empty() && options.calibrate.empty())
    return "--labels needs --calibrate";
  if (options.maxWords < 0 || options.maxCycles < 0 ||
      options.reserveWords < 0 || options.reserveRam < 0 || options.verify < 0)
    return "--max-words, --max-cycles, --reserve-words, --reserve-ram and "
           "--verify take numbers from 0 up";
  std::string error = checkInputs(options);
  if (error.empty() && device && options.firmware)
    Firmware::create(*device, *options.firmware, error);
  return error;
}
