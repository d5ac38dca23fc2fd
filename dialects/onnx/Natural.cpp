//===- Natural.cpp - Whole numbers of any size ----------------------------===//

#include "dialects/onnx/Natural.h"

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"

using llvm::APInt;
using namespace pdkc;

namespace {
using Wide = unsigned __int128;
constexpr int64_t kBits = 64;
} // namespace

std::optional<uint64_t> Natural::getSmall() const {
  if (limbs.size() > 1)
    return std::nullopt;
  return limbs.empty() ? 0 : limbs[0];
}

int64_t Natural::getLength() const {
  return limbs.empty()
             ? 0
             : int64_t(limbs.size()) * kBits - llvm::countl_zero(limbs.back());
}

int64_t Natural::countTrailingZeros() const {
  assert(!isZero() && "has no bit that is set");
  int64_t zeros = 0;
  const uint64_t *limb = limbs.begin();
  for (; *limb == 0; ++limb)
    zeros += kBits;
  return zeros + llvm::countr_zero(*limb);
}

std::string Natural::str() const {
  return isZero() ? "0"
                  : llvm::toString(APInt(limbs.size() * kBits, limbs), 10,
                                   /*Signed=*/false);
}

namespace pdkc {

Natural operator+(const Natural &a, const Natural &b) {
  if (a.limbs.size() < b.limbs.size())
    return b + a;
  Natural::Limbs sum = a.limbs;
  Wide carry = 0;
  for (size_t i = 0; i < sum.size() && (carry || i < b.limbs.size()); ++i) {
    carry += sum[i];
    if (i < b.limbs.size())
      carry += b.limbs[i];
    sum[i] = uint64_t(carry);
    carry >>= kBits;
  }
  if (carry)
    sum.push_back(uint64_t(carry));
  return Natural(std::move(sum));
}

Natural operator-(const Natural &a, const Natural &b) {
  assert(compare(a, b) >= 0 && "a difference below 0");
  Natural::Limbs difference = a.limbs;
  bool borrow = false;
  for (size_t i = 0; borrow || i < b.limbs.size(); ++i) {
    Wide taken = Wide(i < b.limbs.size() ? b.limbs[i] : 0) + borrow;
    borrow = difference[i] < taken;
    difference[i] -= uint64_t(taken);
  }
  return Natural(std::move(difference));
}

Natural operator*(const Natural &a, const Natural &b) {
  Natural::Limbs product(a.limbs.size() + b.limbs.size(), 0);
  for (size_t i = 0; i < a.limbs.size(); ++i) {
    Wide carry = 0;
    for (size_t j = 0; j < b.limbs.size(); ++j) {
      carry += Wide(a.limbs[i]) * b.limbs[j] + product[i + j];
      product[i + j] = uint64_t(carry);
      carry >>= kBits;
    }
    product[i + b.limbs.size()] = uint64_t(carry);
  }
  return Natural(std::move(product));
}

Natural operator<<(const Natural &a, int64_t count) {
  if (a.isZero() || count == 0)
    return a;
  size_t whole = count / kBits, bits = count % kBits;
  Natural::Limbs shifted(whole, 0);
  shifted.append(a.limbs);
  if (bits) {
    shifted.push_back(0);
    for (size_t i = shifted.size() - 1; i > whole; --i)
      shifted[i] = shifted[i] << bits | shifted[i - 1] >> (kBits - bits);
    shifted[whole] <<= bits;
  }
  return Natural(std::move(shifted));
}

Natural operator>>(const Natural &a, int64_t count) {
  size_t whole = count / kBits, bits = count % kBits;
  if (whole >= a.limbs.size())
    return Natural();
  Natural::Limbs shifted(a.limbs.begin() + whole, a.limbs.end());
  if (bits) {
    for (size_t i = 0; i + 1 < shifted.size(); ++i)
      shifted[i] = shifted[i] >> bits | shifted[i + 1] << (kBits - bits);
    shifted.back() >>= bits;
  }
  return Natural(std::move(shifted));
}

int compare(const Natural &a, const Natural &b) {
  if (a.limbs.size() != b.limbs.size())
    return a.limbs.size() < b.limbs.size() ? -1 : 1;
  for (size_t i = a.limbs.size(); i-- > 0;)
    if (a.limbs[i] != b.limbs[i])
      return a.limbs[i] < b.limbs[i] ? -1 : 1;
  return 0;
}

std::pair<Natural, Natural> divide(const Natural &a, const Natural &b) {
  assert(!b.isZero() && "a division by 0");
  if (compare(a, b) < 0)
    return {Natural(), a};
  if (b.limbs.size() == 1) {
    Natural::Limbs quotient = a.limbs;
    Wide rest = 0;
    for (size_t i = quotient.size(); i-- > 0;) {
      rest = rest << kBits | quotient[i];
      quotient[i] = uint64_t(rest / b.limbs[0]);
      rest %= b.limbs[0];
    }
    return {Natural(std::move(quotient)), Natural(uint64_t(rest))};
  }
  unsigned width = a.limbs.size() * kBits;
  APInt quotient, remainder;
  APInt::udivrem(APInt(width, a.limbs), APInt(width, b.limbs), quotient,
                 remainder);
  auto toNatural = [](const APInt &value) {
    return Natural(Natural::Limbs(value.getRawData(),
                                  value.getRawData() + value.getNumWords()));
  };
  return {toNatural(quotient), toNatural(remainder)};
}

Natural gcd(Natural a, Natural b) {
  // Euclid's algorithm until b fits the machine's own numbers.
  while (b.limbs.size() > 1) {
    a = divide(a, b).second;
    std::swap(a, b);
  }
  if (b.isZero())
    return a;
  uint64_t x = *divide(a, b).second.getSmall(), y = b.limbs[0];
  if (x == 0)
    return b;
  // Halving and subtracting; at most one of the two is even.
  int shared = llvm::countr_zero(x | y);
  y >>= llvm::countr_zero(y);
  do {
    x >>= llvm::countr_zero(x);
    if (x < y)
      std::swap(x, y);
    x -= y;
  } while (x);
  return Natural(y) << shared;
}

} // namespace pdkc
