// Many threads call one model or function at the same time: the same bits, in memory of their own.
#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>

#include "check.h"
#include "convcore/convcore.h"
#include "model_helpers.h"
#include "runtime/function.h"
#include "toy_ops.h"

using namespace convcore;

namespace {

constexpr int callers = 8;

template <class Body>
void on_threads(int count, Body&& body) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back([&body, t] { body(t); });
  for (std::thread& thread : threads) thread.join();
}

// y = x, when as many runs as are expected are inside, or after ten seconds.
std::atomic<int> inside{0}, expected_inside{0}, met{0};
void run_meet(const Call& c) {
  ++inside;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (inside < expected_inside && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  met += inside >= expected_inside ? 1 : 0;
  for (std::int64_t i = 0; i < toy::items(c.view.out[0]); ++i) c.y<std::int64_t>()[i] = c.x<std::int64_t>(0)[i];
}

const OpDef& meet() {
  static const OpDef op = toy::make("meet", {"x"}, toy::wider, run_meet);
  return op;
}

std::vector<float> predict(const Model& model, const std::vector<float>& x, std::int64_t batch) {
  std::vector<float> y(static_cast<std::size_t>(batch * 3));
  const TensorView in(x.data(), {batch, 6, 6, 2});
  const MutableTensorView out(y.data(), {batch, 3});
  model.predict(std::span(&in, 1), std::span(&out, 1));
  return y;
}

}  // namespace

TEST("many callers: runs of one plan are inside at the same time") {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{1}}, "x");
  const Value there = toy::emit1(graph, meet(), {toy::emit1(graph, toy::mix(), {x, x})});  // 4 x + 1, in the arena
  graph.output(toy::emit1(graph, toy::mix(), {there, x}));
  Function function(std::move(graph));
  std::atomic<int> wrong{0};
  const auto call = [&](std::int64_t value) {
    std::int64_t y = 0;
    function.run({{{DType::i64, Shape{1}}, &value}}, {{{DType::i64, Shape{1}}, &y}});
    wrong += y != 3 * (4 * value + 1) + value + 1;
  };
  expected_inside = 1, inside = 0, met = 0;
  call(7);
  expected_inside = callers, inside = 0, met = 0;
  on_threads(callers, [&](int t) { call(t); });
  CHECK_EQ(met.load(), callers);
  CHECK_EQ(wrong.load(), 0);
}

TEST("many callers: each packs the weights that it was given") {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x"), w = graph.input({DType::i64, Shape{1}}, "w");
  graph.output(toy::emit1(graph, toy::packed(), {x, w}));
  Function function(std::move(graph));
  std::atomic<int> wrong{0};
  on_threads(callers, [&](int t) {
    for (std::int64_t i = 0; i < 500; ++i) {
      const std::int64_t values[2] = {i, 2 * i}, weight = 1000 * t + i;
      std::int64_t y[2] = {0, 0};
      function.run({{{DType::i64, Shape{2}}, values}, {{DType::i64, Shape{1}}, &weight}}, {{{DType::i64, Shape{2}}, y}});
      wrong += y[0] != values[0] + weight + 5 || y[1] != values[1] + weight + 5;
    }
  });
  CHECK_EQ(wrong.load(), 0);
}

TEST("many callers: 10,000 predictions each on one const model") {
  const Model model = Model::load(write_model_file(check_model::small_model()));
  const std::vector<float> x = check_model::images(3);
  const std::vector<float> one = predict(model, x, 1), three = predict(model, x, 3);
  std::atomic<int> wrong{0};
  on_threads(callers, [&](int t) {
    for (int i = 0; i < 10000; ++i) {
      const bool single = (i + t) % 4 != 0;
      wrong += predict(model, x, single ? 1 : 3) != (single ? one : three);
    }
  });
  CHECK_EQ(wrong.load(), 0);
}

TEST("many callers: all see the weights of the step in between") {
  const auto file = [] { return write_model_file(check_model::small_model()); };
  Model model = Model::load(file()), alone = Model::load(file());
  const std::vector<float> x = check_model::images(2);
  const float target[6] = {1, 0, 0, 0, 1, 0};
  std::vector<float> expected = predict(alone, x, 2);
  std::atomic<int> wrong{0};
  std::barrier round(callers);
  on_threads(callers, [&](int t) {
    for (int i = 0; i < 50; ++i) {
      for (int k = 0; k < 4; ++k) wrong += predict(model, x, 2) != expected;
      round.arrive_and_wait();
      if (t == 0) {
        for (Model* one : {&model, &alone}) one->train_step({x.data(), {2, 6, 6, 2}}, {target, {2, 3}});
        const std::vector<float> next = predict(alone, x, 2);
        wrong += next == expected;
        expected = next;
      }
      round.arrive_and_wait();
    }
  });
  CHECK_EQ(wrong.load(), 0);
}
