"""The dtype policy of a layer: the type its variables have and the type it computes in."""

import re
from collections.abc import MutableMapping

from .core.dtypes import SUPPORTED, standardize_dtype

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
        if name in ("int", "float"):
            name = standardize_dtype(name)
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

    def at(self, path):
        """The policy of the layer of this path; None while it has none."""
        return self

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


class DTypePolicyMap(DTypePolicy, MutableMapping):
    """Policies of layers by their paths.

    A layer whose path is a key has that policy, else the one whose key, as a regular expression, matches the
    whole path, else the default. Layers have a path from when they are built.

    Args:
        default_policy: A policy or its name; None means the global one, also for all policies of a map that
            is read from a file.
        policy_map: Dict from paths or expressions to policies.
    """

    def __init__(self, default_policy=None, policy_map=None):
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError("DTypePolicyMap: `default_policy` cannot be a `DTypePolicyMap`.")
        if policy_map is not None and not isinstance(policy_map, dict):
            raise TypeError(
                "DTypePolicyMap: If specified, `policy_map` must be a dict. "
                f"Received: policy_map={policy_map!r} of type {type(policy_map).__name__}"
            )
        self._given = default_policy
        self._default = get(default_policy)
        self._policies = policy_map or {}

    @property
    def default_policy(self):
        return self._default

    @property
    def name(self):
        return f"map_{self._default.name}"

    @property
    def compute_dtype(self):
        return self._default.compute_dtype

    @property
    def variable_dtype(self):
        return self._default.variable_dtype

    def at(self, path):
        return self._default if path is None else self[path]

    def __getitem__(self, path):
        if path in self._policies:
            return self._policies[path]
        keys = [pattern for pattern in self._policies if re.fullmatch(pattern, path)]
        if len(keys) > 1:
            raise ValueError(
                f"DTypePolicyMap: Path '{path}' matches multiple dtype policy keys, expected one: {keys}"
            )
        return self._policies[keys[0]] if keys else self._default

    def __setitem__(self, path, policy):
        if path in self._policies:
            raise ValueError(
                f"{path} already exist in the DTypePolicyMap, with the policy {self._policies[path]}: delete "
                "it first"
            )
        try:
            self._policies[path] = get(policy)
        except (TypeError, ValueError) as error:
            raise ValueError(
                "DTypePolicyMap: Cannot interpret the assigned value. Expected a policy. "
                f"Received: {policy!r}"
            ) from error

    def __delitem__(self, path):
        del self._policies[path]

    def __contains__(self, path):
        return path in self._policies

    def __len__(self):
        return len(self._policies)

    def __iter__(self):
        return iter(self._policies)

    def get_config(self):
        configs = {path: serialize(policy) for path, policy in self._policies.items()}
        if self._given is None:  # as in Keras, the reader's global policy takes the place of all
            configs = {path: {**config, "config": {"name": None}} for path, config in configs.items()}
        given = self._given
        return {
            "default_policy": serialize(given) if isinstance(given, DTypePolicy) else given,
            "policy_map": configs,
        }

    @classmethod
    def from_config(cls, config):
        policies = {path: get(policy) for path, policy in config["policy_map"].items()}
        return cls(get(config["default_policy"]) if config["default_policy"] else None, policies)

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__

    def __repr__(self):
        mapping = [(path, policy.name) for path, policy in self.items()]
        return f"<DTypePolicyMap default_policy={self._default.name}, mapping={mapping}>"


def get(identifier):
    """A policy from a name, a NumPy dtype, a saved config, a policy or None (the global policy)."""
    if identifier is None:
        return global_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        values = identifier.get("config", identifier)
        if identifier.get("class_name") == "DTypePolicyMap":
            return DTypePolicyMap.from_config(values)
        name = values.get("name") if isinstance(values, dict) else values
        if not isinstance(name, str) and (name is not None or "name" not in values):
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
    is_map = isinstance(policy, DTypePolicyMap)
    return {
        "module": "keras.dtype_policies" if is_map else "keras",
        "class_name": "DTypePolicyMap" if is_map else "DTypePolicy",
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
