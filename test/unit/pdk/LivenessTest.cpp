//===- LivenessTest.cpp - Questions to the liveness of a program ----------===//
//
// Answers derived by hand. What is live before each instruction is in
// test/pdk/liveness.mlir.
//
//===----------------------------------------------------------------------===//

#include "dialects/pdk/CodeBuilder.h"
#include "passes/pdk/analysis/Liveness.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// A program; its operations are asked for by their attribute `id`.
class LivenessTest : public testing::Test {
protected:
  LivenessTest() { context.loadDialect<PdkDialect>(); }

  void parse(StringRef body) {
    module = parseSourceString<ModuleOp>(
        ("pdk.program @p for \"pms150c\" {" + body + "}").str(), &context);
    ASSERT_TRUE(module);
    program = *module->getOps<ProgramOp>().begin();
    analyse();
  }
  void analyse() {
    analyses = std::make_unique<ModuleAnalysisManager>(*module, nullptr);
    AnalysisManager manager = *analyses;
    liveness = &manager.nest(program).getAnalysis<ProgramLiveness>();
    ASSERT_TRUE(liveness->isValid());
  }

  Operation *find(StringRef id) {
    Operation *found = nullptr;
    program.walk([&](Operation *op) {
      auto attr = op->getAttrOfType<StringAttr>("id");
      if (attr && attr.getValue() == id)
        found = op;
    });
    EXPECT_TRUE(found) << id.str();
    return found;
  }
  Value findCells(StringRef name) {
    for (CellsOp op : liveness->getCells())
      if (op.getName() == name)
        return op.getResult();
    return {};
  }

  std::string describe(const Places &places) {
    std::string text;
    llvm::raw_string_ostream out(text);
    liveness->print(places, out);
    return text;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  ProgramOp program;
  std::unique_ptr<ModuleAnalysisManager> analyses;
  ProgramLiveness *liveness = nullptr;
};

} // namespace

TEST_F(LivenessTest, LiveAfter) {
  parse(R"(
    %x = pdk.cells "x" size 2
    pdk.routine @r exported {
      pdk.mov_m_a %x[0] {id = "store"}
      pdk.add_a_k 3 {id = "add"}
      pdk.mov_m_a %x[1] {id = "high"}
      pdk.t1sn_iobit 0, 1 {id = "test"}
      pdk.ret_k 7
      pdk.addc_a {id = "addc"}
      pdk.add_a_m %x[0]
      pdk.ret {id = "ret"}
    })");
  Value x = findCells("x");
  auto isLive = [&](StringRef id, Register reg) {
    return liveness->isLiveAfter(find(id), reg);
  };
  EXPECT_TRUE(isLive("store", Accumulator));
  EXPECT_FALSE(isLive("store", FlagC)); // the sum sets it
  EXPECT_TRUE(isLive("add", FlagC));
  EXPECT_FALSE(isLive("add", FlagZ));
  EXPECT_TRUE(isLive("add", Accumulator));
  EXPECT_TRUE(isLive("test", FlagC)); // where it skips
  EXPECT_FALSE(isLive("addc", FlagC));
  EXPECT_TRUE(isLive("ret", Accumulator)); // the result that C takes
  EXPECT_TRUE(liveness->isLiveAfter(find("store"), x, 0));
  EXPECT_FALSE(liveness->isLiveAfter(find("high"), x, 1)); // never read
  EXPECT_FALSE(liveness->isLiveAfter(find("ret"), x, 0));
}

