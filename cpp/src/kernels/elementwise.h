// Elementwise kernels: one small program of scalar functions over every element, with any broadcasting of the inputs. A
// single op is a program of one instruction.
#pragma once

#include <cstdint>

#include "base/parallel.h"
#include "base/shape.h"

namespace convcore {

enum class Opcode : std::uint8_t {
#define CC_SCALAR(NAME, ARITY, DOMAIN, RESULT) NAME,
#include "kernels/elementwise.def"
#undef CC_SCALAR
};

constexpr int max_program_inputs = 32;
constexpr int max_program_outputs = 16;
constexpr int max_program_immediates = 32;
constexpr int max_program_slots = 64;  // values alive at once inside a program
constexpr int max_program_locations = max_program_inputs + max_program_immediates + max_program_slots + max_program_outputs;
constexpr int elementwise_scratch =
    8192;                              // floats for slots and patterns: what a first-level cache holds with room to spare
constexpr int longest_pattern = 1024;  // last-axis vectors up to this length are repeated once per call

// Operands and results are locations: inputs, then immediates, then slots, then outputs that can be written at once.
struct Instruction {
  Opcode op;
  std::int16_t result;
  std::int16_t operands[3];
  std::int8_t chained = -1;  // the operand that is the result of the instruction before; -1: none, or not to be chained
  bool stored = true;        // false: nothing but the chained operand of the next instruction reads the result
};

// Instructions that may be chained: a chain passes its results on in registers. All others are too long for that.
constexpr bool may_chain(Opcode op) {
  switch (op) {
#define CC_CHAINED(NAME, ARITY) case Opcode::NAME:
#include "kernels/chained.def"
#undef CC_CHAINED
    return true;
    default: return false;
  }
}

struct ElementwiseInput {
  enum class Kind : std::uint8_t {
    dense,    // one element per output element, in order
    scalar,   // one element
    pattern,  // `period` elements, over and over
    strided,  // anything else, by `strides`
  };
  bool boolean = false;  // bytes 0 and 1; otherwise float32 (the reference: its element type)
  Kind kind = Kind::dense;
  std::int16_t last_read = -1;  // by which instruction
  std::int64_t period = 1;
  std::int64_t strides[max_rank] = {};  // in elements, per collapsed dimension; 0: broadcast
};

struct ElementwiseOutput {
  bool boolean = false;
  bool direct = false;      // `source` is this output's own location: nothing is left to copy
  std::int16_t source = 0;  // location; if not direct, a slot that no other value has before
  std::int16_t made = 0;    // by which instruction
};

// A program laid out for known shapes; the planner keeps one per node.
struct ElementwiseLayout {
  const Instruction* instructions = nullptr;
  const double* immediates = nullptr;
  int instruction_count = 0, input_count = 0, immediate_count = 0, slot_count = 0, output_count = 0;
  int rank = 0;
  std::int64_t shape[max_rank] = {};  // collapsed dimensions
  std::int64_t size = 0;              // elements of the result
  std::int64_t block = 0;
  ElementwiseInput inputs[max_program_inputs];
  ElementwiseOutput outputs[max_program_outputs];
};

// An output may be the same memory as a dense input of its element size. One item of the range: `block` elements.
struct ElementwiseArgs {
  const ElementwiseLayout* layout = nullptr;
  const void* const* inputs = nullptr;
  void* const* outputs = nullptr;
};

namespace reference {
// T: the type that computes; bool inputs are read as 0 and 1.
template <class T>
void elementwise(const ElementwiseArgs& args, Range blocks);
// One instruction on one element; `values` holds what its operands name.
template <class T>
T evaluate(const Instruction& instruction, const T* values);
}  // namespace reference

}  // namespace convcore
