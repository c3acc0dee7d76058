// Shape ops: shape rules by hand, values by hand or by a direct index formula, every implementation on every ISA.
#include <algorithm>

#include "check.h"
#include "eval.h"
#include "kernels/dispatch.h"
#include "run_op.h"

using namespace convcore;
using eval::Array;

namespace {

constexpr std::int64_t whole = INT64_MAX;

Shape inferred(std::string_view op, std::vector<Shape> shapes, const AttrMap& attrs = {}, DType dtype = DType::f32) {
  Graph g;
  Values in;
  for (Shape& shape : shapes) in.push_back(g.input({dtype, std::move(shape)}, "x"));
  return g.type(g.emit1(op, in, attrs)).shape;
}

// Runs every implementation on every ISA; all must give `expected`.
template <class T>
void expect(std::string_view op, const std::vector<Array>& in, const AttrMap& attrs, const Shape& shape,
            const std::vector<T>& expected) {
  const std::string chosen = kernels().isa;
  for (const KernelTable* table : available_kernels()) {
    use_isa(table->isa);
    for (const Implementation& one : find_op(op).implementations) {
      const Array got = eval::run(op, in, attrs, one.name)[0];
      CHECK_EQ(got.type.shape.str(), shape.str());
      if (got.values<T>() != expected)
        check::failed(__FILE__, __LINE__, cat(op, " by ", one.name, " on ", table->isa, " to give the expected values"));
    }
  }
  use_isa(chosen);
}

Shape random_shape(std::uint64_t& state, int rank) {
  std::vector<std::int64_t> dims;
  for (int i = 0; i < rank; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    dims.push_back(1 + static_cast<std::int64_t>(state >> 33) % (i + 1 == rank ? 40 : 7));
  }
  return Shape(std::move(dims));
}

// y[i] = x[i permuted], by counting through all indices.
template <class T>
std::vector<T> transposed(const std::vector<T>& x, const Shape& shape, const Ints& axes) {
  const int rank = shape.rank();
  std::vector<std::int64_t> strides(static_cast<std::size_t>(rank), 1), index(static_cast<std::size_t>(rank), 0);
  for (int axis = rank - 2; axis >= 0; --axis)
    strides[static_cast<std::size_t>(axis)] = strides[static_cast<std::size_t>(axis + 1)] * shape[axis + 1];
  std::vector<T> y;
  while (y.size() < x.size()) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index.size(); ++i) at += index[i] * strides[static_cast<std::size_t>(axes[i])];
    y.push_back(x[static_cast<std::size_t>(at)]);
    for (std::size_t i = index.size(); i-- > 0;) {
      if (++index[i] < shape[static_cast<int>(axes[i])]) break;
      index[i] = 0;
    }
  }
  return y;
}

}  // namespace

TEST("up_sample: elements repeated along each spatial axis, in both formats and any dtype") {
  const AttrValue first = std::string("channels_first");
  const Array row = Array::of<std::int32_t>({1, 2, 2}, {1, 2, 3, 4});
  expect<std::int32_t>("up_sample", {row}, {{"size", Ints{3}}}, {1, 6, 2}, {1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4});
  expect<std::int32_t>("up_sample", {row}, {{"size", Ints{2}}, {"data_format", first}}, {1, 2, 4}, {1, 1, 2, 2, 3, 3, 4, 4});
  const Array image = Array::range({1, 2, 2, 1});
  expect<float>("up_sample", {image}, {{"size", Ints{1, 2}}}, {1, 2, 4, 1}, {0, 0, 1, 1, 2, 2, 3, 3});
  expect<float>("up_sample", {image}, {}, {1, 4, 4, 1}, {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3});
  const Array volume = Array::range({2, 2, 1, 2, 3});
  const Array large = eval::run("up_sample", {volume}, {{"size", Ints{2, 3, 2}}})[0];
  CHECK_EQ(large.type.shape.str(), std::string("(2, 4, 3, 4, 3)"));
  const std::vector<float> copies = large.values();
  for (std::size_t i = 0; i < copies.size(); ++i) {
    const std::size_t c = i % 3, w = i / 3 % 4, d = i / 36 % 4, n = i / 144;
    CHECK_EQ(copies[i], static_cast<float>(((n * 2 + d / 2) * 2 + w / 2) * 3 + c));
  }
  CHECK_EQ(inferred("up_sample", {{unknown, unknown, 3, 4}}, {{"size", Ints{2, 5}}}).str(),
           std::string("(None, None, 15, 4)"));
  CHECK_THROWS(Error, "size as 2 integers >= 1", inferred("up_sample", {{1, 2, 3, 4}}, {{"size", Ints{0, 1}}}));
}

