// Elementwise programs over blocks that stay in the first-level cache: every instruction is one vector loop over a block,
// and memory is read and written once however long the program is.
#include "kernels/elementwise.h"

#include "kernels/simd/program.h"
#include "kernels/simd/scalar.h"

namespace convcore::CC_ISA {

namespace {

constexpr int rounded_up(std::int64_t n) { return static_cast<int>((n + 15) / 16 * 16); }

struct Machine {
  Location locations[max_program_locations];
  alignas(64) float splats[max_program_inputs + max_program_immediates][vl];
  alignas(64) float scratch[elementwise_scratch];
  float* gathered[max_program_inputs];  // patterns, and blocks of inputs that cannot be read in place
  int used = 0;                         // floats of scratch

  float* take(std::int64_t floats) {
    float* taken = scratch + used;
    used += rounded_up(floats);
    return taken;
  }
  void splat(int location, float value) {
    store(splats[location], set1(value));
    locations[location] = {splats[location], 0};
  }
};

template <class F>
CC_INLINE void apply(F f, Location y, Location a, int n, int i) {
  for (; i + vl <= n; i += vl) store(y.at + i, f(load(a.at + i * a.step)));
  if (i < n) store_first(y.at + i, f(load_first(a.at + i * a.step, n - i)), n - i);
}
template <class F>
CC_INLINE void apply(F f, Location y, Location a, Location b, int n, int i) {
  for (; i + vl <= n; i += vl) store(y.at + i, f(load(a.at + i * a.step), load(b.at + i * b.step)));
  if (i < n) store_first(y.at + i, f(load_first(a.at + i * a.step, n - i), load_first(b.at + i * b.step, n - i)), n - i);
}
template <class F>
CC_INLINE void apply(F f, Location y, Location a, Location b, Location c, int n, int i) {
  for (; i + vl <= n; i += vl) store(y.at + i, f(load(a.at + i * a.step), load(b.at + i * b.step), load(c.at + i * c.step)));
  if (i < n)
    store_first(
        y.at + i,
        f(load_first(a.at + i * a.step, n - i), load_first(b.at + i * b.step, n - i), load_first(c.at + i * c.step, n - i)),
        n - i);
}

}  // namespace

#define CC_OPERANDS_1 at[s.operands[0]]
#define CC_OPERANDS_2 at[s.operands[0]], at[s.operands[1]]
#define CC_OPERANDS_3 at[s.operands[0]], at[s.operands[1]], at[s.operands[2]]
void execute(const Instruction& s, const Location* at, int n, int from) {
  switch (s.op) {
#define CC_SCALAR(NAME, ARITY, DOMAIN, RESULT)                                                                            \
  case Opcode::NAME:                                                                                                      \
    apply([](auto... x) __attribute__((always_inline)) { return scalar::NAME(x...); }, at[s.result], CC_OPERANDS_##ARITY, \
          n, from);                                                                                                       \
    break;
#include "kernels/elementwise.def"
#undef CC_SCALAR
  }
}

namespace {

// A vector, while what lies 2 KB behind it is fetched: long programs over arrays from memory, an optimizer's step above all,
// read more streams than the hardware follows.
CC_INLINE Vec load_ahead(const Location& from, int i) {
  __builtin_prefetch(from.at + (i + 512) * from.step);
  return load(from.at + i * from.step);
}

// Short instructions over elements [0, n), a strip at a time: a chained one finds the result of the one before in registers,
// and what only the next one reads is not written. Each strip does all of them, so that the processor can fetch the next one
// while it divides. The same operations in the same order as one by one.
void execute_strips(const Instruction* program, int count, const Location* at, int n) {
  constexpr int vectors = 8;
  int i = 0;
  for (; i + vectors * vl <= n; i += vectors * vl) {
    Vec x[vectors] = {};
    for (const Instruction* s = program; s < program + count; ++s) {
      if (s->chained < 0) {
        const Location a = at[s->operands[0]];
        for (int j = 0; j < vectors; ++j) x[j] = load_ahead(a, i + j * vl);
      }
      const bool first = s->chained <= 0;
      const Location other = at[s->operands[first ? 1 : 0]];
#define CC_OTHER load_ahead(other, i + j * vl)
#define CC_EACH_1(NAME) \
  for (int j = 0; j < vectors; ++j) x[j] = scalar::NAME(x[j]);
#define CC_EACH_2(NAME)                                                    \
  if (first) {                                                             \
    for (int j = 0; j < vectors; ++j) x[j] = scalar::NAME(x[j], CC_OTHER); \
  } else {                                                                 \
    for (int j = 0; j < vectors; ++j) x[j] = scalar::NAME(CC_OTHER, x[j]); \
  }
      switch (s->op) {
#define CC_CHAINED(NAME, ARITY) \
  case Opcode::NAME: CC_EACH_##ARITY(NAME) break;
#include "kernels/chained.def"
#undef CC_CHAINED
        default: __builtin_unreachable();
      }
      if (s->stored)
        for (int j = 0; j < vectors; ++j) store(at[s->result].at + i + j * vl, x[j]);
    }
  }
  if (i < n)
    for (int k = 0; k < count; ++k) execute(program[k], at, n, i);
}

// All instructions over a block, in strips where several in a row are short.
void execute_all(const ElementwiseLayout& a, const Location* at, int n) {
  for (int k = 0, end; k < a.instruction_count; k = end) {
    for (end = k; end < a.instruction_count && may_chain(a.instructions[end].op);) ++end;
    if (end - k > 1) {
      execute_strips(a.instructions + k, end - k, at, n);
    } else {
      end = k + 1;
      execute(a.instructions[k], at, n, 0);
    }
  }
}

void copy(float* y, const float* x, std::int64_t n) {
  std::int64_t i = 0;
  for (; i + vl <= n; i += vl) store(y + i, load(x + i));
  if (i < n) store_first(y + i, load_first(x + i, static_cast<int>(n - i)), static_cast<int>(n - i));
}
void copy(float* y, const std::uint8_t* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) y[i] = x[i] != 0 ? 1.0f : 0.0f;
}
void fill(float* y, float value, std::int64_t n) {
  std::int64_t i = 0;
  for (; i + vl <= n; i += vl) store(y + i, set1(value));
  if (i < n) store_first(y + i, set1(value), static_cast<int>(n - i));
}

// Repeats the first `period` elements of y until there are n; returns n.
std::int64_t repeat(float* y, std::int64_t period, std::int64_t n) {
  for (std::int64_t filled = period; filled < n; filled *= 2) copy(y + filled, y, filled < n - filled ? filled : n - filled);
  return n;
}

// Elements [start, start + n) of a broadcast input, run by run along the last collapsed dimension; runs that the dimension
// before it repeats are read once.
template <class T>
void gather_runs(const ElementwiseLayout& a, int i, const T* x, std::int64_t start, std::int64_t n, float* y) {
  const ElementwiseInput& input = a.inputs[i];
  const int last = a.rank - 1;
  const std::int64_t size = a.shape[last], step = input.strides[last];
  std::int64_t index[max_rank], offset = 0, rest = start;
  for (int axis = last; axis >= 0; --axis) {
    index[axis] = rest % a.shape[axis], rest /= a.shape[axis];
    offset += index[axis] * input.strides[axis];
  }
  while (n > 0) {
    std::int64_t run = size - index[last] < n ? size - index[last] : n;
    if (step == 0) {
      fill(y, static_cast<float>(x[offset]), run);
    } else {
      copy(y, x + offset, run);
    }
    if (run == size && last > 0 && input.strides[last - 1] == 0) {
      const std::int64_t all = (a.shape[last - 1] - index[last - 1]) * size;
      run = repeat(y, size, all < n ? all : n);
      index[last - 1] += run / size - 1;  // the carry below adds the last one
      if (run % size != 0) return;
    }
    y += run, n -= run;
    index[last] += run < size ? run : size, offset += (run < size ? run : size) * step;
    for (int axis = last; axis > 0 && index[axis] == a.shape[axis]; --axis) {
      offset += input.strides[axis - 1] - a.shape[axis] * input.strides[axis];
      index[axis] = 0, ++index[axis - 1];
    }
  }
}

void gather(const ElementwiseArgs& args, int i, std::int64_t start, std::int64_t n, float* y) {
  if (args.layout->inputs[i].boolean) {
    gather_runs(*args.layout, i, static_cast<const std::uint8_t*>(args.inputs[i]), start, n, y);
  } else {
    gather_runs(*args.layout, i, static_cast<const float*>(args.inputs[i]), start, n, y);
  }
}

// The elements themselves, where they follow each other without a break.
const float* in_place(const ElementwiseArgs& args, int i, std::int64_t start, std::int64_t n) {
  const ElementwiseInput& input = args.layout->inputs[i];
  const float* x = static_cast<const float*>(args.inputs[i]);
  if (input.boolean) return nullptr;
  if (input.kind == ElementwiseInput::Kind::dense) return x + start;
  const std::int64_t run = args.layout->shape[args.layout->rank - 1];
  if (input.strides[args.layout->rank - 1] != 1 || start % run + n > run) return nullptr;
  std::int64_t offset = 0;
  for (int axis = args.layout->rank - 1; axis >= 0; --axis) {
    offset += start % args.layout->shape[axis] * input.strides[axis];
    start /= args.layout->shape[axis];
  }
  return x + offset;
}

// Whatever stays the same for all blocks.
void prepare(const ElementwiseArgs& args, Machine& m) {
  const ElementwiseLayout& a = *args.layout;
  using Kind = ElementwiseInput::Kind;
  for (int i = 0; i < a.input_count; ++i) {
    const ElementwiseInput& input = a.inputs[i];
    if (input.kind == Kind::scalar) {
      float value;
      gather(args, i, 0, 1, &value);
      m.splat(i, value);
    } else if (input.kind == Kind::pattern) {
      float* pattern = m.take(input.period + a.block);
      const std::int64_t length = input.period + a.block < a.size ? input.period + a.block : a.size;
      gather(args, i, 0, length, pattern);
      m.gathered[i] = pattern;
    } else if (input.kind == Kind::strided || input.boolean) {
      m.gathered[i] = m.take(a.block);
    }
  }
  for (int i = 0; i < a.immediate_count; ++i) m.splat(a.input_count + i, static_cast<float>(a.immediates[i]));
  for (int i = 0; i < a.slot_count; ++i) m.locations[a.input_count + a.immediate_count + i] = {m.take(a.block), 1};
}

void read_inputs(const ElementwiseArgs& args, Machine& m, std::int64_t start, int n) {
  using Kind = ElementwiseInput::Kind;
  for (int i = 0; i < args.layout->input_count; ++i) {
    const ElementwiseInput& input = args.layout->inputs[i];
    if (input.kind == Kind::scalar) continue;
    if (input.kind == Kind::pattern) {
      m.locations[i] = {m.gathered[i] + start % input.period, 1};
    } else if (const float* x = in_place(args, i, start, n)) {
      m.locations[i] = {const_cast<float*>(x), 1};
    } else {
      gather(args, i, start, n, m.gathered[i]);
      m.locations[i] = {m.gathered[i], 1};
    }
  }
}

// The outputs that can be written as soon as they are computed, for no later instruction reads what lies there. The layout
// cannot tell (`direct` are those that may be whatever the memory); now it is known which inputs share the memory.
unsigned written_at_once(const ElementwiseArgs& args) {
  const ElementwiseLayout& a = *args.layout;
  unsigned found = 0;
  for (int i = 0; i < a.output_count; ++i) {
    const ElementwiseOutput& output = a.outputs[i];
    bool safe = !output.direct && !output.boolean;
    for (int k = 0; k < a.input_count; ++k)
      safe = safe && (args.inputs[k] != args.outputs[i] || a.inputs[k].last_read <= output.made);
    for (int k = 0; k < i; ++k) safe = safe && a.outputs[k].source != output.source;
    found |= safe ? 1u << i : 0u;
  }
  return found;
}

void write_outputs(const ElementwiseArgs& args, const Machine& m, unsigned written, std::int64_t start, int n) {
  const ElementwiseLayout& a = *args.layout;
  for (int i = 0; i < a.output_count; ++i) {
    const ElementwiseOutput& output = a.outputs[i];
    if (output.direct || (written >> i & 1u) != 0) continue;
    const float* from = m.locations[output.source].at;
    if (output.boolean) {
      std::uint8_t* y = static_cast<std::uint8_t*>(args.outputs[i]) + start;
      for (int k = 0; k < n; ++k) y[k] = from[k] != 0.0f;
    } else {
      copy(static_cast<float*>(args.outputs[i]) + start, from, n);
    }
  }
}

}  // namespace

void elementwise(const ElementwiseArgs& args, Range blocks) {
  const ElementwiseLayout& a = *args.layout;
  Machine m;
  prepare(args, m);
  const unsigned written = written_at_once(args);
  const int first_output = a.input_count + a.immediate_count + a.slot_count;
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
    const std::int64_t start = block * a.block;
    const int n = static_cast<int>(a.size - start < a.block ? a.size - start : a.block);
    read_inputs(args, m, start, n);
    for (int i = 0; i < a.output_count; ++i) {
      const int location = (written >> i & 1u) != 0 ? a.outputs[i].source : first_output + i;
      m.locations[location] = {static_cast<float*>(args.outputs[i]) + start, 1};
    }
    execute_all(a, m.locations, n);
    write_outputs(args, m, written, start, n);
  }
}

}  // namespace convcore::CC_ISA
