// Reading the attribute "activation".
#include "ops/activation.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "ops/program.h"

namespace convcore {

namespace {

Program program_of(std::string_view text) {
  return text.find(' ') == std::string_view::npos ? single_instruction(opcode(text), 1, {}) : parse_program(text, 1);
}

// Limits alone are applied in registers.
bool as_limits(const Program& program, Activation& made) {
  const Program::Step& step = program.steps[0];
  if (program.steps.size() != 1 || step.operands[0].value != 0) return false;
  if (step.op == Opcode::relu) made.low = 0;
  if (step.op == Opcode::clip && step.operands[1].value < 0 && step.operands[2].value < 0)
    made.low = step.operands[1].immediate, made.high = step.operands[2].immediate;
  return step.op == Opcode::relu || (step.op == Opcode::clip && step.operands[1].value < 0 && step.operands[2].value < 0);
}

// The location of a number, kept if it is new: by its bits, since NaN is itself, and 0 is not -0.
std::int16_t immediate(const char* op, Activation& made, double value) {
  const auto same = [&](double other) { return std::bit_cast<std::uint64_t>(other) == std::bit_cast<std::uint64_t>(value); };
  const auto end = made.immediates + made.immediate_count;
  const auto found = std::find_if(made.immediates, end, same);
  if (found == made.immediates + max_activation_immediates)
    fail(op, cat("an activation of at most ", max_activation_immediates, " different numbers"), "one of more");
  if (found == end) made.immediates[made.immediate_count++] = value;
  return static_cast<std::int16_t>(1 + (found - made.immediates));
}

}  // namespace

Activation read_activation(const char* op, std::string_view text) {
  Activation made;
  if (text == "linear") return made;
  const Program program = program_of(text);
  const std::size_t steps = program.steps.size();
  if (steps == 0 || steps > max_activation_steps)
    fail(op, cat("an activation of 1 to ", max_activation_steps, " instructions"), cat('"', text, '"'));
  if (program.outputs != std::vector<int>{static_cast<int>(steps)})
    fail(op, "an activation whose only output is its last instruction", cat('"', text, '"'));
  if (scalar_function(program.steps[0].op).arity != static_cast<int>(program.steps[0].operands.size()))
    fail(op, "\"linear\", the name of an elementwise op of one input, or a program", cat('"', text, '"'));
  if (as_limits(program, made)) return made;
  for (const Program::Step& step : program.steps)
    for (const Program::Operand& operand : step.operands)
      if (operand.value < 0) immediate(op, made, operand.immediate);
  const auto location = [&](int value) { return static_cast<std::int16_t>(value == 0 ? 0 : value + made.immediate_count); };
  for (const Program::Step& step : program.steps) {
    Instruction& to = made.steps[made.step_count];
    to.op = step.op, to.result = location(++made.step_count);
    for (std::size_t i = 0; i < step.operands.size(); ++i)
      to.operands[i] =
          step.operands[i].value < 0 ? immediate(op, made, step.operands[i].immediate) : location(step.operands[i].value);
  }
  return made;
}

}  // namespace convcore