TEST("reshape: one dimension may be inferred, known and unknown") {
  CHECK_EQ(inferred("reshape", {{2, 3, 4}}, {{"shape", Ints{4, -1}}}).str(), "(4, 6)");
  CHECK_EQ(inferred("reshape", {{unknown, 28, 28}}, {{"shape", Ints{-1, 784}}}).str(), "(None, 784)");
  CHECK_EQ(inferred("reshape", {{0, 5}}, {{"shape", Ints{-1, 5}}}).str(), "(0, 5)");
  CHECK_EQ(inferred("reshape", {{1}}, {{"shape", Ints{}}}).str(), "()");
  CHECK_THROWS(Error, "reshape: expected a shape with as many elements as (2, 3), received (None, 4)",
               inferred("reshape", {{2, 3}}, {{"shape", Ints{-1, 4}}}));
  CHECK_THROWS(Error, "at most one -1", inferred("reshape", {{2, 3}}, {{"shape", Ints{-1, -1}}}));
  CHECK_THROWS(Error, "received (7,)", inferred("reshape", {{2, 3}}, {{"shape", Ints{7}}}));
  expect<float>("reshape", {Array::range({2, 3})}, {{"shape", Ints{3, 2}}}, {3, 2}, {0, 1, 2, 3, 4, 5});
}

TEST("views: flatten, expand_dims and squeeze shapes") {
  CHECK_EQ(inferred("flatten", {{unknown, 7, 7, 64}}).str(), "(None, 3136)");
  CHECK_EQ(inferred("flatten", {{5}}).str(), "(5, 1)");
  CHECK_EQ(inferred("flatten", {{2, unknown, 3}}).str(), "(2, None)");
  CHECK_THROWS(Error, "flatten: expected a tensor with a batch axis", inferred("flatten", {Shape{}}));
  CHECK_EQ(inferred("expand_dims", {{2, 3}}, {{"axis", std::int64_t{0}}}).str(), "(1, 2, 3)");
  CHECK_EQ(inferred("expand_dims", {{2, 3}}, {{"axis", std::int64_t{-1}}}).str(), "(2, 3, 1)");
  CHECK_EQ(inferred("squeeze", {{1, 3, 1}}).str(), "(3,)");
  CHECK_EQ(inferred("squeeze", {{unknown, 3, 1}}, {{"axes", Ints{-1}}}).str(), "(None, 3)");
  CHECK_THROWS(Error, "squeeze: expected size 1 at axis 1", inferred("squeeze", {{1, 3}}, {{"axes", Ints{1}}}));
  CHECK_THROWS(Error, "Name the axes to drop", inferred("squeeze", {{unknown, 1}}));
}

TEST("transpose: shapes, refusals, and values of every item size") {
  CHECK_EQ(inferred("transpose", {{unknown, 2, 3}}).str(), "(3, 2, None)");
  CHECK_EQ(inferred("transpose", {{4, 2, 3}}, {{"axes", Ints{0, -1, 1}}}).str(), "(4, 3, 2)");
  CHECK_THROWS(Error, "permutation of 2 axes, received axes=[0, 0]",
               inferred("transpose", {{2, 3}}, {{"axes", Ints{0, 0}}}));
  expect<std::int32_t>("transpose", {Array::range<std::int32_t>({2, 3})}, {}, {3, 2}, {0, 3, 1, 4, 2, 5});
}

TEST("transpose: every permutation of rank 4 against the index formula, sizes around the vector width") {
  Ints axes{0, 1, 2, 3};
  std::uint64_t state = 1;
  do {
    for (const Shape& shape : {random_shape(state, 4), Shape({3, 17, 16, 33}), Shape({1, 8, 20, 3})}) {
      Shape out = shape;
      for (int i = 0; i < 4; ++i) out[i] = shape[static_cast<int>(axes[static_cast<std::size_t>(i)])];
      const Array x = Array::range(shape), small = Array::range<std::uint8_t>(shape), large = Array::range<double>(shape);
      expect<float>("transpose", {x}, {{"axes", axes}}, out, transposed(x.values(), shape, axes));
      expect<std::uint8_t>("transpose", {small}, {{"axes", axes}}, out,
                           transposed(small.values<std::uint8_t>(), shape, axes));
      expect<double>("transpose", {large}, {{"axes", axes}}, out, transposed(large.values<double>(), shape, axes));
    }
  } while (std::next_permutation(axes.begin(), axes.end()));
}

