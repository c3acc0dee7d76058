// What the graph, the passes and the planner may know about an op: one record, filled in by ops/<name>.cpp through the
// builder of ops/op.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "graph/graph.h"

namespace convcore {

enum class Device : std::uint8_t { cpu, cuda };

// Empty: accepted. Otherwise the reason, e.g. "float32 only".
struct Refusal {
  std::string reason;
  bool by_cost = false;  // it could, but is expected to be slower than another: a measurement may overrule it
  explicit operator bool() const { return !reason.empty(); }
};
inline const Refusal accept{};
inline Refusal refuse(std::string reason) { return {std::move(reason)}; }
inline Refusal refuse_by_cost(std::string reason) { return {std::move(reason), true}; }

// One node with the concrete types of its inputs and outputs: what an implementation sees when the plan is made. It asks
// the view for settings, not the process: one plan is made under one set of them.
struct NodeView {
  const Node* node = nullptr;
  std::span<const Type> in, out;
  Settings settings = current_settings();
  template <class A>
  const A& attrs() const {
    return node->attrs.as<A>();
  }
};

// What an implementation asks of the planner for one node.
struct Prepared {
  std::shared_ptr<const void> state;  // computed once per plan, handed back in every Call
  std::size_t workspace_bytes = 0;    // scratch for one call, uninitialised, cache-line aligned
  // A packed copy of one input (weights). The planner keeps it, and calls `pack` again only when the input is a variable
  // whose version moved on, or is not a variable at all. The executor runs pack before the call, which does not read the
  // input itself.
  int packed_input = -1;
  std::size_t packed_bytes = 0;
  // Part of the result may be computed apart, with the same bits, if it begins and ends at multiples of so many rows; 0: no
  // part may.
  std::int64_t row_unit = 1;
};

// One run of one node. Pointers are aligned to the element; shapes and dtypes have been checked by infer().
struct Call {
  NodeView view;
  std::span<const void* const> in;
  std::span<void* const> out;
  void* workspace = nullptr;
  const void* packed = nullptr;
  const void* state = nullptr;
  std::int64_t whole_bytes = 0;  // of the value that result 0 is a slice of; 0: it is no slice

  template <class A>
  const A& attrs() const {
    return view.attrs<A>();
  }
  template <class T = float>
  const T* x(int i) const {
    return static_cast<const T*>(in[static_cast<std::size_t>(i)]);
  }
  template <class T = float>
  T* y(int i = 0) const {
    return static_cast<T*>(out[static_cast<std::size_t>(i)]);
  }
  template <class S>
  const S& prepared() const {
    return *static_cast<const S*>(state);
  }
};

// One way to compute an op. The planner takes the first that does not refuse and keeps the reasons of the others.
struct Implementation {
  Device device = Device::cpu;
  std::string name;                                   // "simd", "winograd", "reference", ...
  void (*run)(const Call&) = nullptr;                 // null: not in this build
  Refusal (*refuses)(const NodeView&) = nullptr;      // null: never refuses
  Prepared (*prepare)(const NodeView&) = nullptr;     // null: nothing to prepare
  void (*pack)(const Call&, void* packed) = nullptr;  // only in[Prepared::packed_input] and state are set in the Call
  // As prepare, for some rows of a prepared problem whose packed copy the part shares. Null: prepare() always packs alike.
  Prepared (*prepare_part)(const NodeView& part, const Prepared& whole) = nullptr;
};

// Which rows (elements of axis 1) of input 0 a row of output 0 is made of: row i reads [i * stride - low, i * stride - low +
// size), of which what lies outside the input is padding.
struct RowWindow {
  std::int64_t size = 0, stride = 1, low = 0;  // size 0: this node does not go by rows
  Ints paddings;                               // low and high for each spatial axis, all that `padding` adds included
};

using InferFn = Types (*)(const Attrs&, const Types& in);
// Emits the nodes of d loss / d in[i], given d loss / d out[j] in dy (invalid where an output has no gradient). One Value
// per input; invalid: no gradient flows there.
using GradFn = Values (*)(Graph&, const Node&, const Values& dy);

struct OpDef {
  std::string name;
  std::vector<std::string> inputs;  // names; "xs..." takes any number; "bias?" may be absent (only at the end)
  std::string doc;                  // one line
  Attrs (*make_attrs)(const AttrMap&) = nullptr;
  AttrMap defaults;  // every attribute with its default, in order: Python keywords, docs, the stub
  InferFn infer = nullptr;
  GradFn grad = nullptr;                        // null: not differentiable; gradients() refuses if one is needed
  std::vector<Implementation> implementations;  // in order of preference

