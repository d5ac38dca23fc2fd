//===- Passes.td - Passes on instructions ---------------------------------===//

#ifndef PDKC_PASSES_PDK_PASSES_TD
#define PDKC_PASSES_PDK_PASSES_TD

include "mlir/Pass/PassBase.td"

def PdkFirmware : Pass<"pdk-firmware", "::mlir::ModuleOp"> {
  let summary = "Surround a module with what makes it a program of its own";
  let description = [{
    The program starts at reset: clock, pins, stack. Then it takes the module's
    inputs from a serial input, one byte each, which the module's
    `<name>_next_input` receives, or which it puts into exported cells "input"
    if there are any before it calls the module; and sends the class as one byte, over and over;
    behind the class the bytes of exported cells "output", if there are any. How
    long the module takes between two inputs at most is worked out and kept in
    the program's attribute `serial`. A program that has a stack of its own is
    left as it is.

    ```mlir
    pdk.external @model_next_input
    // becomes
    pdk.routine @model_next_input { ... }
    ```
  }];
  let options = [
    Option<"baud", "baud", "int64_t", "9600", "Bits a second">,
    Option<"clock", "clock", "int64_t", "0",
           "System clock in Hz; 0: 8 MHz, or the device's fastest below that">,
    Option<"tx", "tx", "std::string", "\"PA.7\"", "Pin that sends">,
    Option<"rx", "rx", "std::string", "\"PA.0\"", "Pin that receives">,
    Option<"byteGap", "byte-gap", "int64_t", "0",
           "Bits that the sender pauses after each byte">,
    Option<"millivolts", "vdd", "int64_t", "4000",
           "Supply voltage to calibrate the clock for">
  ];
}

def PdkPrintLiveness : Pass<"pdk-print-liveness", "::pdkc::pdk::ProgramOp"> {
  let summary = "Remark what is live before each operation of a routine";
  let description = [{
    A, the flags Z, C, AC and OV, and bytes of cells; those of parts under the
    name of the cells that they are a part of. For looking at the analysis.

    ```mlir
    // remark: live-in (A C x[0])
    pdk.addc_a_m %x[0]
    // remark: live-in (A)
    pdk.ret
    ```
  }];
}

def PdkAllocate : Pass<"pdk-allocate", "::mlir::ModuleOp"> {
  let summary = "Give cells addresses in RAM";
  let description = [{
    Cells that are never live together share bytes. Liveness follows skips,
    gotos and calls. Each cell goes where all of its instructions reach it:
    bit tests and pointers reach only low addresses. Fails when the cells and
    the stack do not fit the device.

    ```mlir
    %w = pdk.cells "w" size 1
    // becomes, where bits of w are tested
    %w = pdk.cells "w" size 1 at 2
    ```
  }];
  let options = [
    Option<"reserve", "reserve-ram", "int64_t", "0",
           "Bytes kept free beside what C needs">
  ];
}

#endif // PDKC_PASSES_PDK_PASSES_TD
