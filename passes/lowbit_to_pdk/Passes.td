//===- Passes.td - From the plan to instructions --------------------------===//

#ifndef PDKC_PASSES_LOWBITTOPDK_PASSES_TD
#define PDKC_PASSES_LOWBITTOPDK_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowbitSpecialize : Pass<"lowbit-specialize", "::mlir::ModuleOp"> {
  let summary = "Put operations into the form that their methods write";
  let description = [{
    Dense layers with method = "straight" become lowbit.chains: a program for
    one accumulator in which rows share the sums of inputs that they have in
    common.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[1, 1], [1, 0]]> : tensor<2x2xi8>
        of [-1, 1] bias [0, 0] {method = "straight"} : ...
    // becomes, for inputs in RAM of 0 to 15
    %1 = lowbit.chains %0 steps [load 0, add 1, accumulate 0, const 15, add 0,
                                 sub 1, accumulate 1] bias [0, -15] : ...
    ```

    A concatenation with the method "accumulate", which a dense layer alone takes,
    goes: the layer becomes one for each part, each of which adds to the sums of
    the one before, and is fed where a convolution's region makes its part.

    ```mlir
    %2 = lowbit.concat %0, %1 {method = "accumulate"} : ...
    %3 = lowbit.dense %2 weights dense<[[1, 0, 1]]> : ... bias [5] : ...
    // becomes
    %2 = lowbit.dense %0 weights dense<[[1, 0]]> : ... bias [5] : ...
    %3 = lowbit.dense %1 to %2 weights dense<[[1]]> : ... bias [0] : ...
    ```

    A function with a method such as "composed-table" and the one behind it, which
    alone takes its results, become one with the method "table".

    ```mlir
    %1 = lowbit.steps %0 starts [0, 3, 7] values [0, 1, 2] sizes [3]
        {method = "composed-table"} : ...
    %2 = lowbit.requant %1 plus 1 shift 1 clamp 0 to 1 : ...
    // becomes
    %2 = lowbit.steps %0 starts [0, 3] values [0, 1] sizes [2]
        {method = "table"} : ...
    ```
  }];
  let dependentDialects = ["::pdkc::lowbit::LowbitDialect"];
}

def LowbitShareEngines : Pass<"lowbit-share-engines", "::mlir::ModuleOp"> {
  let summary = "Decide which dense layers share code and cells";
  let description = [{
    Layers of one family of methods whose weights can be stored in one format get
    the same number as `engine`, as long as no sums are lost by that.

    ```mlir
    %1 = lowbit.dense %0 ... {method = "packed"} : ...
    %2 = lowbit.requant %1 ... : ...
    %3 = lowbit.dense %2 ... {method = "packed"} : ...
    // becomes
    %1 = lowbit.dense %0 ... {engine = 0, method = "packed"} : ...
    %2 = lowbit.requant %1 ... : ...
    %3 = lowbit.dense %2 ... {engine = 0, method = "packed"} : ...
    ```
  }];
  let options = [
    Option<"device", "device", "std::string", "\"pms150c\"", "The device">,
    Option<"undocumented", "undocumented", "bool", "false",
           "Read tables by LDSPTL and LDSPTH where the device has them">
  ];
}

def LowbitAssignStorage : Pass<"lowbit-assign-storage", "::mlir::ModuleOp"> {
  let summary = "Say of each tensor where it lies and in how many bits";
  let description = [{
    Tensors' types get a #lowbit.storage, the function the list of the buffers.
    Parts of a concatenation lie in the concatenation's buffer, and activations
    that an engine takes in place in the engine's; copies are inserted where that
    is not so, and for outputs.

    ```mlir
    %1 = lowbit.dense %0 ... : ... -> tensor<2x!lowbit.int<-30, 50>>
    // becomes
    %1 = lowbit.dense %0 ... : ... -> tensor<2x!lowbit.int<-30, 50>,
        #lowbit.storage<buffer 0 at 0, bits 8, base -30>>
    ```
  }];
  let options = [
    Option<"device", "device", "std::string", "\"pms150c\"", "The device">,
    Option<"undocumented", "undocumented", "bool", "false",
           "Read tables by LDSPTL and LDSPTH where the device has them">
  ];
}

def LowbitToPdk : Pass<"lowbit-to-pdk", "::mlir::ModuleOp"> {
  let summary = "Write the program, on virtual cells, behind a planned model";
  let description = [{
    The function becomes a pdk.program whose first routine is `<name>_infer`.
    Each operation's method writes its code; all decisions stand in attributes
    and types by then.

    ```mlir
    %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0] bias [0] : ...
    // becomes
    pdk.clear_m %sum[0]
    pdk.call_k @model_next_input
    pdk.add_m_a %sum[0]
    ```
  }];
  let dependentDialects = ["::pdkc::pdk::PdkDialect"];
  let options = [
    Option<"device", "device", "std::string", "\"pms150c\"", "The device">,
    Option<"undocumented", "undocumented", "bool", "false",
           "Read tables by LDSPTL and LDSPTH where the device has them">
  ];
}

#endif // PDKC_PASSES_LOWBITTOPDK_PASSES_TD
