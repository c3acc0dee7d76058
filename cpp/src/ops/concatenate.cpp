// concatenate and its gradient, which cuts dy into the pieces.
#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Concatenate {
  std::int64_t axis = -1;
  void fields(auto&& f) { f("axis", axis); }
};

Types infer(const Attrs& attrs, const Types& in) {
  Type y = in[0];
  const int axis = normalize_axis(attrs.as<Concatenate>().axis, y.shape.rank(), "concatenate");
  for (std::size_t i = 1; i < in.size(); ++i) {
    const Shape& x = in[i].shape;
    bool fits = in[i].dtype == y.dtype && x.rank() == y.shape.rank();
    for (int k = 0; fits && k < x.rank(); ++k) {
      if (k == axis) {
        y.shape[k] = x[k] == unknown || y.shape[k] == unknown ? unknown : checked_add(y.shape[k], x[k]);
      } else if (y.shape[k] == unknown) {
        y.shape[k] = x[k];
      } else {
        fits = x[k] == unknown || x[k] == y.shape[k];
      }
    }
    if (!fits) fail("concatenate", cat("tensors equal to ", in[0].str(), " but for axis ", axis), in[i].str());
  }
  return {y};
}

Types infer_backward(const Attrs& attrs, const Types& in) {
  normalize_axis(attrs.as<Concatenate>().axis, in[0].shape.rank(), "concatenate_backward");
  Types pieces(in.begin() + 1, in.end());
  for (Type& piece : pieces) piece.dtype = in[0].dtype;
  return pieces;
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  Values in{dy[0]};
  in.insert(in.end(), n.in.begin(), n.in.end());
  return g.emit_typed("concatenate_backward", in, n.attrs);
}

struct Pieces {
  std::vector<StridedCopy> copies;
};

// Each piece is a block of columns in the (outer, axis * inner) matrix of the whole.
Prepared prepare_pieces(const Type& whole, std::span<const Type> pieces, std::int64_t given_axis, bool joining) {
  const int axis = normalize_axis(given_axis, whole.shape.rank(), "concatenate");
  const auto item = static_cast<std::int64_t>(size_of(whole.dtype));
  const std::int64_t outer = whole.shape.elements(0, axis), row = whole.shape.elements(axis, whole.shape.rank()) * item;
  Pieces made;
  std::int64_t offset = 0;
  for (const Type& piece : pieces) {
    const std::int64_t width = piece.shape.elements(axis, piece.shape.rank());
    CopySpec spec{{outer, width}, {row, item}, {row, item}, item, 0, 0};
    (joining ? spec.x_strides : spec.y_strides)[0] = width * item;
    (joining ? spec.y_offset : spec.x_offset) = offset;
    made.copies.emplace_back(std::move(spec));
    offset += width * item;
  }
  return {std::make_shared<Pieces>(std::move(made))};
}

Prepared prepare(const NodeView& view) { return prepare_pieces(view.out[0], view.in, view.attrs<Concatenate>().axis, true); }

Prepared prepare_backward(const NodeView& view) {
  return prepare_pieces(view.in[0], view.out, view.attrs<Concatenate>().axis, false);
}

void run(const Call& c, StridedCopy::Kernel kernel) {
  const Pieces& pieces = c.prepared<Pieces>();
  for (std::size_t i = 0; i < pieces.copies.size(); ++i) pieces.copies[i].run(c.in[i], c.out[0], kernel);
}

void run_backward(const Call& c, StridedCopy::Kernel kernel) {
  const Pieces& pieces = c.prepared<Pieces>();
  for (std::size_t i = 0; i < pieces.copies.size(); ++i) pieces.copies[i].run(c.in[0], c.out[i], kernel);
}

void run_simd(const Call& c) { run(c, kernels().copy_strided); }
void run_reference(const Call& c) { run(c, reference::copy_strided); }
void run_simd_backward(const Call& c) { run_backward(c, kernels().copy_strided); }
void run_reference_backward(const Call& c) { run_backward(c, reference::copy_strided); }

}  // namespace

CC_DEFINE_OP(concatenate, Define<Concatenate>("tensors joined along one axis")
                              .inputs({"xs..."})
                              .images(~0u)
                              .infer(infer)
                              .grad(grad)
                              .identity_on_same_type()
                              .impl(Device::cpu, "simd", run_simd, nullptr, prepare)
                              .impl(Device::cpu, "reference", run_reference, nullptr, prepare))

CC_DEFINE_OP(concatenate_backward, Define<Concatenate>("dy cut into pieces of the shapes of xs")
                                       .inputs({"dy", "xs..."})
                                       .infer(infer_backward)
                                       .shape_only(~1u)
                                       .impl(Device::cpu, "simd", run_simd_backward, nullptr, prepare_backward)
                                       .impl(Device::cpu, "reference", run_reference_backward, nullptr, prepare_backward))

}  // namespace convcore
