// Elementwise programs, interpreted one element at a time: the definition of what the blocked kernels compute.
#include "kernels/elementwise.h"

#include <algorithm>

#include "kernels/convert.h"
#include "kernels/reference/scalar.h"

namespace convcore::reference {

namespace {

enum class Domain { any, numeric, floating };

template <class T>
constexpr bool belongs(Domain domain) {
  return domain != Domain::floating || std::is_floating_point_v<T>;
}

template <int Arity, class T, class F>
T call(F f, const T* v, const std::int16_t* operands) {
  if constexpr (Arity == 1)
    return f(v[operands[0]]);
  else if constexpr (Arity == 2)
    return f(v[operands[0]], v[operands[1]]);
  else
    return f(v[operands[0]], v[operands[1]], v[operands[2]]);
}

}  // namespace

template <class T>
T evaluate(const Instruction& instruction, const T* v) {
  switch (instruction.op) {
#define CC_SCALAR(NAME, ARITY, DOMAIN, RESULT)                                                      \
  case Opcode::NAME:                                                                                \
    if constexpr (belongs<T>(Domain::DOMAIN))                                                       \
      return call<ARITY>([](auto... x) { return scalar::NAME<T>(x...); }, v, instruction.operands); \
    break;
#include "kernels/elementwise.def"
#undef CC_SCALAR
  }
  return T{};
}
template float evaluate<float>(const Instruction&, const float*);
template double evaluate<double>(const Instruction&, const double*);

namespace {

template <class T>
T read(const ElementwiseInput& input, const void* data, std::int64_t offset) {
  return input.boolean ? static_cast<T>(static_cast<const std::uint8_t*>(data)[offset] != 0)
                       : static_cast<const T*>(data)[offset];
}

std::int64_t offset_of(const ElementwiseLayout& a, const ElementwiseInput& input, std::int64_t index) {
  std::int64_t offset = 0;
  for (int axis = a.rank - 1; axis >= 0; --axis) {
    offset += index % a.shape[axis] * input.strides[axis];
    index /= a.shape[axis];
  }
  return offset;
}

}  // namespace

template <class T>
void elementwise(const ElementwiseArgs& args, Range blocks) {
  const ElementwiseLayout& a = *args.layout;
  T v[max_program_locations];
  for (int i = 0; i < a.immediate_count; ++i) v[a.input_count + i] = convert<T>(a.immediates[i]);
  const std::int64_t end = std::min(blocks.end * a.block, a.size);
  for (std::int64_t index = blocks.begin * a.block; index < end; ++index) {
    for (int i = 0; i < a.input_count; ++i) v[i] = read<T>(a.inputs[i], args.inputs[i], offset_of(a, a.inputs[i], index));
    for (int i = 0; i < a.instruction_count; ++i) v[a.instructions[i].result] = evaluate(a.instructions[i], v);
    for (int i = 0; i < a.output_count; ++i) {
      const T value = v[a.outputs[i].source];
      if (a.outputs[i].boolean)
        static_cast<std::uint8_t*>(args.outputs[i])[index] = value != T{0};
      else
        static_cast<T*>(args.outputs[i])[index] = value;
    }
  }
}

template void elementwise<std::uint8_t>(const ElementwiseArgs&, Range);
template void elementwise<std::int32_t>(const ElementwiseArgs&, Range);
template void elementwise<std::uint32_t>(const ElementwiseArgs&, Range);
template void elementwise<std::int64_t>(const ElementwiseArgs&, Range);
template void elementwise<float>(const ElementwiseArgs&, Range);
template void elementwise<double>(const ElementwiseArgs&, Range);

}  // namespace convcore::reference
