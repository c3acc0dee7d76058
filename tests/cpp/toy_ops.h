// Ops over int64 made for testing plans: exact, and unforgiving where memory is shared wrongly.
#pragma once

#include <atomic>
#include <cstring>

#include "graph/graph.h"
#include "graph/op_def.h"

namespace toy {

using namespace convcore;

inline std::int64_t items(const Type& type) { return type.shape.elements(); }

// Shape (1) goes with every shape.
inline Types wider(const Attrs&, const Types& in) {
  for (const Type& type : in)
    if (type.shape != Shape{1}) return {type};
  return {in[0]};
}

// y[i] = 3 a[i] + b[i] + 1, in one pass, so it may work in place.
inline void run_mix(const Call& c) {
  const std::int64_t n = items(c.view.out[0]), na = items(c.view.in[0]), nb = items(c.view.in[1]);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t a = c.x<std::int64_t>(0)[na == 1 ? 0 : i], b = c.x<std::int64_t>(1)[nb == 1 ? 0 : i];
    c.y<std::int64_t>()[i] = 3 * a + b + 1;
  }
}

// y[i] = a[n-1-i] - b[i]: spoils its output and its workspace before it reads.
inline void run_flip(const Call& c) {
  const std::int64_t n = items(c.view.out[0]), na = items(c.view.in[0]), nb = items(c.view.in[1]);
  std::memset(c.workspace, 0x5a, 64);
  for (std::int64_t i = 0; i < n; ++i) c.y<std::int64_t>()[i] = -77;
  for (std::int64_t i = 0; i < n; ++i)
    c.y<std::int64_t>()[i] = c.x<std::int64_t>(0)[na == 1 ? 0 : n - 1 - i] - c.x<std::int64_t>(1)[nb == 1 ? 0 : i];
}

// (a + 1, 2 a), element by element: both may be written over a.
inline void run_fork(const Call& c) {
  for (std::int64_t i = 0; i < items(c.view.out[0]); ++i) {
    const std::int64_t a = c.x<std::int64_t>(0)[i];
    c.y<std::int64_t>(0)[i] = a + 1;
    c.y<std::int64_t>(1)[i] = 2 * a;
  }
}

// y[i] = a[i] + packed[i], where packed is a copy of w plus 5.
inline void run_packed(const Call& c) {
  const auto* packed = static_cast<const std::int64_t*>(c.packed);
  const std::int64_t n = items(c.view.out[0]), na = items(c.view.in[0]), nw = items(c.view.in[1]);
  for (std::int64_t i = 0; i < n; ++i)
    c.y<std::int64_t>()[i] = c.x<std::int64_t>(0)[na == 1 ? 0 : i] + packed[nw == 1 ? 0 : i];
}
inline std::atomic<int> packs{0};  // how often weights were packed

inline OpDef make(const char* name, std::vector<std::string> inputs, InferFn infer, void (*run)(const Call&)) {
  OpDef op;
  op.name = name, op.inputs = std::move(inputs), op.infer = infer;
  op.make_attrs = [](const AttrMap&) { return Attrs::of(NoAttrs{}); };
  op.implementations = {{Device::cpu, "toy", run, nullptr, nullptr, nullptr}};
  return op;
}

inline const OpDef& mix() {
  static const OpDef op = [] {
    OpDef made = make("mix", {"a", "b"}, wider, run_mix);
    made.in_place = ~0u;
    return made;
  }();
  return op;
}

inline const OpDef& flip() {
  static const OpDef op = [] {
    OpDef made = make("flip", {"a", "b"}, wider, run_flip);
    made.implementations[0].prepare = [](const NodeView&) { return Prepared{.state = nullptr, .workspace_bytes = 64}; };
    return made;
  }();
  return op;
}

inline const OpDef& fork() {
  static const OpDef op = [] {
    OpDef made = make("fork", {"a"}, [](const Attrs&, const Types& in) { return Types{in[0], in[0]}; }, run_fork);
    made.in_place = ~0u;
    return made;
  }();
  return op;
}

inline const OpDef& packed() {
  static const OpDef op = [] {
    OpDef made = make("packed", {"a", "w"}, wider, run_packed);
    made.implementations[0].prepare = [](const NodeView& view) {
      return Prepared{nullptr, 0, 1, static_cast<std::size_t>(view.in[1].bytes())};
    };
    made.implementations[0].pack = [](const Call& c, void* to) {
      ++packs;
      for (std::int64_t i = 0; i < items(c.view.in[1]); ++i) static_cast<std::int64_t*>(to)[i] = c.x<std::int64_t>(1)[i] + 5;
    };
    return made;
  }();
  return op;
}

// (n) to (1, n) and back
inline const OpDef& view() {
  static const OpDef op = [] {
    OpDef made = make(
        "view", {"a"},
        [](const Attrs&, const Types& in) {
          const Shape& s = in[0].shape;
          return Types{{in[0].dtype, s.rank() == 1 ? Shape{1, s[0]} : Shape{s[1]}}};
        },
        nullptr);
    made.view = true;
    return made;
  }();
  return op;
}

inline Value emit1(Graph& graph, const OpDef& op, const Values& in) { return graph.emit(op, in, Attrs::of(NoAttrs{}))[0]; }

}  // namespace toy
