//===- Summary.cpp - What pdkc tells of a compiled model ------------------===//

#include "compiler/tool/Summary.h"
#include "compiler/Report.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace pdkc;

void pdkc::listDevices() {
  for (const pdk::Device &device : pdk::getDevices())
    llvm::outs() << llvm::format("%-8s  %s  %4u words of %4u  %3u bytes RAM\n",
                                 device.name, pdk::getName(device.set),
                                 device.usableWords, device.codeWords,
                                 device.ramBytes);
}

/// What a firmware takes, and how fast it can be talked to.
static void printFirmware(const Compilation &result) {
  const Layout &layout = result.layout;
  auto &out = llvm::errs();
  out << layout.device->name << ": " << layout.words.size() << " words of "
      << layout.device->usableWords << ", "
      << countBytes(layout)
      << " bytes of " << layout.device->ramBytes << " (p " << layout.firstByte
      << ", cells " << layout.staticBytes << ", stack " << layout.stackBytes
      << ")\n";
  auto serial =
      getSerialSummary(*ModuleOp(*result.pdk).getOps<pdk::ProgramOp>().begin());
  if (!serial)
    return;
  const FirmwareTiming &timing = serial->timing;
  out << "serial: " << serial->baud << " baud at "
      << llvm::format("%g MHz, ", double(serial->clock) / 1e6);
  if (timing.highestRate)
    out << "up to " << *timing.highestRate << " baud without gaps; ";
  out << "bit times of pause needed between bytes at the chosen rate: "
      << timing.pause << "\n"
      << timing.betweenInputs << " cycles at most from an input to the next, "
      << timing.afterAnswer << " from an answer to a sample\n";
}

static void printModule(const Layout &layout) {
  llvm::errs() << layout.device->name << ": " << layout.words.size()
               << " words of " << layout.device->usableWords - kWordsForC
               << " (and " << kWordsForC << " for C), "
               << 2 + layout.staticBytes + layout.stackBytes << " bytes of "
               << layout.device->ramBytes - 2 << " (and 2 for C; p 2, "
               << "cells " << layout.staticBytes << ", stack "
               << layout.stackBytes << ")\n";
}

void pdkc::printSummary(Compilation &result, const CommandLine &options) {
  auto &out = llvm::errs();
  if (result.layout.stack)
    printFirmware(result);
  else
    printModule(result.layout);
  if (!result.plan)
    return;
  out << llvm::format("%llu cycles at least, %.0f on average, %llu at most "
                      "(%.2f ms at 8 MHz)\n",
                      (unsigned long long)result.cycles.min, result.cycles.mean,
                      (unsigned long long)result.cycles.max,
                      result.cycles.mean / 8000);
  if (result.longest)
    out << "no input takes more than " << *result.longest << " cycles\n";
  if (options.samples.empty())
    out << "of made-up inputs; --samples=FILE gives the figures of real ones\n";
  for (const LayerSummary &layer : getLayers(result))
    out << layer.node << ": " << layer.inputs << " to " << layer.outputs << ", "
        << layer.method << "\n";
  if (const auto &use = result.undocumented) {
    out << "undocumented ldsptl, ldspth: ";
    if (!use->isUsed)
      out << "not used, the plan without is no worse\n";
    else if (use->wordsWithout)
      out << result.layout.words.size() << " words instead of "
          << *use->wordsWithout << "\n";
    else
      out << "without them there is no program\n";
  }
  out << result.verified << " inputs verified against the model\n";
}
