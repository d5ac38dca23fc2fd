//===- pdkc-opt.cpp - Runs pdkc's passes on .mlir files -------------------===//
//
// What mlir-opt is to MLIR: for looking at one pass or phase, and for the tests.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  pdkc::registerDialects(registry);
  pdkc::registerPdkcPasses();
  pdkc::registerPdkcPipelines();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "pdkc pass driver\n", registry));
}
