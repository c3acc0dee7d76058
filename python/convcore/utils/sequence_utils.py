"""Sequences of different lengths as one array."""

import numpy as np


def pad_sequences(sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0):
    """An array (samples, maxlen, ...) of sequences that are padded with `value` or cut.

    Args:
        sequences: List of sequences; their elements may be arrays of one shape.
        maxlen: Length of all rows; the longest sequence's when None.
        dtype: Of the result.
        padding: "pre" or "post": where the values stand.
        truncating: "pre" or "post": which end of longer sequences is cut off.
        value: What is filled in.

    Example:

    >>> from convcore.utils import pad_sequences
    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    for name, word in (("padding", padding), ("truncating", truncating)):
        if word not in ("pre", "post"):
            raise ValueError(f"pad_sequences: argument `{name}`: expected 'pre' or 'post'; received {word!r}")
    try:
        lengths = [len(sequence) for sequence in sequences]
    except TypeError as error:
        raise ValueError(
            f"pad_sequences: expected a list of sequences; received {str(sequences)[:100]}"
        ) from error
    if isinstance(value, str) and not (np.dtype(dtype) == object or np.dtype(dtype).kind in "SU"):
        raise ValueError(
            f"pad_sequences: argument `value`: `dtype` {dtype} is not compatible with the text {value!r}: "
            "use dtype=object"
        )
    maxlen = max(lengths, default=0) if maxlen is None else maxlen
    inner = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    padded = np.full((len(lengths), maxlen, *inner), value, dtype=dtype)
    for i, sequence in enumerate(sequences):
        kept = sequence[max(len(sequence) - maxlen, 0) :] if truncating == "pre" else sequence[:maxlen]
        if not len(kept):
            continue
        row = np.asarray(kept, dtype=dtype)
        if row.shape[1:] != inner:
            raise ValueError(
                f"pad_sequences: expected elements of shape {inner}; received {row.shape[1:]} in sequence {i}"
            )
        padded[i, slice(maxlen - len(row), None) if padding == "pre" else slice(len(row))] = row
    return padded
