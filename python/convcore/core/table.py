"""The closed table of one kind of small object (initializers, regularizers, ..), under Keras's names."""

from .lookup import resolve, restore
from .naming import to_snake_case


class Table:
    """Keras's `get`, `serialize` and `deserialize` for one kind.

    Args:
        kind: the word used in messages.
        classes: each is known by its name and by its snake-case name.
        aliases: further names, name -> class.
    """

    def __init__(self, kind, classes, aliases=None):
        self.kind = kind
        self.classes = {cls.__name__: cls for cls in classes}
        self.classes.update({to_snake_case(cls.__name__): cls for cls in classes})
        self.classes.update(aliases or {})

    def get(self, identifier):
        """None -> None; a name, a config or a class -> an instance; a callable -> itself."""
        return resolve(self.kind, identifier, self.classes)

    def serialize(self, thing):
        """The envelope `{"module", "class_name", "config", "registered_name"}` (None for None)."""
        from ..saving import serialize_keras_object

        return serialize_keras_object(thing)

    def deserialize(self, config, custom_objects=None):
        """The reverse of `serialize`; a plain name works too."""
        if isinstance(config, dict):
            return restore(self.kind, config, self.classes, custom_objects)
        return resolve(self.kind, config, self.classes, custom_objects)
