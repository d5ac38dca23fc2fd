//===- ProductTest.cpp - Weights of 1 to 8 bits times all bytes -----------===//
//
// The instructions of a product run on the simulated chip, for every code and
// every input of a range; what they leave must be weight x input.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/Product.h"

#include "compiler/emit/Writers.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "runtime_pdk/simulator/Inference.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// A program that takes an input and a code and returns one byte of their
/// product.
class ProductProgram {
public:
  ProductProgram(const Product &product, int64_t byte) : machine(getDevice()) {
    context.loadDialect<PdkDialect>();
    OpBuilder builder(&context);
    Location loc = builder.getUnknownLoc();
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    builder.setInsertionPointToEnd(module->getBody());
    {
      CodeBuilder code(builder, loc, "m", getDevice().name);
      Cell x = code.cells("x", 1), w = code.cells("w", 1),
           low = code.cells("low", 1), high = code.cells("high", 1);
      code.routine("m_infer", true);
      for (Cell cell : {x, w}) {
        code(CALL_K, code.getNextInput());
        code(MOV_M_A, cell);
      }
      emitProduct(code, product, x, w, low, high);
      if (product.bytes == 2)
        code(MOV_A_M, byte ? high : low);
      code(RET);
      code.external(code.getNextInput());
    }
    PassManager manager(&context);
    manager.addPass(createPdkAllocate());
    EXPECT_TRUE(succeeded(manager.run(*module)));
    auto layout = layOut(*module->getOps<ProgramOp>().begin());
    auto program = makeStandalone(*layout);
    EXPECT_TRUE(machine.load(program->words));
    symbols.infer = program->infer;
    symbols.nextInput = program->nextInput;
    symbols.stackBase = 32;
  }

  int run(uint8_t input, uint8_t code) {
    uint8_t bytes[] = {input, code};
    sim::InferenceResult result = sim::infer(machine, symbols, bytes, 2);
    EXPECT_TRUE(result.ok());
    return result.classIndex;
  }

private:
  static const Device &getDevice() { return *findDevice("pms150c"); }

  MLIRContext context;
  sim::Machine machine;
  sim::ModelSymbols symbols;
};

} // namespace

static void check(lowbit::Interval weights, int64_t maxInput,
                  int64_t sumBytes) {
  SCOPED_TRACE(testing::Message()
               << weights.min << " to " << weights.max << " times 0 to "
               << maxInput << " for " << sumBytes << " bytes");
  auto product = findProduct(weights, maxInput, sumBytes);
  ASSERT_TRUE(product);
  ASSERT_GE(product->bits, 1u);
  ASSERT_LE(product->bits, 8u);
  ASSERT_LE(product->bytes, sumBytes);
  int64_t modulus = int64_t(1) << 8 * product->bytes;
  ProductProgram low(*product, 0), high(*product, 1);
  for (int64_t weight = weights.min; weight <= weights.max; ++weight) {
    unsigned code = product->getCode(weight);
    ASSERT_LT(code, 1u << product->bits);
    // Bits above the code's are those of the next code.
    uint8_t others = product->bits < 8 ? 0xA5 << product->bits : 0;
    for (int64_t input = 0; input <= maxInput; ++input) {
      int64_t expected = (weight - product->base) * input + product->bias;
      if (product->bytes < sumBytes) {
        ASSERT_GE(expected, 0) << weight << " x " << input;
        ASSERT_LT(expected, modulus) << weight << " x " << input;
      }
      int64_t taken = low.run(input, code | others);
      if (product->bytes == 2)
        taken |= int64_t(high.run(input, code | others)) << 8;
      ASSERT_EQ(taken, expected & (modulus - 1)) << weight << " x " << input;
    }
  }
}

TEST(Product, SignedWeights) {
  for (unsigned bits = 1; bits <= 8; ++bits)
    for (int64_t maxInput : {1, 15, 100, 255})
      for (int64_t sumBytes = 1; sumBytes <= 3; ++sumBytes)
        if (bits <= 4 || maxInput != 100)
          check({-(1 << (bits - 1)), (1 << (bits - 1)) - 1}, maxInput,
                sumBytes);
}

TEST(Product, UnsignedWeights) {
  for (unsigned bits = 1; bits <= 8; ++bits)
    for (int64_t maxInput : {1, 15, 255})
      for (int64_t sumBytes : {2, 3})
        check({0, (1 << bits) - 1}, maxInput, sumBytes);
}

/// Codes that count from the smallest weight, where that makes them denser.
TEST(Product, OddRanges) {
  check({-7, 8}, 15, 2);
  check({-1, 2}, 255, 2);
  check({-3, 12}, 100, 3);
  check({-200, 55}, 9, 3);
  check({-250, -1}, 3, 2);
  check({5, 9}, 255, 2);
  check({0, 0}, 255, 2);
  EXPECT_EQ(findProduct({-7, 8}, 15, 2)->bits, 4u);
  EXPECT_EQ(findProduct({-7, 8}, 15, 2)->base, -7);
  EXPECT_EQ(findProduct({-8, 7}, 15, 2)->base, 0);
  EXPECT_EQ(findProduct({-1, 2}, 15, 2)->bits, 2u);
  // 15 bits hold three codes of 5 bits as well as of 4, but seven of 2.
  EXPECT_EQ(findProduct({-7, 8}, 15, 2, 15)->bits, 5u);
  EXPECT_EQ(findProduct({-1, 2}, 15, 2, 15)->bits, 2u);
}

/// Weights and 0 together must span no more than a byte does.
TEST(Product, TooWide) {
  EXPECT_TRUE(findProduct({-128, 127}, 255, 3));
  EXPECT_TRUE(findProduct({0, 255}, 255, 3));
  EXPECT_FALSE(findProduct({0, 256}, 255, 3));
  EXPECT_FALSE(findProduct({-256, -1}, 255, 3));
  EXPECT_FALSE(findProduct({-128, 128}, 255, 3));
}
