// The reference convolution and its gradients.
#include "kernels/reference/conv.h"

namespace convcore::reference {

namespace {

// Offset of (image, channel, depth, height, width) in a tensor of either data format.
struct Layout {
  std::int64_t channels, size[3];
  bool channels_first;

  std::int64_t at(std::int64_t n, std::int64_t c, const std::int64_t p[3]) const {
    const std::int64_t pixels = size[0] * size[1] * size[2];
    const std::int64_t pixel = (p[0] * size[1] + p[1]) * size[2] + p[2];
    return channels_first ? (n * channels + c) * pixels + pixel : (n * pixels + pixel) * channels + c;
  }
};

template <class T>
Layout input_layout(const ConvArgs<T>& a) {
  const ConvShape& s = a.shape;
  return {s.c, {s.in[0], s.in[1], s.in[2]}, a.channels_first};
}

template <class T>
Layout output_layout(const ConvArgs<T>& a) {
  const ConvShape& s = a.shape;
  return {s.f, {s.out[0], s.out[1], s.out[2]}, a.channels_first};
}

// Calls body(position) for each position of a box.
template <class F>
void each(const std::int64_t size[3], F body) {
  std::int64_t p[3];
  for (p[0] = 0; p[0] < size[0]; ++p[0])
    for (p[1] = 0; p[1] < size[1]; ++p[1])
      for (p[2] = 0; p[2] < size[2]; ++p[2]) body(p);
}

// Calls body(input position, tap number) for each tap that output `o` reads inside the input.
template <class F>
void each_tap(const ConvShape& s, const std::int64_t o[3], F body) {
  each(s.k, [&](const std::int64_t k[3]) {
    std::int64_t i[3];
    for (int a = 0; a < 3; ++a) {
      i[a] = o[a] * s.stride[a] + k[a] * s.dilation[a] - s.pad[a];
      if (i[a] < 0 || i[a] >= s.in[a]) return;
    }
    body(i, (k[0] * s.k[1] + k[1]) * s.k[2] + k[2]);
  });
}

}  // namespace

template <class T>
T activate(T v, const Activation& a) {
  if (v < static_cast<T>(a.low)) v = static_cast<T>(a.low);
  if (v > static_cast<T>(a.high)) v = static_cast<T>(a.high);
  T values[1 + max_activation_immediates + max_activation_steps] = {v};
  for (int i = 0; i < a.immediate_count; ++i) values[1 + i] = static_cast<T>(a.immediates[i]);
  for (int i = 0; i < a.step_count; ++i) v = values[a.steps[i].result] = evaluate(a.steps[i], values);
  return v;
}

template <class T>
void conv(const ConvArgs<T>& a, Range images) {
  const ConvShape& s = a.shape;
  const Layout in = input_layout(a), out = output_layout(a);
  const std::int64_t cg = s.c / s.groups, fg = s.f / s.groups;
  for (std::int64_t n = images.begin; n < images.end; ++n)
    each(s.out, [&](const std::int64_t o[3]) {
      for (std::int64_t f = 0; f < s.f; ++f) {
        double sum = a.bias ? static_cast<double>(a.bias[f]) : 0.0;
        each_tap(s, o, [&](const std::int64_t i[3], std::int64_t tap) {
          for (std::int64_t c = 0; c < cg; ++c)
            sum +=
                static_cast<double>(a.x[in.at(n, f / fg * cg + c, i)]) * static_cast<double>(a.w[(tap * cg + c) * s.f + f]);
        });
        const std::int64_t at = out.at(n, f, o);
        const T v = static_cast<T>(sum);
        a.y[at] = activate(a.residual ? static_cast<T>(v + a.residual[at]) : v, a.activation);
      }
    });
}

template <class T>
void conv_backward_input(const ConvArgs<T>& a, Range images) {
  const ConvShape& s = a.shape;
  const Layout in = input_layout(a), out = output_layout(a);
  const std::int64_t cg = s.c / s.groups, fg = s.f / s.groups, image = s.c * s.in[0] * s.in[1] * s.in[2];
  for (std::int64_t i = images.begin * image; i < images.end * image; ++i) a.dx[i] = a.residual ? a.residual[i] : T(0);
  for (std::int64_t n = images.begin; n < images.end; ++n)
    each(s.out, [&](const std::int64_t o[3]) {
      each_tap(s, o, [&](const std::int64_t i[3], std::int64_t tap) {
        for (std::int64_t c = 0; c < s.c; ++c) {
          double sum = 0;
          for (std::int64_t f = c / cg * fg; f < (c / cg + 1) * fg; ++f)
            sum += static_cast<double>(a.dy[out.at(n, f, o)]) * static_cast<double>(a.w[(tap * cg + c % cg) * s.f + f]);
          a.dx[in.at(n, c, i)] += static_cast<T>(sum);
        }
      });
    });
  for (std::int64_t n = images.begin; n < images.end; ++n)
    each(s.in, [&](const std::int64_t i[3]) {
      for (std::int64_t c = 0; c < s.c; ++c) {
        T& y = a.dx[in.at(n, c, i)];
        y = activate(a.bias != nullptr ? y + a.bias[c] : y, a.activation);
      }
    });
}

template <class T>
void conv_backward_filter(const ConvArgs<T>& a, Range filters) {
  const ConvShape& s = a.shape;
  const Layout in = input_layout(a), out = output_layout(a);
  const std::int64_t cg = s.c / s.groups, fg = s.f / s.groups, rows = s.k[0] * s.k[1] * s.k[2] * cg;
  for (std::int64_t f = filters.begin; f < filters.end; ++f) {
    for (std::int64_t r = 0; r < rows; ++r) a.dw[r * s.f + f] = T(0);
    if (a.db != nullptr) a.db[f] = T(0);
    for (std::int64_t n = 0; n < s.n; ++n)
      each(s.out, [&](const std::int64_t o[3]) {
        const T dy = a.dy[out.at(n, f, o)];
        if (a.db != nullptr) a.db[f] += dy;
        each_tap(s, o, [&](const std::int64_t i[3], std::int64_t tap) {
          for (std::int64_t c = 0; c < cg; ++c) a.dw[(tap * cg + c) * s.f + f] += a.x[in.at(n, f / fg * cg + c, i)] * dy;
        });
      });
  }
}

#define CC_INSTANTIATE(T)                                          \
  template T activate<T>(T, const Activation&);                    \
  template void conv<T>(const ConvArgs<T>&, Range);                \
  template void conv_backward_input<T>(const ConvArgs<T>&, Range); \
  template void conv_backward_filter<T>(const ConvArgs<T>&, Range)
CC_INSTANTIATE(float);
CC_INSTANTIATE(double);
#undef CC_INSTANTIATE

}  // namespace convcore::reference
