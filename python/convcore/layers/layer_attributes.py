"""The attributes that the parts of Layer share, declared once for readers and for the type checker."""

from __future__ import annotations

from typing import Any

from ..core.operation import Operation


class LayerAttributes(Operation):
    """What LayerCalling, LayerState and LayerConfig may use of one another."""

    activity_regularizer: Any
    autocast: bool
    built: bool
    dtype_policy: Any
    input_spec: Any
    supports_masking: bool
    trainable: bool

    _build_shapes: dict[str, Any] | None
    _building: bool
    _call_losses: list[Any]
    _config_names: frozenset[str] | None
    _dtype_policy: Any
    _eager_function: Any
    _fast_calls: dict[Any, Any]
    _layer_path: str | None
    _own_variables: list[Any]
    _trainable: bool

    build: Any
    call: Any
    compute_dtype: Any
    variable_dtype: Any
    path: Any
    losses: Any
    non_trainable_variables: Any
    trainable_variables: Any
    _clear_losses: Any
    _emit: Any
    _path_scope: Any
    _sublayers: Any
    _take_losses: Any
