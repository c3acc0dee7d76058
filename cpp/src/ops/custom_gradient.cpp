// custom_gradient: y, whose gradient is a computation that was recorded beside it, for the gradient that arrives.
//
// The nodes between `upstream` (a value of y's type that stands for that gradient) and the g's are emitted again with the
// gradient itself in its place. The op is a view of y: passes remove it, and with it what only the gradient reads.
#include <map>

#include "base/error.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

constexpr std::size_t leading = 2;  // y and upstream, before the x's and their g's

Types infer(const Attrs&, const Types& in) {
  if (in.size() < leading || in.size() % 2 != 0)
    fail("custom_gradient", "y, upstream, and as many gradients as inputs", cat(in.size(), " tensors"));
  if (in[1] != in[0]) fail("custom_gradient", cat("an upstream of type ", in[0].str()), in[1].str());
  return {in[0]};
}

std::int32_t key(Value value) { return value.id; }

// Emits again every node up to `end` that depends on what `exchanged` maps; adds their outputs to it.
void emit_again(Graph& g, const Node& end, std::map<std::int32_t, Value>& exchanged) {
  for (std::size_t i = 0; g.nodes[i].get() != &end; ++i) {
    const Node& node = *g.nodes[i];
    Values in = node.in;
    for (Value& value : in)
      if (const auto found = exchanged.find(key(value)); found != exchanged.end()) value = found->second;
    if (in == node.in) continue;
    const Values out = g.emit(*node.op, in, node.attrs);
    for (std::size_t k = 0; k < out.size(); ++k) exchanged[key(node.out[k])] = out[k];
  }
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  Values dx(n.in.size());
  std::map<std::int32_t, Value> exchanged{{key(n.in[1]), dy[0]}};
  emit_again(g, n, exchanged);
  const std::size_t count = (n.in.size() - leading) / 2;
  for (std::size_t i = leading; i < leading + count; ++i) {
    const Value made = n.in[i + count];
    const auto found = exchanged.find(key(made));
    dx[i] = found == exchanged.end() ? made : found->second;
  }
  return dx;
}

}  // namespace

CC_DEFINE_OP(custom_gradient, Define<>("y, whose gradients for the x's in xs_and_gs are the g's behind them")
                                  .inputs({"y", "upstream", "xs_and_gs..."})
                                  .infer(infer)
                                  .grad(grad)
                                  .view()
                                  .impl(Device::cpu, "copy", copy_bytes))

}  // namespace convcore
