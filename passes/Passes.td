//===- Passes.td - Every pass of pdkc, in the order of the pipeline -------===//

#ifndef PDKC_PASSES_PASSES_TD
#define PDKC_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// onnx
//===----------------------------------------------------------------------===//

def OnnxChooseOutputs : Pass<"onnx-choose-outputs", "::mlir::ModuleOp"> {
  let summary = "Keep the wanted outputs and what they are computed from";
  let description = [{
    Other outputs are named in remarks, and nodes that none of the wanted ones
    reads are gone, so that nothing is asked of them. One that the importer could
    not read has no value and says why (`onnx.missing`); it is an error to want
    it. Types need not be inferred.

    ```mlir
    return %label, %probabilities : tensor<1xi64>, tensor<1x3xf32>
    // becomes
    return %label : tensor<1xi64>
    ```
  }];
  let options = [
    Option<"outputs", "outputs", "std::string", "\"\"",
           "Their names, with commas between; the first one if empty">
  ];
}

def OnnxDecomposeQLinear : Pass<"onnx-decompose-qlinear", "::mlir::ModuleOp"> {
  let summary = "Take operators on quantised tensors apart";
  let description = [{
    Sums of products become sums of products of integers, times one float32, as
    ONNX Runtime computes them. The others become DequantizeLinear, the operator
    on floats and QuantizeLinear; Scaler becomes Sub and Mul. Types need not be
    inferred.

    ```mlir
    %y = onnx.QLinearSigmoid %x, %s, %z, %t, %u : ...
    // becomes
    %0 = onnx.DequantizeLinear %x, %s, %z : ...
    %1 = onnx.Sigmoid %0 : ...
    %y = onnx.QuantizeLinear %1, %t, %u : ...
    ```
  }];
}

def OnnxCheckBatch : Pass<"onnx-check-batch", "::mlir::ModuleOp"> {
  let summary = "Refuse a batch of more than one";
  let description = [{
    The first dimension of the model's inputs is a batch where the rows along it
    do not meet on the way to the first output. That is looked up in a copy of
    the function with two rows, element by element. One inference is one row, so
    more of them are an error. Operators on quantised tensors must be taken apart;
    types need not be inferred.
  }];
}

def OnnxInferTypes : Pass<"onnx-infer-types", "::mlir::ModuleOp"> {
  let summary = "Give every tensor its static shape and element type";
  let description = [{
    In the order of the nodes, from the types of the model's inputs. What a file
    itself says about the tensors between its nodes is not trusted. Shapes that
    are computed in the graph are evaluated as far as they are constant.

    ```mlir
    %1 = onnx.MatMul %0, %w : (tensor<1x64xf32>, tensor<64x16xf32>)
        -> tensor<*x!onnx.unknown>
    // becomes: ... -> tensor<1x16xf32>
    ```
  }];
}

def OnnxFoldConstants : Pass<"onnx-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Evaluate nodes whose operands are constant";
  let description = [{
    In the arithmetic of the tensors' types, each step rounded, as the graph
    says. Types must be inferred.

    ```mlir
    %0 = onnx.Constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
    %1 = onnx.Neg %0 : (tensor<f32>) -> tensor<f32>
    // becomes
    %1 = onnx.Constant {value = dense<-3.0> : tensor<f32>} : tensor<f32>
    ```
  }];
}

