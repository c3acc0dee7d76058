"""The dtype policy of a layer: the type its variables have and the type it computes in."""

from . import config

_global_policy = None


class DTypePolicy:
    """``float32`` or ``float64`` for both variables and computation.

    Args:
        name: Name of the policy; None means the global one.
    """

    def __init__(self, name=None):
        name = config.floatx() if name is None else name
        if not isinstance(name, str):
            raise ValueError(f"DTypePolicy: expected the name of a policy; received {name!r}")
        if name not in ("float32", "float64"):
            raise ValueError(
                f"DTypePolicy: expected 'float32' or 'float64'; received {name!r}, which convcore does not "
                "compute in"
            )
        self._name = name

    @property
    def name(self):
        return self._name

    @property
    def compute_dtype(self):
        return self._name

    @property
    def variable_dtype(self):
        return self._name

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

    return DTypePolicy(standardize_dtype(identifier))


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
        _global_policy = DTypePolicy(config.floatx())
    return _global_policy


def set_global_policy(policy):
    """Sets the policy of layers that are given none."""
    global _global_policy
    _global_policy = get(policy)


def forget_global_policy():
    """Follows floatx again."""
    global _global_policy
    _global_policy = None
