// Short names for emitting nodes, for gradient rules.
#pragma once

#include "graph/graph.h"

namespace convcore::build {

inline Value add(Graph& g, Value a, Value b) { return g.emit1("add", {a, b}); }
inline Value subtract(Graph& g, Value a, Value b) { return g.emit1("subtract", {a, b}); }
inline Value multiply(Graph& g, Value a, Value b) { return g.emit1("multiply", {a, b}); }
inline Value divide(Graph& g, Value a, Value b) { return g.emit1("divide", {a, b}); }
inline Value negative(Graph& g, Value a) { return g.emit1("negative", {a}); }
// a scalar constant of the dtype of `like`
inline Value scalar(Graph& g, double value, Value like) { return g.scalar(value, g.type(like).dtype); }
// Sums dy over the axes along which `like` was broadcast, so that the result has the shape of `like` (whose data is not
// read).
inline Value sum_to_shape(Graph& g, Value dy, Value like) {
  return g.type(dy).shape == g.type(like).shape && g.type(dy).shape.known() ? dy : g.emit1("sum_to_shape", {dy, like});
}
inline Value where(Graph& g, Value condition, Value a, Value b) { return g.emit1("where", {condition, a, b}); }

}  // namespace convcore::build
