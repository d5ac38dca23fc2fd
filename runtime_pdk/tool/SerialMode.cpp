//===- SerialMode.cpp - Talking to a firmware by its pins -----------------===//

#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/SerialBench.h"
#include "runtime_pdk/tool/Modes.h"

using namespace pdkc;
using namespace pdkc::tool;

/// Where the firmware's stack begins; nothing, with the reason said, if that
/// is beyond RAM.
static std::optional<unsigned> findStackBase(const Options &options) {
  if (options.stack)
    return options.stack;
  auto map = readMap(options);
  if (!map)
    return std::nullopt;
  auto end = map->getStaticEnd();
  unsigned base = (end.value_or(0) + 1) & ~1u;
  if (end && base < options.device->ramBytes)
    return base;
  fail(end ? "the stack would begin at RAM byte " + sim::hex(base) + ", " +
                 options.device->name + " has " +
                 std::to_string(options.device->ramBytes) + " bytes"
           : "the map tells of neither DATA nor OSEG: where does the stack "
             "begin? give --stack");
  return std::nullopt;
}

ExitStatus tool::runSerial(sim::Machine &machine, const Options &options,
                           const Samples &samples, Summary &summary) {
  auto stackBase = findStackBase(options);
  if (!stackBase)
    return Bad;
  summary.inputs = guessInputs(options, samples).value_or(0);
  if (!summary.inputs)
    return fail("how many bytes has a sample? give --inputs");
  summary.wanted = countSamples(options, samples, summary.inputs);
  if (!summary.wanted)
    return Bad;

  SerialSummary serial;
  sim::SerialBench bench(machine, options.serial);
  machine.setStackBase(*stackBase);
  startTrace(machine, options);
  bool goesOn = bench.waitUntilReady();
  if (!goesOn)
    summary.add(machine.takeViolations());
  for (size_t i = 0; i < summary.wanted && goesOn; ++i) {
    auto result = bench.exchange(samples.data() + i * summary.inputs,
                                 summary.inputs, options.answerBytes);
    summary.add(result.violations);
    serial.worstEdge = std::max(serial.worstEdge, result.worstEdge);
    serial.worstSample = std::max(serial.worstSample, result.worstSample);
    serial.unreadBits += result.unreadBits;
    goesOn = result.answer.size() == options.answerBytes;
    if (!goesOn)
      break;
    summary.classes.push_back(char(result.answer[0]));
    serial.answers.append(result.answer.begin(), result.answer.end());
    summary.cycles.add(result.cyclesToAnswer);
  }
  if (goesOn)
    summary.add(bench.finish());
  summary.serial = serial;
  summary.deepestSp = machine.getStackHigh();
  if (summary.deepestSp > *stackBase)
    summary.stackBytes = summary.deepestSp - *stackBase;
  return Good;
}
