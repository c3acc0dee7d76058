// Functions of one op each, so that an op called on arrays costs no planning the second time.
#include "runtime/eager.h"

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace convcore {

namespace {

std::string key_of(std::string_view op, const AttrMap& attrs, std::span<const ArrayView> inputs) {
  std::string key(op);
  for (const NamedAttr& attr : attrs) key += cat('\n', attr.name, '=', str(attr.value));
  for (const ArrayView& input : inputs) {
    key += '\n';
    key += static_cast<char>(input.dtype);
    key.append(reinterpret_cast<const char*>(input.dims.data()), input.dims.size_bytes());
  }
  return key;
}

using Question = bool (*)();

std::shared_ptr<Function> make(std::string_view op, const AttrMap& attrs, std::span<const ArrayView> inputs,
                               Question can_hold_bfloat16) {
  Graph graph;
  Values values;
  for (const ArrayView& input : inputs) {
    values.push_back(graph.input({input.dtype, Shape({input.dims.begin(), input.dims.end()})}, ""));
  }
  for (const Value value : graph.emit(op, values, attrs)) {
    const bool widen = graph.type(value).dtype == DType::bf16 && can_hold_bfloat16 != nullptr && !can_hold_bfloat16();
    graph.output(widen ? graph.emit1("cast", {value}, {{"dtype", std::string(name(DType::f32))}}) : value);
  }
  return std::make_shared<Function>(std::move(graph));
}

class Cache {
 public:
  static constexpr std::size_t max_functions = 512;

  std::shared_ptr<Function> get(std::string_view op, const AttrMap& attrs, std::span<const ArrayView> inputs,
                                Question can_hold_bfloat16) {
    const std::string key = key_of(op, attrs, inputs);
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->function;
    }
    entries_.push_front({key, make(op, attrs, inputs, can_hold_bfloat16)});
    index_.emplace(entries_.front().key, entries_.begin());
    if (entries_.size() > max_functions) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
    return entries_.front().function;
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<Function> function;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;                                                // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys lie in the entries
};

}  // namespace

std::shared_ptr<Function> eager_function(std::string_view op, const AttrMap& attrs, std::span<const ArrayView> inputs,
                                         bool (*can_hold_bfloat16)()) {
  static Cache cache;
  return cache.get(op, attrs, inputs, can_hold_bfloat16);
}

}  // namespace convcore
