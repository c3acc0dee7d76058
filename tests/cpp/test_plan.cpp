// Plans: no two live values share memory, in place only where it is legal, and what explain() tells.
#include <map>
#include <random>

#include "check.h"
#include "graph/variable.h"
#include "plan/choices.h"
#include "plan/memory.h"
#include "plan/plan.h"
#include "runtime/function.h"
#include "toy_ops.h"

using namespace convcore;

namespace {

using Numbers = std::vector<std::int64_t>;
constexpr std::int64_t n = 37;

VariablePtr make_variable(const Shape& shape, std::int64_t start) {
  auto variable = std::make_shared<Variable>(Type{DType::i64, shape}, "v");
  for (std::int64_t i = 0; i < shape.elements(); ++i) static_cast<std::int64_t*>(variable->data())[i] = start + i * i;
  variable->touch();
  return variable;
}

Numbers numbers(const VariablePtr& v) {
  const auto* data = static_cast<const std::int64_t*>(v->data());
  return {data, data + v->type().shape.elements()};
}

// Evaluates a graph of toy ops with every value in memory of its own: the meaning of the graph.
std::map<int, Numbers> evaluate(const Graph& graph, const std::vector<Numbers>& inputs) {
  std::map<int, Numbers> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[graph.inputs[i].id] = inputs[i];
  for (std::size_t v = 0; v < graph.value_count(); ++v) {
    const ValueInfo& info = graph.info(Value{static_cast<int>(v)});
    if (info.source == Source::variable) values[static_cast<int>(v)] = numbers(info.variable);
  }
  for (const auto& node : graph.nodes) {
    const Numbers a = values[node->in[0].id], b = node->in.size() > 1 ? values[node->in[1].id] : Numbers{0};
    const std::size_t size = std::max(a.size(), b.size());
    Numbers y(size), second(size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::int64_t x = a[a.size() == 1 ? 0 : i], w = b[b.size() == 1 ? 0 : i];
      const std::int64_t mirrored = a[a.size() == 1 ? 0 : size - 1 - i];
      const std::string& op = node->op->name;
      y[i] = op == "mix"       ? 3 * x + w + 1
             : op == "flip"    ? mirrored - w
             : op == "fork"    ? x + 1
             : op == "counted" ? 3 * x + w + 1
             : op == "packed"  ? x + w + 5
                               : x;
      second[i] = 2 * x;
    }
    values[node->out[0].id] = y;
    if (node->out.size() > 1) values[node->out[1].id] = second;
  }
  return values;
}

struct RandomGraph {
  Graph graph;
  std::vector<VariablePtr> variables;

  explicit RandomGraph(std::mt19937& random) {
    const auto pick = [&](std::size_t size) { return std::uniform_int_distribution<std::size_t>(0, size - 1)(random); };
    Values pool;
    for (int i = 0; i < 2; ++i) pool.push_back(graph.input({DType::i64, Shape{unknown}}, "x"));
    for (int i = 0; i < 4; ++i) {
      variables.push_back(make_variable(i == 3 ? Shape{1} : Shape{n}, i * 100));
      pool.push_back(graph.variable(variables.back()));
    }
    const OpDef* ops[] = {&toy::mix(), &toy::flip(), &toy::fork(), &toy::packed(), &toy::view(), &toy::mix()};
    const std::size_t nodes = 1 + pick(25);
    while (graph.nodes.size() < nodes) {
      const OpDef& op = *ops[pick(6)];
      // mostly young values, so that chains form
      const auto value = [&] {
        return pick(3) == 0 ? pool[pick(pool.size())] : pool[pool.size() - 1 - pick(std::min<std::size_t>(pool.size(), 4))];
      };
      const Value a = value(), b = value();
      if (&op == &toy::view() && graph.type(a).shape == Shape{1}) continue;
      for (const Value out : graph.emit(op, op.inputs.size() == 1 ? Values{a} : Values{a, b}, Attrs::of(NoAttrs{})))
        pool.push_back(out);
    }
    for (std::size_t i = 0, outputs = pick(4); i < outputs; ++i) graph.output(pool[pick(pool.size())]);
    for (const VariablePtr& variable : variables) {
      const Value value = pool[pick(pool.size())];
      const Shape& shape = graph.type(value).shape;
      if (pick(3) > 0 && shape.rank() == 1 && (shape == Shape{1}) == (variable->type().shape == Shape{1}))
        graph.update(variable, value);
    }
  }
};

void check_run(std::mt19937& random) {
  RandomGraph made(random);
  Function function(made.graph.clone());
  for (int repeat = 0; repeat < 3; ++repeat) {  // later runs work on updated variables, the third on one that others changed
    if (repeat == 2) {
      const VariablePtr& v = made.variables[random() % made.variables.size()];
      *static_cast<std::int64_t*>(v->data()) += 12345, v->touch();
    }
    std::vector<Numbers> inputs(2, Numbers(n));
    for (Numbers& input : inputs)
      for (std::int64_t& x : input) x = static_cast<std::int64_t>(random() % 1000);
    const std::map<int, Numbers> expected = evaluate(made.graph, inputs);
    std::map<const Variable*, Numbers> after;
    for (const VariablePtr& v : made.variables) after[v.get()] = numbers(v);
    for (const Update& u : made.graph.updates) after[u.variable.get()] = expected.at(u.value.id);

    std::vector<ConstTensor> in;
    for (const Numbers& input : inputs) in.push_back({{DType::i64, Shape{n}}, input.data()});
    std::vector<Numbers> results;
    std::vector<MutTensor> out;
    for (const Type& type : function.output_types(in)) {
      results.emplace_back(static_cast<std::size_t>(type.shape.elements()));
      out.push_back({type, results.back().data()});
    }
    function.run(in, out);
    for (std::size_t i = 0; i < results.size(); ++i) CHECK(results[i] == expected.at(made.graph.outputs[i].id));
    for (const VariablePtr& v : made.variables) CHECK(numbers(v) == after[v.get()]);
  }
}

}  // namespace

