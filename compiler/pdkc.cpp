//===- pdkc.cpp - The compiler's tool -------------------------------------===//

#include "compiler/include/pdkc-c.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  return pdkcMain(argc, argv);
}
