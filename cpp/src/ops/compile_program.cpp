// Lays a parsed elementwise program out for known shapes: registers become few cache-sized slots, inputs get the cheapest
// way of being read, and the block size follows from what must fit in the first-level cache.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "base/error.h"
#include "ops/program.h"

namespace convcore {

namespace {

constexpr int forever = std::numeric_limits<int>::max();

// Registers that are outputs must live until the block is written; an output that is an input gets a copy of its own, since
// another output may overwrite that input.
Program with_own_outputs(Program program) {
  const int first = program.inputs;
  for (int& output : program.outputs)
    if (output < first) {
      program.steps.push_back({Opcode::cast, {{output, 0}, {-1, 0}}});
      output = first + static_cast<int>(program.steps.size()) - 1;
    }
  return program;
}

class Allocation {
 public:
  Allocation(const Program& program, const Types& in, const Types& out, CompiledProgram& made)
      : program_(program), in_(in), out_(out), made_(made), last_use_(registers(), -1), location_(registers(), -1) {}

  void run() {
    find_last_uses();
    collect_immediates();
    place_slots();
    write_instructions();
    chain();
  }

 private:
  std::size_t registers() const { return static_cast<std::size_t>(program_.inputs) + program_.steps.size(); }
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  void find_last_uses() {
    for (std::size_t k = 0; k < program_.steps.size(); ++k)
      for (const Program::Operand& operand : program_.steps[k].operands)
        if (operand.value >= 0) last_use_[at(operand.value)] = static_cast<int>(k);
    int last_read = -1;  // of any memory that an output may overwrite
    for (std::size_t i = 0; i < in_.size(); ++i)
      if (in_[i].dtype != DType::boolean && in_[i].shape == out_[0].shape) last_read = std::max(last_read, last_use_[i]);
    first_direct_ = last_read;
  }

  // By its bits: NaN is itself, and 0 is not -0.
  int immediate(double value) {
    const auto same = [&](double other) {
      return std::bit_cast<std::uint64_t>(other) == std::bit_cast<std::uint64_t>(value);
    };
    const auto found = std::find_if(made_.immediates.begin(), made_.immediates.end(), same);
    if (found != made_.immediates.end()) return static_cast<int>(found - made_.immediates.begin());
    made_.immediates.push_back(value);
    return static_cast<int>(made_.immediates.size()) - 1;
  }

  void collect_immediates() {
    for (const Program::Step& step : program_.steps)
      for (const Program::Operand& operand : step.operands)
        if (operand.value < 0) immediate(operand.immediate);
    if (made_.immediates.size() > max_program_immediates)
      fail("fused_elementwise", cat("at most ", max_program_immediates, " different immediates"),
           cat(made_.immediates.size()));
    first_slot_ = program_.inputs + static_cast<int>(made_.immediates.size());
  }

  // The output that register `value` may be written to as soon as it is computed; -1 if it must wait in a slot.
  int direct_output(int value) const {
    if (value - program_.inputs < first_direct_) return -1;
    for (std::size_t i = 0; i < program_.outputs.size(); ++i)
      if (program_.outputs[i] == value && out_[i].dtype != DType::boolean) return static_cast<int>(i);
    return -1;
  }

  bool is_output(int value) const {
    return std::find(program_.outputs.begin(), program_.outputs.end(), value) != program_.outputs.end();
  }

  void place_slots() {
    std::vector<int> busy_until;  // per slot: the last step that reads it
    for (int i = 0; i < program_.inputs; ++i) location_[at(i)] = i;
    for (std::size_t k = 0; k < program_.steps.size(); ++k) {
      const int value = program_.inputs + static_cast<int>(k);
      if (direct_output(value) >= 0) continue;
      const int until = is_output(value) ? forever : last_use_[at(value)];
      auto slot = is_output(value) ? busy_until.end() : std::find_if(busy_until.begin(), busy_until.end(), [&](int last) {
        return last <= static_cast<int>(k);
      });
      if (slot == busy_until.end()) slot = busy_until.insert(slot, 0);
      *slot = until;
      location_[at(value)] = first_slot_ + static_cast<int>(slot - busy_until.begin());
    }
    if (busy_until.size() > max_program_slots)
      fail("fused_elementwise", cat("at most ", max_program_slots, " values alive at once"), cat(busy_until.size()));
    made_.layout.slot_count = static_cast<int>(busy_until.size());
    const int first_output = first_slot_ + made_.layout.slot_count;
    for (std::size_t k = 0; k < program_.steps.size(); ++k) {
      const int value = program_.inputs + static_cast<int>(k);
      if (const int output = direct_output(value); output >= 0) location_[at(value)] = first_output + output;
    }
  }