TEST("plan: random graphs compute what they mean, whatever shares memory") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    check_run(random);
  }
}

TEST("plan: slots in use at the same step never overlap, and the arena is no larger than needed") {
  std::mt19937 random(1);
  for (int repeat = 0; repeat < 300; ++repeat) {
    std::vector<Slot> slots(1 + random() % 60);
    for (Slot& slot : slots) {
      slot.bytes = random() % 5 == 0 ? 0 : random() % 5000;
      slot.first = static_cast<int>(random() % 30), slot.last = slot.first + static_cast<int>(random() % 10);
    }
    const std::size_t arena = pack_slots(slots);
    std::size_t total = 0;
    for (std::size_t a = 0; a < slots.size(); ++a) {
      CHECK_EQ(slots[a].offset % alignment, 0u);
      CHECK(slots[a].offset + slots[a].bytes <= arena);
      total += (slots[a].bytes + alignment - 1) / alignment * alignment;
      for (std::size_t b = 0; b < a; ++b) {
        const bool together = slots[a].first <= slots[b].last && slots[b].first <= slots[a].last;
        const bool apart =
            slots[a].offset + slots[a].bytes <= slots[b].offset || slots[b].offset + slots[b].bytes <= slots[a].offset;
        CHECK(!together || apart);
      }
    }
    CHECK(arena <= total);
  }
}

TEST("plan: values that follow each other share a middle, unless that costs much memory") {
  const std::size_t mb = 1 << 20;
  std::vector<Slot> chain = {{2 * mb, 0, 1}, {6 * mb, 1, 2}, {3 * mb, 2, 3}, {1 * mb, 3, 4}};
  CHECK_EQ(pack_slots(chain), 9 * mb);  // 6 and 3
  CHECK_EQ(chain[1].offset, 0u);
  CHECK_EQ(chain[3].offset, 2 * mb + mb / 2);
  CHECK_EQ(chain[2].offset, 6 * mb);
  CHECK_EQ(chain[0].offset, 6 * mb + mb / 2);
  // 80 beside 10, then many of 9 at once: columns of their own would need 162, gaps only 90
  std::vector<Slot> many = {{80 * mb, 0, 0}, {10 * mb, 0, 0}};
  for (int i = 0; i < 10; ++i) many.push_back({9 * mb, 1, 1});
  CHECK_EQ(pack_slots(many), 90 * mb);
}

TEST("plan: values whose bytes together have no 63-bit number are refused") {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  const Value a = toy::emit1(graph, toy::flip(), {x, x}), b = toy::emit1(graph, toy::flip(), {a, x});
  graph.output(toy::emit1(graph, toy::mix(), {toy::emit1(graph, toy::flip(), {a, b}), x}));
  CHECK_THROWS(Error, "a size below 2^63", make_plan(graph, {Shape{std::int64_t{1} << 59}}));
}

