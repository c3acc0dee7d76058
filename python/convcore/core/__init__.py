"""How symbolic things work: variables, traces, symbolic tensors and operations."""
