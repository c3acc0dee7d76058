// native_activation: an elementwise function that the application registered under a name, and its derivative.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/parallel.h"
#include "convcore/activation.h"
#include "ops/build.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct Functions {
  ActivationFn value = nullptr, derivative = nullptr;
  bool operator==(const Functions&) const = default;
};

// Entries are never changed or removed: what a plan has copied stays true.
struct Table {
  std::mutex mutex;
  std::map<std::string, Functions, std::less<>> functions;
};

Table& table() {
  static Table table;
  return table;
}

Functions find(const std::string& name) {
  const std::lock_guard lock(table().mutex);
  if (const auto found = table().functions.find(name); found != table().functions.end()) return found->second;
  std::string known;
  for (const auto& [other, functions] : table().functions) known += cat(known.empty() ? "" : ", ", other);
  fail("native_activation", cat("the name of a registered activation (", known.empty() ? "there are none" : known, ')'),
       cat('"', name, '"'),
       "Register it before the model is made or loaded: convcore::register_activation in C++, "
       "convcore.activations.register_native in Python.");
}

struct NativeActivation {
  std::string function;
  bool derivative = false;
  void fields(auto&& f) { f("function", function), f("derivative", derivative); }
};

Types infer(const Attrs& attrs, const Types& in) {
  const auto& a = attrs.as<NativeActivation>();
  const std::string where = cat("native_activation \"", a.function, '"');
  const Functions functions = find(a.function);
  if (a.derivative && functions.derivative == nullptr)
    fail(where, "a function that was registered with its derivative", "one without", "Training needs it.");
  if (!is_float(in[0].dtype) || in[0].dtype == DType::f64) fail(where, "float32", name(in[0].dtype), "Cast first.");
  return {in[0]};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  NativeActivation a = n.attrs.as<NativeActivation>();
  if (a.derivative)
    fail(cat("native_activation \"", a.function, '"'), "one gradient", "a gradient of a gradient",
         "A registered activation has a first derivative only.");
  a.derivative = true;
  return {build::multiply(g, dy[0], g.emit1("native_activation", {n.in[0]}, a))};
}

Prepared prepare(const NodeView& node) {
  return {.state = std::make_shared<const Functions>(find(node.attrs<NativeActivation>().function))};
}

void run(const Call& c) {
  const auto& functions = c.prepared<Functions>();
  const ActivationFn f = c.attrs<NativeActivation>().derivative ? functions.derivative : functions.value;
  parallel_for(c.view.in[0].shape.elements(), 1,
               [&](Range range) { f(c.x(0) + range.begin, c.y() + range.begin, static_cast<std::size_t>(range.size())); });
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

void register_activation(std::string_view name, ActivationFn value, ActivationFn derivative) {
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_word))
    fail("register_activation", "a name of letters, digits and underscores", cat('"', name, '"'));
  if (value == nullptr) fail(cat("register_activation \"", name, '"'), "a function", "null");
  const Functions functions{value, derivative};
  const std::lock_guard lock(table().mutex);
  if (table().functions.try_emplace(std::string(name), functions).first->second != functions)
    fail("register_activation", "a name that is free", cat('"', name, "\", which stands for other functions"));
}

CC_DEFINE_OP(native_activation, Define<NativeActivation>("a function that the application registered, or its derivative")
                                    .inputs({"x"})
                                    .infer(infer)
                                    .grad(grad)
                                    .in_place()
                                    .images(0b1)
                                    .impl(Device::cpu, "native", run, nullptr, prepare))

}  // namespace convcore
