"""Embedding."""

import warnings
from typing import Any

from ... import constraints, initializers, ops, regularizers
from ...core.arguments import positive_int
from ..low_rank import LowRank, adapted


class Embedding(LowRank):
    """A vector of weights for each integer.

    Args:
        input_dim: number of vectors; integers lie in [0, input_dim).
        output_dim: size of a vector.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: names, configurations or
            objects of `convcore.initializers`, `convcore.regularizers` and `convcore.constraints`.
        mask_zero: whether 0 marks missing steps, which layers that support masks leave out.
        weights: the vectors (input_dim, output_dim), at once.
        lora_rank, lora_alpha: arguments of `enable_lora`, which is then part of building; None for none.
        quantization_config: accepted for compatibility; only None.

    Weights: `embeddings` (input_dim, output_dim).

    Input shape: integers of any shape.

    Output shape: that of the input with `output_dim` behind it.

    Example:

    >>> import numpy as np
    >>> Embedding(4, 2, embeddings_initializer="ones")(np.array([[0, 3]]))
    array([[[1., 1.],
            [1., 1.]]], dtype=float32)
    """

    adapted_weight = "embeddings"
    embeddings: Any = adapted("embeddings")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: Any = None,
        lora_alpha: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        if quantization_config is not None:
            raise ValueError(
                "Embedding: quantization_config is not available in convcore, expected None, received "
                f"{quantization_config!r}"
            )
        if kwargs.pop("input_length", None) is not None:
            warnings.warn("Argument `input_length` is deprecated. Just remove it.", stacklevel=2)
        super().__init__(**kwargs)
        self.input_dim = positive_int(input_dim, "input_dim", type(self).__name__)
        self.output_dim = positive_int(output_dim, "output_dim", type(self).__name__)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.quantization_config = None
        self._set_low_rank(lora_rank, lora_alpha)
        self.supports_masking = mask_zero
        if weights is not None:
            self.build()
            self.built = True
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def build(self, input_shape: Any = None) -> None:
        if self.built:
            return
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        self._adapt_if_asked()

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def call(self, inputs: Any) -> Any:
        return ops.take(self.embeddings, ops.cast(inputs, "int32"), axis=0)

    def get_config(self) -> dict[str, Any]:
        # written out, since `input_dim` of other layers is no part of their configuration
        low_rank = {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            "quantization_config": self.quantization_config,
            **(low_rank if self.lora_rank else {}),
        }
