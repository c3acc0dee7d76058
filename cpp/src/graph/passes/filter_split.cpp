// Filter gradients of large maps with small kernels are taken image by image and summed later. Then they can run slice by
// slice between the step that makes dy and the one that reads it next, and dy never leaves the caches.
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

constexpr std::int64_t worth_bytes = 1 << 20;  // of both maps; less stays in a cache anyway
constexpr std::int64_t image_pixels = 64;      // fewer make sums that are too short
constexpr std::int64_t least_share = 4;        // an image's maps are so many times as large as its gradient
constexpr std::int64_t least_images = 4;

class Splitter {
 public:
  explicit Splitter(Graph& graph) : graph_(graph), readers_(graph.value_count()) {
    for (const auto& node : graph.nodes)
      for (std::size_t i = 0; i < node->in.size(); ++i)
        if (reads_data(*node->op, i)) ++readers_[at(node->in[i])];
    for (const Value out : graph.outputs) ++readers_[at(out)];
  }

  Values operator()(Node& node) {
    if (node.op != &gradient_ || !splits(node)) return {};
    Values in = node.in;
    in[0] = made_again(in[0]);
    const Value parts = graph_.emit_typed("conv_backward_filter_by_image", in, node.attrs)[0];
    return {graph_.emit1("sum", {parts}, AttrMap{{"axes", Ints{0}}})};
  }

  // A sum, with the views of it, waits for the step that ends the slices anyway.
  void arrange() {
    auto& nodes = graph_.nodes;
    for (std::size_t i = nodes.size(); i-- > 1;) {
      if (nodes[i - 1]->op != &parts_) continue;
      std::size_t end = i + 1;
      while (end < nodes.size() && nodes[end]->op->view && reads(*nodes[end], i, end)) ++end;
      std::size_t to = end;
      while (to < nodes.size() && nodes[to]->op->images != 0 && !reads(*nodes[to], i, end)) ++to;
      std::rotate(nodes.begin() + at(i), nodes.begin() + at(end), nodes.begin() + at(to));
    }
  }

 private:
  static std::ptrdiff_t at(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }
  // Whether a node reads what nodes [first, end) make.
  bool reads(const Node& node, std::size_t first, std::size_t end) const {
    return std::any_of(graph_.nodes.begin() + at(first), graph_.nodes.begin() + at(end), [&](const auto& maker) {
      return std::find(node.in.begin(), node.in.end(), maker->out[0]) != node.in.end();
    });
  }
  static std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

  // What a normalisation made for the convolution alone is made a second time from its input, which the gradient of the
  // normalisation reads anyway: then neither has to be stored for all images. (T. Chen et al., "Training Deep Nets with
  // Sublinear Memory Cost", 2016.)
  Value made_again(Value x) {
    const Node* norm = producer(graph_, x, norm_);
    if (norm == nullptr || norm->in.size() > 5 || readers_[at(x)] != 2) return x;
    return graph_.emit_typed("batch_norm_apply", norm->in, norm->attrs)[0];
  }

  // One tap, or a kernel for each channel: what Winograd does not take.
  bool small_kernel(const Node& node) const {
    const Shape& kernel = graph_.type(node.in[2]).shape;
    const int rank = kernel.rank();
    return kernel.elements(0, rank - 2) == 1 || kernel[rank - 2] == 1;
  }

  bool splits(const Node& node) const {
    const Type &x = graph_.type(node.in[0]), &dy = graph_.type(node.in[1]), &kernel = graph_.type(node.in[2]);
    const AttrMap attrs = node.attrs.to_map();
    const std::int64_t images = x.shape[0], bytes = x.bytes() + dy.bytes();
    return x.dtype == DType::f32 && x.shape.rank() < max_rank && images >= least_images && bytes >= worth_bytes &&
           std::get<std::string>(*find_attr(attrs, "data_format")) == "channels_last" &&
           dy.shape.elements(1, dy.shape.rank() - 1) >= image_pixels && bytes / images >= least_share * kernel.bytes() &&
           small_kernel(node);
  }

  Graph& graph_;
  std::vector<int> readers_;  // of each value's data
  const OpDef& norm_ = find_op("batch_norm_apply");
  const OpDef &gradient_ = find_op("conv_backward_filter"), &parts_ = find_op("conv_backward_filter_by_image");
};

}  // namespace

void split_filter_gradients(Graph& graph) {
  Splitter splitter(graph);
  rewrite(graph, [&](Node& node) { return splitter(node); });
  splitter.arrange();
}

}  // namespace convcore::passes
