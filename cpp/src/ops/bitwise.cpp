// bitwise: functions of the bits of two whole numbers.
#include <array>
#include <string_view>

#include "base/error.h"
#include "kernels/bits.h"
#include "ops/elementwise.h"

namespace convcore {

namespace {

struct Bitwise {
  std::string function = "and";
  void fields(auto&& f) { f("function", function); }
};

struct Named {
  std::string_view name;
  BitFunction function;
};
constexpr std::array<Named, 6> functions = {{{"and", BitFunction::both},
                                             {"or", BitFunction::either},
                                             {"xor", BitFunction::one},
                                             {"left_shift", BitFunction::left_shift},
                                             {"right_shift", BitFunction::right_shift},
                                             {"gcd", BitFunction::gcd}}};

BitFunction function_of(const Attrs& attrs) {
  std::string words;
  for (const Named& known : functions) {
    if (attrs.as<Bitwise>().function == known.name) return known.function;
    words += cat(words.empty() ? "" : ", ", known.name);
  }
  fail("bitwise", cat("a function of ", words), attrs.as<Bitwise>().function);
}

Types infer(const Attrs& attrs, const Types& in) {
  function_of(attrs);
  if (is_float(in[0].dtype) || in[0].dtype != in[1].dtype)
    fail("bitwise", "two tensors of one integer dtype, or bool", cat(in[0].str(), " and ", in[1].str()), "Cast first.");
  const Shape &a = in[0].shape, &b = in[1].shape;
  bool same = a.rank() == b.rank();
  for (int axis = 0; same && axis < a.rank(); ++axis) same = a[axis] == b[axis] || a[axis] == unknown || b[axis] == unknown;
  if (!same) fail("bitwise", "tensors of one shape", cat(a.str(), " and ", b.str()), "Broadcast first.");
  return {{in[0].dtype, broadcast_shapes("bitwise", in)}};
}

void run(const Call& call) {
  const Type& y = call.view.out[0];
  const BitsArgs args{call.in[0], call.in[1], call.out[0], y.dtype, function_of(call.view.node->attrs), y.shape.elements()};
  parallel_for((args.size + bits_block - 1) / bits_block, 1.0 * bits_block,
               [&](Range blocks) { reference::bits(args, blocks); });
}

}  // namespace

CC_DEFINE_OP(bitwise, Define<Bitwise>("and, or, xor, left_shift, right_shift or gcd of whole numbers of one shape")
                          .inputs({"a", "b"})
                          .infer(infer)
                          .grad(no_gradient)
                          .impl(Device::cpu, "reference", run))

}  // namespace convcore
