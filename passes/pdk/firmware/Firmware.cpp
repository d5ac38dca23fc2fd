//===- Firmware.cpp - A program of its own around a module ----------------===//

#include "passes/pdk/firmware/Firmware.h"

#include "passes/pdk/ResourceError.h"
#include "passes/pdk/analysis/CycleBounds.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// Values of CLKMD: the internal RC oscillator of 16 MHz divided, watchdog and
/// reset pin off.
struct ClockMode {
  int64_t hertz;
  int64_t value;
};

} // namespace

static constexpr ClockMode kClockModes[] = {{8000000, 0x34}, {4000000, 0x14},
                                            {2000000, 0x3C}, {1000000, 0x1C},
                                            {500000, 0x7C},  {250000, 0x9C}};

std::optional<Firmware> Firmware::create(const Device &device,
                                         const FirmwareOptions &given,
                                         std::string &error) {
  FirmwareOptions options = given;
  auto fail = [&](auto &&...parts) {
    error = llvm::formatv(parts...).str();
    return std::nullopt;
  };
  if (!device.maxClock)
    return fail("pins and clock of the {0} are not known; take another device, "
                "or link the module with a program of yours",
                device.name);
  if (options.clock == 0)
    options.clock = std::min<int64_t>(8000000, device.maxClock);
  if (options.clock > int64_t(device.maxClock) ||
      llvm::none_of(kClockModes, [&](const ClockMode &mode) {
        return mode.hertz == options.clock;
      })) {
    std::string clocks;
    for (const ClockMode &mode : kClockModes)
      if (mode.hertz <= int64_t(device.maxClock))
        clocks += (clocks.empty() ? "" : ", ") + std::to_string(mode.hertz);
    return fail("the {0} has no system clock of {1} Hz, but of {2}",
                device.name, options.clock, clocks);
  }
  auto tx = findPin(device, options.tx), rx = findPin(device, options.rx);
  if (!tx || !rx)
    return fail("'{0}' is no pin of the {1}; port A has 0, 3, 4, 5, 6 and 7, "
                "written PA.0{2}",
                tx ? options.rx : options.tx, device.name,
                device.pinsB ? "; port B has 0 to 7" : "");
  if (tx->isOpenDrain())
    return fail("{0} is an open drain and cannot send; take another pin",
                options.tx);
  if (*tx == *rx)
    return fail("{0} cannot both send and receive", options.tx);
  if (options.baud <= 0 || options.byteGap < 0 || options.byteGap > 1000)
    return fail("a baud rate above 0 and a gap of 0 to 1000 bits are needed");
  if (options.millivolts < 1800 || options.millivolts > 5500)
    return fail("a supply of {0} mV is not in 1800 to 5500",
                options.millivolts);
  SerialPort port(options.baud, options.clock, *tx, *rx);
  error = port.getError();
  if (!error.empty())
    return std::nullopt;
  return Firmware(options, port);
}

/// What easypdkprog looks for and replaces by code that trims the oscillator,
/// and that by the trim found: once executed, A is destroyed.
static void emitCalibration(CodeBuilder &code, int64_t hertz,
                            int64_t millivolts) {
  constexpr int64_t kInternalRc = 1;
  for (int64_t byte :
       {int64_t('R'), int64_t('C'), kInternalRc, hertz, hertz >> 8, hertz >> 16,
        hertz >> 24, millivolts, millivolts >> 8, int64_t(kOscillatorTrim)})
    code(AND_A_K, byte);
}

/// A loop over the bytes; the body gets the pointer to the one at hand.
static void emitForEachByte(CodeBuilder &code, CellsOp cells,
                            llvm::function_ref<void(Cell p)> body) {
  Cell bytes = {cells.getResult()}, p = code.pointerP();
  std::string loop = code.unique("firmware_bytes");
  code.addressOf(MOV_A_K, bytes);
  code(MOV_M_A, p);
  code.label(loop, cells.getSize());
  body(p);
  code(INC_M, p);
  code(MOV_A_M, p);
  code.addressOf(CEQSN_A_K, bytes.at(cells.getSize()));
  code(GOTO_K, loop);
}

