// Functions: updates of variables, packed weights, the cache of plans, errors, threads, profiles.
#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "base/parallel.h"
#include "check.h"
#include "graph/variable.h"
#include "plan/choices.h"
#include "runtime/eager.h"
#include "runtime/executor.h"
#include "runtime/function.h"
#include "toy_ops.h"

using namespace convcore;

namespace {

using Numbers = std::vector<std::int64_t>;

VariablePtr variable_of(const Numbers& numbers) {
  auto v = std::make_shared<Variable>(Type{DType::i64, Shape{static_cast<std::int64_t>(numbers.size())}}, "v");
  std::copy(numbers.begin(), numbers.end(), static_cast<std::int64_t*>(v->data()));
  v->touch();
  return v;
}

Numbers numbers(const VariablePtr& v) {
  const auto* data = static_cast<const std::int64_t*>(v->data());
  return {data, data + v->type().shape.elements()};
}

std::vector<Numbers> call(Function& function, const std::vector<Numbers>& inputs) {
  std::vector<ConstTensor> in;
  for (const Numbers& x : inputs) in.push_back({{DType::i64, Shape{static_cast<std::int64_t>(x.size())}}, x.data()});
  std::vector<Numbers> results;
  std::vector<MutTensor> out;
  for (const Type& type : function.output_types(in)) results.emplace_back(static_cast<std::size_t>(type.shape.elements()));
  const Types types = function.output_types(in);
  for (std::size_t i = 0; i < types.size(); ++i) out.push_back({types[i], results[i].data()});
  function.run(in, out);
  return results;
}

Function packed_function(const VariablePtr& weights) {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  graph.output(toy::emit1(graph, toy::packed(), {x, graph.variable(weights)}));
  return Function(std::move(graph));
}

}  // namespace

TEST("runtime: two variables trade places in one run") {
  const VariablePtr a = variable_of({1, 2}), b = variable_of({3, 4}), c = variable_of({5, 6});
  Graph graph;
  graph.update(a, graph.variable(b));
  graph.update(b, graph.variable(c));
  graph.update(c, graph.variable(a));
  graph.output(graph.variable(a));  // the old value
  Function rotate(std::move(graph));
  CHECK(call(rotate, {})[0] == Numbers({1, 2}));
  CHECK(numbers(a) == Numbers({3, 4}) && numbers(b) == Numbers({5, 6}) && numbers(c) == Numbers({1, 2}));
  CHECK(call(rotate, {})[0] == Numbers({3, 4}));
  CHECK(numbers(c) == Numbers({3, 4}));
}

TEST("runtime: one value may update several variables and be an output") {
  const VariablePtr a = variable_of({1, 2}), b = variable_of({3, 4});
  Graph graph;
  const Value sum = toy::emit1(graph, toy::mix(), {graph.variable(a), graph.variable(b)});
  graph.update(a, sum), graph.update(b, sum), graph.output(sum), graph.output(sum);
  Function function(std::move(graph));
  const auto results = call(function, {});
  CHECK(results[0] == Numbers({7, 11}) && results[1] == Numbers({7, 11}));
  CHECK(numbers(a) == Numbers({7, 11}) && numbers(b) == Numbers({7, 11}));
}

TEST("runtime: inputs and constants may be outputs and updates") {
  const VariablePtr a = variable_of({1, 2});
  const Numbers constant{8, 9};
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{2}}, "x");
  graph.output(x), graph.output(graph.constant({DType::i64, Shape{2}}, constant.data())), graph.update(a, x);
  Function function(std::move(graph));
  const auto results = call(function, {{3, 4}});
  CHECK(results[0] == Numbers({3, 4}) && results[1] == constant && numbers(a) == Numbers({3, 4}));
}

TEST("runtime: weights are packed again only when their variable moved on") {
  const VariablePtr w = variable_of({10});
  Function function = packed_function(w);
  toy::packs = 0;
  for (int i = 0; i < 3; ++i) CHECK(call(function, {{1, 2}})[0] == Numbers({16, 17}));
  CHECK_EQ(toy::packs.load(), 1);
  static_cast<std::int64_t*>(w->data())[0] = 20;
  w->touch();
  for (int i = 0; i < 3; ++i) CHECK(call(function, {{1, 2}})[0] == Numbers({26, 27}));
  CHECK_EQ(toy::packs.load(), 2);
}

