// The programs of fused_elementwise: text, and the form that kernels run.
//
//   "multiply 0 #0.5;add 3 1;tanh 4|4,5"
//
// Instructions are separated by ';'. Operands are registers (the inputs first, then one per instruction) or '#' immediates;
// after '|' stand the registers that are outputs, in order.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/shape.h"
#include "kernels/elementwise.h"

namespace convcore {

struct ScalarFunction {
  const char* name;
  int arity;
  enum Domain : std::uint8_t { any, numeric, floating } domain;
  enum Result : std::uint8_t { same, boolean } result;
};
const ScalarFunction& scalar_function(Opcode op);
Opcode opcode(std::string_view name);  // throws Error for an unknown name

constexpr int max_program_steps = 4096;  // places of instructions are kept in 16 bits

struct Program {
  struct Operand {
    int value = -1;        // a register, or
    double immediate = 0;  // this number if value < 0
  };
  struct Step {
    Opcode op;
    std::vector<Operand> operands;
  };
  int inputs = 0;
  std::vector<Step> steps;
  std::vector<int> outputs;
};

// Throws Error naming the instruction that is wrong.
Program parse_program(std::string_view text, int inputs);
// One instruction: the op over all inputs, then the immediates.
Program single_instruction(Opcode op, int inputs, const std::vector<double>& immediates);

// A program with its memory laid out for tensors of known types. Not copied: `layout` points into the vectors.
struct CompiledProgram {
  std::vector<Instruction> instructions;
  std::vector<double> immediates;
  ElementwiseLayout layout;
  double nanoseconds_per_block = 0;
};
std::shared_ptr<const CompiledProgram> compile_program(const Program& program, const Types& in, const Types& out);

}  // namespace convcore