void Firmware::emitStart(CodeBuilder &code, const Module &module) const {
  code.routine(kStartRoutine);
  code(NOP); // as in all programs of SDCC
  const ClockMode *mode = llvm::find_if(kClockModes, [&](const auto &mode) {
    return mode.hertz == options.clock;
  });
  code(MOV_A_K, mode->value);
  code(MOV_IO_A, kClockMode);
  emitCalibration(code, options.clock, options.millivolts);
  port.emitSetUp(code);
  code.addressOf(MOV_A_K, code.stack());
  code(MOV_IO_A, kStackPointer);
  if (module.input || !module.outputs.empty() || code.hasPointerP())
    code(CLEAR_M, code.pointerP().at(1));
  code.label(kMainLabel);
  if (CellsOp input = module.input) {
    code.undef({input.getResult()});
    emitForEachByte(code, input, [&](Cell p) {
      code(CALL_K, kReceiveRoutine);
      code.indirect(IDXM_M_A, p, {input.getResult()});
    });
  }
  code(CALL_K, module.infer);
  code(CALL_K, kSendRoutine);
  for (CellsOp output : module.outputs)
    emitForEachByte(code, output, [&](Cell p) {
      code.indirect(IDXM_A_M, p, {output.getResult()});
      code(CALL_K, kSendRoutine);
    });
  code(GOTO_K, kMainLabel);
}

/// A routine that receives two bytes and returns them as C does.
static void emitReceiveTwo(CodeBuilder &code, StringRef name) {
  Cell low = code.cells("received", 1);
  code.routine(name);
  code(CALL_K, kReceiveRoutine);
  code(MOV_M_A, low);
  code(CALL_K, kReceiveRoutine);
  code(MOV_M_A, code.pointerP());
  code(MOV_A_M, low);
  code(RET);
}

LogicalResult Firmware::emit(ProgramOp program) const {
  Block &body = program.getBody().front();
  RoutineOp infer;
  for (auto routine : body.getOps<RoutineOp>())
    if (routine.getExported()) {
      if (infer)
        return routine.emitError("a firmware calls one routine, but two are "
                                 "exported");
      infer = routine;
    }
  if (!infer || !infer.getSymName().ends_with("_infer"))
    return program.emitError("exports no routine <name>_infer to call");
  std::string name = infer.getSymName().drop_back(6).str();
  ExternalOp nextInput;
  for (auto external : body.getOps<ExternalOp>()) {
    if (external.getSymName() != name + "_next_input")
      return external.emitError("calls a routine that nothing provides: @")
             << external.getSymName();
    nextInput = external;
  }
  Module module;
  module.infer = infer.getSymName().str();
  for (auto cells : body.getOps<CellsOp>()) {
    if (cells.getExported() && cells.getName() == "input")
      module.input = cells;
    else if (cells.getExported())
      module.outputs.push_back(cells);
  }

  OpBuilder builder(program.getContext());
  CodeBuilder code(builder, program);
  Operation *first = *body.getOps<RoutineOp>().begin();
  emitStart(code, module);
  program.lookupSymbol(kStartRoutine)->moveBefore(first);
  port.emitSend(code, kSendRoutine);
  port.emitWait(code);
  std::string receive = name + "_next_input";
  bool isWide = nextInput && nextInput.getBytes() > 1;
  if (isWide)
    emitReceiveTwo(code, receive);
  if (nextInput || module.input)
    port.emitReceive(code,
                     nextInput && !isWide ? receive : kReceiveRoutine.str());
  if (nextInput)
    nextInput.erase();
  return success();
}

