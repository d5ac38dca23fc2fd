//===- Passes.td - Passes on integers, and the plan -----------------------===//

#ifndef PDKC_PASSES_LOWBIT_PASSES_TD
#define PDKC_PASSES_LOWBIT_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowbitNarrowRanges : Pass<"lowbit-narrow-ranges", "::mlir::ModuleOp"> {
  let summary = "Prove the range and so the width of every tensor";
  let description = [{
    Interval arithmetic from the model's input range through the actual weights.
    Every tensor gets the smallest element type that holds all of its elements.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[3, 0]]> : tensor<1x2xi8>
        of [-2, -1, 1, 2] bias [5]
        : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-1000, 1000>>
    // becomes: ... -> tensor<1x!lowbit.int<-25, 35>>
    ```
  }];
  let options = [
    Option<"remarks", "remarks", "bool", "false",
           "Remark the proven width of each operation's result">
  ];
}

def LowbitNarrowOutputs : Pass<"lowbit-narrow-outputs", "::mlir::ModuleOp"> {
  let summary = "Bring outputs down to 16 bits";
  let description = [{
    What a model hands back beside the class is counted from the lowest where
    that makes it a byte. Logits go into 16 bits an element: wider ones are
    counted from the lowest, where that is enough, and else lose their lowest
    bits, at most a 65,536th of their range. The function's output scale and
    offset say so. The class is not touched.

    ```mlir
    return %2, %1 : tensor<1x!lowbit.int<0, 9>>,
        tensor<10x!lowbit.int<-100000, 100000>>
    // becomes
    %3 = lowbit.requant %1 shift 2 clamp -25000 to 25000 : ...
    return %2, %3 : tensor<1x!lowbit.int<0, 9>>,
        tensor<10x!lowbit.int<-25000, 25000>>
    ```
  }];
}

def LowbitFlatten : Pass<"lowbit-flatten", "::mlir::ModuleOp"> {
  let summary = "Remove shapes: every tensor becomes a plain vector";
  let description = [{
    Reshapes vanish; selections (slices, crops, transpositions) move behind the
    elementwise operations that follow and into the columns of the dense layer
    that reads them. An input that no row reads has a column of zeros. A
    requantisation of a requantisation becomes one.

    ```mlir
    %1 = lowbit.select %0 [2, 0] : tensor<3x!lowbit.int<0, 9>> -> ...
    %2 = lowbit.dense %1 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3] ...
    // becomes
    %1 = lowbit.dense %0 weights dense<[[2, 0, 1]]> : tensor<1x3xi8>
        of [0, 1, 3] ...
    ```
  }];
}

def LowbitElementwiseSums
    : Pass<"lowbit-elementwise-sums", "::mlir::ModuleOp"> {
  let summary = "Sums of tensors, element by element, are no matrices";
  let description = [{
    A dense layer over a concatenation that adds the parts' elements one to one,
    with weights or inputs wider than a byte, becomes a lowbit.scale of the
    parts. So does any of up to four products a row, of selections of its
    input then.

    ```mlir
    %2 = lowbit.concat %0, %1 : ...
    %3 = lowbit.dense %2 weights dense<[[1, 2]]> : tensor<1x2xi8>
        of [0, 300, 7000] bias [0] : ...
    // becomes
    %3 = lowbit.scale %0, %1 times [300, 7000] plus [0] : ...
    ```
  }];
}

def LowbitShareStepFunctions
    : Pass<"lowbit-share-step-functions", "::mlir::ModuleOp"> {
  let summary = "Let channels share one step function where they can";
  let description = [{
    A layer's bias moves each row's sum so that its function's first step is at
    0, and a row whose function falls has its weights turned. Pieces beyond a
    row's range go; functions that are then the same become one.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[1], [1]]> : tensor<2x1xi8> of [0, 1]
        bias [0, 7] : tensor<1x!lowbit.int<0, 15>> -> ...
    %2 = lowbit.steps %1 starts [0, 4, 8, 0, 12, 16] values [0, 1, 2, 0, 1, 2]
        sizes [3, 3] function [0, 1] : ...
    // becomes
    %1 = lowbit.dense %0 weights dense<[[1], [1]]> : tensor<2x1xi8> of [0, 1]
        bias [-4, -5] : tensor<1x!lowbit.int<0, 15>> -> ...
    %2 = lowbit.steps %1 starts [0, 0, 4] values [0, 1, 2] sizes [3] : ...
    ```
  }];
}