  void write_instructions() {
    for (std::size_t k = 0; k < program_.steps.size(); ++k) {
      const Program::Step& step = program_.steps[k];
      Instruction made{step.op, static_cast<std::int16_t>(location_[at(program_.inputs) + k]), {0, 0, 0}};
      for (std::size_t i = 0; i < step.operands.size(); ++i) {
        const Program::Operand& from = step.operands[i];
        const int location = from.value >= 0 ? location_[at(from.value)] : program_.inputs + immediate(from.immediate);
        made.operands[i] = static_cast<std::int16_t>(location);
      }
      made_.instructions.push_back(made);
    }
    const int first_output = first_slot_ + made_.layout.slot_count;
    for (int i = 0; i < program_.inputs; ++i) made_.layout.inputs[i].last_read = static_cast<std::int16_t>(last_use_[at(i)]);
    for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
      const int source = location_[at(program_.outputs[i])];
      made_.layout.outputs[i].source = static_cast<std::int16_t>(source);
      made_.layout.outputs[i].made = static_cast<std::int16_t>(program_.outputs[i] - program_.inputs);
      made_.layout.outputs[i].direct = source == first_output + static_cast<int>(i);
      made_.layout.outputs[i].boolean = out_[i].dtype == DType::boolean;
    }
  }

  // An instruction whose operand is the result of the one before takes it from a register.
  void chain() {
    std::vector<int> uses(registers(), 0);
    for (const Program::Step& step : program_.steps)
      for (const Program::Operand& operand : step.operands)
        if (operand.value >= 0) ++uses[at(operand.value)];
    for (std::size_t k = 1; k < program_.steps.size(); ++k) {
      const Program::Step& step = program_.steps[k];
      const int before = program_.inputs + static_cast<int>(k) - 1;
      const auto is_before = [&](const Program::Operand& operand) { return operand.value == before; };
      if (!may_chain(step.op) || !may_chain(program_.steps[k - 1].op) ||
          std::count_if(step.operands.begin(), step.operands.end(), is_before) != 1)
        continue;
      const auto operand = std::find_if(step.operands.begin(), step.operands.end(), is_before);
      made_.instructions[k].chained = static_cast<std::int8_t>(operand - step.operands.begin());
      made_.instructions[k - 1].stored = is_output(before) || uses[at(before)] > 1;
    }
  }

  const Program& program_;
  const Types &in_, &out_;
  CompiledProgram& made_;
  std::vector<int> last_use_, location_;
  int first_slot_ = 0, first_direct_ = -1;
};

// Strides of `from` while walking over `to`: 0 where it is broadcast.
std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(to.rank()), 0);
  std::int64_t stride = 1;
  for (int axis = from.rank() - 1; axis >= 0; --axis) {
    if (from[axis] != 1) strides[static_cast<std::size_t>(axis + to.rank() - from.rank())] = stride;
    stride *= from[axis];
  }
  return strides;
}

// Neighbouring dimensions that every input walks as one become one; dimensions of size 1 vanish.
void collapse(const Types& in, const Shape& shape, ElementwiseLayout& layout) {
  std::vector<std::vector<std::int64_t>> strides;
  for (const Type& type : in) strides.push_back(broadcast_strides(type.shape, shape));
  int rank = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    bool joins = rank > 0;
    for (std::size_t i = 0; i < in.size() && joins; ++i)
      joins = layout.inputs[i].strides[rank - 1] == strides[i][static_cast<std::size_t>(axis)] * shape[axis];
    if (!joins) layout.shape[rank++] = 1;
    layout.shape[rank - 1] *= shape[axis];
    for (std::size_t i = 0; i < in.size(); ++i)
      layout.inputs[i].strides[rank - 1] = strides[i][static_cast<std::size_t>(axis)];
  }
  if (rank == 0) layout.shape[rank++] = 1;
  layout.rank = rank;
}