TEST("runtime: packed weights follow an update made by another function") {
  const VariablePtr w = variable_of({10});
  Function predict = packed_function(w);
  Graph graph;
  graph.update(w, toy::emit1(graph, toy::mix(), {graph.variable(w), graph.variable(w)}));
  Function train(std::move(graph));
  CHECK(call(predict, {{0}})[0] == Numbers({15}));
  const std::uint64_t before = w->version();
  call(train, {});
  CHECK(w->version() > before);
  CHECK(call(predict, {{0}})[0] == Numbers({46}));  // 3 * 10 + 10 + 1 + 5
}

TEST("runtime: an input that is packed is packed at every run") {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x"), w = graph.input({DType::i64, Shape{1}}, "w");
  graph.output(toy::emit1(graph, toy::packed(), {x, w}));
  Function function(std::move(graph));
  CHECK(call(function, {{1, 2}, {10}})[0] == Numbers({16, 17}));
  CHECK(call(function, {{1, 2}, {20}})[0] == Numbers({26, 27}));
}

TEST("runtime: plans are kept by shape, at most 32 of them, and give the same results after eviction") {
  Function function = packed_function(variable_of({10}));
  for (int round = 0; round < 2; ++round)
    for (std::int64_t size = 1; size <= 40; ++size) {
      const Numbers result = call(function, {Numbers(static_cast<std::size_t>(size), 1)})[0];
      CHECK(result == Numbers(static_cast<std::size_t>(size), 16));
      CHECK_EQ(function.plan_count(), static_cast<std::size_t>(round == 0 ? std::min<std::int64_t>(size, 32) : 32));
    }
  const std::int64_t dims[] = {40}, other[] = {3};
  const ArrayView known{DType::i64, dims, nullptr}, unknown_shape{DType::i64, other, nullptr};
  CHECK(function.try_prepare({&known, 1}) != nullptr);
  CHECK(function.try_prepare({&known, 1}) == function.prepare({&known, 1}));
  CHECK(function.try_prepare({&unknown_shape, 1}) == nullptr);
}

TEST("runtime: a plan is made under one set of settings, and found under those, whatever changes meanwhile") {
  static std::function<void()> meanwhile;  // what another thread does while the first node is chosen
  static std::vector<Settings> seen;
  static const OpDef asking = [] {
    OpDef made = toy::mix();
    made.name = "asking";
    made.implementations[0].refuses = [](const NodeView& view) {
      seen.push_back(view.settings);
      if (seen.size() == 1) meanwhile();
      return accept;
    };
    return made;
  }();
  const Settings before = current_settings();
  const auto strict = [] { set_precision(Precision::strict); };
  const auto another_thread = [&] { set_thread_count(before.threads + 1); };
  const auto measured = [] { set_choices({{"another problem", "toy"}}); };
  for (const std::function<void()>& change :
       std::initializer_list<std::function<void()>>{strict, another_thread, measured}) {
    Graph graph;
    const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
    graph.output(toy::emit1(graph, asking, {toy::emit1(graph, asking, {x, x}), x}));
    Function function(std::move(graph));
    const Numbers numbers = {1, 2};
    const std::vector<ConstTensor> in = {{{DType::i64, Shape{2}}, numbers.data()}};
    meanwhile = change, seen.clear();
    function.output_types(in);
    CHECK(seen.size() == 2 && seen[0] == before && seen[1] == before);
    function.output_types(in);  // the settings are others now: not that plan
    CHECK_EQ(seen.size(), 4u);
    CHECK(seen[2] == current_settings() && seen[3] == current_settings());
    function.output_types(in);
    CHECK_EQ(seen.size(), 4u);
    set_precision(before.precision), set_thread_count(before.threads), set_choices({});
  }
}

TEST("runtime: who has a plan does not wait for those that make one") {
  static Function* function = nullptr;
  static bool found = false;
  static const OpDef asking = [] {
    OpDef made = toy::mix();
    made.name = "asking_others";
    made.implementations[0].refuses = [](const NodeView& view) {
      const std::int64_t known[] = {2};
      const ArrayView input{DType::i64, known, nullptr};
      if (view.in[0].shape[0] != 2) std::thread([&] { found = function->try_prepare({&input, 1}) != nullptr; }).join();
      return accept;
    };
    return made;
  }();
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  graph.output(toy::emit1(graph, asking, {x, x}));
  Function made(std::move(graph));
  function = &made;
  for (const std::int64_t size : {2, 3}) {
    const std::int64_t dims[] = {size};
    const ArrayView input{DType::i64, dims, nullptr};
    CHECK(made.prepare({&input, 1}) != nullptr);
    CHECK_EQ(found, size == 3);
  }
}

