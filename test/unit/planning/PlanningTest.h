//===- PlanningTest.h - A context for tests of the planner ------*- C++ -*-===//

#ifndef PDKC_TEST_UNIT_PLANNING_PLANNINGTEST_H
#define PDKC_TEST_UNIT_PLANNING_PLANNINGTEST_H

#include "compiler/Compiler.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

namespace pdkc {

class PlanningTest : public testing::Test {
protected:
  PlanningTest()
      : context(getRegistry(), mlir::MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
  }

  static mlir::DialectRegistry getRegistry() {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  mlir::MLIRContext context;
};

} // namespace pdkc

#endif // PDKC_TEST_UNIT_PLANNING_PLANNINGTEST_H
