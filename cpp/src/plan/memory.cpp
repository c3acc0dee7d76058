// Lifetimes to offsets: every value gets its bytes in the caller's output, in the variable it updates, in place of an
// input that dies, or in a slot of the one arena.
#include "plan/memory.h"

#include <algorithm>
#include <unordered_map>

namespace convcore {

namespace {

class Layout {
 public:
  Layout(Plan& plan, const std::vector<int>& source)
      : plan_(plan), source_(source), end_(static_cast<int>(plan.steps.size())), homes_(source.size()) {}

  void run() {
    place_sources();
    collect_lifetimes();
    place_kept();
    place_outputs();
    place_updates();
    find_values_of_group();
    place_in_arena();
    finish();
  }

 private:
  struct Home {  // of a value that is its own source
    Place place;
    int first = -1, last = -1;  // written by step `first` (-1: before the run), read last by step `last`
    int slot = -1;              // arena
    bool kept = false;          // made by a steady step, read by others
    bool in_group = false;      // made and read inside one group: there is never more of it than one slice, or band
  };

  Value source(Value value) const { return Value{source_[static_cast<std::size_t>(value.id)]}; }
  Home& home(Value value) { return homes_[static_cast<std::size_t>(source(value).id)]; }
  bool same_source(Value a, Value b) const { return source(a) == source(b); }
  static bool unplaced(const Home& home) { return home.first >= 0 && home.place.kind == Place::Kind::none; }
  std::size_t bytes(Value value) const { return static_cast<std::size_t>(plan_.graph.type(value).bytes()); }

  std::size_t variable_index(const VariablePtr& variable) {
    const auto [found, is_new] = variable_index_.try_emplace(variable.get(), plan_.variables.size());
    if (is_new) {
      plan_.variables.push_back(variable);
      plan_.variable_written.push_back(false);
      variable_last_.push_back(-1);
    }
    return found->second;
  }

  void place_sources() {
    for (std::size_t i = 0; i < plan_.graph.inputs.size(); ++i)
      home(plan_.graph.inputs[i]).place = {Place::Kind::input, i, 0};
    for (std::size_t v = 0; v < homes_.size(); ++v) {
      const ValueInfo& info = plan_.graph.info(Value{static_cast<std::int32_t>(v)});
      if (info.source == Source::variable) {
        homes_[v].place = {Place::Kind::variable, variable_index(info.variable), 0};
      } else if (info.source == Source::constant) {
        homes_[v].place = {Place::Kind::constant, plan_.constants.size(), 0};
        plan_.constants.push_back(info.data);
      }
    }
  }

  bool steady(int step) const { return step < static_cast<int>(plan_.steady_steps); }

  void keep_if_steady(Home& home) const { home.kept |= home.first >= 0 && steady(home.first); }

  void read(Value value, int step) {
    Home& from = home(value);
    if (!steady(step)) keep_if_steady(from);
    from.last = std::max(from.last, step);
    if (from.place.kind == Place::Kind::variable && from.first < 0) {
      int& last = variable_last_[from.place.index];
      last = std::max(last, step);
    }
  }

  void collect_lifetimes() {
    for (int s = 0; s < end_; ++s) {
      const Node& node = *step(s).node;
      for (const Value out : node.out) home(out).first = home(out).last = s;
      for (std::size_t i = 0; i < node.in.size(); ++i)
        if (reads_data(*node.op, i) && !packed_early(s, i)) read(node.in[i], s);
    }
  }

  // Weights that a steady step makes are packed right behind it, and not needed afterwards.
  bool packed_early(int s, std::size_t i) {
    Step& step = plan_.steps[static_cast<std::size_t>(s)];
    const int maker = home(step.node->in[i]).first;
    if (step.prepared.packed_input != static_cast<int>(i) || maker < 0 || !steady(maker)) return false;
    step.packed_after = maker;
    return true;
  }

  void place_kept() {
    for (const Value value : plan_.graph.outputs) keep_if_steady(home(value));
    for (const Update& update : plan_.graph.updates) keep_if_steady(home(update.value));
    for (std::size_t v = 0; v < homes_.size(); ++v) {
      if (!homes_[v].kept) continue;
      homes_[v].place = {Place::Kind::kept, 0, plan_.kept_bytes};
      plan_.kept_bytes += align_up(bytes(Value{static_cast<std::int32_t>(v)}));
    }
  }

  // A computed output is written straight into the caller's memory; what cannot be is copied at the end.
  void place_outputs() {
    for (std::size_t i = 0; i < plan_.graph.outputs.size(); ++i) {
      const Value value = plan_.graph.outputs[i];
      const Place place{Place::Kind::output, i, 0};
      if (unplaced(home(value))) {
        home(value).place = place;
      } else {
        end_copies_.push_back({value, place});
      }
      read(value, end_);
    }
  }

