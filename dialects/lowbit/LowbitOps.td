//===- LowbitOps.td - The lowbit dialect ----------------------------------===//
//
// A network in pure integers. Element types carry the range that is proven for
// every element, so a verifier can check that an operation's result is wide
// enough. The interpreter (Interpreter.h) gives the operations their meaning
// and with it a model's meaning. No floats here.
//
// A model is one func.func whose arguments are what the device hands over, one
// integer a value, and whose results are what it hands back.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_LOWBITOPS_TD
#define PDKC_DIALECTS_LOWBIT_LOWBITOPS_TD

include "dialects/lowbit/LowbitTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Lowbit_Op<string mnemonic, list<Trait> traits = []>
    : Op<Lowbit_Dialect, mnemonic, !listconcat([Pure], traits)> {
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

def Lowbit_ReshapeOp : Lowbit_Op<"reshape"> {
  let summary = "The same elements in the same order in another shape";
  let description = [{
    ```mlir
    %1 = lowbit.reshape %0
        : tensor<1x2x2x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 15>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def Lowbit_SelectOp : Lowbit_Op<"select", [Lowbit_HasMethod]> {
  let summary = "Picks elements by number";
  let description = [{
    result[i] = input[indices[i]], both counted row by row. Slices, crops,
    transpositions and repeats are all of this form.

    ```mlir
    %1 = lowbit.select %0 [5, 6, 9, 10]
        : tensor<16x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 15>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, DenseI64ArrayAttr:$indices);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat =
      "$input $indices attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def Lowbit_ConcatOp : Lowbit_Op<"concat", [Lowbit_HasMethod]> {
  let summary = "The elements of several tensors, one tensor after the other";
  let description = [{
    A sum of two tensors, such as a residual, is a lowbit.dense of their
    concatenation.

    ```mlir
    %2 = lowbit.concat %0, %1
        : tensor<2x!lowbit.int<0, 15>>, tensor<1x!lowbit.int<-3, 3>>
        -> tensor<3x!lowbit.int<-3, 15>>
    ```
  }];
  let arguments = (ins Variadic<Lowbit_Tensor>:$inputs);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

def Lowbit_DenseOp : Lowbit_Op<"dense", [Lowbit_HasMethod]> {
  let summary = "Matrix times vector plus bias, and plus sums that there are";
  let description = [{
    result[r] = bias[r] + sum over i of codebook[codes[r][i]] * input[i]. The
    codebook is the list of the weights' values, in rising order and however
    irregular; codes are numbers of entries, of 16 bits where it has more than
    256. With `to` sums are accumulated: sums[r] is added to result[r]. To be
    written for the device, sums are another lowbit.dense's or lowbit.chains',
    which nothing else takes; the results lie in their place.

    ```mlir
    %1 = lowbit.dense %0 weights dense<[[0, 3], [1, 2]]> : tensor<2x2xi8>
        of [-2, -1, 1, 2] bias [0, 5]
        : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 50>>
    // The same layer's other inputs.
    %3 = lowbit.dense %2 to %1 weights dense<[[0], [1]]> : tensor<2x1xi8>
        of [-1, 1] bias [0, 0]
        : tensor<1x!lowbit.int<0, 15>>, tensor<2x!lowbit.int<-30, 50>>
        -> tensor<2x!lowbit.int<-45, 65>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, Optional<Lowbit_Tensor>:$sums,
      Lowbit_Codes:$codes, DenseI64ArrayAttr:$codebook,
      DenseI64ArrayAttr:$bias);
  let results = (outs Lowbit_Tensor:$result);
  let builders = [OpBuilder<
      (ins "::mlir::Type":$result, "::mlir::Value":$input,
           "::mlir::DenseIntElementsAttr":$codes,
           "::llvm::ArrayRef<int64_t>":$codebook,
           "::llvm::ArrayRef<int64_t>":$bias), [{
        build($_builder, $_state, result, input, /*sums=*/::mlir::Value(),
              codes, codebook, bias);
      }]>];
  let assemblyFormat = [{
    $input (`to` $sums^)? `weights` $codes `of` $codebook `bias` $bias attr-dict
    `:` type($input) (`,` type($sums)^)? `->` type($result)
  }];
  let extraClassDeclaration = [{
    int64_t getNumRows() { return getCodes().getType().getDimSize(0); }
    int64_t getNumInputs() { return getCodes().getType().getDimSize(1); }
    /// The weights as integers, row by row.
    ::llvm::SmallVector<int64_t> getWeights();
  }];
}

def Lowbit_ConvOp : Lowbit_Op<"conv", [Lowbit_HasMethod]> {
  let summary = "A window's weights slid over channels by space, plus bias";
  let description = [{
    ONNX's Conv on integers. The input's elements are channels by spatial
    dimensions, of the sizes in `shape`; the tensor's own shape says nothing.
    The result's are output channels by positions. Weights are output channels
    by input channels of a group by kernel, as entries of the codebook. Pads,
    begins before ends, add zeros. The bias is one a channel or one an element.
    With `to` sums are accumulated: each result has one on top; they are read
    where they lie, in the order of the results.

    ```mlir
    // Two channels from one, 3 elements wide kernels on 5 elements.
    %1 = lowbit.conv %0 shape [1, 5]
        weights dense<[[[0, 1, 1]], [[1, 1, 0]]]> : tensor<2x1x3xi8> of [-1, 1]
        bias [0, 4] strides [1] pads [0, 0] dilations [1]
        : tensor<5x!lowbit.int<0, 15>> -> tensor<2x3x!lowbit.int<-15, 34>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, Optional<Lowbit_Tensor>:$sums,
      DenseI64ArrayAttr:$shape, Lowbit_Codes:$codes,
      DenseI64ArrayAttr:$codebook, DenseI64ArrayAttr:$bias,
      DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
      DefaultValuedAttr<SignedI64Attr, "1">:$groups);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = [{
    $input (`to` $sums^)? `shape` $shape `weights` $codes `of` $codebook
    `bias` $bias `strides` $strides `pads` $pads `dilations` $dilations
    (`groups` $groups^)? attr-dict
    `:` type($input) (`,` type($sums)^)? `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// Output channels by positions.
    ::llvm::SmallVector<int64_t> getResultShape();
    /// The weights as integers, in the order of the codes.
    ::llvm::SmallVector<int64_t> getWeights();
    int64_t getBiasOf(int64_t element) {
      size_t elements = getResult().getType().getNumElements();
      return getBias()[element * getBias().size() / elements];
    }
    /// Visits every product: its places in the result, in the input and in the
    /// weights.
    void forEachProduct(
        ::llvm::function_ref<void(int64_t, int64_t, int64_t)> visit);
  }];
}

def Lowbit_MaxPoolOp : Lowbit_Op<"maxpool", [Lowbit_HasMethod]> {
  let summary = "The largest elements of windows";
  let description = [{
    result[i] is the largest of sizes[i] elements of the input, whose numbers
    stand in `indices`, window after window.

    ```mlir
    %1 = lowbit.maxpool %0 windows [0, 1, 4, 5, 2, 3, 6, 7] sizes [4, 4]
        : tensor<8x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, DenseI64ArrayAttr:$indices,
                       DenseI64ArrayAttr:$sizes);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = [{
    $input `windows` $indices `sizes` $sizes attr-dict
    `:` type($input) `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The elements of each window.
    ::llvm::SmallVector<::llvm::ArrayRef<int64_t>> getWindows();
  }];
}

/// Where a quotient without remainder goes: to itself, or to the integer below
/// unless it is even, or odd.
def Lowbit_Ties : I64EnumAttr<"Ties", "what a requantisation does with ties", [
    I64EnumAttrCase<"Up", 0, "up">, I64EnumAttrCase<"Even", 1, "even">,
    I64EnumAttrCase<"Odd", 2, "odd">]> {
  let cppNamespace = "::pdkc::lowbit";
}

def Lowbit_RequantOp : Lowbit_Op<"requant", [Lowbit_HasMethod]> {
  let summary = "Requantisation by a shift";
  let description = [{
    result[i] = min(max(floor((input[i] * multiplier + offset) / 2^shift),
    min), max). Any sequence of power-of-two scalings with floor, clips and
    added constants is of this form.

    With half of 2^shift in the offset that rounds to nearest, and ties, which
    then leave no remainder, up. `ties even` takes 1 off such a quotient if it
    is odd, before the clamp: that rounds half to even. `ties odd` is the same
    for results that are counted from an odd number.

    ```mlir
    %1 = lowbit.requant %0 shift 3 clamp 0 to 127
        : tensor<16x!lowbit.int<-3968, 3968>> -> tensor<16x!lowbit.int<0, 127>>
    // 4 / 8 becomes 0, 12 / 8 becomes 2.
    %2 = lowbit.requant %0 plus 4 shift 3 ties even clamp 0 to 127
        : tensor<16x!lowbit.int<-3968, 3968>> -> tensor<16x!lowbit.int<0, 127>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input,
      DefaultValuedAttr<SignedI64Attr, "1">:$multiplier,
      DefaultValuedAttr<SignedI64Attr, "0">:$offset,
      ConfinedAttr<DefaultValuedAttr<SignedI64Attr, "0">,
                   [IntMinValue<0>, IntMaxValue<31>]>:$shift,
      SignedI64Attr:$min, SignedI64Attr:$max,
      DefaultValuedAttr<Lowbit_Ties, "::pdkc::lowbit::Ties::Up">:$ties);
  let results = (outs Lowbit_Tensor:$result);
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// What becomes of an integer; it only rises with it, or only falls.
    int64_t apply(int64_t value) {
      return finish(__int128(value) * getMultiplier() + getOffset());
    }
    /// What becomes of it once it is multiplied and the offset added.
    int64_t finish(__int128 sum);
  }];
  let assemblyFormat = [{
    $input (`times` $multiplier^)? (`plus` $offset^)? (`shift` $shift^)?
    (`ties` $ties^)? `clamp` $min `to` $max attr-dict `:` type($input) `->` type($result)
  }];
}

def Lowbit_ScaleOp : Lowbit_Op<"scale", [Lowbit_HasMethod]> {
  let summary = "Sums of tensors, each element times an integer of its own";
  let description = [{
    result[i] = bias[i] + sum over inputs k of multiplier[k][i] * input_k[i],
    the multipliers of one input after those of the one before. Brings the sums
    of channels with different scales to a common one without touching their
    weights, and adds tensors of different scales.

    With `shift` and `clamp` it is requantisation by any scales: the sum, of up
    to 127 bits, is divided by 2^shift, rounded down, and clamped.

    `within` is a range that all results are known to lie in, where the inputs
    hang together so that their own ranges prove less.

    ```mlir
    %1 = lowbit.scale %0 times [3, 5] plus [0, 1]
        : tensor<2x!lowbit.int<-4, 4>> -> tensor<2x!lowbit.int<-19, 21>>
    // 0.3 times the integer, rounded to nearest.
    %2 = lowbit.scale %0 times [77, 77] plus [128, 128] shift 8 clamp 0 to 1
        : tensor<2x!lowbit.int<-4, 4>> -> tensor<2x!lowbit.int<0, 1>>
    ```
  }];
  let arguments = (ins Variadic<Lowbit_Tensor>:$inputs,
                       DenseI64ArrayAttr:$multiplier, DenseI64ArrayAttr:$bias,
                       ConfinedAttr<DefaultValuedAttr<SignedI64Attr, "0">,
                                    [IntMinValue<0>, IntMaxValue<88>]>:$shift,
                       OptionalAttr<SignedI64Attr>:$min,
                       OptionalAttr<SignedI64Attr>:$max,
                       OptionalAttr<DenseI64ArrayAttr>:$within);
  let results = (outs Lowbit_Tensor:$result);
  let builders = [OpBuilder<
      (ins "::mlir::Type":$result, "::mlir::ValueRange":$inputs,
           "::llvm::ArrayRef<int64_t>":$multiplier,
           "::llvm::ArrayRef<int64_t>":$bias), [{
        build($_builder, $_state, result, inputs, multiplier, bias,
              /*shift=*/0, /*min=*/::mlir::IntegerAttr(),
              /*max=*/::mlir::IntegerAttr(),
              /*within=*/::mlir::DenseI64ArrayAttr());
      }]>];
  let assemblyFormat = [{
    $inputs `times` $multiplier `plus` $bias
    (`shift` $shift `clamp` $min^ `to` $max)? (`within` $within^)? attr-dict
    `:` type($inputs) `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The multiplier of an input's element.
    int64_t getMultiplierOf(size_t input, size_t element) {
      return getMultiplier()[input * getBias().size() + element];
    }
    /// The least and the most that an element's sum is, of inputs that lie in
    /// what the function gives.
    std::pair<__int128, __int128> boundSum(
        size_t element, ::llvm::function_ref<Interval(size_t)> getInput);
    /// What becomes of a sum.
    int64_t finish(__int128 sum);
  }];
}

def Lowbit_ByteOp : Lowbit_Op<"byte", [Lowbit_HasMethod]> {
  let summary = "One byte of each integer";
  let description = [{
    result[i] = floor((input[i] - base) / 256^number) mod 256. The base is no
    larger than any of the integers, which so are sums of their bytes times the
    powers of 256.

    ```mlir
    // From -100 up 900 is 1000 = 3 * 256 + 232.
    %1 = lowbit.byte 0 of %0 from -100
        : tensor<2x!lowbit.int<-100, 900>> -> tensor<2x!lowbit.int<0, 255>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input,
      ConfinedAttr<SignedI64Attr, [IntMinValue<0>, IntMaxValue<6>]>:$number,
      SignedI64Attr:$base);
  let results = (outs Lowbit_Tensor:$result);
  let extraClassDeclaration = [{
    /// What becomes of an integer.
    int64_t apply(int64_t value) {
      return ((value - getBase()) >> (8 * getNumber())) & 255;
    }
  }];
  let assemblyFormat = [{
    $number `of` $input `from` $base attr-dict
    `:` type($input) `->` type($result)
  }];
}

def Lowbit_StepsOp : Lowbit_Op<"steps", [Lowbit_HasMethod]> {
  let summary = "Any function of one integer, constant on pieces";
  let description = [{
    Thresholds and tables alike, rising or not. The functions stand one after
    the other in `starts` and `values`, `sizes` says how many pieces each has.
    A piece holds from its start up to the next piece's; the first one holds
    for all integers below, too, so its start says nothing. Element i goes
    through the function numbered function[i]; all through the only one where
    `function` is left out.

    Where a function is a line that was rounded and clipped, `lines` says which:
    on the input's range

      f(x) = min(max(floor((rise * x + offset) / run), least), most)

    but for `kMostExceptions` integers at the most, least and most being the
    values that f has there. The pieces are what the function is; the line says
    by which product it may be computed. A number of float32's that lies beside
    a tie, or on one that goes to the even neighbour, makes an exception.

    ```mlir
    // 0 below 3, 1 for 3 to 9, 2 from 10 on; the second element falls.
    %1 = lowbit.steps %0 starts [-20, 3, 10, -20, 5] values [0, 1, 2, 1, 0]
        sizes [3, 2] lines [1 x + 4 over 7, none] function [0, 1]
        : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<0, 2>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, DenseI64ArrayAttr:$starts,
      DenseI64ArrayAttr:$values, DenseI64ArrayAttr:$sizes,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$function,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$lines);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = [{
    $input `starts` $starts `values` $values `sizes` $sizes
    (`lines` custom<Lines>($lines)^)? (`function` $function^)? attr-dict `:` type($input) `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// Integers at which a function may differ from its line.
    static constexpr int64_t kMostExceptions = 6;
    /// The pieces of one function, and its line where it has one.
    struct Pieces {
      ::llvm::ArrayRef<int64_t> starts, values;
      std::optional<Line> line = std::nullopt;
      /// The number of the piece that holds the integer.
      size_t find(int64_t integer) const;
      /// At how many integers of the range the function is not the line,
      /// clamped to the values that the function has there.
      int64_t countExceptions(Interval range) const;
    };
    ::llvm::SmallVector<Pieces> getFunctions();
    /// Leaves those lines that functions have on inputs of this range, too.
    void keepLines(Interval range);
    /// The number of an element's function.
    int64_t getFunctionOf(int64_t element) {
      return getFunction().empty() ? 0 : getFunction()[element];
    }
  }];
}

def Lowbit_ChainsOp : Lowbit_Op<"chains", [Lowbit_HasMethod]> {
  let summary = "A dense layer as straight-line shift and add";
  let description = [{
    Computes what lowbit.dense computes, as a program for one 8-bit accumulator
    A: `steps` holds pairs (operation, operand),

      0 const k        A = k               1 load i    A = input[i]
      2 add i          A = A + input[i]    3 sub i     A = A - input[i]
      4 double         A = 2 A             5 offset k  A = A + k
      6 accumulate r   sum[r] += A         7 deduct r  sum[r] -= A
      8 take i         input i arrives (where inputs are a stream)
      9 double_sums    sum[r] = 2 sum[r], of all rows

    Sums start at 0, and get `bias` in the end; with `to` they start at those
    that there are, which are not doubled. A is taken modulo 256 in the steps between; where it is accumulated or deducted it is
    the true value and lies in 0 to 255, which the verifier proves from the
    input's range.

    ```mlir
    // -4 plus twice the first and the second input.
    %1 = lowbit.chains %0 steps [load 0, double, add 1, accumulate 0] bias [-4]
        : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-4, 41>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, Optional<Lowbit_Tensor>:$sums,
                       DenseI32ArrayAttr:$steps, DenseI64ArrayAttr:$bias);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = [{
    $input (`to` $sums^)? `steps` custom<Steps>($steps) `bias` $bias attr-dict
    `:` type($input) (`,` type($sums)^)? `->` type($result)
  }];
}

def Lowbit_PlanesOp : Lowbit_Op<"planes", [Lowbit_HasMethod]> {
  let summary = "A dense layer from sums of bit planes, modulo 256";
  let description = [{
    A codebook is an affine sum of bit planes: with c = `coefficients`, the one
    of all inputs first, the weight of row r and input i is

      c[0] + sum over k of c[k] * bit[r][k][i]

    and the sum of row r, with N(r, k) the sum of the inputs whose bit is set,

      sum[r] = bias[r] + c[0] * sum of all inputs + sum over k of c[k] * N(r, k)
      result[r] = min(max(floor(sum[r] / 2^shift), min), max)

    or, without `clamp`, result[r] = sum[r]. `walk` is a program for one 8-bit
    accumulator A that works out all N(r, k), each in a byte, modulo 256:

      0 load i    A = input[i]         1 add i     A = A + input[i]
      2 sub i     A = A - input[i]     3 total     A = sum of all inputs
      4 clear     A = 0                5 recall t  A = tap[t]
      6 tap t     tap[t] = A           7 add_tap t  tap[t] = tap[t] + A

    tap[r * planes + k] is N(r, k). The verifier proves that each is tapped once,
    and added to behind, and is in the end a sum of inputs, each at most once. So
    it is the true one where the sum of all inputs is at most 255, or at most
    `limit`, less than that, which leaves room on the way to the results. The
    inputs' range has to prove it; or else there are `digits` of so many bits:
    where the sum of all inputs exceeds the limit, the walk is gone for each
    digit of the inputs' binary numbers, whose sum has to be within it, and the
    sums are put together.

    ```mlir
    // Weights 1 and -1.
    %1 = lowbit.planes %0 walk [load 0, tap 1, add 2, tap 0]
        coefficients [1, -2] bias [0, 5] limit 255 shift 1 clamp 0 to 31
        : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 25>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input, DenseI32ArrayAttr:$walk,
      DenseI64ArrayAttr:$coefficients, DenseI64ArrayAttr:$bias,
      ConfinedAttr<SignedI64Attr, [IntMinValue<0>, IntMaxValue<255>]>:$limit,
      OptionalAttr<ConfinedAttr<SignedI64Attr,
                                [IntMinValue<1>, IntMaxValue<7>]>>:$digits,
      ConfinedAttr<DefaultValuedAttr<SignedI64Attr, "0">,
                   [IntMinValue<0>, IntMaxValue<31>]>:$shift,
      OptionalAttr<SignedI64Attr>:$min, OptionalAttr<SignedI64Attr>:$max);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = [{
    $input `walk` custom<Walk>($walk) `coefficients` $coefficients
    `bias` $bias `limit` $limit (`digits` $digits^)?
    (`shift` $shift `clamp` $min^ `to` $max)? attr-dict
    `:` type($input) `->` type($result)
  }];
  let extraClassDeclaration = [{
    int64_t getNumRows() { return getBias().size(); }
    int64_t getNumPlanes() { return getCoefficients().size() - 1; }
    int64_t getNumInputs() { return getInput().getType().getNumElements(); }
    /// By tap how often, modulo 256, each input is in it.
    ::llvm::SmallVector<::llvm::SmallVector<uint8_t>> getTaps();
    /// The weights that the walk makes, row by row.
    ::llvm::SmallVector<int64_t> getWeights();
    /// The digits of an input's number; one where there are no `digits`.
    int64_t getNumDigits();
    /// The range of the rows' sums, of inputs that are all in the range given
    /// or in their own; without their biases if so wanted.
    Interval getSumRange(bool hasBias = true);
    /// What becomes of a row's sum.
    int64_t finish(int64_t sum);
    /// The results, as the device computes them.
    ::llvm::SmallVector<int64_t> evaluate(::llvm::ArrayRef<int64_t> input);
  }];
}

//===----------------------------------------------------------------------===//
// Grouping, storage
//===----------------------------------------------------------------------===//

def Lowbit_FusedOp : Lowbit_Op<"fused", [
    IsolatedFromAbove, SingleBlock, Lowbit_HasMethod]> {
  let summary = "What is computed together, one element or window at a time";
  let description = [{
    The region means what its operations mean, on whole tensors; that they stand
    in one region says that what one makes is used by the next before there is
    more of it, and takes no RAM. Around a layer, a lowbit.dense, lowbit.chains
    or lowbit.conv, stand at most: an elementwise operation on the region's input
    before it, by which inputs are prepared as they are read. Behind a
    lowbit.conv: an elementwise operation on its sums, with a lowbit.maxpool of
    that one's results, or of the sums before it; and a layer that is fed with
    these, one input at a time: a lowbit.dense, in the order of the results, or
    another lowbit.conv, position by position, with the same behind it. Behind a
    lowbit.dense: lowbit.requant and lowbit.dense by turns, layers that one loop
    computes. Each tensor within has one user, and sums that are added to come
    from outside; a lowbit.conv that is pooled has none.

    ```mlir
    %1 = lowbit.fused %0 : tensor<2x!lowbit.int<-4, 3>>
        -> tensor<1x!lowbit.int<-16, 5>> {
    ^bb0(%x: tensor<2x!lowbit.int<-4, 3>>):
      %2 = lowbit.requant %x plus 4 clamp 0 to 7
          : tensor<2x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<0, 7>>
      %3 = lowbit.dense %2 weights dense<[[0, 1]]> : tensor<1x2xi8>
          of [-2, 1] bias [-2]
          : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<-16, 5>>
      lowbit.yield %3 : tensor<1x!lowbit.int<-16, 5>>
    }
    ```
  }];
  let arguments = (ins Variadic<Lowbit_Tensor>:$inputs);
  let results = (outs Lowbit_Tensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $inputs attr-dict `:` type($inputs) `->` type($result) $body
  }];
  let extraClassDeclaration = [{
    /// The layer, a lowbit.dense, lowbit.chains or lowbit.conv.
    ::mlir::Operation *getLayer();
    /// The layer that is fed with what comes of the first one; null where there
    /// is none.
    DenseOp getFedLayer();
  }];
}

def Lowbit_YieldOp : Op<Lowbit_Dialect, "yield", [
    Pure, Terminator, HasParent<"FusedOp">]> {
  let summary = "What a fused region gives";
  let arguments = (ins Lowbit_Tensor:$result);
  let assemblyFormat = "$result attr-dict `:` type($result)";
}

def Lowbit_CopyOp : Lowbit_Op<"copy", [Lowbit_HasMethod]> {
  let summary = "The same integers, stored otherwise";
  let description = [{
    ```mlir
    %1 = lowbit.copy %0
        : tensor<4x!lowbit.int<0, 15>, #lowbit.storage<stream, bits 8, base 0>>
        -> tensor<4x!lowbit.int<0, 15>,
                  #lowbit.storage<buffer 0 at 0 fresh, bits 8, base 0>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Decision
//===----------------------------------------------------------------------===//

def Lowbit_ArgmaxOp : Lowbit_Op<"argmax", [Lowbit_HasMethod]> {
  let summary = "The number of the largest element, the lowest at ties";
  let description = [{
    ```mlir
    %1 = lowbit.argmax %0
        : tensor<10x!lowbit.int<-30, 50>> -> tensor<1x!lowbit.int<0, 9>>
    ```
  }];
  let arguments = (ins Lowbit_Tensor:$input);
  let results = (outs Lowbit_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

#endif // PDKC_DIALECTS_LOWBIT_LOWBITOPS_TD
