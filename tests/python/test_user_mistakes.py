"""What users get wrong, a line each: the message names the layer, what was expected and what was received."""

import re

import numpy as np
import pytest
from convcore import Model, Sequential, layers


def image(*shape):
    return np.zeros(shape, "float32")


def built(layer, *shape):
    layer(image(*shape))
    return layer


def stack(*parts):
    return Sequential([layers.Input((8, 8, 3)), *parts])


NAMES = {
    **vars(layers),
    "image": image,
    "built": built,
    "stack": stack,
    "Model": Model,
    "Sequential": Sequential,
}

# code -> words that the message must have, in any order
MISTAKES = {
    # convolution: arguments
    "Conv2D(0, 3)": "Conv2D filters positive 0",
    "Conv2D(8.0, 3)": "Conv2D filters integer 8.0",
    "Conv2D('8', 3)": "Conv2D filters integer '8'",
    "Conv2D(8, 0)": "kernel_size 2 > 0",
    "Conv2D(8, (3,))": "kernel_size 2 (3,)",
    "Conv2D(8, (3, 3, 3))": "kernel_size 2 (3, 3, 3)",
    "Conv1D(8, (3, 3))": "kernel_size 1 (3, 3)",
    "Conv2D(8, 'large')": "kernel_size integer 'large'",
    "Conv2D(8, 3, strides=-1)": "strides > 0 -1",
    "Conv2D(8, 3, dilation_rate=0)": "dilation_rate > 0",
    "Conv2D(8, 3, padding='full')": "padding 'valid' 'same' 'full'",
    "Conv2D(8, 3, padding='causal')": "padding 'valid' 'same' 'causal'",
    "Conv2D(8, 3, padding=1)": "padding 'valid' 'same' 1",
    "Conv2D(8, 3, data_format='NCHW')": "data_format 'channels_last' 'channels_first' 'NCHW'",
    "Conv2D(8, 3, groups=3)": "Conv2D filters=8 groups=3",
    "Conv2D(8, 3, strides=2, dilation_rate=2)": "Conv2D strides=(2, 2) dilation_rate=(2, 2)",
    "Conv2D(8, 3, activation='reul')": "activation 'reul'",
    "Conv2D(8, 3, kernel_initializer='he')": "initializer 'he'",
    "Conv2D(8, 3, kernel_regularizer='l3')": "regularizer 'l3'",
    "Conv2D(8, 3, kernel_constraint='small')": "constraint 'small'",
    "Conv2D(8, 3, kernel_initialiser='zeros')": "Conv2D kernel_initialiser",
    "Conv2D(8, 3, name='block/conv')": "name / 'block/conv'",
    "Conv2D(8, 3, trainable='no')": "trainable True False 'no'",
    "Conv2D(8, 3, input_shape='28x28')": "Conv2D input_shape tuple '28x28'",
    "DepthwiseConv2D(3, depth_multiplier=0)": "DepthwiseConv2D depth_multiplier positive 0",
    "DepthwiseConv2D(3, filters=8)": "DepthwiseConv2D filters",
    "SeparableConv2D(8, 3, padding='causal')": "padding 'valid' 'same' 'causal'",
    "Conv2DTranspose(8, 3, strides=2, output_padding=2)": (
        "Conv2DTranspose output_padding=(2, 2) strides=(2, 2) axis 0"
    ),
    "Conv1DTranspose(8, 3, strides=2, dilation_rate=2)": "Conv1DTranspose strides=(2,) dilation_rate=(2,)",
    # convolution: data
    "Conv2D(8, 3, name='c')(image(28, 28, 1))": "'c' ndim=4 ndim=3 (28, 28, 1) batch",
    "Conv2D(8, 3, name='c')(image(2, 4, 28, 28, 1))": "'c' ndim=4 ndim=5 (2, 4, 28, 28, 1)",
    "Conv2D(8, 7, name='c')(image(2, 3, 64, 64))": "'c' at most 3 7 channels-first moveaxis(x, 1, -1)",
    "Conv2D(8, 5, data_format='channels_first', name='c')(image(2, 64, 64, 3))": (
        "'c' at most 3 5 channels-last"
    ),
    "built(Conv2D(8, 3, name='c'), 1, 9, 9, 3)(image(1, 9, 9, 4))": (
        "'c' axis -1 value 3 found 4 (1, 9, 9, 4)"
    ),
    "built(Conv2D(8, 3, name='c'), 1, 9, 9, 3)(image(1, 3, 9, 9))": (
        "'c' axis -1 value 3 found 9 channels-first"
    ),
    "Conv2D(8, 3, groups=2, name='c')(image(1, 9, 9, 3))": "Conv2D 'c' 3 channels groups=2 (None, 9, 9, 3)",
    "Conv2D(8, 9, name='c')(image(1, 8, 8, 3))": "'c' at most 8 9 (None, 8, 8, 3)",
    "Conv2D(8, 3, dilation_rate=4, name='c')(image(1, 8, 8, 3))": "'c' at most 8 9",
    "Conv2D(8, 3, name='c')(Input((8, 8, None)))": "'c' channel known None",
    "Conv2D(8, 3, name='c')([[1.0, 2.0]])": "'c' tensors np.array",
    "DepthwiseConv2D(9, name='c')(image(1, 8, 8, 3))": "'c' at most 8 9",
    "built(Conv2DTranspose(8, 3, name='c'), 1, 4, 4, 3)(image(1, 4, 4, 5))": "'c' axis -1 value 3 found 5",
    "Conv1D(8, 3, name='c')(image(8, 3))": "'c' ndim=3 ndim=2 (8, 3) batch",
    # pooling
    "MaxPooling2D(0)": "pool_size > 0 0",
    "MaxPooling2D((2, 2, 2))": "pool_size 2 (2, 2, 2)",
    "MaxPooling2D(2, strides=0)": "strides > 0 0",
    "AveragePooling2D(2, padding='half')": "padding 'valid' 'same' 'half'",
    "MaxPooling2D(9, name='p')(image(1, 8, 8, 3))": "'p' at most 8 9 (None, 8, 8, 3)",
    "MaxPooling2D(name='p')(image(8, 8, 3))": "'p' ndim=4 ndim=3 (8, 8, 3)",
    "GlobalAveragePooling2D(name='p')(image(1, 8))": "'p' ndim=4 ndim=2 (1, 8)",
    "AdaptiveMaxPooling2D(0)": "output_size > 0 0",
    "AdaptiveAveragePooling1D((2, 2))": "output_size 1 (2, 2)",
    "AdaptiveAveragePooling2D('a')": "TypeError AdaptiveAveragePooling2D output_size integer 'a'",
    # dense, activations, shapes
    "Dense(0)": "Dense units positive 0",
    "Dense(2.5)": "Dense units integer 2.5",
    "Dense(3, name='d')(image(4))": "'d' min_ndim=2 ndim=1 (4,)",
    "built(Dense(3, name='d'), 1, 4)(image(1, 5))": "'d' axis -1 value 4 found 5 (1, 5)",
    "ReLU(max_value=-1)": "ReLU max_value >= 0 -1",
    "LeakyReLU(-0.1)": "LeakyReLU negative_slope >= 0 -0.1",
    "PReLU(name='a')(Input((None, 3)))": "PReLU 'a' known (None, None, 3)",
    "Activation('sotfmax')": "activation 'sotfmax'",
    "Reshape((3, 3), name='r')(image(1, 8))": "Reshape 'r' (8,) (3, 3)",
    "Reshape((-1, -1))": "Reshape target_shape one -1 (-1, -1)",
    "Permute((0, 1))": "Permute dims 1 (0, 1)",
    "RepeatVector(0)": "RepeatVector positive 0",
    "RepeatVector(1.5)": "TypeError RepeatVector integer 1.5",
    "UpSampling1D('a')": "TypeError UpSampling1D size integer 'a'",
    "UpSampling2D(2, interpolation='cubic')": "UpSampling2D interpolation 'bilinear' 'bicubic' 'cubic'",
    "ZeroPadding2D((1, 2, 3))": "ZeroPadding2D padding 2 (1, 2, 3)",
    "ZeroPadding2D(-1)": "ZeroPadding2D padding >= 0 -1",
    "Cropping2D(4, name='k')(image(1, 8, 8, 3))": "Cropping2D 'k' smaller (4, 4) (None, 8, 8, 3)",
    # merging
    "Add(name='m')(image(1, 3))": "Add 'm' list array (None, 3)",
    "Add(name='m')([image(1, 3), image(1, 4)])": "Add 'm' broadcast (None, 3) (None, 4)",
    "Subtract(name='m')([image(1, 3)] * 3)": "Subtract 'm' 2 3",
    "Concatenate(name='m')([image(1, 2, 3), image(1, 4, 3)])": (
        "Concatenate 'm' axis -1 (None, 2, 3) (None, 4, 3)"
    ),
    "Dot(axes=(1, 1, 1))": "Dot axes pair (1, 1, 1)",
    "Dot(axes='last')": "TypeError Dot axes pair 'last'",
    "Dot(axes=1, name='m')([image(1, 3), image(1, 4)])": "Dot 'm' (None, 3) (None, 4) axes=1",
    "Dot(axes=0, name='m')([image(2, 3), image(2, 3)])": "Dot 'm' behind the batch axes=0",
    # others
    "Dropout(1.5)": "Dropout rate [0, 1] 1.5",
    "ActivityRegularization(l1=-1.0)": "ActivityRegularization l1 -1.0",
    "BatchNormalization(axis=5, name='b')(image(1, 8, 8, 3))": "'b' axis 5 (None, 8, 8, 3)",
    "Lambda('relu')": "Lambda callable 'relu'",
    "Input()": "shape batch_shape None",
    "Input((8, -1, 3))": "shape >= 0 (8, -1, 3)",
    # models
    "stack(Conv2D(4, 3, name='a'), Conv2D(4, 9, name='b'))": "'b' at most 6 9 (None, 6, 6, 4)",
    "stack(Dense)": "Sequential layer Dense",
    "stack(Flatten(), Dense(2))(image(1, 8, 9, 3))": "(None, 8, 8, 3) (None, 8, 9, 3)",
    "stack(Flatten(), Dense(2))(image(1, 3, 8, 8))": "(None, 8, 8, 3) (1, 3, 8, 8) channels-first",
    "stack(Conv2D(4, 3, name='a'), Conv2D(4, 3, name='a'))": "names 'a'",
    "stack(Flatten()).get_layer('dense')": "'dense' flatten",
    "stack(Dense(2, name='d')).get_layer('d').set_weights([image(3, 2)])": "'d' 2 1",
    "stack(Dense(2, name='d')).get_layer('d').set_weights([image(2, 3), image(2)])": "'d' (3, 2) (2, 3)",
    "Dense(2, name='d').count_params()": "'d' build",
}


def test_there_are_enough():
    assert len(MISTAKES) >= 90


@pytest.mark.parametrize("code", MISTAKES)
def test_the_message_says_what_is_wrong(code):
    words = MISTAKES[code]
    kind = TypeError if words.startswith("TypeError ") else ValueError
    with pytest.raises(kind) as caught:
        eval(code, dict(NAMES))
    message = str(caught.value)
    missing = [word for word in _split(words.removeprefix("TypeError ")) if word not in message]
    assert not missing, f"{missing} not in: {message}"


def _split(words):
    # a tuple is one word
    return re.findall(r"[\w=]*\([^)]*\)|\[[^\]]*\]|\S+", words)