TEST("plan: a chain of elementwise steps runs in place in one slot") {
  Graph graph;
  Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  Value h = toy::emit1(graph, toy::flip(), {x, x});
  for (int i = 0; i < 6; ++i) h = toy::emit1(graph, toy::mix(), {h, x});
  graph.output(toy::emit1(graph, toy::flip(), {h, x}));
  const auto plan = make_plan(graph, {Shape{1000}});
  CHECK_EQ(plan->steps.size(), 8u);
  CHECK_EQ(plan->arena_bytes, 8000u + 64u);  // one value and flip's workspace
  for (std::size_t s = 1; s < 7; ++s) CHECK(plan->steps[s].in[0] == plan->steps[s].out[0]);
  CHECK(plan->steps[7].out[0].kind == Place::Kind::output);
}

TEST("plan: a measured choice overrules what the cost model says, not what an implementation cannot do") {
  const auto plan_of = [](std::int64_t batch) {
    Graph graph;
    const Value x = graph.input({DType::f32, Shape{unknown, 14, 14, 64}}, "x");
    const Value w = graph.input({DType::f32, Shape{3, 3, 64, 64}}, "w");
    graph.output(graph.emit1("conv", {x, w}, {{"padding", std::string("same")}}));
    return make_plan(graph, {Shape{batch, 14, 14, 64}, Shape{3, 3, 64, 64}});
  };
  const auto plan = plan_of(2);
  const Step& step = plan->steps.at(0);
  CHECK_EQ(step.implementation->name, std::string("winograd"));
  const std::string problem = problem_of(step);
  CHECK_EQ(problem, problem_of(plan_of(3)->steps.at(0)));
  const std::uint64_t version = choices_version();
  set_choices({{problem, "simd"}});
  CHECK(choices_version() != version);
  CHECK_EQ(plan_of(3)->steps.at(0).implementation->name, std::string("simd"));
  CHECK(explain(*plan_of(3)).find("winograd: not faster when measured than simd") != std::string::npos);
  set_choices({{problem, "depthwise"}});  // one group: it cannot
  CHECK_EQ(plan_of(3)->steps.at(0).implementation->name, std::string("winograd"));
  set_choices({});
  const std::vector<Measured> rows = measure_choices(*plan, Device::cpu);
  CHECK_EQ(rows.size(), 1u);
  CHECK_EQ(rows[0].problem, problem);
  CHECK(rows[0].milliseconds.contains("simd") && rows[0].milliseconds.contains("winograd"));
  CHECK(rows[0].milliseconds.at(rows[0].chosen) > 0);
}

TEST("plan: an update is written straight into its variable where no later step reads the old value") {
  const VariablePtr v = make_variable({n}, 0);
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{n}}, "x");
  graph.update(v, toy::emit1(graph, toy::mix(), {graph.variable(v), x}));
  const auto in_place = make_plan(graph, {Shape{n}});
  CHECK(in_place->steps[0].out[0].kind == Place::Kind::variable);
  CHECK(in_place->copies.empty());

  Graph later;
  const Value y = later.input({DType::i64, Shape{n}}, "y");
  later.update(v, toy::emit1(later, toy::mix(), {later.variable(v), y}));
  later.output(toy::emit1(later, toy::flip(), {later.variable(v), y}));  // reads the old value afterwards
  const auto copied = make_plan(later, {Shape{n}});
  CHECK(copied->steps[0].out[0].kind == Place::Kind::arena);
  CHECK_EQ(copied->copies.size(), 1u);
}

TEST("plan: every output of a step that works in place may update a variable it reads") {
  const VariablePtr v = make_variable({n}, 0), w = make_variable({n}, 5);
  static const OpDef op = [] {  // (a + b, a - b)
    OpDef made = toy::make("both", {"a", "b"}, [](const Attrs&, const Types& in) { return Types{in[0], in[0]}; }, nullptr);
    made.in_place = ~0u;
    made.implementations[0].run = [](const Call& c) {
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t a = c.x<std::int64_t>(0)[i], b = c.x<std::int64_t>(1)[i];
        c.y<std::int64_t>(0)[i] = a + b, c.y<std::int64_t>(1)[i] = a - b;
      }
    };
    return made;
  }();
  Graph graph;
  const Values out = graph.emit(op, {graph.variable(v), graph.variable(w)}, Attrs::of(NoAttrs{}));
  graph.update(v, out[1]), graph.update(w, out[0]);
  const auto plan = make_plan(graph, {});
  CHECK(plan->copies.empty() && plan->arena_bytes == 0);
  const Numbers a = numbers(v), b = numbers(w);
  Function(std::move(graph)).run({}, {});
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(numbers(w)[i] == a[i] + b[i] && numbers(v)[i] == a[i] - b[i]);
}

