"""The base class of the initializers."""


class Initializer:
    """Makes the first values of a variable: called with `(shape, dtype)`, returns an array.

    Subclasses write `__call__` and, if they have arguments, `get_config`.
    """

    def __call__(self, shape, dtype=None):
        raise NotImplementedError(f"{type(self).__name__}: an Initializer defines __call__(shape, dtype)")

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def clone(self):
        return type(self).from_config(self.get_config())