def LowbitSplitInputs : Pass<"lowbit-split-inputs", "::mlir::ModuleOp"> {
  let summary = "Let layers read wide inputs byte by byte";
  let description = [{
    No engine reads more than a byte. A layer whose inputs span more becomes one
    a byte of them, counted from the lowest, and a lowbit.scale that puts the
    sums together. Bytes of step functions are step functions; where something
    else reads such a function's wide results, they are put together, too.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3]
        bias [7] : tensor<2x!lowbit.int<0, 1000>> -> ...
    // becomes
    %1 = lowbit.byte 0 of %0 from 0 : ...
    %2 = lowbit.byte 1 of %0 from 0 : ...
    %3 = lowbit.dense %1 weights dense<[[0, 1]]> of [1, 3] bias [0] : ...
    %4 = lowbit.scale %3 times [1] plus [7] : ...
    %5 = lowbit.dense %2 weights dense<[[0, 1]]> of [1, 3] bias [0] : ...
    %6 = lowbit.scale %5, %4 times [256, 1] plus [0] within [7, 4007] : ...
    ```
  }];
}

def LowbitSplitWeights : Pass<"lowbit-split-weights", "::mlir::ModuleOp"> {
  let summary = "Make wide weights of bytes";
  let description = [{
    No engine multiplies by more than a byte. A layer with wider weights gets
    rows of bytes and a lowbit.scale that puts their sums together: rows divided
    by their common factor; or less their smallest weight, which is then added
    times the sum of the inputs; or one row a byte of the weights. A convolution
    becomes one a byte.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[0, 1], [2, 3]]> : tensor<2x2xi8>
        of [-181, -5, 71, 91] bias [3, 4] : ...
    // becomes, with the first row counted from -181, and a row of ones
    %1 = lowbit.dense %0 weights dense<[[0, 4], [2, 3], [1, 1]]>
        : tensor<3x2xi8> of [0, 1, 71, 91, 176] bias [0, 0, 0] : ...
    %2 = lowbit.select %1 [0, 1] : ...
    %3 = lowbit.select %1 [2, 2] : ...
    %4 = lowbit.scale %2, %3 times [1, 1, -181, 0] plus [3, 4]
        within [-555, 490] : ...
    ```
  }];
}

