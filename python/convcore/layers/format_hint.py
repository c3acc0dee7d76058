"""What errors add when data seem to have their channels at the other end."""

_FEW = (1, 3, 4)  # what images have


def format_hint(shape, data_format, channels=None):
    """A sentence for an error if ``shape`` (with the batch) looks like the other data format, else "".

    ``channels`` is how many were expected, if that is known; without it, only images are recognised.
    """
    if len(shape) < 3:
        return ""
    here, there = (shape[-1], shape[1]) if data_format == "channels_last" else (shape[1], shape[-1])
    if channels is not None:
        swapped = there == channels != here
    else:
        swapped = len(shape) >= 4 and there in _FEW and here is not None and here > max(_FEW)
    if not swapped:
        return ""
    if data_format == "channels_last":
        return (
            " The data look channels-first, the layer expects channels last: use np.moveaxis(x, 1, -1), or "
            'data_format="channels_first".'
        )
    return (
        " The data look channels-last, the layer expects channels first: use np.moveaxis(x, -1, 1), or "
        'data_format="channels_last".'
    )
