"""Every public layer keeps the whole contract of a layer; a layer without a case fails."""

import numpy as np
import pytest
from convcore import Model, layers, ops, saving, testing


@saving.register_keras_serializable("contract_test")
def smooth(x):
    return ops.tanh(x)


# rank -> input shape
ROWS = {1: (2, 7, 3), 2: (2, 6, 5, 3), 3: (2, 4, 5, 4, 3)}


def ranks(name, arguments=None, among=(1, 2, 3)):
    return {f"{name}{rank}D": [(arguments or {}, ROWS[rank])] for rank in among}


CONVOLUTIONS = {
    **ranks("Conv", {"filters": 4, "kernel_size": 2, "strides": 2, "padding": "same", "activation": "tanh"}),
    **ranks("DepthwiseConv", {"kernel_size": 3, "depth_multiplier": 2, "bias_initializer": "ones"}, (1, 2)),
    **ranks("SeparableConv", {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, (1, 2)),
}
for rank in (1, 2, 3):
    CONVOLUTIONS[f"Conv{rank}DTranspose"] = [
        ({"filters": 2, "kernel_size": 3, "strides": 2}, ROWS[rank]),
        ({"filters": 2, "kernel_size": 4, "strides": 2, "padding": "same", "output_padding": 0}, ROWS[rank]),
    ]
POOLING = {}
for kind in ("Max", "Average", "L2"):
    POOLING |= ranks(f"{kind}Pooling", {"pool_size": 2, "strides": 1, "padding": "same"})
    POOLING |= ranks(f"Global{kind}Pooling", {"keepdims": True})
for kind in ("Max", "Average"):
    POOLING |= ranks(f"Adaptive{kind}Pooling", {"output_size": 3})
ACTIVATIONS = {
    "Activation": [({"activation": "softplus"}, (2, 4))],
    "ELU": [({"alpha": 0.5}, (2, 4))],
    "LeakyReLU": [({}, (2, 4))],
    "PReLU": [({"alpha_initializer": "random_normal", "shared_axes": [1]}, (2, 3, 4))],
    "ReLU": [({"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.3}, (2, 4))],
    "Softmax": [({"axis": 1}, (2, 3, 4))],
}
RESHAPING = {
    **ranks("Cropping", {"cropping": 1}),
    **ranks("ZeroPadding", {"padding": 2}),
    **ranks("UpSampling", {"size": 2}),
    "Flatten": [({}, ROWS[2])],
    "Permute": [({"dims": (2, 1)}, (2, 3, 4))],
    "RepeatVector": [({"n": 3}, (2, 4))],
    "Reshape": [({"target_shape": (2, -1)}, (2, 3, 4))],
}
RESHAPING["UpSampling2D"] = [({"size": 2}, ROWS[2]), ({"size": (2, 3), "interpolation": "bicubic"}, ROWS[2])]
MERGING = {
    name: [({}, [(2, 3, 4), (2, 3, 4)])]
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
}
MERGING |= {
    "Concatenate": [({"axis": 1}, [(2, 3, 4), (2, 5, 4)])],
    "Dot": [({"axes": (1, 2)}, [(2, 3, 4), (2, 5, 3)]), ({"axes": -1, "normalize": True}, [(2, 3), (2, 3)])],
}
OTHERS = {
    "EinsumDense": [({"equation": "abc,cd->abd", "output_shape": (3, 5), "bias_axes": "d"}, (2, 3, 4))],
    "Dense": [({"units": 3, "activation": "sigmoid"}, (2, 4)), ({"units": 3, "use_bias": False}, (2, 3, 4))],
    "Identity": [({}, (2, 4))],
    "Lambda": [({"function": smooth}, (2, 4))],
    "Masking": [({"mask_value": 0.5}, (2, 4, 3))],
    "BatchNormalization": [({"axis": 1}, (4, 3, 5))],
    "LayerNormalization": [({}, (4, 3, 5))],
    "GroupNormalization": [({"groups": 2}, (4, 3, 6))],
    "RMSNormalization": [({}, (4, 3, 5))],
    "UnitNormalization": [({}, (4, 3, 5)), ({"axis": [1, 2, 3]}, (2, 3, 4, 2))],
    "ActivityRegularization": [({"l2": 0.1}, (2, 4))],
    **{name: [({"rate": 0.4}, (2, 4))] for name in ("Dropout", "AlphaDropout", "GaussianDropout")},
    "GaussianNoise": [({"stddev": 0.4}, (2, 4))],
    **ranks("SpatialDropout", {"rate": 0.4}),
    "Rescaling": [({"scale": 0.5, "offset": 1.0}, ROWS[2])],
    "Normalization": [({"mean": 0.5, "variance": 2.0}, ROWS[2])],
    "Resizing": [({"height": 4, "width": 8}, ROWS[2])],
    "CenterCrop": [({"height": 4, "width": 3}, ROWS[2])],
}
CASES = {**CONVOLUTIONS, **POOLING, **ACTIVATIONS, **RESHAPING, **MERGING, **OTHERS}
# Random at every direct call, so no two calls agree, or in steps without a gradient, or over labels too;
# tested with the other layers that augment images.
_AUGMENTING = (
    "Rand",
    "AugMix",
    "AutoContrast",
    "ContrastLimited",
    "CutMix",
    "Equalization",
    "MixUp",
    "Pipeline",
    "Solarization",
)
# no layer of numbers, or no layer alone: tested in test_layers_embedding.py
_NOT_CALLED = ("Embedding", "InputLayer", "Layer", "SpectralNormalization", "TimeDistributed", "Wrapper")


def public_layers():
    classes = {name: getattr(layers, name) for name in layers.__all__}
    return {
        name: cls
        for name, cls in classes.items()
        if isinstance(cls, type)
        and issubclass(cls, layers.Layer)
        and cls.__name__ == name
        and not name.startswith(_AUGMENTING)
        and name not in _NOT_CALLED
    }


def test_every_layer_has_a_case():
    missing = sorted(set(public_layers()) - set(CASES))
    assert not missing, f"add cases for {missing} to CASES"


@pytest.mark.parametrize("name", sorted(set(CASES) & set(public_layers())))
def test_contract(name):
    for arguments, shape in CASES[name]:
        testing.run_layer_test(getattr(layers, name), arguments, shape)


class Broken(layers.Layer):
    """Promises one thing and does another, as told."""

    def __init__(self, fault, **kwargs):
        super().__init__(**kwargs)
        self.fault = fault

    def build(self, input_shape):
        self.factor = self.add_weight(name="factor", shape=(), initializer="ones")

    def call(self, inputs):
        if self.fault == "gradient":
            return inputs * ops.stop_gradient(inputs) * self.factor
        if self.fault == "training":
            return inputs + 0.0 * self.factor
        return inputs * self.factor

    def compute_output_shape(self, input_shape):
        return (*input_shape, 1) if self.fault == "shape" else input_shape


@pytest.mark.parametrize(
    "fault, words",
    [
        ("shape", r"symbolic shape \(2, 4, 1\), expected \(2, 4\)"),
        ("gradient", "check_gradients: broken.*'input 0'.*central difference"),
        ("training", "weights that change"),
        ("weights", "weights {'factor': .*}, expected {'scale': .*}"),
        ("output", r"computed shape \(2, 4\), expected \(2, 5\)"),
        ("values", "largest difference"),
    ],
)
def test_it_finds_what_is_wrong(fault, words):
    options = {
        "weights": {"weights": {"scale": ()}},
        "output": {"output_shape": (2, 5)},
        "values": {"reference": lambda x, factor: 2 * x},
    }.get(fault, {})
    with pytest.raises(AssertionError, match=words):
        testing.run_layer_test(Broken, {"fault": fault}, (2, 4), **options)


def test_it_accepts_users_layers():
    options = {"weights": {"factor": ()}, "reference": lambda x, factor: factor * x}
    testing.run_layer_test(Broken, {"fault": None}, (2, 4), (2, 4), **options)


class Twice(layers.Wrapper):
    """The inner layer two times over."""

    def call(self, inputs):
        return self.layer(self.layer(inputs))


def test_wrappers_of_layers():
    layer = testing.run_layer_test(Twice, {"layer": layers.Dense(3, name="inner")}, (2, 3), (2, 3))
    assert [w.path for w in layer.weights] == [f"{layer.name}/inner/kernel", f"{layer.name}/inner/bias"]
    with pytest.raises(ValueError, match="'dense' supplied to Twice isn't a supported layer type"):
        Twice("dense")


def test_gradients_of_models():
    inputs = layers.Input((4, 3))
    features = layers.Conv1D(2, 2, activation="gelu")(inputs)
    model = Model(inputs, layers.Dense(2)(layers.Flatten()(features)))
    testing.check_gradients(model, np.random.default_rng(1).standard_normal((2, 4, 3)))
