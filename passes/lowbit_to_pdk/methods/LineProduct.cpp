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

/// From the product to the value in A; `addend` leaves a byte of it in A. To
/// `below` where it is negative, as it can be where addends have high bytes.
static void finishProduct(CodeBuilder &code, const Multiply::Routine &routine,
                          int64_t productBytes, const ProductFrame &frame,
                          llvm::function_ref<void(int64_t)> addend,
                          StringRef below = "") {
  code(CALL_K, routine.name);
  int64_t bytes = frame.bytes, addendBytes = frame.getAddendBytes();
  for (int64_t byte = 0; byte < addendBytes; ++byte) {
    addend(byte);
    code(byte ? ADDC_M_A : ADD_M_A,
         routine.product.at(bytes - frame.getLowBytes() + byte));
  }
  int64_t end = bytes - frame.getLowBytes() + addendBytes;
  for (int64_t byte = end; byte < productBytes; ++byte)
    code(ADDC_M, routine.product.at(byte));
  // The value above `first` + 1, and whether it is too small or too large.
  int64_t most = frame.last - frame.first - 1;
  std::string high = code.unique("above"), done = code.unique("done");
  if (frame.highBytes) {
    assert(end == productBytes && "a sign to carry on");
    code(T0SN_MBIT, routine.product.at(productBytes - 1), 7);
    code(GOTO_K, below);
  }
  for (int64_t byte = bytes + 1; byte < productBytes; ++byte) {
    code(MOV_A_M, routine.product.at(byte));
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
  const auto &[frame, fit, direction] = product;
  const Multiply::Routine &routine =
      functions.getMultiply().get(valueBytes, factorBytes);
  if (valueBytes > 1)
    copy(code, routine.value, argument, valueBytes);
  emitExceptions(code, routine.value, valueBytes, direction,
                 fit.exceptions.size(),
                 [&](int64_t exception, int64_t byte) {
                   int64_t value = fit.exceptions[exception] - frame.start;
                   code(MOV_A_K, value >> (8 * byte) & 255);
                 });
  for (int64_t byte = 0; byte < factorBytes; ++byte) {
    code(MOV_A_K, fit.factor >> (8 * byte) & 255);
    code(MOV_M_A, routine.product.at(byte));
  }
  finishProduct(code, routine, valueBytes + factorBytes, frame,
                [&](int64_t byte) {
                  code(MOV_A_K, fit.addend >> (8 * byte) & 255);
                });
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
/// The products' constants in tables by element: bytes of the factors, of the
/// addends, of the exceptions.
struct ChannelTables {
  Interval range;
  ChannelProducts products;
  SmallVector<std::string> names;
  SmallVector<std::pair<int64_t, StepFunctions::Callee>> others;
  Cell number;
};
} // namespace

/// Makes the tables; none where one of the others has no routine.
static std::optional<ChannelTables>
makeTables(ArrayRef<StepTable> channels, Interval range,
           ChannelProducts products, StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  ChannelTables tables;
  tables.range = range;
  int64_t start = products.frame.start;
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
  for (ProductFit &fit : products.fits)
    fit.exceptions.resize(products.exceptions, start + products.none);
  tables.number = code.cells("number", 1);
  auto addBytes = [&](int64_t count, StringRef stem, auto get) {
    for (int64_t byte = 0; byte < count; ++byte) {
      SmallVector<int32_t> entries;
      for (const ProductFit &fit : products.fits)
        entries.push_back(get(fit) >> (8 * byte) & 255);
      tables.names.push_back(functions.addTable(stem, entries));
    }
  };
  addBytes(products.factorBytes, "factors",
           [](const ProductFit &fit) { return fit.factor; });
  addBytes(products.frame.getAddendBytes(), "factors",
           [](const ProductFit &fit) { return fit.addend; });
  for (int64_t i = 0; i < products.exceptions; ++i)
    addBytes(StepFunctions::getArgumentBytes(range), "exceptions",
             [&](const ProductFit &fit) { return fit.exceptions[i] - start; });
  tables.products = std::move(products);
  return tables;
}

/// A = f(argument) by the function that `advance` counts on to.
static void emitNext(const ChannelTables &tables, StepFunctions &functions,
                     llvm::function_ref<void()> advance) {
  CodeBuilder &code = functions.getCode();
  const ChannelProducts &products = tables.products;
  int64_t valueBytes = StepFunctions::getArgumentBytes(tables.range);
  const Multiply::Routine &routine =
      functions.getMultiply().get(valueBytes, products.factorBytes);
  Cell argument = functions.getArgument(tables.range);
  std::string done = code.unique("done"), below = code.unique("below");
  if (valueBytes == 1)
    code(MOV_M_A, argument);
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
  if (int64_t distance = frame.start - tables.range.min)
    functions.subtract(argument, valueBytes, distance,
                       [&] { code(GOTO_K, below); });
  for (int64_t byte = 0; byte < valueBytes; ++byte) {
    code(MOV_A_M, argument.at(byte));
    code(MOV_M_A, routine.value.at(byte));
  }
  auto load = [&](int64_t table) {
    code(MOV_A_M, tables.number);
    code(CALL_K, tables.names[table]);
  };
  int64_t addends = products.factorBytes,
          exceptions = addends + frame.getAddendBytes();
  emitExceptions(code, routine.value, valueBytes, products.direction,
                 products.exceptions, [&](int64_t exception, int64_t byte) {
                   load(exceptions + exception * valueBytes + byte);
                 });
  for (int64_t byte = 0; byte < products.factorBytes; ++byte) {
    load(byte);
    code(MOV_M_A, routine.product.at(byte));
  }
  finishProduct(
      code, routine, valueBytes + products.factorBytes, frame,
      [&](int64_t byte) { load(addends + byte); }, below);
  if (frame.start != tables.range.min || frame.highBytes) {
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
    return Joined{tables->number,
                  [tables = *tables,
                   &functions](llvm::function_ref<void()> advance) {
                    emitNext(tables, functions, advance);
                  }};
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeLineProductMethod(StringRef operation) {
  return std::make_unique<LineProductMethod>(operation);
}
