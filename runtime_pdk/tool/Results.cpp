//===- Results.cpp - What the samples gave --------------------------------===//

#include "runtime_pdk/tool/Results.h"
#include "runtime_pdk/simulator/Hex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace pdkc;
using namespace pdkc::tool;

void Range::add(uint64_t value) {
  min = std::min(min, value);
  max = std::max(max, value);
  sum += value;
  ++count;
}

void Summary::add(const std::vector<sim::Violation> &violations) {
  for (const sim::Violation &violation : violations) {
    auto it = find_if(findings, [&](const Finding &finding) {
      return finding.violation.rule == violation.rule &&
             finding.violation.pc == violation.pc;
    });
    if (it != findings.end())
      it->violation.count += violation.count;
    else
      findings.push_back({violation, classes.size()});
  }
}

void Summary::add(const sim::InferenceResult &result) {
  add(result.violations);
  stackBytes = std::max(stackBytes, result.stackBytes);
  deepestSp = std::max(deepestSp, result.deepestSp);
  if (!result.returned)
    return;
  classes.push_back(char(result.classIndex));
  cycles.add(result.cycles);
}

static void compare(const Samples &samples, Summary &summary) {
  for (size_t i = 0; i < summary.classes.size(); ++i) {
    summary.correct +=
        i < samples.labels.size() && summary.classes[i] == samples.labels[i];
    if (i >= samples.expected.size())
      continue;
    if (summary.classes[i] == samples.expected[i])
      ++summary.equal;
    else if (!summary.firstDifference)
      summary.firstDifference = i;
  }
}

static void printText(const Options &options, const Summary &summary) {
  size_t count = summary.classes.size();
  outs() << "samples     " << count;
  if (summary.inputs)
    outs() << " of " << summary.inputs / options.valueBytes << " inputs";
  outs() << "\n";
  if (!options.labels.empty())
    outs() << "accuracy    "
           << format("%.2f %%",
                     count ? 100.0 * double(summary.correct) / double(count)
                           : 0)
           << " (" << summary.correct << ")\n";
  if (!options.expected.empty())
    outs() << "expected    " << summary.equal << " equal, "
           << count - summary.equal << " not\n";
  if (summary.cycles.count)
    outs() << (summary.serial ? "answer in   " : "cycles      ")
           << summary.cycles.min << " min, "
           << format("%.1f", summary.cycles.mean()) << " mean, "
           << summary.cycles.max << " max"
           << (summary.serial ? " cycles from the last bit received" : "")
           << "\n";
  if (summary.serial) {
    outs() << "bit timing  " << format("%.2f", 100 * summary.serial->worstEdge)
           << " % of a bit at worst, sent\n"
           << "            "
           << format("%.2f", 100 * summary.serial->worstSample)
           << " % of a bit at worst, sampling what is received";
    if (summary.serial->unreadBits)
      outs() << "; " << summary.serial->unreadBits << " bits not sampled";
    outs() << "\n";
  }
  if (summary.sweep)
    outs() << "interrupts  " << summary.sweep->taken
           << " taken, one in each of " << summary.sweep->boundaries
           << " runs; " << summary.sweep->different << " changed the class\n";
  if (summary.outputs)
    outs() << "outputs     PA " << sim::hex(*summary.outputs) << "\n";
  outs() << "stack       " << summary.stackBytes << " bytes, SP up to "
         << sim::hex(summary.deepestSp) << "\n"
         << "violations  " << summary.findings.size() << "\n";
}

static void printJson(const Options &options, const Summary &summary) {
  size_t count = summary.classes.size();
  json::OStream out(outs(), 2);
  out.object([&] {
    out.attribute("samples", int64_t(count));
    out.attribute("inputs", int64_t(summary.inputs));
    if (!options.labels.empty()) {
      out.attribute("correct", int64_t(summary.correct));
      out.attribute("accuracy",
                    count ? double(summary.correct) / double(count) : 0);
    }
    if (!options.expected.empty()) {
      out.attribute("equal", int64_t(summary.equal));
      out.attribute("different", int64_t(count - summary.equal));
    }
    if (summary.cycles.count)
      out.attributeObject(summary.serial ? "cycles_to_answer" : "cycles", [&] {
        out.attribute("min", int64_t(summary.cycles.min));
        out.attribute("mean", summary.cycles.mean());
        out.attribute("max", int64_t(summary.cycles.max));
      });
    if (summary.serial)
      out.attributeObject("bit_timing", [&] {
        out.attribute("worst_sent_percent", 100 * summary.serial->worstEdge);
        out.attribute("worst_sampled_percent",
                      100 * summary.serial->worstSample);
        out.attribute("bits_not_sampled", int64_t(summary.serial->unreadBits));
      });
    if (summary.sweep)
      out.attributeObject("interrupts", [&] {
        out.attribute("runs", int64_t(summary.sweep->boundaries));
        out.attribute("taken", int64_t(summary.sweep->taken));
        out.attribute("different", int64_t(summary.sweep->different));
      });
    if (summary.outputs)
      out.attributeObject(
          "outputs", [&] { out.attribute("PA", int64_t(*summary.outputs)); });
    out.attributeObject("stack", [&] {
      out.attribute("bytes", int64_t(summary.stackBytes));
      out.attribute("deepest_sp", int64_t(summary.deepestSp));
    });
    out.attributeArray("violations", [&] {
      for (const Finding &finding : summary.findings)
        out.object([&] {
          out.attribute("rule", sim::getName(finding.violation.rule));
          out.attribute("address", int64_t(finding.violation.pc));
          out.attribute("detail", finding.violation.detail);
          out.attribute("sample", int64_t(finding.sample));
          out.attribute("count", int64_t(finding.violation.count));
        });
    });
  });
  outs() << "\n";
}

int tool::finish(const Options &options, const Samples &samples,
                 Summary &summary) {
  compare(samples, summary);
  if (options.json)
    printJson(options, summary);
  else
    printText(options, summary);
  outs().flush();

  int status = Good;
  for (const Finding &finding : summary.findings) {
    const sim::Violation &violation = finding.violation;
    std::string where = "sample " + std::to_string(finding.sample);
    if (violation.count > 1)
      where += " first, " + std::to_string(violation.count) + " times";
    status = fail(Twine(sim::getName(violation.rule)) + " at word " +
                  sim::hex(violation.pc) + ": " + violation.detail + " (" +
                  where + ")");
  }
  if (summary.sweep && summary.sweep->different)
    status = Bad; // reported already
  else if (summary.sweep && summary.sweep->boundaries && !summary.sweep->taken)
    status = fail("the program never enabled interrupts");
  if (!options.expected.empty() && summary.equal != summary.classes.size()) {
    size_t i = *summary.firstDifference;
    status =
        fail(Twine(summary.classes.size() - summary.equal) +
             " classes are not the expected ones; first sample " + Twine(i) +
             ": " + Twine(unsigned(uint8_t(summary.classes[i]))) +
             ", expected " + Twine(unsigned(uint8_t(samples.expected[i]))));
  }
  if (summary.classes.size() < std::max<size_t>(summary.wanted, 1))
    return fail("sample " + Twine(summary.classes.size()) +
                " gave no class; nothing was run after it");
  if (!options.classes.empty() && !writeFile(options.classes, summary.classes))
    return Bad;
  if (!options.outputs.empty() &&
      !writeFile(options.outputs, summary.modelOutputs))
    return Bad;
  if (summary.serial && !options.answers.empty() &&
      !writeFile(options.answers, summary.serial->answers))
    return Bad;
  return status;
}
