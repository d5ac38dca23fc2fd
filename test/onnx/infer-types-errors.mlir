// RUN: pdkc-opt %s --onnx-infer-types -split-input-file -verify-diagnostics

func.func @unknown_input(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{takes a tensor of unknown shape, 'tensor<?x4xf32>'}}
  %0 = onnx.Relu %x : (tensor<?x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @broadcast(%x: tensor<1x4xf32>, %y: tensor<3xf32>) {
  // expected-error @+1 {{cannot broadcast operands of shapes [1, 4] and [3]}}
  %0 = onnx.Add %x, %y : (tensor<1x4xf32>, tensor<3xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @element_types(%x: tensor<1x4xf32>, %y: tensor<4xi32>) {
  // expected-error @+1 {{mixes element types 'f32' and 'i32'}}
  %0 = onnx.Add %x, %y : (tensor<1x4xf32>, tensor<4xi32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @matmul(%x: tensor<1x4xf32>, %w: tensor<5x2xf32>) {
  // expected-error @+1 {{cannot multiply shapes [1, 4] and [5, 2]}}
  %0 = onnx.MatMul %x, %w : (tensor<1x4xf32>, tensor<5x2xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @matmul_scalar(%x: tensor<1x4xf32>, %w: tensor<f32>) {
  // expected-error @+1 {{needs vectors or matrices, not a scalar}}
  %0 = onnx.MatMul %x, %w : (tensor<1x4xf32>, tensor<f32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @gemm_rank(%x: tensor<4xf32>, %w: tensor<4x2xf32>, %none: none) {
  // expected-error @+1 {{needs two matrices, not shapes [4] and [4, 2]}}
  %0 = onnx.Gemm %x, %w, %none : (tensor<4xf32>, tensor<4x2xf32>, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @gemm_shapes(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %none: none) {
  // expected-error @+1 {{cannot multiply shapes [1, 4] and [4, 2] with transA 0 and transB 1}}
  %0 = onnx.Gemm %x, %w, %none {transB = 1 : i64} : (tensor<1x4xf32>, tensor<4x2xf32>, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @gemm_addend(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %c: tensor<3xf32>) {
  // expected-error @+1 {{cannot add C of shape [3] to a result of shape [1, 2]}}
  %0 = onnx.Gemm %x, %w, %c : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<3xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_count(%x: tensor<1x4xf32>) {
  %shape = onnx.Constant {value_ints = array<i64: 3, 2>} : tensor<2xi64>
  // expected-error @+1 {{cannot make [1, 4] into [3, 2]: 4 elements are not 6}}
  %0 = onnx.Reshape %x, %shape : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_open(%x: tensor<1x4xf32>) {
  %shape = onnx.Constant {value_ints = array<i64: -1, -1>} : tensor<2xi64>
  // expected-error @+1 {{leaves more than one dimension open}}
  %0 = onnx.Reshape %x, %shape : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_zero(%x: tensor<4xf32>) {
  %shape = onnx.Constant {value_ints = array<i64: 4, 0>} : tensor<2xi64>
  // expected-error @+1 {{copies dimension 1 of a tensor with 1 dimensions}}
  %0 = onnx.Reshape %x, %shape : (tensor<4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_allowzero(%x: tensor<1x4xf32>) {
  %shape = onnx.Constant {value_ints = array<i64: 0, 4>} : tensor<2xi64>
  // expected-error @+1 {{gives a tensor of shape [0, 4], which is empty}}
  %0 = onnx.Reshape %x, %shape {allowzero = 1 : i64} : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_dynamic(%x: tensor<1x4xf32>, %shape: tensor<2xi64>) {
  // expected-error @+1 {{needs a constant 'shape': a shape that depends on the data is not supported}}
  %0 = onnx.Reshape %x, %shape : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_float(%x: tensor<1x4xf32>) {
  %shape = onnx.Constant {value_floats = array<f32: 4.0>} : tensor<1xf32>
  // expected-error @+1 {{needs a list of integers as 'shape'}}
  %0 = onnx.Reshape %x, %shape : (tensor<1x4xf32>, tensor<1xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @reshape_huge(%x: tensor<1x4xf32>) {
  %shape = onnx.Constant {value_ints = array<i64: 9223372036854775807, 9223372036854775807>} : tensor<2xi64>
  // expected-error @+1 {{has an impossible shape}}
  %0 = onnx.Reshape %x, %shape : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @squeeze(%x: tensor<2x4xf32>, %none: none) {
  // expected-error @+1 {{cannot drop dimension 0 of size 2}}
  %0 = onnx.Squeeze %x, %none {axes_attr = array<i64: 0>} : (tensor<2x4xf32>, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @unsqueeze(%x: tensor<4xf32>, %none: none) {
  // expected-error @+1 {{names axis -3 twice}}
  %0 = onnx.Unsqueeze %x, %none {axes_attr = array<i64: 0, -3>} : (tensor<4xf32>, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @transpose(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{orders 3 dimensions of 2}}
  %0 = onnx.Transpose %x {perm = array<i64: 0, 1, 2>} : (tensor<2x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @flatten(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{names axis 3 of a tensor with 2 dimensions}}
  %0 = onnx.Flatten %x {axis = 3 : i64} : (tensor<2x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @slice_nothing(%x: tensor<2x4xf32>, %none: none) {
  // expected-error @+1 {{takes nothing of dimension 1 of size 4}}
  %0 = onnx.Slice %x, %none, %none, %none, %none {starts_attr = array<i64: 3>, ends_attr = array<i64: 3>, axes_attr = array<i64: 1>} : (tensor<2x4xf32>, none, none, none, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @slice_counts(%x: tensor<2x4xf32>, %none: none) {
  // expected-error @+1 {{has 1 starts, 2 ends, 1 axes and 1 steps}}
  %0 = onnx.Slice %x, %none, %none, %none, %none {starts_attr = array<i64: 0>, ends_attr = array<i64: 3, 3>} : (tensor<2x4xf32>, none, none, none, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @slice_no_ends(%x: tensor<2x4xf32>, %none: none) {
  // expected-error @+1 {{has no ends}}
  %0 = onnx.Slice %x, %none, %none, %none, %none {starts_attr = array<i64: 0>} : (tensor<2x4xf32>, none, none, none, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @slice_step(%x: tensor<4xf32>, %none: none) {
  %zero = onnx.Constant {value_ints = array<i64: 0>} : tensor<1xi64>
  %four = onnx.Constant {value_ints = array<i64: 4>} : tensor<1xi64>
  // expected-error @+1 {{has a step of 0}}
  %0 = onnx.Slice %x, %zero, %four, %none, %zero : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>, none, tensor<1xi64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @argmax(%x: tensor<1x4xf32>) {
  // expected-error @+1 {{names axis 2 of a tensor with 2 dimensions}}
  %0 = onnx.ArgMax %x {axis = 2 : i64} : (tensor<1x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @cast(%x: tensor<1x4xf32>) {
  // expected-error @+1 {{has a result of an element type that is not supported}}
  %0 = onnx.Cast %x {to = 8 : i64} : (tensor<1x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @huge(%x: tensor<8192x1xf32>, %y: tensor<8192xf32>) {
  // expected-error @+1 {{gives a tensor of shape [8192, 8192], which has more than 16777216 elements}}
  %0 = onnx.Add %x, %y : (tensor<8192x1xf32>, tensor<8192xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @empty() {
  %0 = onnx.Constant {value = dense<> : tensor<2x0xf32>} : tensor<2x0xf32>
  // expected-error @+1 {{takes an empty tensor, 'tensor<2x0xf32>'}}
  %1 = onnx.Relu %0 : (tensor<2x0xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @products(%x: tensor<1024x1024xf32>) {
  // expected-error @+1 {{sums 1073741824 products; at most 67108864 are supported: no device computes more}}
  %0 = onnx.MatMul %x, %x : (tensor<1024x1024xf32>, tensor<1024x1024xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @concat(%x: tensor<1x4xf32>, %y: tensor<2x3xf32>) {
  // expected-error @+1 {{cannot join shapes [1, 4] and [2, 3] along axis 1}}
  %0 = onnx.Concat %x, %y {axis = 1 : i64} : (tensor<1x4xf32>, tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @split(%x: tensor<1x4xf32>, %none: none) {
  // expected-error @+1 {{splits dimension 1 of size 4 into 2 parts of size 5 together, for 2 outputs}}
  %0:2 = onnx.Split %x, %none {axis = 1 : i64, split_attr = array<i64: 2, 3>} : (tensor<1x4xf32>, none) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  return
}

// -----

func.func @gather(%x: tensor<1x4xf32>) {
  %index = onnx.Constant {value_int = 4 : i64} : tensor<i64>
  // expected-error @+1 {{has index 4 into a dimension of size 4}}
  %0 = onnx.Gather %x, %index {axis = 1 : i64} : (tensor<1x4xf32>, tensor<i64>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x2x3x3xf32>, %none: none) {
  // expected-error @+1 {{cannot convolve shape [1, 3, 8, 8] with weights of shape [4, 2, 3, 3] in 1 groups}}
  %0 = onnx.Conv %x, %w, %none : (tensor<1x3x8x8xf32>, tensor<4x2x3x3xf32>, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @window(%x: tensor<1x3x8x8xf32>) {
  // expected-error @+1 {{has a window of 9 over dimension 2 of 8 with its padding}}
  %0 = onnx.MaxPool %x {kernel_shape = array<i64: 9, 1>} : (tensor<1x3x8x8xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @scale(%x: tensor<1x4xf32>, %s: tensor<3xf32>, %none: none) {
  // expected-error @+1 {{has a scale of shape [3] for a tensor of shape [1, 4], axis 1 and block_size 0}}
  %0 = onnx.QuantizeLinear %x, %s, %none : (tensor<1x4xf32>, tensor<3xf32>, none) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @rounding(%x: tensor<1x4xf32>, %s: tensor<f32>) {
  // expected-error @+1 {{has an unknown rounding_mode 'NEAREST'}}
  %0 = onnx.Quant %x, %s, %s, %s {rounding_mode = "NEAREST"} : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @training(%x: tensor<1x4xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{computes with the statistics of the batch: export the model in inference mode}}
  %0 = onnx.BatchNormalization %x, %s, %s, %s, %s {training_mode = 1 : i64} : (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<*x!onnx.unknown>
  return
}
