// Borders of zeros that belong to a convolution: the same numbers as from a padded copy, and the pass that brings them
// there.
#include <algorithm>

#include "check.h"
#include "eval.h"
#include "graph/passes/passes.h"
#include "graph_helpers.h"

using namespace convcore;
using eval::Array;

namespace {

struct Case {
  const char* name;
  Shape x, kernel;
  Ints border, strides, dilation;
  std::int64_t groups;
  const char* padding;
};

const Case cases[] = {
    {"MobileNetV2's", {2, 9, 8, 20}, {3, 3, 1, 20}, {0, 1, 0, 1}, {2, 2}, {1, 1}, 20, "valid"},
    {"a stem", {2, 13, 12, 3}, {7, 7, 3, 18}, {3, 3, 3, 3}, {2, 2}, {1, 1}, 1, "valid"},
    {"stride 1", {2, 6, 7, 33}, {3, 3, 33, 34}, {1, 1, 1, 1}, {1, 1}, {1, 1}, 1, "valid"},
    {"deeper than the kernel", {1, 5, 4, 3}, {2, 3, 3, 5}, {4, 0, 0, 7}, {1, 2}, {2, 1}, 1, "valid"},
    {"same after it", {2, 6, 5, 4}, {3, 3, 2, 6}, {2, 1, 0, 3}, {2, 1}, {1, 1}, 2, "same"},
    {"1x1", {2, 3, 4, 17}, {1, 1, 17, 9}, {1, 0, 2, 1}, {1, 1}, {1, 1}, 1, "valid"},
    {"causal", {2, 9, 5}, {3, 5, 4}, {2, 1}, {1}, {2}, 1, "causal"},
    {"volume", {1, 4, 5, 6, 3}, {3, 2, 3, 3, 4}, {1, 0, 0, 2, 1, 1}, {1, 2, 1}, {1, 1, 1}, 1, "valid"},
};

AttrMap window(const Case& c, const Ints& border) {
  return {{"strides", c.strides},
          {"dilation_rate", c.dilation},
          {"groups", c.groups},
          {"padding", std::string(c.padding)},
          {"paddings", border}};
}

// Paddings of all axes for pad(): none around images and channels.
Ints around(const Ints& border) {
  Ints all = {0, 0};
  all.insert(all.end(), border.begin(), border.end());
  all.insert(all.end(), {0, 0});
  return all;
}

// Small integers, whose sums are exact in any order.
Array small_integers(const Shape& shape, int seed) {
  Array made = Array::range(shape);
  auto* values = reinterpret_cast<float*>(made.bytes.data());
  for (std::int64_t i = 0; i < shape.elements(); ++i) values[i] = static_cast<float>((i * 7 + seed) % 11 - 5);
  return made;
}

}  // namespace

TEST("conv with paddings: as on a padded copy, by every implementation, gradients too") {
  for (const Case& c : cases) {
    const Array x = small_integers(c.x, 1), kernel = small_integers(c.kernel, 2);
    const Array padded = eval::run("pad", {x}, {{"paddings", around(c.border)}})[0];
    const Array expected = eval::run("conv", {padded, kernel}, window(c, {}), "reference")[0];
    const Array dy = small_integers(expected.type.shape, 3);
    const Array filter = eval::run("conv_backward_filter", {padded, dy, kernel}, window(c, {}), "reference")[0];
    const Array bordered = eval::run("conv_backward_input", {dy, kernel, padded}, window(c, {}), "reference")[0];
    Ints begin, end;
    const Ints all = around(c.border);
    for (int axis = 0; axis < c.x.rank(); ++axis) {
      begin.push_back(all[static_cast<std::size_t>(2 * axis)]);
      end.push_back(begin.back() + c.x[axis]);
    }
    const Array input = eval::run("slice", {bordered}, {{"begin", begin}, {"end", end}})[0];
    for (const std::string implementation : {"reference", "simd", ""}) {
      const Array y = eval::run("conv", {x, kernel}, window(c, c.border), implementation)[0];
      const Array dw = eval::run("conv_backward_filter", {x, dy, kernel}, window(c, c.border), implementation)[0];
      const Array dx = eval::run("conv_backward_input", {dy, kernel, x}, window(c, c.border), implementation)[0];
      // Winograd's transforms of small integers are exact for its points 0, 1, -1 only.
      const auto near = [](const Array& a, const Array& b) {
        const std::vector<float> left = a.values(), right = b.values();
        return a.type == b.type && std::equal(left.begin(), left.end(), right.begin(), [](float l, float r) {
                 return std::abs(l - r) <= 1e-5f * (1000 + std::abs(r));
               });
      };
      if (!near(y, expected) || !near(dw, filter) || !near(dx, input))
        check::failed(__FILE__, __LINE__,
                      std::string(c.name) + " by " + (implementation.empty() ? "the first" : implementation));
    }
  }
}