def OnnxCalibrate : Pass<"onnx-calibrate", "::mlir::ModuleOp"> {
  let summary = "Make scales that depend on the input constant";
  let description = [{
    The graph is evaluated in float32 on samples, for each such scale anew, with
    the earlier ones constant already. DynamicQuantizeLinear becomes
    QuantizeLinear for the range of all samples. A reduction by which, elementwise
    steps aside, activations are multiplied or divided becomes a constant: the
    largest seen for ReduceMax, the smallest for ReduceMin, the mean for the
    others. Remarks say what was seen and taken, and for how many samples the
    class stays. Types must be inferred and constants folded.

    ```mlir
    %0:3 = onnx.DynamicQuantizeLinear %x : (tensor<1x2xf32>)
        -> (tensor<1x2xui8>, tensor<f32>, tensor<ui8>)
    // becomes, for samples from -1 to 4.1
    %s = onnx.Constant {value = dense<0.02> : tensor<f32>} : tensor<f32>
    %z = onnx.Constant {value = dense<50> : tensor<ui8>} : tensor<ui8>
    %0 = onnx.QuantizeLinear %x, %s, %z : ...
    ```
  }];
  let options = [
    Option<"samples", "samples", "std::string", "\"\"",
           "File of inputs, one byte a value">,
    Option<"labels", "labels", "std::string", "\"\"",
           "File of their classes, one byte each">,
    Option<"inputRange", "input-range", "std::string", "\"\"",
           "As of onnx-to-lowbit; needed where the model's input is float">,
    Option<"inputScale", "input-scale", "std::string", "\"1\"",
           "As of onnx-to-lowbit">,
    Option<"inputZeroPoint", "input-zero-point", "std::string", "\"0\"",
           "As of onnx-to-lowbit">
  ];
}

def OnnxToLowbit : Pass<"onnx-to-lowbit", "::mlir::ModuleOp"> {
  let summary = "Prove every tensor an integer of known range and lower it";
  let description = [{
    Evaluates, does not match. Every tensor is scale times integer plus offset.
    Sums of products of such tensors and constants are integer arithmetic. What
    lies between two sums, elementwise operators of whatever kind, is evaluated
    for each integer that can reach it; where its results lie on a grid they are
    the next integers, and the step function found is fitted to a lowbit.requant
    that equals it on every one of them. Types must be inferred and constants
    folded.

    The device hands over an integer r for each element of the model's inputs,
    worth (r - zero point) * scale. The first result is the class; others are
    what else is asked for, with attributes that say what their integers are.

    ```mlir
    %1 = onnx.MatMul %0, %w : (tensor<1x64xf32>, tensor<64x16xf32>)
        -> tensor<1x16xf32>
    %2 = onnx.Mul %1, %eighth : (tensor<1x16xf32>, tensor<f32>)
        -> tensor<1x16xf32>
    %3 = onnx.Floor %2 : (tensor<1x16xf32>) -> tensor<1x16xf32>
    // becomes
    %1 = lowbit.dense %0 weights ... : tensor<1x64x!lowbit.int<-31, 31>>
        -> tensor<1x16x!lowbit.int<-3968, 3968>>
    %2 = lowbit.requant %1 shift 3 clamp -496 to 496 : ...
    ```
  }];
  let dependentDialects = ["::pdkc::lowbit::LowbitDialect"];
  let options = [
    Option<"inputRange", "input-range", "std::string", "\"\"",
           "[NAME=]LO:HI,..., the integers that the device hands over for all "
           "inputs or the one of that name; by default an integer input's whole "
           "type, -128:127 for floats">,
    Option<"inputScale", "input-scale", "std::string", "\"1\"",
           "[NAME=]NUMBER,..., what one step of the integer is worth, as a "
           "decimal or a fraction">,
    Option<"inputZeroPoint", "input-zero-point", "std::string", "\"0\"",
           "The integer that is worth 0, as a decimal or a fraction">,
    Option<"output", "output", "std::string", "\"class\"",
           "class; logits: the class and the last integers before it; values: "
           "the class and the graph's outputs themselves as integers. The "
           "class comes from the first output">
  ];
}

//===----------------------------------------------------------------------===//
// lowbit
//===----------------------------------------------------------------------===//

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
    What a model hands back beside the class goes into 8 or 16 bits an element.
    Wider integers are counted from the lowest, where that is enough, and else
    lose their lowest bits, at most a 65,536th of their range; the function's
    output scale and offset say so. The class is not touched.

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
    Option<"level", "level", "std::string", "\"3\"", "3 or s">,
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

//===----------------------------------------------------------------------===//
// pdk
//===----------------------------------------------------------------------===//

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

#endif // PDKC_PASSES_PASSES_TD