TEST("plan: steps that read variables alone run again only when one of those has changed") {
  static int runs = 0;
  static const OpDef counted = [] {
    OpDef made = toy::make("counted", {"a", "b"}, toy::wider, [](const Call& c) { ++runs, toy::run_mix(c); });
    return made;
  }();
  const VariablePtr v = make_variable({n}, 1), w = make_variable({n}, 2), other = make_variable({n}, 3);
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{n}}, "x");
  const Value made = toy::emit1(graph, counted, {graph.variable(v), graph.variable(w)});  // read by steps, and packed
  const Value again = toy::emit1(graph, counted, {made, graph.variable(w)});              // only packed
  graph.output(toy::emit1(graph, toy::packed(), {x, made}));
  graph.output(toy::emit1(graph, toy::packed(), {toy::emit1(graph, toy::mix(), {x, made}), again}));
  graph.update(other, toy::emit1(graph, toy::mix(), {graph.variable(other), x}));
  const auto plan = make_plan(graph, {Shape{n}});
  CHECK_EQ(plan->steady_steps, 2u);
  CHECK(plan->steps[0].out[0].kind == Place::Kind::kept && plan->steps[1].out[0].kind == Place::Kind::arena);
  CHECK(explain(*plan).find("toy, when variables change") != std::string::npos);

  Function function(graph.clone());
  const Type type{DType::i64, Shape{n}};
  Numbers in(n), a(n), b(n);
  const auto run_and_check = [&] {
    for (std::size_t i = 0; i < n; ++i) in[i] = static_cast<std::int64_t>(7 * i + 1);
    const std::map<int, Numbers> want = evaluate(graph, {in});
    function.run({{type, in.data()}}, {{type, a.data()}, {type, b.data()}});
    CHECK(a == want.at(graph.outputs[0].id) && b == want.at(graph.outputs[1].id));
  };
  run_and_check(), run_and_check();
  CHECK_EQ(runs, 2);
  static_cast<std::int64_t*>(w->data())[5] = 1000, w->touch();
  run_and_check(), run_and_check();
  CHECK_EQ(runs, 4);
}

TEST("plan: nodes whose data nobody reads do not run") {
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  toy::emit1(graph, toy::mix(), {x, x});
  graph.output(toy::emit1(graph, toy::mix(), {x, x}));
  CHECK_EQ(make_plan(graph, {Shape{3}})->steps.size(), 1u);
}

TEST("plan: the first implementation that does not refuse is taken, and the reasons are told") {
  static const OpDef op = [] {
    OpDef made = toy::make("choosy", {"a", "b"}, toy::wider, toy::run_mix);
    Implementation picky = made.implementations[0], missing = picky, cuda = picky, slow = picky;
    picky.name = "picky", picky.refuses = [](const NodeView&) { return refuse("even numbers only"); };
    missing.name = "missing", missing.run = nullptr;
    cuda.name = "cuda", cuda.device = Device::cuda;
    slow.name = "slow";
    made.implementations = {cuda, missing, picky, made.implementations[0], slow};
    return made;
  }();
  Graph graph;
  const Value x = graph.input({DType::i64, Shape{unknown}}, "x");
  graph.scope = "net/choosy_layer";
  graph.output(toy::emit1(graph, op, {x, x}));
  const std::string text = explain(*make_plan(graph, {Shape{3}}));
  for (const char* part :
       {"net/choosy_layer", "int64 (3,)", "toy", "cuda: for another device", "missing: not in this build",
        "picky: even numbers only", "slow: accepts too, after toy", "1 steps (0 in place), 0 copies, arena 0 bytes"})
    CHECK(text.find(part) != std::string::npos);

  static const OpDef hopeless = [] {
    OpDef made = op;
    made.name = "hopeless", made.implementations.resize(3);
    return made;
  }();
  Graph other;
  other.output(toy::emit1(other, hopeless, {other.input({DType::i64, Shape{2}}, "x"), other.scalar(1, DType::i64)}));
  CHECK_THROWS(Error, "hopeless: expected inputs that one of its implementations accepts, received int64 (2",
               make_plan(other, {Shape{2}}));
  CHECK_THROWS(Error, "picky: even numbers only", make_plan(other, {Shape{2}}));
}
