//===- LineProduct.cpp - Step functions that are lines, by products -------===//
//
// The argument times the line's slope, plus an addend: the bytes above the
// fraction are the value. Exceptions are sent on to the integer beside them
// before. Functions of a layer's channels, each with a scale of its own, are
// one piece of code over tables of their constants; one or two that are no such
// product are routines with a table.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/LineProduct.h"

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

namespace {
/// One byte of a constant: a number, or in a table by the function's.
struct ConstantByte {
  uint8_t value = 0;
  std::string table;

  bool isZero() const { return table.empty() && value == 0; }
};
} // namespace

/// A = the byte, of the function whose number is in the cell.
static void load(CodeBuilder &code, const ConstantByte &byte, Cell number) {
  if (byte.table.empty()) {
    code(MOV_A_K, byte.value);
    return;
  }
  code(MOV_A_M, number);
  code(CALL_K, byte.table);
}

/// From the product, which is at most so much, to the value in A, the addend's
/// bytes being known. To `below`, if that is given, where it is negative.
static void finishProduct(CodeBuilder &code, const Multiply::Routine &routine,
                          const ProductFrame &frame, __int128 highest,
                          ArrayRef<ConstantByte> addend, Cell number,
                          int64_t productBytes, StringRef below = "") {
  code(CALL_K, routine.name);
  int64_t bytes = frame.bytes;
  // Bytes above the value that are not always 0 when it is not negative.
  int64_t used = bytes + 1;
  while (used < productBytes && highest >> (8 * used) != 0)
    ++used;
  int64_t end = below.empty() ? used : productBytes;
  int64_t at = bytes - frame.getLowBytes();
  bool begun = false;
  for (const ConstantByte &byte : addend) {
    if (begun || !byte.isZero()) {
      if (at >= end)
        break;
      if (byte.isZero()) {
        code(ADDC_M, routine.product.at(at));
      } else {
        load(code, byte, number);
        code(begun ? ADDC_M_A : ADD_M_A, routine.product.at(at));
      }
      begun = true;
    }
    ++at;
  }
  for (; begun && at < end; ++at)
    code(ADDC_M, routine.product.at(at));
  if (!below.empty()) {
    code(T0SN_MBIT, routine.product.at(productBytes - 1), 7);
    code(GOTO_K, below);
  }
  // The value above `first` + 1, and whether it is too large.
  int64_t most = frame.last - frame.first - 1;
  if (highest >> (8 * bytes) <= most) {
    code(MOV_A_M, routine.product.at(bytes));
    if ((frame.first + 1) % 256 != 0)
      code(ADD_A_K, frame.first + 1);
    return;
  }
  std::string high = code.unique("above"), done = code.unique("done");
  for (int64_t byte = bytes + 1; byte < used; ++byte)
    code(byte > bytes + 1 ? OR_A_M : MOV_A_M, routine.product.at(byte));
  if (used > bytes + 1) {
    code.skipIfFlag(kZeroFlag, true);
    code(GOTO_K, high);
  }
  code(MOV_A_M, routine.product.at(bytes));
  code(SUB_A_K, most);
  code.skipIfFlag(kCarryFlag, false);
  code(GOTO_K, done);
  code.label(high);
  code(MOV_A_K, 0);
  code.label(done);
  code(ADD_A_K, frame.last);
}

/// Sends the value on in the direction by each exception that it is; `load`
/// leaves in A an exception's byte.
static void emitExceptions(CodeBuilder &code, Cell value, int64_t bytes,
                           int64_t direction, int64_t count,
                           llvm::function_ref<void(int64_t, int64_t)> load) {
  for (int64_t exception = 0; exception < count; ++exception) {
    std::string next = code.unique("next");
    for (int64_t byte = 0; byte < bytes; ++byte) {
      load(exception, byte);
      code(CEQSN_A_M, value.at(byte));
      code(GOTO_K, next);
    }
    code(direction < 0 ? DEC_M : INC_M, value);
    for (int64_t byte = 1; byte < bytes; ++byte)
      code(direction < 0 ? SUBC_M : ADDC_M, value.at(byte));
    code.label(next);
  }
}