FailureOr<FirmwareTiming> Firmware::analyse(ProgramOp program) const {
  ControlFlow flow(program);
  // Recursion is an error of its own.
  if (!flow.isValid() || failed(flow.getStackDepth()))
    return failure();
  // The one that waits for a byte.
  std::string receive;
  for (auto routine : program.getBody().getOps<RoutineOp>())
    if (routine.getSymName() == kReceiveRoutine ||
        (routine.getSymName().ends_with("_next_input") &&
         !program.lookupSymbol(kReceiveRoutine)))
      receive = routine.getSymName().str();
  FirmwareTiming timing;
  if (receive.empty())
    return timing;
  CycleBounds bounds(flow, {receive, kSendRoutine});
  timing.betweenInputs = bounds.getLongest(receive, receive).value_or(0);
  timing.afterAnswer = bounds.getLongest(kSendRoutine, receive).value_or(0);
  if (std::max(timing.betweenInputs, timing.afterAnswer) >=
      CycleBounds::kUnbounded)
    return program.emitError("the time from one input to the next has no "
                             "bound: a loop between them has no trips");
  timing.pause = port.getPause(timing.betweenInputs, timing.afterAnswer);
  timing.highestRate = SerialPort::getHighestRate(
      options.clock, timing.betweenInputs, timing.afterAnswer);
  return timing;
}

/// The attribute of the program that the timing is kept in.
static constexpr StringLiteral kSerial = "serial";

void Firmware::record(ProgramOp program, const FirmwareTiming &timing) const {
  Builder builder(program.getContext());
  NamedAttrList serial;
  auto set = [&](StringRef name, int64_t value) {
    serial.set(name, builder.getI64IntegerAttr(value));
  };
  set("baud", options.baud);
  set("clock", options.clock);
  set("byte_gap", options.byteGap);
  set("between_inputs", timing.betweenInputs);
  set("after_answer", timing.afterAnswer);
  set("pause", timing.pause);
  if (timing.highestRate)
    set("highest_rate", *timing.highestRate);
  serial.set("tx", builder.getStringAttr(options.tx));
  serial.set("rx", builder.getStringAttr(options.rx));
  program->setAttr(kSerial, serial.getDictionary(program.getContext()));
}

std::optional<SerialSummary> pdkc::getSerialSummary(ProgramOp program) {
  auto serial = program->getAttrOfType<DictionaryAttr>(kSerial);
  if (!serial)
    return std::nullopt;
  auto get = [&](StringRef name) {
    auto attr = serial.getAs<IntegerAttr>(name);
    return attr ? attr.getInt() : 0;
  };
  SerialSummary summary;
  summary.baud = get("baud");
  summary.clock = get("clock");
  summary.byteGap = get("byte_gap");
  summary.timing.betweenInputs = get("between_inputs");
  summary.timing.afterAnswer = get("after_answer");
  summary.timing.pause = get("pause");
  for (auto [name, pin] : {std::pair("tx", &summary.tx), {"rx", &summary.rx}})
    if (auto attr = serial.getAs<StringAttr>(name))
      *pin = attr.str();
  if (int64_t rate = get("highest_rate"))
    summary.timing.highestRate = rate;
  return summary;
}

LogicalResult pdkc::checkPace(ProgramOp program) {
  auto serial = getSerialSummary(program);
  if (!serial || serial->timing.pause <= serial->byteGap)
    return success();
  const FirmwareTiming &timing = serial->timing;
  ResourceError error(program, Resource::Pause,
                      *findDevice(program.getDevice()), timing.pause,
                      serial->byteGap);
  error.detail = llvm::formatv(
      " at {0} baud (up to {1} cycles from an input to the next, {2} from an "
      "answer to a sample)",
      serial->baud, timing.betweenInputs, timing.afterAnswer);
  error.advice = llvm::formatv("use --byte-gap={0}", timing.pause);
  if (timing.highestRate && *timing.highestRate < serial->baud)
    error.advice +=
        llvm::formatv(", or --baud={0}, the highest rate without pauses",
                      *timing.highestRate);
  return error.emit();
}