void classify(ElementwiseInput& input, const ElementwiseLayout& layout) {
  using Kind = ElementwiseInput::Kind;
  std::int64_t run = 1;
  int axis = layout.rank - 1;
  while (axis >= 0 && input.strides[axis] == run) run *= layout.shape[axis--];
  const bool whole = axis < 0;
  while (axis >= 0 && input.strides[axis] == 0) --axis;
  input.period = run;
  if (axis >= 0) {
    input.kind = Kind::strided;
  } else if (whole) {
    input.kind = Kind::dense;
  } else {
    input.kind = run == 1 ? Kind::scalar : run <= longest_pattern ? Kind::pattern : Kind::strided;
  }
}

// The largest block whose slots, gathered inputs and patterns fit in the scratch.
void choose_block(ElementwiseLayout& layout) {
  using Kind = ElementwiseInput::Kind;
  std::int64_t blocks = layout.slot_count, fixed = 0, dense = 0;
  for (int i = 0; i < layout.input_count; ++i) {
    const ElementwiseInput& input = layout.inputs[i];
    blocks += input.kind == Kind::pattern || input.kind == Kind::strided || (input.kind == Kind::dense && input.boolean);
    if (input.kind == Kind::pattern) fixed += input.period + 16;
    dense += input.kind == Kind::dense && !input.boolean;
  }
  blocks += std::max<std::int64_t>(dense, layout.output_count);
  std::int64_t fits = blocks == 0 ? 2048 : (elementwise_scratch - fixed) / blocks / 64 * 64;
  if (fits < 64) {
    for (int i = 0; i < layout.input_count; ++i)
      if (layout.inputs[i].kind == Kind::pattern) layout.inputs[i].kind = Kind::strided;
    return choose_block(layout);
  }
  fits = std::min<std::int64_t>(fits, 2048);
  // Blocks that divide long rows never straddle two of them, so broadcast rows are read in place.
  const std::int64_t row = layout.shape[layout.rank - 1];
  if (row % 64 == 0 && row > fits)
    while (row % fits != 0) fits -= 64;
  layout.block = std::min<std::int64_t>({fits, (std::max<std::int64_t>(layout.size, 1) + 63) / 64 * 64});
}

double cost_of(Opcode op) {  // nanoseconds per element of a vector loop over a cached block
  switch (op) {
    case Opcode::power:
    case Opcode::mod:
    case Opcode::floor_divide: return 3.0;
    case Opcode::sin:
    case Opcode::cos:
    case Opcode::log:
    case Opcode::log1p:
    case Opcode::exp:
    case Opcode::erf:
    case Opcode::tanh:
    case Opcode::sigmoid:
    case Opcode::softplus: return 0.6;
    default: return 0.08;
  }
}

}  // namespace

std::shared_ptr<const CompiledProgram> compile_program(const Program& given, const Types& in, const Types& out) {
  const Program program = with_own_outputs(given);
  auto made = std::make_shared<CompiledProgram>();
  Allocation(program, in, out, *made).run();
  ElementwiseLayout& layout = made->layout;
  layout.instructions = made->instructions.data(), layout.immediates = made->immediates.data();
  layout.instruction_count = static_cast<int>(made->instructions.size());
  layout.immediate_count = static_cast<int>(made->immediates.size());
  layout.input_count = program.inputs;
  layout.output_count = static_cast<int>(program.outputs.size());
  layout.size = out[0].shape.elements();
  collapse(in, out[0].shape, layout);
  double per_element = 0.1;
  for (std::size_t i = 0; i < in.size(); ++i) {
    layout.inputs[i].boolean = in[i].dtype == DType::boolean;
    classify(layout.inputs[i], layout);
    per_element += 0.1;
  }
  for (const Program::Step& step : program.steps) per_element += cost_of(step.op);
  choose_block(layout);
  made->nanoseconds_per_block = per_element * static_cast<double>(layout.block);
  return made;
}

}  // namespace convcore