void pdkc::emitProduct(const FramedProduct &product, Cell argument,
                       int64_t valueBytes, int64_t factorBytes,
                       StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  const auto &[frame, fit, direction, most] = product;
  const Multiply::Routine &routine =
      functions.getMultiply().get(valueBytes, factorBytes);
  if (valueBytes > 1)
    copy(code, routine.value, argument, valueBytes);
  emitExceptions(code, routine.value, valueBytes, direction,
                 fit.exceptions.size(), [&](int64_t exception, int64_t byte) {
                   int64_t value = fit.exceptions[exception] - frame.start;
                   code(MOV_A_K, value >> (8 * byte) & 255);
                 });
  for (int64_t byte = 0; byte < factorBytes; ++byte) {
    code(MOV_A_K, fit.factor >> (8 * byte) & 255);
    code(MOV_M_A, routine.product.at(byte));
  }
  SmallVector<ConstantByte> addend;
  for (int64_t byte = 0; byte < frame.getAddendBytes(); ++byte)
    addend.push_back({uint8_t(fit.addend >> (8 * byte)), ""});
  finishProduct(code, routine, frame, most, addend, /*number=*/Cell(),
                valueBytes + factorBytes);
  code(RET);
}

Cell pdkc::takeArgument(lowbit::Interval range, int64_t factorBytes,
                        StepFunctions &functions) {
  int64_t valueBytes = StepFunctions::getArgumentBytes(range);
  if (valueBytes > 1)
    return functions.getArgument(range);
  Cell argument = functions.getMultiply().get(valueBytes, factorBytes).value;
  functions.getCode()(MOV_M_A, argument);
  return argument;
}

static void emitFunction(const StepTable &function,
                         const FramedProduct &product,
                         StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  int64_t valueBytes = StepFunctions::getArgumentBytes(function.range);
  int64_t factorBytes = getBytes({0, product.fit.factor});
  Cell argument = takeArgument(function.range, factorBytes, functions);
  if (int64_t distance = function.starts[1] - function.starts[0])
    functions.subtract(argument, valueBytes, distance,
                       [&] { code(RET_K, function.values[0]); });
  emitProduct(product, argument, valueBytes, factorBytes, functions);
}

//===----------------------------------------------------------------------===//
// A layer's channels
//===----------------------------------------------------------------------===//

namespace {
/// The products' constants, in tables where they differ, by function.
struct ChannelTables {
  Interval range;
  ChannelProducts products;
  SmallVector<ConstantByte> factors, addends, starts, masks, exceptions;
  SmallVector<std::pair<int64_t, StepFunctions::Callee>> others;
  Cell number;
};
} // namespace

/// Makes the tables; none where one of the others has no routine.
static std::optional<ChannelTables>
makeTables(ArrayRef<StepTable> channels, Interval range,
           ChannelProducts products, StepFunctions &functions) {
  ChannelTables tables;
  tables.range = range;
  for (size_t k : products.others) {
    StepTable whole = channels[k];
    whole.range = range;
    whole.starts[0] = range.min;
    whole.line.reset();
    auto callee = functions.find(
        whole, "table", [&] { return makeTableRoutine(whole, functions); });
    if (!callee)
      return std::nullopt;
    tables.others.push_back({k, *callee});
  }
  auto add = [&](ArrayRef<ChannelProducts::Constant> constants, StringRef stem,
                 SmallVector<ConstantByte> &to) {
    for (const ChannelProducts::Constant &constant : constants)
      if (llvm::all_equal(constant))
        to.push_back({constant.front(), ""});
      else
        to.push_back({0, functions.addTable(
                             stem, SmallVector<int32_t>(constant.begin(),
                                                        constant.end()))});
  };
  ChannelProducts::Constants constants = products.getConstants(range);
  add(constants.factors, "factors", tables.factors);
  add(constants.addends, "addends", tables.addends);
  add(constants.starts, "starts", tables.starts);
  add(constants.masks, "masks", tables.masks);
  add(constants.exceptions, "exceptions", tables.exceptions);
  tables.number = functions.getCode().cells("number", 1);
  tables.products = std::move(products);
  return tables;
}

