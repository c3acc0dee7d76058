// How an op is defined. Read this first, then max_pool.cpp.
//
//   CC_DEFINE_OP(softmax, Define<Softmax>("softmax along one axis")
//       .inputs({"x"}).infer(infer).grad(grad)
//       .impl(Device::cpu, "simd", simd, simd_refuses)
//       .impl(Device::cpu, "reference", reference))
//
// and one line in ops.def: CC_OP(softmax). There are no self-registering globals: they vanish from a static library.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/op_def.h"

namespace convcore {

template <class A = NoAttrs>
class Define {
 public:
  explicit Define(std::string doc) {
    def_.doc = std::move(doc);
    def_.defaults = Attrs::of(A{}).to_map();
  }
  Define&& inputs(std::vector<std::string> names) && { return def_.inputs = std::move(names), std::move(*this); }
  Define&& infer(InferFn f) && { return def_.infer = f, std::move(*this); }
  Define&& grad(GradFn f) && { return def_.grad = f, std::move(*this); }
  Define&& impl(Device device, const char* name, void (*run)(const Call&), Refusal (*refuses)(const NodeView&) = nullptr,
                Prepared (*prepare)(const NodeView&) = nullptr, void (*pack)(const Call&, void*) = nullptr,
                Prepared (*prepare_part)(const NodeView&, const Prepared&) = nullptr) && {
    def_.implementations.push_back({device, name, run, refuses, prepare, pack, prepare_part});
    return std::move(*this);
  }
  Define&& elementwise(Doubles (*immediates)(const Attrs&) = nullptr) && {
    def_.elementwise = true, def_.in_place = def_.images = ~0u, def_.immediates = immediates;
    return std::move(*this);
  }
  Define&& view() && { return def_.view = true, std::move(*this); }
  Define&& shape_only(std::uint32_t mask) && { return def_.shape_only = mask, std::move(*this); }
  Define&& constant_from_shapes() && { return def_.constant_from_shapes = true, std::move(*this); }
  Define&& identity_on_same_type() && { return def_.identity_on_same_type = true, std::move(*this); }
  Define&& broadcasts() && { return def_.broadcasts = true, std::move(*this); }
  Define&& reduces() && { return def_.reduces = true, std::move(*this); }
  // Bits of the inputs and outputs whose layout is the attribute data_format or axis, e.g. conv: channels(0b1, 0b1).
  Define&& channels(std::uint32_t in, std::uint32_t out) && {
    def_.channels_in = in, def_.channels_out = out;
    return std::move(*this);
  }
  Define&& not_foldable() && { return def_.foldable = false, std::move(*this); }
  // An optional bias at the given input, an optional residual (which the result may overwrite) behind it, and the attribute
  // "activation" of at most `steps` instructions.
  Define&& epilogue(int bias_input, int steps) && {
    def_.bias_input = bias_input, def_.activation_steps = steps, def_.in_place = 1u << (bias_input + 1);
    return std::move(*this);
  }
  Define&& images(std::uint32_t inputs) && { return def_.images = inputs, std::move(*this); }
  Define&& rows(RowWindow (*f)(const NodeView&)) && { return def_.rows = f, std::move(*this); }
  Define&& filter_axis(int from_end) && { return def_.filter_axis = from_end, std::move(*this); }
  Define&& operations(double (*f)(const NodeView&)) && { return def_.operations = f, std::move(*this); }
  Define&& in_place(std::uint32_t inputs = ~0u) && { return def_.in_place = inputs, std::move(*this); }

  OpDef named(const char* name) && {
    def_.name = name;
    return std::move(def_);
  }

  // Reads keywords over A's defaults; the op's name appears in the errors.
  static Attrs read(const char* op, const AttrMap& map) { return Attrs::from_map<A>(op, map); }

 private:
  OpDef def_;
};

// Defines `const OpDef& op_<name>()`, which ops.def declares and registers.
#define CC_DEFINE_OP(NAME, ...)                                       \
  const ::convcore::OpDef& op_##NAME() {                              \
    static const ::convcore::OpDef def = [] {                         \
      using Definition = decltype(__VA_ARGS__);                       \
      ::convcore::OpDef made = (__VA_ARGS__).named(#NAME);            \
      made.make_attrs = [](const ::convcore::AttrMap& map) {          \
        return std::remove_reference_t<Definition>::read(#NAME, map); \
      };                                                              \
      return made;                                                    \
    }();                                                              \
    return def;                                                       \
  }

}  // namespace convcore
