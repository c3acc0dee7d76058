"""How masks come into a layer's call and go on to its outputs."""

import functools
import inspect
import warnings

from ..core import masks, tree


@functools.cache
def _mask_parameters(call):
    """The parameters of ``call`` that are masks, and the names of all."""
    names = list(inspect.signature(call).parameters)[1:]
    return {name for name in names if name == "mask" or name.endswith("_mask")}, names


def incoming(layer, args, kwargs):
    """The masks of the first argument. A ``call`` of one tensor gets them as its argument ``mask``, one of
    several tensors as ``x_mask`` beside each ``x``, unless they were given.
    """
    if not args and not kwargs:
        return None
    first = args[0] if args else next(iter(kwargs.values()))
    found = masks.masks_of(first)
    wanted, names = _mask_parameters(type(layer).call)
    if "mask" in wanted:
        if kwargs.get("mask") is not None:
            return kwargs["mask"]
        if found is not None:
            kwargs["mask"] = found
    if wanted - {"mask"}:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        for name, value in given.items():
            if f"{name}_mask" in wanted and given.get(f"{name}_mask") is None:
                mask = masks.masks_of(value)
                if mask is not None:
                    kwargs[f"{name}_mask"] = mask
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