  void place_updates() {
    for (const Update& update : plan_.graph.updates) {
      plan_.variable_written[variable_index(update.variable)] = true;
      const Home& from = home(update.value);
      if (from.place.kind == Place::Kind::variable) read(update.value, end_);
    }
    for (const Update& update : plan_.graph.updates) {
      const std::size_t index = variable_index(update.variable);
      const Place place{Place::Kind::variable, index, 0};
      Home& from = home(update.value);
      if (from.first < 0 && from.place == place) continue;  // the variable keeps its value
      if (unplaced(from) && may_overwrite(update.value, index)) {
        from.place = place;
      } else if (from.first < 0 && from.place.kind == Place::Kind::variable && plan_.variable_written[from.place.index]) {
        staged_.push_back({update.value, place});
      } else {
        update_copies_.push_back({update.value, place});
      }
      read(update.value, end_);
    }
  }

  // Every reader of the old value must come before the step that writes the new one; that step itself may read it if it
  // may work in place.
  bool may_overwrite(Value value, std::size_t variable) {
    const Home& from = home(value);
    const int last = variable_last_[variable];
    if (last != from.first) return last < from.first;
    const Step& writer = step(from.first);
    const Type& type = plan_.graph.type(source(value));
    for (std::size_t i = 0; i < writer.node->in.size(); ++i)
      if (home(writer.node->in[i]).place == Place{Place::Kind::variable, variable, 0} &&
          (!works_in_place(*writer.node->op, i) || writer.in_types[i] != type))
        return false;
    return true;
  }

  int new_slot(std::size_t bytes, int first, int last) {
    total_bytes_ = checked_add(total_bytes_, static_cast<std::int64_t>(align_up(bytes)));
    slots_.push_back({bytes, first, last, 0});
    return static_cast<int>(slots_.size()) - 1;
  }

  // The group that a step belongs to, or null.
  const Group* group(int step) const {
    for (const Group& one : plan_.groups)
      if (step >= static_cast<int>(one.first) && step < static_cast<int>(one.end)) return &one;
    return nullptr;
  }
  const Bands* bands(int step) const {
    const Group* const of = group(step);
    return of != nullptr ? of->bands.get() : nullptr;
  }

  void find_values_of_group() {
    for (Home& home : homes_) {
      if (!unplaced(home) || group(home.first) == nullptr) continue;
      const std::size_t k = static_cast<std::size_t>(home.first) - group(home.first)->first;
      home.in_group = bands(home.first) != nullptr ? bands(home.first)->inside[k] : group(home.first) == group(home.last);
    }
  }

  // A value that leaves or enters a group is in use while the whole group runs.
  int first_use(const Home& home) const {
    const Group* const of = home.in_group ? nullptr : group(home.first);
    return of != nullptr ? static_cast<int>(of->first) : home.first;
  }
  int last_use(const Home& home) const {
    const Group* const of = home.in_group ? nullptr : group(home.last);
    return of != nullptr ? static_cast<int>(of->end) - 1 : home.last;
  }
  std::size_t stored_bytes(Value value) {
    const Home& from = home(value);
    return from.in_group ? bytes(value) / static_cast<std::size_t>(group(from.first)->count) : bytes(value);
  }
  bool is_sliced(int s, std::size_t input) const {
    if (bands(s) != nullptr)
      return bands(s)->bands[0].alone[static_cast<std::size_t>(s) - group(s)->first].in[input].image > 0;
    return group(s) != nullptr && step(s).in_types[input] != plan_.graph.type(step(s).node->in[input]);
  }

  void place_in_arena() {
    for (int s = 0; s < end_; ++s) {
      const Step& current = step(s);
      for (std::size_t i = 0; i < current.node->out.size(); ++i) {
        const Value out = current.node->out[i];
        Home& to = home(out);
        if (!unplaced(to) || (bands(s) != nullptr && to.in_group)) continue;  // what bands make is in their scratch
        to.place.kind = Place::Kind::arena;
        to.slot = dying_input_slot(s, i);
        if (to.slot < 0) to.slot = new_slot(stored_bytes(out), first_use(to), last_use(to));
        slots_[static_cast<std::size_t>(to.slot)].last = last_use(to);
      }
      const bool own = current.prepared.workspace_bytes > 0 && bands(s) == nullptr;
      workspaces_.push_back(own ? new_slot(current.prepared.workspace_bytes, s, s) : -1);
    }
    for (const Group& one : plan_.groups) scratch_slots_.push_back(one.bands != nullptr ? scratch_slot(one) : -1);
    for (const auto& [value, place] : staged_) stage_slots_.push_back(new_slot(bytes(value), end_, end_));
  }

