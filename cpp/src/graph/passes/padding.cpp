// A border of zeros around what a convolution reads becomes the convolution's own: nothing is copied, and the kernels know
// which of their taps are zero. The same for its gradients, of which the input's is then made without the border, and for a
// max pool of what is never negative: there zeros decide as little as what does not exist.
#include <algorithm>
#include <optional>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

class Folder {
 public:
  explicit Folder(Graph& graph)
      : graph_(graph), uses_(count_uses(graph)), pad_(find_op("pad")), input_(find_op("conv_backward_input")) {
    for (const char* name : {"conv", "conv_backward_filter", "conv_backward_filter_bias"})
      readers_.push_back(&find_op(name));
  }

  Values operator()(Node& node) {
    if (std::find(readers_.begin(), readers_.end(), node.op) != readers_.end()) return of_reader(node);
    if (node.op->name == "max_pool") return of_max_pool(node);
    return node.op->name == "slice" ? of_slice(node) : Values{};
  }

 private:
  Values of_reader(const Node& node) {
    const Node* pad = producer(graph_, node.in[0], pad_);
    if (pad == nullptr) return {};
    const std::optional<Attrs> attrs = with_border(node, *pad);
    if (!attrs) return {};
    Values in = node.in;
    in[0] = pad->in[0];
    return graph_.emit(*node.op, in, *attrs);
  }

  // Not where others read the padded value: its gradient would have to say which of equal zeros was the largest.
  Values of_max_pool(const Node& node) {
    const Node* pad = producer(graph_, node.in[0], pad_);
    const auto read = static_cast<std::size_t>(node.in[0].id);
    if (pad == nullptr || read >= uses_.size() || uses_[read] != 1 || !never_negative(pad->in[0])) return {};
    const std::optional<Attrs> attrs = with_border(node, *pad);
    if (!attrs) return {};
    const AttrMap map = attrs->to_map();
    const Ints &border = ints(map, "paddings"), &size = ints(map, "pool_size");
    for (std::size_t i = 0; i < border.size(); ++i)
      if (border[i] >= (size.empty() ? 2 : size[i / 2])) return {};
    if (!ints(map, "output_size").empty()) return {};
    return graph_.emit(*node.op, {pad->in[0]}, *attrs);
  }

  bool never_negative(Value value) const {
    const Node* node = graph_.info(value).producer;
    if (node == nullptr) return false;
    if (node->op->name == "clip") return std::get<double>(*find_attr(node->attrs.to_map(), "min")) >= 0;
    for (const char* name : {"relu", "sigmoid", "softplus", "exp"})
      if (node->op->name == name) return true;
    return false;
  }

  // slice(conv_backward_input(dy, kernel, x)) that cuts off what lies around the spatial axes
  Values of_slice(const Node& node) {
    const Node* gradient = producer(graph_, node.in[0], input_);
    const auto read = static_cast<std::size_t>(node.in[0].id);
    if (gradient == nullptr || read >= uses_.size() || uses_[read] != 1) return {};
    const AttrMap cut = node.attrs.to_map();
    const Ints &begin = ints(cut, "begin"), &strides = ints(cut, "strides");
    if (std::any_of(strides.begin(), strides.end(), [](std::int64_t stride) { return stride != 1; })) return {};
    const Type &whole = graph_.type(node.in[0]), inside = graph_.type(node.out[0]);
    Ints border;
    for (int axis = 0; axis < whole.shape.rank(); ++axis) {
      const std::int64_t low = static_cast<std::size_t>(axis) < begin.size() ? begin[static_cast<std::size_t>(axis)] : 0;
      if (low < 0 || low + inside.shape[axis] > whole.shape[axis]) return {};
      border.push_back(low), border.push_back(whole.shape[axis] - inside.shape[axis] - low);
    }
    const std::optional<Attrs> attrs = with_border(*gradient, border);
    if (!attrs) return {};
    return graph_.emit(input_, {gradient->in[0], gradient->in[1], graph_.placeholder(inside)}, *attrs);
  }

  static const Ints& ints(const AttrMap& map, std::string_view name) { return std::get<Ints>(*find_attr(map, name)); }

  // The node's attributes with the border of `pad` around its own; nothing if that is not made of zeros around spatial axes.
  static std::optional<Attrs> with_border(const Node& node, const Node& pad) {
    const AttrMap attrs = pad.attrs.to_map();
    if (std::get<double>(*find_attr(attrs, "value")) != 0) return {};
    return with_border(node, ints(attrs, "paddings"));
  }

  static std::optional<Attrs> with_border(const Node& node, const Ints& border) {
    const AttrMap attrs = node.attrs.to_map();
    const bool last = std::get<std::string>(*find_attr(attrs, "data_format")) == "channels_last";
    const std::size_t spatial = border.size() / 2 - 2, first = last ? 1 : 2, channels = last ? spatial + 1 : 1;
    if (border[0] + border[1] + border[2 * channels] + border[2 * channels + 1] != 0) return {};
    Ints sum = ints(attrs, "paddings");
    sum.resize(2 * spatial, 0);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += border[2 * first + i];
    return with_attr(node, "paddings", sum);
  }

  Graph& graph_;
  std::vector<int> uses_;
  const OpDef &pad_, &input_;
  std::vector<const OpDef*> readers_;
};

}  // namespace

void fold_paddings(Graph& graph) { rewrite(graph, Folder(graph)); }

}  // namespace convcore::passes
