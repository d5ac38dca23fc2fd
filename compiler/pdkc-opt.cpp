//===- pdkc-opt.cpp - Runs pdkc's passes on .mlir files -------------------===//
//
// What mlir-opt is to MLIR: for looking at one pass or phase, and for the tests.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/onnx/OnnxDialect.h"
#include "dialects/pdk/PdkDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "passes/Pipelines.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, pdkc::onnx::OnnxDialect,
                  pdkc::lowbit::LowbitDialect, pdkc::pdk::PdkDialect>();
  pdkc::registerMethods(registry);
  pdkc::registerPdkcPasses();
  pdkc::registerPdkcPipelines();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "pdkc pass driver\n", registry));
}
