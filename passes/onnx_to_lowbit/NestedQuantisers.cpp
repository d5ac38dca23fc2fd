//===- NestedQuantisers.cpp - Quantisers of quantised values --------------===//
//
// Two quantisers one after the other, as around an activation, are one function
// of the sum. Each is a product or, behind the first, one table of a byte for
// all elements; both together are steps of irregular lengths, of each element
// its own. Where these are many the first quantiser's integers are a tensor.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/GraphLowering.h"

using namespace mlir;
using namespace pdkc;

FailureOr<std::optional<IntegerTensor>>
GraphLowering::describeNested(Value value, ArrayRef<int64_t> shape,
                               ArrayRef<ElementProgram> programs) {
  std::optional<IntegerTensor> none;
  Value inner;
  for (const ElementProgram &program : programs) {
    Value jump = program.findInnerJump();
    if (!jump || (inner && inner != jump))
      return none;
    inner = jump;
  }
  FailureOr<const IntegerTensor *> tensor = describe(inner);
  if (failed(tensor))
    return failure();
  known[inner] = *tensor;
  SmallVector<ElementProgram, 0> rest;
  for (const ElementProgram &program : programs) {
    auto built =
        ElementProgram::build(value, program.getElement(), known, movements);
    if (failed(built))
      return failure();
    rest.push_back(std::move(*built));
  }
  FailureOr<IntegerTensor> result = describeGroup(value, shape, rest);
  if (failed(result))
    return failure();
  return std::optional<IntegerTensor>(std::move(*result));
}

FailureOr<std::optional<IntegerTensor>>
GraphLowering::requantiseTwice(Value value, ArrayRef<int64_t> shape,
                               ArrayRef<ElementProgram> programs,
                               const IntegerForm &form) {
  // Lines are as good as those of the first quantiser alone.
  if (llvm::all_of(form.lines, [](const auto &line) { return bool(line); }))
    return std::optional<IntegerTensor>();
  return describeNested(value, shape, programs);
}