/// Takes off the argument what it has at the function's start; false where none
/// has anything. To `below` where it is less.
static bool emitStart(const ChannelTables &tables, Cell argument,
                      StringRef below, StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  int64_t valueBytes = StepFunctions::getArgumentBytes(tables.range);
  if (tables.starts.empty()) {
    int64_t distance = tables.products.frame.start - tables.range.min;
    if (distance)
      functions.subtract(argument, valueBytes, distance,
                         [&] { code(GOTO_K, below); });
    return distance;
  }
  for (auto [byte, start] : llvm::enumerate(tables.starts)) {
    load(code, start, tables.number);
    code(byte ? SUBC_M_A : SUB_M_A, argument.at(byte));
  }
  code.skipIfFlag(kCarryFlag, false);
  code(GOTO_K, below);
  return true;
}

/// A = f(argument) by the function that `advance` counts on to.
static void emitNext(const ChannelTables &tables, StepFunctions &functions,
                     llvm::function_ref<void()> advance) {
  CodeBuilder &code = functions.getCode();
  const ChannelProducts &products = tables.products;
  int64_t valueBytes = StepFunctions::getArgumentBytes(tables.range);
  const Multiply::Routine &routine =
      functions.getMultiply().get(valueBytes, products.factorBytes);
  Cell argument = takeArgument(tables.range, products.factorBytes, functions);
  std::string done = code.unique("done"), below = code.unique("below");
  advance();
  for (const auto &[element, callee] : tables.others) {
    std::string next = code.unique("next");
    code(MOV_A_M, tables.number);
    code(CEQSN_A_K, element + 1);
    code(GOTO_K, next);
    if (valueBytes == 1)
      code(MOV_A_M, argument);
    StepFunctions::call(code, callee);
    code(GOTO_K, done);
    code.label(next);
  }
  const ProductFrame &frame = products.frame;
  for (const ConstantByte &mask : tables.masks) {
    load(code, mask, tables.number);
    for (int64_t byte = 0; byte < valueBytes; ++byte)
      code(XOR_M_A, argument.at(byte));
  }
  bool mayBeBelow = emitStart(tables, argument, below, functions);
  if (valueBytes > 1)
    copy(code, routine.value, argument, valueBytes);
  emitExceptions(code, routine.value, valueBytes, products.direction,
                 products.exceptions, [&](int64_t exception, int64_t byte) {
                   load(code, tables.exceptions[exception * valueBytes + byte],
                        tables.number);
                 });
  for (auto [byte, factor] : llvm::enumerate(tables.factors)) {
    load(code, factor, tables.number);
    code(MOV_M_A, routine.product.at(byte));
  }
  bool hasSign = llvm::any_of(products.channels, [](const auto &channel) {
    return channel.fit.addend < 0;
  });
  finishProduct(code, routine, frame, products.most, tables.addends,
                tables.number, valueBytes + products.factorBytes,
                hasSign ? below : "");
  if (mayBeBelow || hasSign) {
    code(GOTO_K, done);
    code.label(below);
    code(MOV_A_K, frame.first);
  }
  code.label(done);
}

//===----------------------------------------------------------------------===//
// The method
//===----------------------------------------------------------------------===//

namespace {
struct LineProductMethod : FunctionMethod {
  LineProductMethod(StringRef operation)
      : FunctionMethod(operation, "multiply") {}

  bool readsLine() const override { return true; }

  StepFunctions::Write makeRoutine(const StepTable &function,
                                   StepFunctions &functions) const override {
    auto product = findProduct(function);
    if (!product)
      return nullptr;
    return [function, product = std::move(*product), &functions] {
      emitFunction(function, product, functions);
    };
  }

  bool joins() const override { return true; }

  std::optional<Joined> join(ArrayRef<StepTable> channels, Interval range,
                             StepFunctions &functions) const override {
    if (channels.size() > size_t(kMostEntries))
      return std::nullopt;
    auto products = findChannelProducts(channels, range);
    if (!products)
      return std::nullopt;
    auto tables = makeTables(channels, range, std::move(*products), functions);
    if (!tables)
      return std::nullopt;
    return Joined{tables->number, [tables = *tables, &functions](
                                      llvm::function_ref<void()> advance) {
                    emitNext(tables, functions, advance);
                  }};
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeLineProductMethod(StringRef operation) {
  return std::make_unique<LineProductMethod>(operation);
}
