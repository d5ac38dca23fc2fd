//===- MethodTest.cpp - Methods that a library's user adds ----------------===//
//
// Two methods that pdkc does not have, registered with a context of their own:
// one that is the cheapest decision between two elements, and one that is never
// the cheapest. The planner has to choose them, or not, by what they cost alone.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// Of two sums that are not negative: the borrow of their difference is the
/// number of the larger one.
struct BorrowMethod : Method {
  BorrowMethod() : BorrowMethod("borrow") {}

  bool accepts(Operation *op, const Target &) const override {
    Value input = op->getOperand(0);
    return cast<RankedTensorType>(input.getType()).getNumElements() == 2 &&
           lowbit::getRange(input).min >= 0 && input.hasOneUse();
  }

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    assignment.set(op->getResult(0),
                   StorageAssignment::getByteFormat(op->getResult(0))
                       .in(lowbit::Place::Accumulator));
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    CodeBuilder &code = emission.code;
    Storage values = emission.getStorage(op->getOperand(0));
    std::optional<Cell> bias = emitBias(code, values);
    for (int64_t i : {0, 1})
      subtractBias(code, bias, values.element(i), values.bytes);
    for (int64_t byte = 0; byte < values.bytes; ++byte) {
      code(MOV_A_M, values.element(0).at(byte));
      code(byte ? SUBC_A_M : SUB_A_M, values.element(1).at(byte));
    }
    code(MOV_A_K, 0);
    code(SLC_A);
    return success();
  }

protected:
  BorrowMethod(StringRef name) : Method("lowbit.argmax", name) {}
};

/// The same, and waits a while: never the best.
struct SlowMethod : BorrowMethod {
  SlowMethod() : BorrowMethod("slow") {}

  LogicalResult emit(Operation *op, Emission &emission) const override {
    for (int i = 0; i < 100; ++i)
      emission.code(NOP);
    return BorrowMethod::emit(op, emission);
  }
};

/// A context with pdkc's methods, and with those above or without.
struct Context : MLIRContext {
  explicit Context(bool hasMore)
      : MLIRContext(getRegistry(), Threading::DISABLED) {
    loadAllAvailableDialects();
    if (!hasMore)
      return;
    MethodRegistry::get(this).add<BorrowMethod>();
    MethodRegistry::get(this).add<SlowMethod>();
  }

  static DialectRegistry getRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }
};

} // namespace

/// Three inputs, a layer, the number of its largest sum. A bias of 30 makes the
/// least of them 0.
static std::string getModel(int64_t rows, int64_t bias = 30,
                            StringRef attributes = "") {
  std::string text;
  llvm::raw_string_ostream out(text);
  const char *codes[] = {"[0, 1, 2]", "[2, 1, 0]", "[1, 2, 0]"};
  out << "func.func @model(%0: tensor<3x!lowbit.int<0, 15>>)\n"
         "    -> tensor<1x!lowbit.int<0, "
      << rows - 1 << ">> {\n  %1 = lowbit.dense %0 weights dense<[";
  for (int64_t row = 0; row < rows; ++row)
    out << (row ? ", " : "") << codes[row];
  out << "]> : tensor<" << rows << "x3xi8> of [-2, 1, 3] bias [";
  for (int64_t row = 0; row < rows; ++row)
    out << (row ? ", " : "") << bias + 7 * row;
  std::string sums = (Twine(rows) + "x!lowbit.int<-200, 200>>").str();
  out << "]\n      : tensor<3x!lowbit.int<0, 15>> -> tensor<" << sums
      << "\n  %2 = lowbit.argmax %1 " << attributes << " : tensor<" << sums
      << " -> tensor<1x!lowbit.int<0, " << rows - 1
      << ">>\n  return %2 : tensor<1x!lowbit.int<0, " << rows - 1 << ">>\n}\n";
  return text;
}

/// The program, whose words compile() has checked against the interpreter.
static FailureOr<Compilation> compileText(MLIRContext &context,
                                          const std::string &text,
                                          bool forSize) {
  CompileOptions options;
  options.forSize = forSize;
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return failure();
  return compile(std::move(module), options);
}