def LowbitRemoveNeurons : Pass<"lowbit-remove-neurons", "::mlir::ModuleOp"> {
  let summary = "Remove neurons that are constant, equal or not read";
  let description = [{
    For dense layers whose results go, element by element, into another dense
    layer alone. A neuron whose range is one value becomes part of the next
    layer's bias; equal ones become one with the sum of their weights.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[1, 0], [1, 0]]> : tensor<2x2xi8>
        of [1, 2] bias [0, 0] : ...
    %2 = lowbit.dense %1 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3] ...
    // becomes
    %1 = lowbit.dense %0 weights dense<[[1, 0]]> : tensor<1x2xi8> ...
    %2 = lowbit.dense %1 weights dense<[[0]]> : tensor<1x1xi8> of [4] ...
    ```
  }];
}

def LowbitChooseInput : Pass<"lowbit-choose-input", "::mlir::ModuleOp"> {
  let summary = "Decide whether inputs come one by one or lie in an array";
  let description = [{
    One by one where the first layer, behind an elementwise operation or not,
    can take each input as it comes. Functions with an array are marked.

    ```mlir
    func.func @model(%0: tensor<16x!lowbit.int<0, 15>>) -> ... {
      %1 = lowbit.maxpool %0 ...
    // becomes
    func.func @model(%0: ...) -> ... attributes {lowbit.buffer} {
    ```
  }];
  let options = [
    Option<"input", "input", "std::string", "\"auto\"",
           "stream: one by one; buffer: an array; auto: an array only where the "
           "first layer needs it">
  ];
}

def LowbitStoreInputs : Pass<"lowbit-store-inputs", "::mlir::ModuleOp"> {
  let summary = "Copy inputs that cannot be taken as they come";
  let description = [{
    A stream is taken once, input after input in the order of the function's
    arguments, by an elementwise operation or a dense layer. Everything else
    takes a copy in RAM. Where inputs lie in an array of two bytes a value,
    operations that do not read it so take a copy, too.

    ```mlir
    func.func @model(%0: tensor<16x!lowbit.int<0, 15>>) -> ... {
      %1 = lowbit.maxpool %0 ...
    // becomes
    func.func @model(%0: tensor<16x!lowbit.int<0, 15>>) -> ... {
      %1 = lowbit.copy %0 : ...
      %2 = lowbit.maxpool %1 ...
    ```
  }];
}

def LowbitRebaseInputs : Pass<"lowbit-rebase-inputs", "::mlir::ModuleOp"> {
  let summary = "Let every layer's inputs count from 0 up";
  let description = [{
    The device adds unsigned bytes. A dense layer whose inputs lie in lo to hi
    gets inputs less lo instead, each part of a concatenation by itself; lo
    times the sum of its weights goes into each row's bias. A requantisation's
    small multiplier goes into the weights before it.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3]
        bias [0] : tensor<2x!lowbit.int<-4, 3>> -> ...
    // becomes
    %1 = lowbit.requant %0 plus 4 clamp 0 to 7 : ...
    %2 = lowbit.dense %1 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3]
        bias [-16] : tensor<2x!lowbit.int<0, 7>> -> ...
    ```
  }];
}

def LowbitFuse : Pass<"lowbit-fuse", "::mlir::ModuleOp"> {
  let summary = "Group what is computed together";
  let description = [{
    A dense layer goes into one lowbit.fused with the elementwise operation that
    makes its inputs of the model's, so that these are prepared as they are read;
    a convolution with that one, with the elementwise operation behind it, with
    the maxpool behind that one, and with the dense layer behind that one, which
    is fed one input at a time: only the last one's results take RAM. Where a
    method of the region (`stored`) or of the layer wants it otherwise,
    lowbit-specialize takes the layer out again. Behind a convolution that adds
    to sums there is no maxpool.

    ```mlir
    %1 = lowbit.conv %0 ... : ...
    %2 = lowbit.requant %1 ... : ...
    %3 = lowbit.maxpool %2 ... : ...
    // becomes
    %3 = lowbit.fused %0 : ... {
    ^bb0(%x: ...):
      %1 = lowbit.conv %x ... : ...
      %2 = lowbit.requant %1 ... : ...
      %4 = lowbit.maxpool %2 ... : ...
      lowbit.yield %4 : ...
    }
    ```
  }];
}

def LowbitPlan : Pass<"lowbit-plan", "::mlir::ModuleOp"> {
  let summary = "Choose a method for each operation that has several";
  let description = [{
    Methods are priced by the code that they write and what it takes on samples:
    the user's, and made-up ones. With level 3 the plan of fewest cycles that
    fits the device, with level s that of fewest words. Operations that have a
    method keep it.

    The search is exact, by prices, as far as no operation costs less among
    neighbours that were not tried than among those that were; for that a layer
    is priced alone and with its engine shared. It is cut after a number of
    steps, which huge models take. A remark says what the plan is estimated at,
    what no plan is below, and how far apart these are.

    ```mlir
    %1 = lowbit.dense %0 ... : ...
    // becomes
    %1 = lowbit.dense %0 ... {method = "packed"} : ...
    // remark: planned: 13838.5 cycles; no plan has less than 13838.5 (gap 0.0
    // %)
    ```
  }];
  let dependentDialects = ["::pdkc::pdk::PdkDialect"];
  let options = [
    Option<"device", "device", "std::string", "\"pms150c\"", "The device">,
    Option<"undocumented", "undocumented", "bool", "false",
           "Allow LDSPTL and LDSPTH where the device has them">,
    Option<"level", "level", "std::string", "\"3\"", "3, 2 or s">,
    Option<"maxWords", "max-words", "int64_t", "0",
           "Words that the program may have, 0: what the device has">,
    Option<"maxCycles", "max-cycles", "int64_t", "0",
           "Cycles that an inference may take on average, 0: any number">,
    Option<"reserveWords", "reserve-words", "int64_t", "0",
           "Words kept free beside what C needs">,
    Option<"reserveRam", "reserve-ram", "int64_t", "0",
           "Bytes kept free beside what C needs">,
    Option<"samples", "samples", "std::string", "\"\"",
           "File of inputs, one byte a value">,
    Option<"verify", "verify", "int64_t", "100", "Made-up inputs">,
    Option<"remarks", "remarks", "bool", "false",
           "Remark how good the plan is">
  ];
  let statistics = [
    Statistic<"numNodes", "nodes", "Plans and beginnings of plans looked at">,
    Statistic<"numEstimates", "estimates", "Plans priced">,
    Statistic<"numPrograms", "programs", "Plans made to whole programs">,
    Statistic<"gap", "gap",
              "What the plan may be above the best, in 1/1000 of it">
  ];
}

#endif // PDKC_PASSES_LOWBIT_PASSES_TD
