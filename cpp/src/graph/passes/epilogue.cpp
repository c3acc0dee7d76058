// What follows a convolution or a dense product is applied by its kernel, before the value leaves the cache: a bias, the sum
// with another tensor (a residual), then whatever function of that alone the elementwise nodes behind it compute. Only where
// nothing else reads the values in between.
#include <algorithm>
#include <queue>
#include <unordered_map>

#include "graph/passes/elementwise_groups.h"
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

class EpilogueFuser {
 public:
  explicit EpilogueFuser(Graph& graph) : graph_(graph), uses_(count_uses(graph)), readers_(graph.value_count()) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      place_[graph.nodes[i].get()] = i;
      for (const Value in : graph.nodes[i]->in) readers_[at(in)].push_back(static_cast<int>(i));
    }
  }

  void run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i] == nullptr) continue;
      if (graph_.nodes[i]->op->name == "add") take_sum(i);
      if (is_open(*graph_.nodes[i])) take_function(i);
    }
    std::erase(graph_.nodes, nullptr);
  }

 private:
  // Whether a node takes epilogues and has no activation yet, which would come before anything else.
  static bool is_open(const Node& node) {
    return node.op->activation_steps > 0 &&
           *find_attr(node.attrs.to_map(), "activation") == AttrValue(std::string("linear"));
  }

  // The node before, if it is open and this is the only reader of its result.
  const Node* open_host(Value value) const {
    const Node* host = graph_.info(value).producer;
    return host != nullptr && is_open(*host) && uses_[at(value)] == 1 ? host : nullptr;
  }

  // add(host, bias or residual): the host moves down to the sum, since its other side may be made in between.
  void take_sum(std::size_t i) {
    const Node& sum = *graph_.nodes[i];
    const Node *first = open_host(sum.in[0]), *second = open_host(sum.in[1]);
    // Of two hosts the later one: what the earlier one made has to be stored anyway.
    const bool swap = first == nullptr || (second != nullptr && place_.at(second) > place_.at(first));
    for (const bool right : {swap, !swap}) {
      const Node* host = right ? second : first;
      const Value other = sum.in[right ? 0 : 1];
      if (host == nullptr) continue;
      Values in = host->in;
      if (!append(*host, sum, other, in)) continue;
      auto made = std::make_unique<Node>(Node{host->op, host->attrs, std::move(in), sum.out, host->scope});
      graph_.info(host->out[0]).producer = nullptr;
      graph_.info(sum.out[0]).producer = made.get();
      place_[made.get()] = i;
      graph_.nodes[place_.at(host)].reset();
      graph_.nodes[i] = std::move(made);
      return;
    }
  }

  // Adds `other` to a host's inputs as its bias or as its residual, if it is one and the host has none yet.
  bool append(const Node& host, const Node& sum, Value other, Values& in) {
    const Type &y = graph_.type(host.out[0]), &type = graph_.type(other);
    const auto bias = static_cast<std::size_t>(host.op->bias_input);
    if (graph_.type(sum.out[0]) != y || type.dtype != y.dtype || in.size() > bias + 1) return false;
    const Type vector{y.dtype, Shape{y.shape[y.shape.rank() - 1]}};
    if (in.size() == bias && type != vector) {
      if (type != y) return false;
      in.push_back(zeros(vector));
    } else if (in.size() == bias + 1 && type != y) {
      return false;
    }
    in.push_back(other);
    return true;
  }

  Value zeros(const Type& type) {
    for (const auto& [known, value] : zeros_)
      if (known == type) return value;
    const std::vector<std::byte> bytes(static_cast<std::size_t>(type.bytes()));
    return zeros_.emplace_back(type, graph_.constant(type, bytes.data())).second;
  }

  // The nodes behind the host that compute with its result and numbers only, up to the last one behind which nothing of what
  // lies in between is read any more; that one's result becomes the host's.
  void take_function(std::size_t i) {
    const Node& host = *graph_.nodes[i];
    const std::vector<int> nodes = function_behind(host);
    if (nodes.empty()) return;
    const Node& last = *graph_.nodes[static_cast<std::size_t>(nodes.back())];
    const bool one = nodes.size() == 1 && last.in.size() == 1 && last.op->immediates == nullptr;
    std::string text = one ? last.op->name : program_text(graph_, nodes, {host.out[0]}, last.out);
    Attrs attrs = with_attr(host, "activation", std::move(text));
    auto made = std::make_unique<Node>(Node{host.op, std::move(attrs), host.in, last.out, host.scope});
    graph_.info(host.out[0]).producer = nullptr;
    for (const int n : nodes) graph_.info(graph_.nodes[static_cast<std::size_t>(n)]->out[0]).producer = nullptr;
    graph_.info(made->out[0]).producer = made.get();
    for (const int n : nodes) graph_.nodes[static_cast<std::size_t>(n)].reset();
    place_[made.get()] = i;
    graph_.nodes[i] = std::move(made);
  }

  std::vector<int> function_behind(const Node& host) const {
    std::vector<int> nodes;
    std::size_t closed = 0;                        // so many of them are a function with one result
    std::unordered_map<std::int32_t, int> unread;  // per value: readers that are not among the nodes yet
    std::priority_queue<int, std::vector<int>, std::greater<>> next;
    const auto reach = [&](Value value) {
      unread[value.id] = uses_[at(value)];
      for (const int reader : readers_[at(value)]) next.push(reader);
    };
    reach(host.out[0]);
    int before = -1;
    while (!next.empty() && nodes.size() < static_cast<std::size_t>(host.op->activation_steps)) {
      const int n = next.top();
      next.pop();
      const Node& node = *graph_.nodes[static_cast<std::size_t>(n)];
      if (n == before || !computes_with(node, unread, graph_.type(host.out[0]).dtype)) continue;
      nodes.push_back(before = n);
      for (const Value in : node.in)
        if (const auto found = unread.find(in.id); found != unread.end()) --found->second;
      const bool all_read = std::all_of(unread.begin(), unread.end(), [](const auto& left) { return left.second == 0; });
      if (all_read && graph_.type(node.out[0]) == graph_.type(host.out[0])) closed = nodes.size();
      reach(node.out[0]);
    }
    nodes.resize(closed);
    return nodes;
  }

  bool computes_with(const Node& node, const std::unordered_map<std::int32_t, int>& known, DType dtype) const {
    if (!node.op->elementwise || node.out.size() != 1) return false;
    const DType made = graph_.type(node.out[0]).dtype;
    return (made == dtype || made == DType::boolean) && std::all_of(node.in.begin(), node.in.end(), [&](Value in) {
             return known.contains(in.id) || is_scalar_constant(graph_, in);
           });
  }

  Graph& graph_;
  std::vector<int> uses_;
  std::vector<std::vector<int>> readers_;  // per value, node numbers
  std::unordered_map<const Node*, std::size_t> place_;
  std::vector<std::pair<Type, Value>> zeros_;
};

}  // namespace

void fuse_epilogues(Graph& graph) { EpilogueFuser(graph).run(); }

}  // namespace convcore::passes