TEST("conv with paddings: two entries for each spatial axis, none negative") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {3, 3, 3, 5});
  CHECK_THROWS(Error, "4 integers >= 0", g.emit1("conv", {x, kernel}, {{"paddings", Ints{1, 1}}}));
  CHECK_THROWS(Error, "4 integers >= 0", g.emit1("conv", {x, kernel}, {{"paddings", Ints{1, 1, 0, -1}}}));
}

TEST("fold_paddings: zeros around spatial axes go into the convolution, forward and backward") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {3, 3, 3, 5});
  const Value padded = g.emit1("pad", {x}, {{"paddings", Ints{0, 0, 1, 2, 0, 1, 0, 0}}});
  const AttrMap attrs = {{"strides", Ints{2, 2}}};
  const Value y = g.emit1("conv", {padded, kernel}, attrs);
  g.output(y);
  g.output(g.emit1("conv_backward_filter", {padded, y, kernel}, attrs));
  const Value shape = g.placeholder(g.type(padded));  // as fold_shapes leaves it
  const Value dx = g.emit1("conv_backward_input", {y, kernel, shape}, attrs);
  g.output(g.emit1("slice", {dx}, {{"begin", Ints{0, 1, 0, 0}}, {"end", Ints{INT64_MAX, -2, -1, INT64_MAX}}}));
  passes::fold_paddings(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(op_names(g) == Names({"conv", "conv_backward_filter", "conv_backward_input"}));
  for (const auto& node : g.nodes) CHECK(attr(*node, "paddings") == AttrValue(Ints{1, 2, 0, 1}));
  CHECK(g.type(g.outputs[2]) == g.type(x));
}

TEST("fold_paddings: not another number, not around images or channels, not a gradient that is read whole") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {3, 3, 3, 5}), deep = float_input(g, {3, 3, 4, 5});
  const Ints spatial = {0, 0, 1, 1, 1, 1, 0, 0};
  g.output(g.emit1("conv", {g.emit1("pad", {x}, {{"paddings", spatial}, {"value", 1.0}}), kernel}));
  g.output(g.emit1("conv", {g.emit1("pad", {x}, {{"paddings", Ints{0, 1, 0, 0, 0, 0, 0, 0}}}), kernel}));
  g.output(g.emit1("conv", {g.emit1("pad", {x}, {{"paddings", Ints{0, 0, 0, 0, 0, 0, 0, 1}}}), deep}));
  const Value padded = g.emit1("pad", {x}, {{"paddings", spatial}});
  const Value dx = g.emit1("conv_backward_input", {float_input(g, {2, 8, 8, 5}), kernel, padded});
  g.output(dx);
  g.output(g.emit1("slice", {dx}, {{"begin", Ints{0, 1, 1, 0}}, {"end", Ints{2, 9, 9, 3}}}));
  const Names before = op_names(g);
  passes::fold_paddings(g);
  verify(g);
  CHECK(op_names(g) == before);
}

TEST("fold_paddings: into a max pool of what is never negative, with the same result") {
  const Array x = small_integers(Shape{2, 7, 6, 5}, 4);
  const Ints spatial = {0, 0, 1, 1, 0, 2, 0, 0};
  const AttrMap pool = {{"pool_size", Ints{3, 3}}, {"strides", Ints{2, 2}}};
  const auto made = [&](const char* before, bool also_read) {
    Graph g;
    const Value padded = g.emit1("pad", {g.emit1(before, {float_input(g, x.type.shape)})}, {{"paddings", spatial}});
    g.output(g.emit1("max_pool", {padded}, pool));
    if (also_read) g.output(padded);
    return g;
  };
  Graph g = made("relu", false);
  const Array expected = eval::interpret(g, {x})[0];
  passes::fold_paddings(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(op_names(g) == Names({"relu", "max_pool"}));
  CHECK(attr(*g.nodes[1], "paddings") == AttrValue(Ints{1, 1, 0, 2}));
  CHECK(eval::interpret(g, {x})[0].bytes == expected.bytes);
  for (const auto& [before, also_read] : {std::pair("tanh", false), std::pair("relu", true)}) {
    Graph other = made(before, also_read);
    passes::fold_paddings(other);
    CHECK_EQ(other.nodes.size(), std::size_t{3});
  }
  const Value y = float_input(g, {2, 7, 6, 5});
  CHECK_THROWS(Error, "smaller than the window", g.emit1("max_pool", {y}, {{"paddings", Ints{2, 0, 0, 0}}}));
}
