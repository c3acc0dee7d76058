"""Named values that can be read as attributes or as items, frozen, and written as JSON."""

import json

from ..core.suggestions import did_you_mean


class Config:
    """A dictionary of named values whose entries are attributes as well.

    Args:
        **kwargs: The first entries.

    Raises:
        ValueError: when a frozen Config is changed.
        AttributeError: when an attribute is read that is no entry.

    Example:

    >>> from convcore.utils import Config
    >>> config = Config(learning_rate=0.1)
    >>> config.seed = 3
    >>> config["seed"], config.learning_rate
    (3, 0.1)
    >>> config.freeze()
    >>> config.to_json()
    '{"learning_rate": 0.1, "seed": 3}'
    """

    def __init__(self, **kwargs):
        self._config = kwargs
        self._frozen = False

    @property
    def frozen(self):
        """Whether entries can no longer be changed."""
        return self._frozen

    def freeze(self):
        """Refuses every change from now on."""
        self._frozen = True

    def unfreeze(self):
        """Allows changes again."""
        self._frozen = False

    def as_dict(self):
        """The entries as a new dictionary; values are not copied."""
        return dict(self._config)

    def to_json(self):
        """The entries as JSON text."""
        return json.dumps(self._config)

    def keys(self):
        return self._config.keys()

    def values(self):
        return self._config.values()

    def items(self):
        return self._config.items()

    def get(self, keyname, value=None):
        """The entry, or `value` where there is none."""
        return self._config.get(keyname, value)

    def pop(self, *args):
        """Removes an entry and returns it, as `dict.pop` does."""
        return self._changeable().pop(*args)

    def update(self, *args, **kwargs):
        """Sets many entries, as `dict.update` does."""
        self._changeable().update(*args, **kwargs)

    def _changeable(self):
        if self._frozen:
            raise ValueError(
                "Config: Cannot mutate attribute(s) because the config is frozen: expected no change; call "
                "unfreeze() first"
            )
        return self._config

    def __setattr__(self, name, value):
        # Methods and properties are no entries, so that nothing called `items` can hide `items()`.
        if name in ("_config", "_frozen") or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self[name] = value

    def __getattr__(self, name):
        entries = self.__dict__.get("_config", {})
        if name in entries:
            return entries[name]
        raise AttributeError(f"Config: Unknown attribute: {name!r}.{did_you_mean(name, entries)}")

    def __getitem__(self, key):
        return self._config[key]

    def __setitem__(self, key, item):
        self._changeable()[key] = item

    def __delitem__(self, key):
        del self._changeable()[key]

    def __contains__(self, item):
        return item in self._config

    def __iter__(self):
        return iter(sorted(self._config))

    def __len__(self):
        return len(self._config)

    def __repr__(self):
        return f"<Config {self._config}>"
