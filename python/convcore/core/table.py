"""The closed table of one kind of small object (initializers, regularizers, ..), under Keras's names."""

from collections.abc import Mapping, Sequence
from typing import Any

from .lookup import resolve, restore
from .naming import to_snake_case


class Table:
    """Keras's `get`, `serialize` and `deserialize` for one kind.

    Args:
        kind: the word used in messages.
        classes: each is known by its name and by its snake-case name.
        aliases: further names, name -> class.
    """

    def __init__(self, kind: str, classes: Sequence[type], aliases: Mapping[str, type] | None = None) -> None:
        self.kind = kind
        self.classes = {cls.__name__: cls for cls in classes}
        self.classes.update({to_snake_case(cls.__name__): cls for cls in classes})
        self.classes.update(aliases or {})

    def get(self, identifier: Any) -> Any:
        """None -> None; a name, a config or a class -> an instance; a callable -> itself."""
        return resolve(self.kind, identifier, self.classes)

    def serialize(self, thing: Any) -> Any:
        """The envelope `{"module", "class_name", "config", "registered_name"}` (None for None)."""
        from ..saving import serialize_keras_object

        return serialize_keras_object(thing)

    def deserialize(self, config: Any, custom_objects: Any = None) -> Any:
        """The reverse of `serialize`; a plain name works too."""
        if isinstance(config, dict):
            return restore(self.kind, config, self.classes, custom_objects)
        return resolve(self.kind, config, self.classes, custom_objects)