TEST_F(LivenessTest, ReadsAndWrites) {
  parse(R"(
    %p = pdk.cells "p" size 2 align 2 at 0
    %x = pdk.cells "x" size 3
    pdk.routine @r exported {
      pdk.undef %x {id = "undef"}
      pdk.clear_m %p[1]
      pdk.mov_a_k 0 plus %x {id = "address"}
      pdk.mov_m_a %p[0]
      pdk.idxm_m_a %p[0] into %x {id = "through"}
      pdk.idxm_a_m %p[0] into %x {id = "load"}
      pdk.addc_m_a %x[2] {id = "addc"}
      pdk.set0_iobit 0, 1 {id = "clear_c"}
      pdk.mov_io_a 0 {id = "flags"}
      pdk.pushaf {id = "push"}
      pdk.popaf {id = "pop"}
      pdk.call_k @outside {id = "outside"}
      pdk.call_k @table {id = "table"}
      pdk.ret
    }
    pdk.external @outside
    pdk.table @table [1])");
  auto reads = [&](StringRef id) {
    return describe(liveness->getReads(find(id)));
  };
  auto kills = [&](StringRef id) {
    return describe(liveness->getKills(find(id)));
  };
  auto writes = [&](StringRef id) {
    return describe(liveness->getWrites(find(id)));
  };
  EXPECT_EQ(reads("undef"), "");
  EXPECT_EQ(kills("undef"), "x[0-2]");
  EXPECT_EQ(writes("undef"), "");
  EXPECT_EQ(reads("address"), "");
  EXPECT_EQ(writes("address"), "A");
  EXPECT_EQ(reads("through"), "A p[0-1]");
  EXPECT_EQ(kills("through"), "");
  EXPECT_EQ(writes("through"), "x[0-2]");
  EXPECT_EQ(reads("load"), "p[0-1] x[0-2]");
  EXPECT_EQ(kills("load"), "A");
  EXPECT_EQ(writes("load"), "A");
  EXPECT_EQ(reads("addc"), "A C x[2]");
  EXPECT_EQ(kills("addc"), "Z C AC OV x[2]");
  EXPECT_EQ(writes("addc"), "Z C AC OV x[2]");
  EXPECT_EQ(reads("clear_c"), "");
  EXPECT_EQ(kills("clear_c"), "C");
  EXPECT_EQ(reads("flags"), "A");
  EXPECT_EQ(kills("flags"), "Z C AC OV");
  EXPECT_EQ(reads("push"), "A Z C AC OV");
  EXPECT_EQ(writes("push"), "");
  EXPECT_EQ(reads("pop"), "");
  EXPECT_EQ(kills("pop"), "A Z C AC OV");
  EXPECT_EQ(reads("outside"), "");
  EXPECT_EQ(kills("outside"), "A Z C AC OV");
  EXPECT_EQ(writes("outside"), "A Z C AC OV p[0]");
  EXPECT_EQ(reads("table"), "A");
  EXPECT_EQ(kills("table"), "A");
  EXPECT_EQ(writes("table"), "A");
}

/// A call reads, surely writes and perhaps writes what the callee and its own
/// callees do.
TEST_F(LivenessTest, Calls) {
  parse(R"(
    %x = pdk.cells "x" size 4
    pdk.routine @r exported {
      pdk.clear_m %x[0]
      pdk.clear_m %x[3]
      pdk.mov_a_k 5
      pdk.call_k @sub {id = "call"}
      pdk.add_a_m %x[2]
      pdk.ret
    }
    pdk.routine @sub {
      pdk.mov_m_a %x[1]
      pdk.call_k @inner
      pdk.t0sn_iobit 0, 0
      pdk.clear_m %x[0]
      pdk.ret
    }
    pdk.routine @inner {
      pdk.mov_a_m %x[3]
      pdk.mov_m_a %x[2]
      pdk.add_a_m %x[1]
      pdk.ret
    })");
  Operation *call = find("call");
  // x1 is written before it is read, Z is set by the move and by the sum.
  EXPECT_EQ(describe(liveness->getReads(call)), "A x[3]");
  EXPECT_EQ(describe(liveness->getKills(call)), "A Z C AC OV x[1-2]");
  EXPECT_EQ(describe(liveness->getWrites(call)), "A Z C AC OV x[0-2]");
}

/// As a lowering writes them: a part of a part, and a pointer that reaches some
/// of its bytes, which are the cells' last two and last one.
TEST_F(LivenessTest, PartsFromTheBuilder) {
  OpBuilder builder(&context);
  module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  CodeBuilder code(builder, builder.getUnknownLoc(), "p", "pms150c");
  program = code.getProgram();
  code.routine("r", true);
  Cell p = code.pointerP(), x = code.cells("x", 6);
  Cell part = code.part("part", x.at(1), 5);
  Cell last = code.part("last", part.at(3), 2);
  code.indirect(IDXM_A_M, p, last);
  code.indirect(IDXM_M_A, p, last.at(1), 1);
  code(RET);
  ASSERT_TRUE(succeeded(verify(*module)));
  analyse();
  SmallVector<Operation *> idxm;
  program.walk([&](InstructionOp op) {
    if (op.getPointeeOrNull())
      idxm.push_back(op);
  });
  EXPECT_EQ(describe(liveness->getReads(idxm[0])), "p[0-1] x[4-5]");
  EXPECT_EQ(describe(liveness->getReads(idxm[1])), "A p[0-1]");
  EXPECT_EQ(describe(liveness->getWrites(idxm[1])), "x[5]");
}