  int scratch_slot(const Group& group) {
    const std::int64_t bytes = checked_mul(static_cast<std::int64_t>(group.bands->slot_bytes), group.bands->slots);
    return new_slot(static_cast<std::size_t>(bytes), static_cast<int>(group.first), static_cast<int>(group.end) - 1);
  }

  // The slot of an input that this output of step s may be written over, or -1.
  int dying_input_slot(int s, std::size_t output) {
    const Step& current = step(s);
    if (current.node->op->in_place == 0 || (bands(s) != nullptr && bands(s)->bands.size() > 1)) return -1;
    const Values& in = current.node->in;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Home& from = home(in[i]);
      if (!works_in_place(*current.node->op, i) || from.slot < 0 || last_use(from) != s || !reads_data(*current.node->op, i))
        continue;
      if (group(s) != nullptr && (!is_sliced(s, i) || from.in_group != home(current.node->out[output]).in_group)) continue;
      bool legal = true;
      for (std::size_t k = 0; k < output; ++k) legal &= home(current.node->out[k]).slot != from.slot;
      for (std::size_t k = 0; k < in.size(); ++k)
        if (same_source(in[k], in[i]) &&
            (!works_in_place(*current.node->op, k) || current.in_types[k] != current.out_types[output]))
          legal = false;
      if (legal) return from.slot;
    }
    return -1;
  }

  Place resolved(Value value) {
    Place place = home(value).place;
    if (place.kind == Place::Kind::arena) place.offset = slots_[static_cast<std::size_t>(home(value).slot)].offset;
    return place;
  }

  void finish() {
    plan_.arena_bytes = pack_slots(slots_);
    for (int s = 0; s < end_; ++s) {
      Step& current = plan_.steps[static_cast<std::size_t>(s)];
      const Node& node = *current.node;
      for (std::size_t i = 0; i < node.in.size(); ++i)
        current.in.push_back(reads_data(*node.op, i) ? resolved(node.in[i]) : Place{});
      for (const Value out : node.out) current.out.push_back(resolved(out));
      if (const Group* const of = group(s); of != nullptr && of->bands == nullptr) {
        const auto step_of = [&](Value value) {
          return home(value).in_group ? 0 : bytes(value) / static_cast<std::size_t>(of->count);
        };
        for (std::size_t i = 0; i < node.in.size(); ++i)
          current.in_steps.push_back(is_sliced(s, i) ? step_of(node.in[i]) : 0);
        for (const Value out : node.out) current.out_steps.push_back(step_of(out));
      }
      if (const int slot = workspaces_[static_cast<std::size_t>(s)]; slot >= 0)
        current.workspace_offset = slots_[static_cast<std::size_t>(slot)].offset;
    }
    for (std::size_t g = 0; g < plan_.groups.size(); ++g)
      if (scratch_slots_[g] >= 0) plan_.groups[g].bands->offset = slots_[static_cast<std::size_t>(scratch_slots_[g])].offset;
    // Outputs first: they may show a variable's old value. Then variables that trade places, through the arena.
    for (const auto& [value, place] : end_copies_) plan_.copies.push_back({resolved(value), place, bytes(value)});
    std::vector<Place> stages;
    for (std::size_t i = 0; i < staged_.size(); ++i) {
      stages.push_back({Place::Kind::arena, 0, slots_[static_cast<std::size_t>(stage_slots_[i])].offset});
      plan_.copies.push_back({resolved(staged_[i].value), stages[i], bytes(staged_[i].value)});
    }
    for (const auto& [value, place] : update_copies_) plan_.copies.push_back({resolved(value), place, bytes(value)});
    for (std::size_t i = 0; i < staged_.size(); ++i)
      plan_.copies.push_back({stages[i], staged_[i].to, bytes(staged_[i].value)});
  }

  const Step& step(int s) const { return plan_.steps[static_cast<std::size_t>(s)]; }

  struct EndCopy {
    Value value;
    Place to;
  };

  Plan& plan_;
  const std::vector<int>& source_;
  const int end_;  // the moment after the last step
  std::vector<Home> homes_;
  std::unordered_map<const Variable*, std::size_t> variable_index_;
  std::vector<int> variable_last_;  // last step that reads the variable's old value
  std::vector<EndCopy> end_copies_, update_copies_, staged_;
  std::vector<Slot> slots_;
  std::int64_t total_bytes_ = 0;  // of all slots: fits into 63 bits, and so does every sum of offsets
  std::vector<int> workspaces_, scratch_slots_, stage_slots_;
};

}  // namespace

void lay_out(Plan& plan, const std::vector<int>& source) { Layout(plan, source).run(); }

}  // namespace convcore