TEST("runtime: errors name the input, what was expected and what was received") {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown, 4}}, "pixels");
  graph.output(x);
  Function function(std::move(graph));
  const auto types = [&](DType dtype, Shape shape) { return function.output_types({{{dtype, std::move(shape)}, nullptr}}); };
  CHECK(types(DType::i64, {3, 4})[0].shape == (Shape{3, 4}));
  CHECK_THROWS(Error, "input 0 \"pixels\": expected int64 (None, 4), received float32 (3, 4)", types(DType::f32, {3, 4}));
  CHECK_THROWS(Error, "input 0 \"pixels\": expected int64 (None, 4), received int64 (3, 5)", types(DType::i64, {3, 5}));
  CHECK_THROWS(Error, "input 0 \"pixels\": expected int64 (None, 4), received int64 (4,)", types(DType::i64, {4}));
  CHECK_THROWS(Error, "Function: expected 1 input, received 0", function.output_types({}));
  const Type wrong{DType::i64, {2, 4}};
  CHECK_THROWS(Error, "output 0: expected int64 (3, 4), received int64 (2, 4)",
               function.run({{{DType::i64, {3, 4}}, nullptr}}, {{wrong, nullptr}}));
}

TEST("runtime: calls that update a variable come one after the other") {
  const VariablePtr counter = variable_of({0});
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  const Value y = toy::emit1(graph, toy::flip(), {x, x});
  graph.output(toy::emit1(graph, toy::flip(), {y, x}));
  const std::int64_t zero = 0;
  graph.update(counter,
               toy::emit1(graph, toy::mix(), {graph.constant({DType::i64, Shape{1}}, &zero), graph.variable(counter)}));
  Function function(std::move(graph));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t size = 1 + (i + static_cast<std::size_t>(t)) % 7;
        Numbers input(size);
        for (std::size_t k = 0; k < size; ++k) input[k] = static_cast<std::int64_t>(k);
        Numbers expected(size);  // flip(flip(x, x), x)
        for (std::size_t k = 0; k < size; ++k) expected[k] = input[k] - input[size - 1 - k] - input[k];
        wrong += call(function, {input})[0] != expected;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(wrong.load(), 0);
  CHECK(numbers(counter) == Numbers({800}));
}

TEST("runtime: a profile has one row per step and leaves variables as they were") {
  const VariablePtr v = variable_of({1, 2, 3});
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  graph.scope = "net";
  const Value y = toy::emit1(graph, toy::mix(), {graph.variable(v), x});
  graph.update(v, y), graph.output(toy::emit1(graph, toy::flip(), {y, x}));
  Function function(std::move(graph));
  const Numbers data{1, 1, 1};
  const std::int64_t dims[] = {3};
  const ArrayView input{DType::i64, dims, data.data()};
  const auto rows = function.profile({&input, 1}, 5);
  CHECK_EQ(rows.size(), 2u);
  CHECK(rows[0].op == "mix" && rows[0].scope == "net" && rows[0].implementation == "toy" && rows[0].output == "int64 (3,)");
  CHECK(rows[0].milliseconds >= 0 && rows[0].bytes == 72 && rows[0].operations == 3);
  CHECK(numbers(v) == Numbers({1, 2, 3}));
}

TEST("runtime: one function per op, attributes and types for ops run at once") {
  const std::int64_t dims[] = {2, 3}, longer[] = {2, 4};
  const ArrayView a{DType::f32, dims, nullptr}, b{DType::f32, longer, nullptr}, c{DType::f64, dims, nullptr};
  const AttrMap flat{{"shape", Ints{-1}}}, column{{"shape", Ints{-1, 1}}};
  const auto get = [&](const AttrMap& attrs, const ArrayView& view) { return eager_function("reshape", attrs, {&view, 1}); };
  CHECK(get(flat, a) == get(flat, a));
  CHECK(get(flat, a) != get(column, a));
  CHECK(get(flat, a) != get(flat, b));
  CHECK(get(flat, a) != get(flat, c));
}
