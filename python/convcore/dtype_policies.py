"""The dtype policy of a layer: the type its variables have and the type it computes in."""

from .core.dtypes import SUPPORTED

_global_policy = None
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


class DTypePolicy:
    """The types of a layer's variables and of its computation, by one name.

    A type (``float16``, ``bfloat16``, ``float32``, ``float64``) stands for both. ``mixed_float16`` and
    ``mixed_bfloat16`` keep variables in float32: the layer casts them, and its float inputs, to the 16-bit
    type, and so are its outputs. Values of 16 bits are computed in float32 and rounded where they are kept or
    come out.

    Args:
        name: Name of the policy; None means the global one.
    """

    def __init__(self, name=None):
        name = global_policy().name if name is None else name
        if not isinstance(name, str):
            raise TypeError(
                f"DTypePolicy: 'name' must be a string, such as 'mixed_float16'. Received: name={name!r} "
                f"(of type {type(name).__name__})"
            )
        if name not in SUPPORTED and name not in _MIXED:
            raise ValueError(
                f"DTypePolicy: Cannot convert {name!r} to a mixed precision DTypePolicy: expected one of "
                f"{(*_MIXED, *SUPPORTED)} (there are no quantized policies)"
            )
        self._name = name

    @property
    def name(self):
        return self._name

    @property
    def compute_dtype(self):
        return _MIXED.get(self._name, self._name)

    @property
    def variable_dtype(self):
        return "float32" if self._name in _MIXED else self._name

    @property
    def quantization_mode(self):
        return None

    def get_config(self):
        return {"name": self._name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __eq__(self, other):
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self):
        return hash(self._name)

    def __repr__(self):
        return f'<DTypePolicy "{self._name}">'


class FloatDTypePolicy(DTypePolicy):
    """`DTypePolicy` under its other name."""

    def __repr__(self):
        return f'<DTypePolicy "{self._name}">'


def get(identifier):
    """A policy from a name, a NumPy dtype, a saved config, a policy or None (the global policy)."""
    if identifier is None:
        return global_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        values = identifier.get("config", identifier)
        name = values.get("name") if isinstance(values, dict) else values
        if not isinstance(name, str):
            raise ValueError(f"DTypePolicy: expected the saved config of a policy; received {identifier!r}")
        return DTypePolicy(name)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    from .core.dtypes import standardize_dtype

    try:
        name = standardize_dtype(identifier)
    except ValueError as error:
        raise ValueError(
            "DTypePolicy: Cannot interpret `dtype` argument. Expected a name, a type or an instance of "
            f"DTypePolicy. Received: dtype={identifier!r} ({error})"
        ) from None
    return DTypePolicy(name)


def deserialize(config, custom_objects=None):
    """The policy of a config that ``serialize`` made; there are no policies of users' own."""
    return get(config)


def serialize(policy):
    """The config of a policy as Keras writes it."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": policy.get_config(),
        "registered_name": None,
    }


def global_policy():
    """The policy of layers that are given none."""
    global _global_policy
    if _global_policy is None:
        from .config import floatx

        _global_policy = DTypePolicy(floatx())
    return _global_policy


def set_global_policy(policy):
    """Sets the policy of layers that are given none."""
    global _global_policy
    if not isinstance(policy, (str, DTypePolicy)):
        raise ValueError(
            "set_dtype_policy: Invalid `policy` argument: expected the name of a policy or a DTypePolicy. "
            f"Received: policy={policy!r}"
        )
    _global_policy = get(policy)


def forget_global_policy():
    """Follows floatx again."""
    global _global_policy
    _global_policy = None
