"""Random numbers as functions of a state and an element's index: the counter-based generator Philox4x32-10
(Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).

A state is uint32 [seed, counter]. The key of the generator is (seed, 0x636f6e76), its counter (block,
block >> 32, counter, 0). Elements are numbered in C order and come in groups of 64: word w of the 16 blocks
of a group are its elements 16 w to 16 w + 15.

Uniform numbers in [0, 1) and the decisions of dropout are those of the core bit by bit; normally distributed
numbers are within 1e-6 of the largest, since the core computes them in float32.
"""

import numpy as np

_LOW = np.uint64(0xFFFFFFFF)


def philox4x32(counter, key, rounds=10):
    """The four words, each (n,), of n blocks: counter is four arrays (n,) of 32-bit numbers, key two
    numbers."""
    x0, x1, x2, x3 = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = key
    for _ in range(rounds):
        a, b = np.uint64(0xD2511F53) * x0, np.uint64(0xCD9E8D57) * x2
        x0, x1 = (b >> np.uint64(32)) ^ x1 ^ np.uint64(k0), b & _LOW
        x2, x3 = (a >> np.uint64(32)) ^ x3 ^ np.uint64(k1), a & _LOW
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return x0, x1, x2, x3


def random_words(state, count):
    """(groups, 4, 16) words for `count` elements; in C order they are the elements' own."""
    groups = -(-count // 64)
    block = np.arange(16 * groups, dtype=np.uint64)
    third, none = np.full(block.shape, int(state[1]), np.uint64), np.zeros(block.shape, np.uint64)
    words = philox4x32((block & _LOW, block >> np.uint64(32), third, none), (int(state[0]), 0x636F6E76))
    return np.stack([word.reshape(groups, 16) for word in words], axis=1)


def uniform(state, count):
    """`count` multiples of 2**-24 in [0, 1): the upper 24 bits of each word, exact in float32."""
    return (random_words(state, count) >> np.uint64(8)).ravel()[:count] * 2.0**-24


def normal(state, count):
    """`count` normally distributed numbers (Box and Muller, 1958), two from the uniform numbers of words 0
    and 1 of a block, two from those of words 2 and 3. The logarithm is that of u + 2**-24, which is never
    0."""
    u = (random_words(state, count) >> np.uint64(8)) * 2.0**-24
    radius, angle = np.sqrt(-2 * np.log(u[:, 0::2] + 2.0**-24)), 2 * np.pi * u[:, 1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
    return pairs.ravel()[:count]


def _sizes(shape, like):
    return tuple(like.shape[axis] if n == -1 else n for axis, n in enumerate(shape))


def random_uniform(state, like=None, *, shape=(), minval=0.0, maxval=1.0):
    """Uniform numbers in [minval, maxval); sizes of -1 are those of `like`."""
    sizes = _sizes(shape, like)
    return (uniform(state, int(np.prod(sizes))) * (maxval - minval) + minval).reshape(sizes)


def random_normal(state, like=None, *, shape=(), mean=0.0, stddev=1.0):
    """Normally distributed numbers; sizes of -1 are those of `like`."""
    sizes = _sizes(shape, like)
    return (normal(state, int(np.prod(sizes))) * stddev + mean).reshape(sizes)


def dropout(x, state, *, rate=0.5, noise_shape=()):
    """0 where the uniform number is below `rate`, else x / (1 - rate). Along axes where noise_shape is 1 all
    elements share one decision; its other entries are -1 or the sizes of x."""
    noise = [1 if n == 1 else own for n, own in zip(noise_shape or x.shape, x.shape, strict=True)]
    kept = uniform(state, int(np.prod(noise))).reshape(noise) >= np.float32(rate)
    return np.where(kept, x * (1 / (1 - rate) if rate < 1 else 0.0), 0.0)


OPS = {"dropout": dropout, "random_uniform": random_uniform, "random_normal": random_normal}
