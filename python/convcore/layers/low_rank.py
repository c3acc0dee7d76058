"""Low-rank adaptation: a frozen weight plus the product of two small matrices that are trained."""

from typing import Any

from .. import initializers, ops
from ..core import scope
from ..core.arguments import positive_int
from .layer import Layer


def adapted(name: str) -> Any:
    """The attribute ``name`` of a layer: its weight, or what that and the two matrices give once the layer is
    adapted. The weight alone is ``_name``.
    """

    def get(self: Any) -> Any:
        weight = self.__dict__.get(f"_{name}")
        if weight is None:
            raise AttributeError(f"You must build the layer before accessing `{name}`.")
        return ops.cast(self._with_update(weight), self.compute_dtype) if self.lora_enabled else weight

    def put(self: Any, value: Any) -> None:
        setattr(self, f"_{name}", value)
        if self.built:
            scope.structure_changed()

    return property(get, put)


class LowRank(Layer):
    """The part of a layer that `enable_lora` belongs to (Hu et al., 2021, https://arxiv.org/abs/2106.09685)."""

    adapted_weight = "kernel"
    always_unwritten: tuple[str, ...] = ()
    # What constructors may take out of their keywords without naming it.
    further_arguments = ("lora_rank", "lora_alpha")
    lora_enabled = False
    lora_rank: int | None = None
    lora_alpha: float | None = None

    def _set_low_rank(self, rank: int | None, alpha: float | None) -> None:
        """Keeps the arguments of the constructor until `build`."""
        if rank is not None:
            self.lora_rank = positive_int(rank, "lora_rank", type(self).__name__)
            self.lora_alpha = self.lora_rank if alpha is None else alpha
        elif alpha is not None:
            raise ValueError(
                f"{type(self).__name__}: argument `lora_alpha`: expected None without `lora_rank`; received "
                f"{alpha!r}"
            )

    def _adapt_if_asked(self) -> None:
        """The end of `build`."""
        if self.lora_rank is not None:
            self._adapt(self.lora_rank, self.lora_alpha, "he_uniform", "zeros")

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freezes the kernel K and trains two matrices instead: K becomes K + lora_alpha / rank * A @ B.

        Files hold the sum in the place of K, so that they can be loaded into layers without A and B.

        Args:
            rank: number of columns of A, of shape `(*K.shape[:-1], rank)`, and rows of B.
            lora_alpha: strength of the product; `rank` when None.
            a_initializer, b_initializer: how A and B begin; with zeros for B nothing changes at first.
        """
        self._refuse_constraint()
        if not self.built:
            raise ValueError(
                f"Layer {self.name!r}: Cannot enable lora on a layer that isn't yet built: call it, or "
                "build() it first"
            )
        if self.lora_enabled:
            raise ValueError(
                f"Layer {self.name!r}: lora is already enabled. This can only be done once per layer."
            )
        self._adapt(positive_int(rank, "rank", "enable_lora"), lora_alpha, a_initializer, b_initializer)
        scope.structure_changed()

    def _adapt(self, rank: int, alpha: float | None, a_initializer: Any, b_initializer: Any) -> None:
        self._refuse_constraint()
        name = self.adapted_weight
        weight = getattr(self, f"_{name}")
        regularizer = getattr(self, f"{name}_regularizer")
        for letter, shape, initializer in (
            ("a", (*weight.shape[:-1], rank), a_initializer),
            ("b", (rank, weight.shape[-1]), b_initializer),
        ):
            matrix = self.add_weight(
                name=f"lora_{name}_{letter}",
                shape=shape,
                initializer=initializers.get(initializer),
                dtype="float32",
                regularizer=regularizer,
            )
            setattr(self, f"lora_{name}_{letter}", matrix)
        weight.trainable = False
        self.lora_rank, self.lora_alpha, self.lora_enabled = rank, rank if alpha is None else alpha, True

    def _refuse_constraint(self) -> None:
        name = self.adapted_weight
        if getattr(self, f"{name}_constraint") is not None:
            raise ValueError(
                f"Layer {self.name!r}: Lora is incompatible with {name.removesuffix('s')} constraints: "
                f"remove the `{name}_constraint` argument"
            )

    def _matrices(self) -> tuple[Any, Any]:
        return getattr(self, f"lora_{self.adapted_weight}_a"), getattr(self, f"lora_{self.adapted_weight}_b")

    def _with_update(self, weight: Any) -> Any:
        rank, alpha = self.lora_rank, self.lora_alpha
        assert rank is not None and alpha is not None
        return ops.add(weight, ops.multiply(ops.matmul(*self._matrices()), alpha / rank))

    def _stored(self) -> list[Any]:
        """What files hold, in their order: all own weights but the two matrices."""
        return [v for v in [*self._own(True), *self._own(False)] if all(v is not m for m in self._matrices())]

    def save_own_variables(self, store: Any) -> None:
        if not self.lora_enabled:
            return super().save_own_variables(store)
        weight = getattr(self, f"_{self.adapted_weight}")
        for i, variable in enumerate(self._stored()):
            value = ops.cast(self._with_update(weight), weight.dtype) if variable is weight else variable
            store[f"{i}"] = ops.convert_to_numpy(value)

    def load_own_variables(self, store: Any) -> None:
        if not self.lora_enabled:
            return super().load_own_variables(store)
        stored = self._stored()
        if len(store.keys()) != len(stored):
            raise ValueError(
                f"Layer {self.name!r}: expected {len(stored)} variables; received {len(store.keys())}"
            )
        for i, variable in enumerate(stored):
            variable.assign(store[f"{i}"])
        for matrix in self._matrices():
            matrix.assign(ops.zeros(matrix.shape))

    @property
    def unwritten_arguments(self) -> tuple[str, ...]:  # type: ignore[override]
        none = () if self.lora_rank else ("lora_rank", "lora_alpha")
        return (*none, *self.always_unwritten)

    def init_arguments(self) -> dict[str, Any]:
        named = super().init_arguments()
        if self.lora_rank:
            named.update(lora_rank=self.lora_rank, lora_alpha=self.lora_alpha)
        return named
