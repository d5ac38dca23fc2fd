//===- Method.h - A way of computing operations -----------------*- C++ -*-===//
//
// One object a method: its name, which operations and devices it takes, how its
// results are stored, and the code that it writes. Methods hold no state but
// what they have worked out before. The registry lists them; the verifier of
// the attribute `method`, the planner and the summary read it. A method from
// elsewhere is added to a context by MethodRegistry::get(context).add(...).
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHOD_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHOD_H

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/MethodInterface.h"
#include "dialects/pdk/Devices.h"

#include <functional>
#include <memory>
#include <vector>

namespace pdkc {

class Emission;
class StorageAssignment;

/// What methods may make use of.
struct Target {
  const pdk::Device *device = nullptr;
  /// LDSPTL and LDSPTH where the device has them.
  bool undocumented = false;

  /// Bits of a code word that instructions can read: 8 by `ret k`, or all.
  unsigned getDataBits() const;
  /// The same without LDSPTL and LDSPTH.
  unsigned getTableBits() const;
  /// Whether that is through the stack, by LDSPTL and LDSPTH.
  bool readsStack() const;
};

class Method {
public:
  /// `operation` is the name of the operations, such as "lowbit.dense"; the
  /// description a few words for the summary, empty where it says nothing.
  Method(llvm::StringRef operation, llvm::StringRef name,
         llvm::StringRef description = "")
      : operation(operation), name(name), description(description) {}
  virtual ~Method();

  llvm::StringRef getOperation() const { return operation; }
  llvm::StringRef getName() const { return name; }
  llvm::StringRef getDescription() const { return description; }
  /// Of a layer's method: layers of methods with the same family may share
  /// code; empty where none do.
  virtual llvm::StringRef getFamily() const { return ""; }

  /// Whether it is a method for such an operation, where that stands, on some
  /// device. It may still fail on the weights.
  virtual bool suits(mlir::Operation *op) const { return true; }

  /// Whether the planner should try it, where it suits.
  virtual bool accepts(mlir::Operation *op, const Target &target) const {
    return true;
  }

  /// Puts the operation into the form that the method writes, before storage
  /// is assigned. Errors name the operation.
  virtual mlir::LogicalResult specialise(mlir::Operation *op) const {
    return mlir::success();
  }

  /// Assigns the storage of the operation's result; that of its operands is
  /// there.
  virtual mlir::LogicalResult
  assignStorage(mlir::Operation *op, StorageAssignment &assignment) const = 0;

  /// Writes the code that leaves the result as it is to be stored.
  virtual mlir::LogicalResult emit(mlir::Operation *op,
                                   Emission &emission) const = 0;

  /// Whether a layer can be fed with its inputs one by one. Then this begins
  /// it; the function returned writes what takes the next input, a byte in A.
  virtual bool canBeFed() const { return false; }
  virtual mlir::FailureOr<std::function<void()>>
  beginFeeding(mlir::Operation *op, Emission &emission) const;

private:
  std::string operation, name, description;
};

class MethodRegistry : public lowbit::MethodInterface {
public:
  using MethodInterface::MethodInterface;

  /// The context's registry, empty at first.
  static MethodRegistry &get(mlir::MLIRContext *context);

  /// Of an operation's methods the first that suits is taken where nothing else
  /// is chosen.
  void add(std::unique_ptr<Method> method);
  template <typename T, typename... Args> void add(Args &&...args) {
    add(std::make_unique<T>(std::forward<Args>(args)...));
  }

  /// The operation's method: the one that its attribute names, else the first
  /// that suits. Null where it has none.
  const Method *find(mlir::Operation *op) const;
  /// All that the operation may have, in their order.
  llvm::SmallVector<const Method *> getMethods(mlir::Operation *op) const;
  /// Those of them that accept it on the target.
  llvm::SmallVector<const Method *> getMethods(mlir::Operation *op,
                                               const Target &target) const;

  mlir::LogicalResult verify(mlir::Operation *op,
                             llvm::StringRef method) const override;

private:
  std::vector<std::unique_ptr<Method>> methods;
};

/// Registers pdkc's own methods with the lowbit dialect of whatever context is
/// made with the registry.
void registerMethods(mlir::DialectRegistry &registry);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHOD_H
