// Reading the text of elementwise programs.
#include "ops/program.h"

#include <charconv>
#include <string>

#include "base/error.h"

namespace convcore {

namespace {

constexpr ScalarFunction functions[] = {
#define CC_SCALAR(NAME, ARITY, DOMAIN, RESULT) {#NAME, ARITY, ScalarFunction::DOMAIN, ScalarFunction::RESULT},
#include "kernels/elementwise.def"
#undef CC_SCALAR
};

constexpr const char* where = "fused_elementwise";

template <class T>
T parse_number(std::string_view word, std::string_view instruction) {
  T number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size())
    fail(where, cat("a number in \"", instruction, '"'), cat('"', word, '"'));
  return number;
}

// Cuts the text before the first separator (all of it if there is none) off its front.
std::string_view next(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view front = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return front;
}

int parse_register(std::string_view word, std::string_view instruction, int known) {
  const int value = parse_number<int>(word, instruction);
  if (value < 0 || value >= known) fail(where, cat("a register below ", known, " in \"", instruction, '"'), cat(value));
  return value;
}

Program::Step parse_step(std::string_view text, int known) {
  std::string_view rest = text;
  Program::Step step{opcode(next(rest, ' ')), {}};
  while (!rest.empty()) {
    const std::string_view word = next(rest, ' ');
    if (word.starts_with('#')) {
      step.operands.push_back({-1, parse_number<double>(word.substr(1), text)});
    } else {
      step.operands.push_back({parse_register(word, text, known), 0});
    }
  }
  const int arity = scalar_function(step.op).arity;
  if (static_cast<int>(step.operands.size()) != arity)
    fail(where, cat(arity, arity == 1 ? " operand" : " operands", " in \"", text, '"'), cat(step.operands.size()));
  return step;
}

}  // namespace

const ScalarFunction& scalar_function(Opcode op) { return functions[static_cast<int>(op)]; }

Opcode opcode(std::string_view name) {
  for (std::size_t i = 0; i < std::size(functions); ++i)
    if (name == functions[i].name) return static_cast<Opcode>(i);
  fail(where, "the name of an elementwise op", cat('"', name, '"'));
}

Program parse_program(std::string_view text, int inputs) {
  if (inputs > max_program_inputs) fail(where, cat("at most ", max_program_inputs, " inputs"), cat(inputs));
  Program program{inputs, {}, {}};
  std::string_view outputs = text;
  std::string_view steps = next(outputs, '|');
  while (!steps.empty()) {
    if (program.steps.size() == max_program_steps) fail(where, cat("at most ", max_program_steps, " instructions"), "more");
    program.steps.push_back(parse_step(next(steps, ';'), inputs + static_cast<int>(program.steps.size())));
  }
  const int known = inputs + static_cast<int>(program.steps.size());
  while (!outputs.empty()) program.outputs.push_back(parse_register(next(outputs, ','), text, known));
  if (program.outputs.empty() || program.outputs.size() > max_program_outputs)
    fail(where, cat("1 to ", max_program_outputs, " outputs after '|'"), cat(program.outputs.size()));
  return program;
}

Program single_instruction(Opcode op, int inputs, const std::vector<double>& immediates) {
  Program program{inputs, {{op, {}}}, {inputs}};
  for (int i = 0; i < inputs; ++i) program.steps[0].operands.push_back({i, 0});
  for (const double immediate : immediates) program.steps[0].operands.push_back({-1, immediate});
  return program;
}

}  // namespace convcore
