// Runs one implementation of one op on tensors that end (or begin) exactly at a page that may not be touched, so that a read
// or write outside a tensor ends the test program.
#pragma once

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "base/error.h"
#include "graph/op_def.h"
#include "guard.h"
#include "kernels/dispatch.h"

namespace convcore {

using GuardedBytes = check::Guarded;

// Not the library's own Tensor: another type needs another name for the linker.
inline namespace guarded {
struct Tensor {
  Type type;
  std::shared_ptr<GuardedBytes> bytes;

  Tensor() = default;
  explicit Tensor(Type t)
      : type(std::move(t)), bytes(std::make_shared<GuardedBytes>(static_cast<std::size_t>(type.bytes()))) {
    std::memset(bytes->data(), 0, static_cast<std::size_t>(type.bytes()));
  }
  template <class T>
  Tensor(DType dtype, Shape shape, const std::vector<T>& values) : Tensor(Type{dtype, std::move(shape)}) {
    if (type.bytes() > 0) std::memcpy(bytes->data(), values.data(), static_cast<std::size_t>(type.bytes()));
  }
  template <class T = float>
  T* at() const {
    return static_cast<T*>(bytes->data());
  }
  template <class T = float>
  T first() const {
    return *at<T>();
  }
  std::int64_t size() const { return type.shape.elements(); }
  template <class T = float>
  std::vector<T> values() const {
    return std::vector<T>(at<T>(), at<T>() + size());
  }
};
}  // namespace guarded
using Tensors = std::vector<Tensor>;

// Runs `implementation` ("simd", "reference"); throws Error if it refuses. With `alias`, output i overwrites input alias[i]
// (-1: memory of its own).
inline Tensors run_op(const char* name, const AttrMap& attrs, const Tensors& in, const char* implementation,
                      const std::vector<int>& alias = {}) {
  const OpDef& op = find_op(name);
  Node node{&op, op.make_attrs(attrs), {}, {}, ""};
  node.in.resize(in.size());
  Types in_types, out_types;
  for (const Tensor& x : in) in_types.push_back(x.type);
  out_types = op.infer(node.attrs, in_types);
  const NodeView view{&node, in_types, out_types};
  for (const Implementation& candidate : op.implementations) {
    if (candidate.name != implementation) continue;
    const Refusal refusal = candidate.refuses != nullptr ? candidate.refuses(view) : accept;
    if (refusal) fail(name, "an implementation that accepts", refusal.reason);
    const Prepared prepared = candidate.prepare != nullptr ? candidate.prepare(view) : Prepared{};
    Tensors out;
    for (std::size_t i = 0; i < out_types.size(); ++i)
      out.push_back(i < alias.size() && alias[i] >= 0 ? in[static_cast<std::size_t>(alias[i])] : Tensor(out_types[i]));
    std::vector<const void*> in_data;
    std::vector<void*> out_data;
    for (const Tensor& x : in) in_data.push_back(x.bytes->data());
    for (const Tensor& y : out) out_data.push_back(y.bytes->data());
    const GuardedBytes workspace((prepared.workspace_bytes + 63) / 64 * 64), packed((prepared.packed_bytes + 63) / 64 * 64);
    const Call call{view, in_data, out_data, workspace.data(), packed.data(), prepared.state.get()};
    if (prepared.packed_input >= 0) candidate.pack(call, packed.data());
    candidate.run(call);
    return out;
  }
  fail(name, "an implementation", implementation);
}

inline Tensor run_op1(const char* name, const AttrMap& attrs, const Tensors& in, const char* implementation) {
  return run_op(name, attrs, in, implementation)[0];
}

// Calls body once per ISA of this machine, with that ISA in use.
template <class F>
void on_every_isa(F body) {
  for (const KernelTable* table : available_kernels()) {
    use_isa(table->isa);
    body(*table);
  }
  use_isa(available_kernels()[0]->isa);
}

// Sizes around the vector width, and one that spans several blocks.
inline std::vector<std::int64_t> sizes_around(const KernelTable& table) {
  const std::int64_t vl = table.vector_width;
  return {1, vl - 1, vl, vl + 1, 2 * vl + 3, 5003};
}

inline Tensor random_tensor(Shape shape, unsigned seed, double low = -2, double high = 2) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> draw(low, high);
  Tensor x(Type{DType::f32, std::move(shape)});
  for (std::int64_t i = 0; i < x.size(); ++i) x.at()[i] = static_cast<float>(draw(generator));
  return x;
}
// Whole numbers: sums and products of them are exact in float32, whatever the order.
inline Tensor whole_tensor(Shape shape, unsigned seed, int low = -4, int high = 4) {
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int> draw(low, high);
  Tensor x(Type{DType::f32, std::move(shape)});
  for (std::int64_t i = 0; i < x.size(); ++i) x.at()[i] = static_cast<float>(draw(generator));
  return x;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return a.type == b.type && std::memcmp(a.bytes->data(), b.bytes->data(), static_cast<std::size_t>(a.type.bytes())) == 0;
}

// The largest |a - b| / max(1, |b|) of float32 tensors; NaN only where both are, infinities equal.
inline double worst_error(const Tensor& a, const Tensor& b) {
  if (a.type != b.type) return HUGE_VAL;
  double worst = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const double p = a.at()[i], q = b.at()[i];
    if (p == q || (p != p && q != q)) continue;
    const double error = std::fabs(p - q) / std::fmax(1, std::fabs(q));
    worst = error > worst || error != error ? (error != error ? HUGE_VAL : error) : worst;
  }
  return worst;
}

}  // namespace convcore