TEST("broadcast: shapes and values") {
  CHECK_EQ(inferred("broadcast_to", {{3, 1}}, {{"shape", Ints{2, -1, 4}}}).str(), "(2, 3, 4)");
  CHECK_EQ(inferred("broadcast_to", {{unknown, 1}}, {{"shape", Ints{-1, 4}}}).str(), "(None, 4)");
  CHECK_EQ(inferred("broadcast_like", {{1}, {unknown, 4}}).str(), "(None, 4)");
  CHECK_THROWS(Error, "broadcast_to: expected a shape that (3, 2) is broadcastable to, received (3, 4)",
               inferred("broadcast_to", {{3, 2}}, {{"shape", Ints{3, 4}}}));
  expect<float>("broadcast_to", {Array::range({2, 1})}, {{"shape", Ints{2, 2, 3}}}, {2, 2, 3},
                {0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
  expect<float>("broadcast_like", {Array::range({3}), Array::range({2, 3})}, {}, {2, 3}, {0, 1, 2, 0, 1, 2});
  expect<float>("broadcast_to", {Array::of<float>({}, {7})}, {{"shape", Ints{2, 2}}}, {2, 2}, {7, 7, 7, 7});
  expect<std::uint8_t>("broadcast_to", {Array::of<std::uint8_t>({1}, {1})}, {{"shape", Ints{0}}}, {0}, {});
}

TEST("pad: shapes, refusals and values") {
  CHECK_EQ(inferred("pad", {{unknown, 5}}, {{"paddings", Ints{0, 0, 2, 3}}}).str(), "(None, 10)");
  CHECK_THROWS(Error, "two paddings for each of 2 axes", inferred("pad", {{2, 5}}, {{"paddings", Ints{1, 1}}}));
  CHECK_THROWS(Error, "paddings >= 0", inferred("pad", {{5}}, {{"paddings", Ints{-1, 1}}}));
  CHECK_THROWS(Error, "pad: expected a value that int32 can hold, received 0.5",
               inferred("pad", {{5}}, {{"paddings", Ints{1, 1}}, {"value", 0.5}}, DType::i32));
  expect<float>("pad", {Array::range({2, 2}, 1)}, {{"paddings", Ints{1, 0, 0, 1}}, {"value", 9.0}}, {3, 3},
                {9, 9, 9, 1, 2, 9, 3, 4, 9});
  expect<std::uint8_t>("pad", {Array::range<std::uint8_t>({2}, 1)}, {{"paddings", Ints{2, 1}}, {"value", 255.0}}, {5},
                       {255, 255, 1, 2, 255});
}

TEST("slice: NumPy's rules, negative bounds and strides included") {
  const auto at = [](Ints begin, Ints end, Ints strides) {
    return AttrMap{{"begin", std::move(begin)}, {"end", std::move(end)}, {"strides", std::move(strides)}};
  };
  CHECK_EQ(inferred("slice", {{unknown, 6}}, at({0, 1}, {whole, -1}, {1, 2})).str(), "(None, 2)");
  CHECK_THROWS(Error, "strides other than 0", inferred("slice", {{6}}, at({0}, {6}, {0})));
  CHECK_THROWS(Error, "at most 1 axes", inferred("slice", {{6}}, at({0, 0}, {1, 1}, {})));
  const Array x = Array::range({6});
  expect<float>("slice", {x}, at({1}, {5}, {2}), {2}, {1, 3});
  expect<float>("slice", {x}, at({-2}, {whole}, {1}), {2}, {4, 5});
  expect<float>("slice", {x}, at({whole}, {INT64_MIN}, {-1}), {6}, {5, 4, 3, 2, 1, 0});
  expect<float>("slice", {x}, at({4}, {0}, {-3}), {2}, {4, 1});
  expect<float>("slice", {x}, at({5}, {2}, {1}), {0}, {});
  expect<float>("slice", {x}, at({-100}, {100}, {4}), {2}, {0, 4});
  expect<float>("slice", {Array::range({3, 4})}, at({1}, {2}, {}), {1, 4}, {4, 5, 6, 7});
  expect<float>("slice", {Array::range({3, 4})}, at({0, 3}, {whole, 1}, {2, -1}), {2, 2}, {3, 2, 11, 10});
  expect<float>("slice_backward", {Array::range({2, 2}, 1), Array::range({3, 4})}, at({0, 3}, {whole, 1}, {2, -1}), {3, 4},
                {0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 4, 3});
}

TEST("concatenate: shapes, refusals, values, and the pieces of the gradient") {
  CHECK_EQ(inferred("concatenate", {{unknown, 2}, {3, 5}}, {{"axis", std::int64_t{1}}}).str(), "(3, 7)");
  CHECK_EQ(inferred("concatenate", {{unknown, 2}, {3, 2}}, {{"axis", std::int64_t{0}}}).str(), "(None, 2)");
  CHECK_THROWS(Error, "concatenate: expected tensors equal to float32 (2, 2) but for axis 1, received float32 (3, 2)",
               inferred("concatenate", {{2, 2}, {3, 2}}));
  const std::vector<Array> xs{Array::range({2, 1}), Array::range({2, 2}, 10), Array::range({2, 0})};
  expect<float>("concatenate", xs, {}, {2, 3}, {0, 10, 11, 1, 12, 13});
  const std::vector<Array> pieces = eval::run("concatenate_backward", {Array::range({2, 3}), xs[0], xs[1], xs[2]});
  CHECK(pieces[0].values() == std::vector<float>({0, 3}));
  CHECK(pieces[1].values() == std::vector<float>({1, 2, 4, 5}));
  CHECK_EQ(pieces[2].type.shape.str(), "(2, 0)");
}

TEST("take: rows, negative and out-of-range indices, and sums in the gradient") {
  CHECK_EQ(inferred("take", {{5, 3}, {unknown, 2}}, {}, DType::i32).str(), "(None, 2, 3)");
  CHECK_THROWS(Error, "indices of dtype int32 or int64", inferred("take", {{5, 3}, {2}}));
  const Array indices = Array::of<std::int32_t>({4}, {2, -1, 0, 3});
  expect<std::int32_t>("take", {Array::range<std::int32_t>({3, 2}), indices}, {}, {4, 2}, {4, 5, 4, 5, 0, 1, 0, 0});
  expect<std::int32_t>("take", {Array::range<std::int32_t>({2, 3}), indices}, {{"axis", std::int64_t{1}}}, {2, 4},
                       {2, 2, 0, 0, 5, 5, 3, 0});
  const std::vector<float> missing =
      eval::run("take", {Array::range({3}), Array::of<std::int64_t>({2}, {7, 1})})[0].values();
  CHECK(std::isnan(missing[0]));
  CHECK_EQ(missing[1], 1.0f);
  expect<float>("take_backward", {Array::range({4, 2}, 1), indices, Array::range({3, 2})}, {}, {3, 2}, {5, 6, 0, 0, 4, 6});
}

TEST("one_hot and size: values") {
  const Array classes = Array::of<std::int64_t>({3}, {1, -1, 2});
  expect<float>("one_hot", {classes}, {{"num_classes", std::int64_t{2}}}, {3, 2}, {0, 1, 0, 0, 0, 0});
  expect<std::int32_t>("one_hot", {classes}, {{"num_classes", std::int64_t{3}}, {"dtype", std::string("int32")}}, {3, 3},
                       {0, 1, 0, 0, 0, 0, 0, 0, 1});
  CHECK_THROWS(Error, "num_classes >= 1", inferred("one_hot", {{3}}, {}, DType::i32));
  expect<float>("size", {Array::range({2, 3, 4})}, {}, {}, {24});
  expect<float>("size", {Array::range({2, 3, 4})}, {{"axes", Ints{0, -1}}}, {}, {8});
}

// In memory that ends at a page that may not be touched.
TEST("shape ops: nothing outside the arrays is read or written") {
  on_every_isa([](const KernelTable& table) {
    for (const std::int64_t n : sizes_around(table)) {
      const Tensor x = random_tensor({3, 2, n}, 1), y = random_tensor({3, 5, n}, 2);
      for (const char* implementation : {"simd", "reference"}) {
        for (const Ints& axes : {Ints{0, 2, 1}, Ints{2, 1, 0}, Ints{2, 0, 1}, Ints{1, 0, 2}})
          run_op1("transpose", {{"axes", axes}}, {x}, implementation);
        const AttrMap cut{{"begin", Ints{0, 0, n - 1}}, {"end", Ints{whole, whole, INT64_MIN}}, {"strides", Ints{2, 1, -2}}};
        const Tensor part = run_op1("slice", cut, {x}, implementation);
        run_op1("slice_backward", cut, {part, x}, implementation);
        run_op1("pad", {{"paddings", Ints{0, 1, 1, 0, 2, 3}}}, {x}, implementation);
        run_op1("concatenate", {{"axis", std::int64_t{1}}}, {x, y}, implementation);
        run_op1("broadcast_to", {{"shape", Ints{2, 3, 2, n}}}, {x}, implementation);
        run_op1("broadcast_to", {{"shape", Ints{n, 7}}}, {random_tensor({n, 1}, 3)}, implementation);
      }
      const Tensor rows(DType::i32, {4}, std::vector<std::int32_t>{0, 2, -3, 9});
      run_op1("take", {}, {x, rows}, "reference");
      run_op1("take_backward", {}, {random_tensor({4, 2, n}, 4), rows, x}, "reference");
      run_op1("one_hot", {{"num_classes", n}}, {rows}, "reference");
    }
  });
}
