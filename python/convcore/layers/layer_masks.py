"""How masks come into a layer's call and go on to its outputs."""

import functools
import inspect
import warnings

from ..core import masks, tree


@functools.cache
def _takes_mask(call):
    return "mask" in inspect.signature(call).parameters


def incoming(layer, args, kwargs):
    """The masks of the first argument; they become the argument ``mask`` of ``call`` unless one was given."""
    if not args and not kwargs:
        return None
    first = args[0] if args else next(iter(kwargs.values()))
    found = masks.masks_of(first)
    if _takes_mask(type(layer).call):
        if kwargs.get("mask") is not None:
            return kwargs["mask"]
        if found is not None:
            kwargs["mask"] = found
    return found


def outgoing(layer, inputs, outputs, found):
    """Attaches the masks that ``layer`` computes from those of its inputs; warns where they are lost."""
    from .layer import Layer

    if layer.supports_masking:
        own = type(layer).compute_mask is not Layer.compute_mask
        if own or found is not None:
            masks.attach(outputs, layer.compute_mask(inputs, found))
    elif found is not None and not _hands_on(layer):
        kind = f"Layer {layer.name!r} ({type(layer).__name__})"
        warnings.warn(
            f"{kind}: received an input with a mask, but does not support masking: the mask ends here and "
            "later layers will not see it. Set supports_masking=True if the layer may pass it on.",
            stacklevel=2,
        )


def _hands_on(layer):
    """Whether the layers inside see the masks themselves."""
    from ..models import Model

    return isinstance(layer, Model)


def attach_by_position(args, found):
    """Gives the leaves of ``args`` the masks of a dict {position: mask}."""
    leaves = tree.flatten(args)
    for i, mask in found.items():
        masks.set_keras_mask(leaves[i], mask)
