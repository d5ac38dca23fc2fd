//===- Exploration.cpp - What --explore shows -----------------------------===//

#include "compiler/tool/Exploration.h"

#include "compiler/Report.h"
#include "compiler/tool/Diagnostics.h"
#include "compiler/tool/Files.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace pdkc;

/// A bar in place of the one before, where somebody sees it.
static void showProgress(int64_t done, int64_t all) {
  llvm::raw_ostream &out = llvm::errs();
  if (!out.is_displayed())
    return;
  constexpr int64_t kWidth = 40;
  int64_t filled = done * kWidth / all;
  out << "\r[" << std::string(filled, '#') << std::string(kWidth - filled, ' ')
      << "] " << done << " of " << all;
  if (done == all)
    out << "\r" << std::string(kWidth + 20, ' ') << "\r";
}

static void printTable(ArrayRef<ExploredPoint> points) {
  llvm::raw_ostream &out = llvm::outs();
  out << "device    words  bytes  cycles: least     mean     most  options\n";
  for (const ExploredPoint &point : points)
    out << llvm::format("%-8s  %5lld  %5lld  %13llu %8.0f %8llu  ",
                        point.device->name, (long long)point.words,
                        (long long)point.bytes,
                        (unsigned long long)point.cycles.min,
                        point.cycles.mean,
                        (unsigned long long)point.cycles.max)
        << getOptions(point) << "\n";
}

int pdkc::showExploration(OwningOpRef<ModuleOp> module,
                          const CompileOptions &compileOptions,
                          const CommandLine &options) {
  std::vector<std::string> devices = getDevicesBySize();
  if (options.mcu.getNumOccurrences() && compileOptions.device != "auto")
    devices = {compileOptions.device};
  auto points = explore(std::move(module), compileOptions, devices, showProgress);
  if (failed(points))
    return kBadModel;
  if (points->empty())
    return fail("the model fits none of the devices; pdkc without --explore "
                "says what it needs",
                kBadModel);
  if (options.output.empty()) {
    printTable(*points);
    return 0;
  }
  Outputs outputs;
  llvm::raw_ostream *out = outputs.open(options.output);
  if (!out)
    return kBadModel;
  writePoints(*points, *out);
  outputs.keep();
  return 0;
}