static std::string getDecisionMethod(const Compilation &compilation) {
  std::string method;
  ModuleOp(*compilation.plan).walk([&](lowbit::ArgmaxOp op) {
    method = lowbit::getMethod(op);
  });
  return method;
}

namespace {
class AddedMethod : public testing::TestWithParam<bool> {};
} // namespace

/// Four words instead of eight: the first choice for words and for cycles.
TEST_P(AddedMethod, IsTakenWhereItIsCheapest) {
  Context without(false), with(true);
  auto before = compileText(without, getModel(2), GetParam());
  auto after = compileText(with, getModel(2), GetParam());
  ASSERT_TRUE(succeeded(before));
  ASSERT_TRUE(succeeded(after));
  EXPECT_EQ(getDecisionMethod(*after), "borrow");
  EXPECT_EQ(after->verified, 100);
  EXPECT_LT(after->layout.words.size(), before->layout.words.size());
  EXPECT_LT(after->cycles.mean, before->cycles.mean);
}

/// Of three sums it is not accepted, nor of negative ones; nothing of these
/// programs changes.
TEST_P(AddedMethod, LeavesOtherModelsAlone) {
  Context without(false), with(true);
  for (const std::string &model : {getModel(3), getModel(2, /*bias=*/0)}) {
    auto before = compileText(without, model, GetParam());
    auto after = compileText(with, model, GetParam());
    ASSERT_TRUE(succeeded(before));
    ASSERT_TRUE(succeeded(after));
    EXPECT_EQ(getDecisionMethod(*after), getDecisionMethod(*before));
    EXPECT_NE(getDecisionMethod(*after), "borrow");
    EXPECT_EQ(after->program.words, before->program.words);
  }
}

/// A method that stands in the model stays, however bad.
TEST_P(AddedMethod, IsTakenWhereTheModelSaysSo) {
  Context context(true);
  auto fast = compileText(context, getModel(2), GetParam());
  auto slow = compileText(context, getModel(2, 30, "{method = \"slow\"}"),
                          GetParam());
  ASSERT_TRUE(succeeded(fast));
  ASSERT_TRUE(succeeded(slow));
  EXPECT_EQ(getDecisionMethod(*slow), "slow");
  EXPECT_EQ(slow->verified, 100);
  EXPECT_EQ(slow->layout.words.size(), fast->layout.words.size() + 100);
  EXPECT_EQ(slow->cycles.mean, fast->cycles.mean + 100);
}

INSTANTIATE_TEST_SUITE_P(Goals, AddedMethod, testing::Bool(),
                         [](const testing::TestParamInfo<bool> &info) {
                           return info.param ? "Words" : "Cycles";
                         });

/// The attribute's verifier knows the methods of its context, and no others.
TEST(MethodRegistry, NamesAreOfTheContext) {
  std::string text = getModel(2, 30, "{method = \"borrow\"}");
  for (bool hasMore : {true, false}) {
    Context context(hasMore);
    std::string errors;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      return success();
    });
    EXPECT_EQ(bool(parseSourceString<ModuleOp>(text, &context)), hasMore);
    EXPECT_EQ(errors, hasMore ? ""
                              : "'lowbit.argmax' op has no method 'borrow'; "
                                "there are 'loop', 'unrolled'\n");
  }
}

/// Where no method is named it is the first, so that one added later is never
/// taken unasked.
TEST(MethodRegistry, TheFirstIsTheDefault) {
  Context context(true);
  auto module = parseSourceString<ModuleOp>(getModel(2), &context);
  ASSERT_TRUE(module);
  SmallVector<StringRef> names;
  module->walk([&](lowbit::ArgmaxOp op) {
    MethodRegistry &methods = MethodRegistry::get(&context);
    EXPECT_EQ(methods.find(op)->getName(), "loop");
    for (const Method *method : methods.getMethods(op))
      names.push_back(method->getName());
  });
  EXPECT_EQ(names, (SmallVector<StringRef>{"loop", "unrolled", "borrow",
                                           "slow"}));
}
