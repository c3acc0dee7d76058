// Which elementwise nodes may run as one loop.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace convcore::passes {

// What one fused node may hold; the kernel allows more.
constexpr std::size_t max_fused_steps = 64, max_fused_inputs = 16, max_fused_outputs = 8, max_fused_immediates = 24;

// Groups of at least two nodes, each as positions in graph.nodes in ascending order. Making every group one node leaves the
// graph free of cycles. The members of a group have one output shape, and only their float32 results are read outside.
std::vector<std::vector<int>> elementwise_groups(const Graph& graph);

// What a group reads from outside, in the order of first use; scalar constants become immediates and are left out.
Values group_inputs(const Graph& graph, const std::vector<int>& group);
// What others read of a group.
Values group_outputs(const Graph& graph, const std::vector<int>& group, const std::vector<int>& uses);

// The program of a group, in the form of ops/program.h. (elementwise.cpp)
std::string program_text(const Graph& graph, const std::vector<int>& group, const Values& inputs, const Values& outputs);

}  // namespace convcore::passes