  // Traits: what passes and the planner read instead of op names.
  bool elementwise = false;  // out[i] depends on in[k][i] (after broadcasting) only; computed by the scalar function `name`
  Doubles (*immediates)(const Attrs&) = nullptr;  // elementwise: attributes as extra scalar operands, after the inputs
  bool view = false;                   // output 0 is input 0's bytes under another shape: the planner makes it free
  std::uint32_t shape_only = 0;        // bit i: only the shape of input i is read, never its data
  bool identity_on_same_type = false;  // output 0 is input 0 when both have one type (sum_to_shape, cast): removed then
  bool reduces = false;     // has attributes axes (none: all) and keepdims, which say which axes of input 0 vanish
  bool broadcasts = false;  // output 0 is input 0 under NumPy's broadcasting: elementwise readers take the input itself
  bool constant_from_shapes = false;  // the result depends on input shapes alone: folded once they are known
  bool foldable = true;               // may be computed once when all inputs are constants
  // Instructions that the attribute "activation" takes, 0 if the op has none; the op then also has an optional residual
  // input behind the bias: see passes/epilogue.cpp.
  int activation_steps = 0;
  // Bit i of channels_in (channels_out): input (output) i is laid out as the attribute data_format says, or has its channels
  // at the attribute axis. The layout pass turns channels_first into channels_last, so kernels see channels_last only.
  std::uint32_t channels_in = 0, channels_out = 0;
  int bias_input = -1;  // index of the optional per-channel bias input, if the op has one
  // Bit i: axis 0 of input i counts images, as does axis 0 of every output, and one image of an output depends on the same
  // image of these inputs alone (unless an attribute "axis" names axis 0); inputs of other bits are parameters. All bits:
  // inputs that are broadcast over the images are parameters too.
  std::uint32_t images = 0;
  // Ops with the attributes padding and paddings whose rows are windows on rows of input 0; all other inputs that count
  // images have the result's rows. Fewer rows are a problem of the same op, with the same packed weights and the same bits.
  // Null: no such op.
  RowWindow (*rows)(const NodeView&) = nullptr;
  int filter_axis = 0;  // the axis of input 1 that is the result's channel axis, counted from the end; 0: there is none
  double (*operations)(const NodeView&) =
      nullptr;                 // floating-point operations of one run, for profiles; null: one per element
  std::uint32_t in_place = 0;  // bit i: outputs may be written over input i, if of equal type (elementwise ops: over any)
};

// Whether the op reads the data of input i; bit 31 of shape_only stands for all inputs from there on.
inline bool reads_data(const OpDef& op, std::size_t i) { return (op.shape_only >> (i < 31 ? i : 31) & 1) == 0; }

// Whether outputs may be written over input i; bit 31 likewise.
inline bool works_in_place(const OpDef& op, std::size_t i) { return (op.in_place >> (i < 31 ? i : 31) & 1) != 0; }

// All ops, in the order of ops.def. (ops/registry.cpp)
std::span<const OpDef* const> all_ops();
// Throws Error naming the nearest known op if there is none of that name.
const OpDef& find_op(std::string_view name);

}  // namespace convcore
