"""What users get wrong around a model, a line each: names, compile, fit, data, callbacks, files."""

import re

import convcore
import numpy as np
import pytest
from convcore import layers, ops

RANDOM = np.random.default_rng(0)
x = RANDOM.normal(size=(16, 6, 6, 3)).astype("float32")
y = RANDOM.integers(0, 10, 16)
one_hot = np.eye(10, dtype="float32")[y]


def net(units=10):
    return convcore.Sequential(
        [
            convcore.Input((6, 6, 3), name="image"),
            layers.Flatten(name="flat"),
            layers.Dense(units, "softmax", name="head"),
        ],
        name="net",
    )


def fit(loss="sparse_categorical_crossentropy", x=x, y=y, units=10, metrics=None, **arguments):
    model = net(units)
    model.compile("sgd", loss=loss, metrics=metrics)
    return model.fit(x, y, verbose=0, **{"epochs": 1, **arguments})


def compiled():
    model = net()
    model.compile("sgd", loss="sparse_categorical_crossentropy")
    return model


def symbolic():
    return convcore.Input((6, 6, 3))


class UsesNumpy(layers.Layer):
    def call(self, inputs):
        return np.exp(inputs)


MODULES = ("callbacks", "layers", "losses", "metrics", "models", "ops", "optimizers", "utils")
NAMES = {**globals(), **{name: getattr(convcore, name) for name in MODULES}}

# code -> the error, and words that its message must have, in any order
MISTAKES = {
    # names
    "layers.Conv2d(4, 3)": "AttributeError convcore.layers 'Conv2d' 'Conv2D'?",
    "layers.BatchNorm()": "AttributeError 'BatchNorm' 'BatchNormalization'?",
    "layers.MaxPool(2)": "AttributeError 'MaxPool' 'MaxPool1D', 'MaxPool2D' 'MaxPool3D'?",
    "layers.nothing_like_it": "AttributeError module 'nothing_like_it'",
    "losses.CategoricalCrossEntropy()": "AttributeError 'CategoricalCrossentropy'?",
    "metrics.Acuracy()": "AttributeError 'Accuracy'?",
    "callbacks.EarlyStoping()": "AttributeError 'EarlyStopping'?",
    "optimizers.Addam()": "AttributeError 'Adam'?",
    "ops.rellu(x)": "AttributeError convcore.ops 'relu'?",
    "models.load('m.keras')": "AttributeError convcore.models 'load_model'?",
    "utils.to_categoric(y)": "AttributeError 'to_categorical'?",
    "convcore.Sequental()": "AttributeError 'Sequential'?",
    "convcore.Conv2D(4, 3)": "AttributeError 'Conv2D' convcore.layers.Conv2D.",
    "convcore.set_random_seed(1)": "AttributeError convcore.utils.set_random_seed.",
    "net().get_layer('heda')": "'heda' ['flat', 'head'] 'head'?",
    # arguments
    "layers.Conv2D(4, 3, stride=2)": "Conv2D {'stride': 2} 'strides'?",
    "layers.MaxPooling2D(pool=2)": "MaxPooling2D {'pool': 2} 'pool_size'?",
    "layers.Dense(4, actvation='relu')": "Dense 'actvation' 'activation'?",
    "layers.Dense(4, activation='rleu')": "activation relu 'rleu' 'relu'?",
    "layers.Dense(4, kernel_initializer='he')": "initializer 'he_normal' 'he_uniform'?",
    "layers.Rescaling('1/255')": "Rescaling scale number '1/255'",
    "layers.Resizing(0, 8)": "Resizing height positive 0",
    "layers.Reshape(3)": "Reshape target_shape tuple 3",
    "optimizers.Adam(lr=0.1)": "Adam {'lr': 0.1} 'learning_rate'?",
    "optimizers.SGD(0.1, momentun=0.9)": "SGD 'momentun' 'momentum'?",
    "metrics.MeanIoU(num_classes=-1)": "MeanIoU num_classes positive -1",
    "convcore.Sequential(layers.Dense(3))": "Sequential layers list Dense",
    "convcore.Model(x, x)": "inputs KerasTensors Input array (16, 6, 6, 3)",
    "convcore.explain(net)": "explain Model net",
    "ops.matmul(x, x[:, :, :5])": "matmul (16, 6, 6, 3) (16, 6, 5, 3)",
    "losses.MeanSquaredError()(x, x[..., :2])": "loss mean_squared_error: (16, 6, 6, 3) (16, 6, 6, 2)",
    "convcore.Model(inputs=symbolic())": "Model inputs outputs",
    "convcore.Model(input=symbolic(), outputs=symbolic())": (
        "Model input, outputs Model(inputs=.., outputs=..)."
    ),
    "convcore.Model(symbolic(), layers.Dense(3))": "outputs Dense Call tensor",
    "convcore.autotune(3, x)": "autotune Model 3",
    "convcore.explain(net(), 3)": "'net' explain shape 3",
    "ops.resize(x, (3, 3))": "AttributeError convcore.ops.image.resize.",
    "utils.to_categorical(y, '10')": "to_categorical num_classes '10'",
    "layers.CenterCrop(3.5, 2)": "CenterCrop height integer 3.5",
    "UsesNumpy()(symbolic())": "TypeError UsesNumpy recording convcore.ops",
    # compile
    "net().fit(x, y)": "'net' compile() fit()",
    "net().compile('addam', 'mse')": "optimizer adam 'addam' 'adam'?",
    "net().compile('adam', 'mse', metrics='accuracy')": "compile metrics list 'accuracy' list.",
    "net().compile('adam', 'mse', ['accuracy'])": "loss_weights numbers metrics=['accuracy']",
    "fit('sparse_crossentropy')": "loss 'sparse_crossentropy' 'sparse_categorical_crossentropy'?",
    "fit('mean_square_error')": "loss 'mean_squared_error'?",
    "fit(metrics=['acuracy'])": "metric 'acuracy' 'accuracy'?",
    "fit(None)": "loss compile()",
    # labels beside the loss
    "fit('categorical_crossentropy')": (
        "loss categorical_crossentropy: (None, 10) (None,) sparse_categorical_crossentropy; to_categorical"
    ),
    "fit('binary_crossentropy')": "loss binary_crossentropy: (None,) sparse_categorical_crossentropy;",
    "fit(y=one_hot)": "loss sparse_categorical_crossentropy: (None, 10) categorical_crossentropy.",
    "fit('mse')": "loss mse: (16,) (16, 10)",
    "fit(metrics=[metrics.Accuracy])": "metric accuracy: (16,) (16, 10)",
    "fit(metrics=['precision'])": "metric precision: (None, 10) (None,) to_categorical",
    "fit(metrics=[metrics.MeanIoU(10)])": "metric mean_io_u: (None, 10) (None,) sparse_y_pred=False",
    "fit(lambda y_true, y_pred: 3.0)": "gradients loss convcore.ops array(3.",
    "fit(lambda y_true: y_true)": "TypeError loss 1 positional",
    "compiled().predict(x, batch_size=0)": "predict `batch_size` positive 0",
    "fit(units=5)": "fit `y`: [0, 5) 5 classes label position",
    "fit(y=y + 1)": "fit `y`: [0, 10) 10",
    "fit(y=y.astype(str))": "fit `y`: numbers <U21 (16,)",
    "fit(y=y[:7])": "fit length `x` 16 `y` 7",
    "fit(y=None)": "targets y=None",
    # data
    "fit(x=x * np.nan)": "fit `x`: finite nan (0, 0, 0, 0)",
    "fit(x=x[:0], y=y[:0])": "fit empty 0",
    "fit(x=x.transpose(0, 3, 1, 2))": (
        "'net' (None, 6, 6, 3) (None, 3, 6, 6) channels-first moveaxis(x, 1, -1)"
    ),
    "fit(x=x[..., 0])": "'net' (None, 6, 6, 3) (None, 6, 6)",
    "compiled().predict(x[0])": "'net' (None, 6, 6, 3) (None, 6, 3) batch x[None]",
    "compiled().predict('digit.png')": "predict `x`: str array",
    "compiled().predict([x, x])": "'net' 1 input ['image'] 2",
    "compiled().predict({'picture': x})": "'net' ['image'] ['picture'] missing",
    # fit
    "fit(epochs=2.5)": "fit `epochs`: integer 2.5",
    "fit(epochs='3')": "fit `epochs`: integer '3'",
    "fit(epochs=-1)": "fit `epochs`: >= 0 -1",
    "fit(steps_per_epoch=0)": "fit `steps_per_epoch`: >= 1 0",
    "fit(batch_size='32')": "fit `batch_size` positive '32'",
    "fit(validation_split=1.5)": "fit `validation_split` 1.5",
    "fit(validation_data=x)": "fit `validation_data` (x, y) ndarray",
    "fit(class_weight={'a': 1})": "`class_weight` integers ['a']",
    "fit(sample_weight=np.ones(3))": "fit length 16 3",
    "compiled().fit(x, y, verbose='loud')": "`verbose`: 'auto' 'loud'",
    "compiled().evaluate(x, y, steps=-1)": "evaluate `steps`: >= 1 -1",
    # callbacks
    "fit(callbacks=[callbacks.EarlyStopping])": "`callbacks` Callback EarlyStopping",
    "fit(callbacks=[callbacks.EarlyStopping('val_los')])": "EarlyStopping 'val_los' mode 'val_loss'?",
    "callbacks.LearningRateScheduler(0.1)": "LearningRateScheduler `schedule`: function 0.1",
    "fit(callbacks=[callbacks.CSVLogger('no/log.csv')])": (
        "FileNotFoundError CSVLogger no/log.csv folder Create"
    ),
    "callbacks.ModelCheckpoint('m.h6')": ".keras .h5 m.h6",
    # files
    "net().save('m.kears')": "save_model '.keras' '.h5' 'm.kears'",
    "net().save(3)": "TypeError save_model `filepath`: path 3",
    "net().save('no/m.keras')": "FileNotFoundError folder no/m.keras Create",
    "net().save_weights('w.h5')": "save_weights '.weights.h5' 'w.h5'",
    "net().export('m.onnx')": "export .convcore 'm.onnx'",
    "net().export('no/m.convcore')": "FileNotFoundError export: no/m.convcore folder Create",
    "models.load_model('m.keras')": "load_model found 'm.keras'",
    "models.load_model('m.pt')": "load_model '.keras' 'm.pt'",
    "models.load_model(3)": "TypeError load_model `filepath`: path 3",
    "utils.image_dataset_from_directory('no')": "FileNotFoundError directory folder 'no'",
}

ERRORS = {"AttributeError": AttributeError, "TypeError": TypeError, "FileNotFoundError": FileNotFoundError}


def test_there_are_enough():
    assert len(MISTAKES) >= 60


@pytest.mark.parametrize("code", MISTAKES)
def test_the_message_says_what_is_wrong(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind, _, rest = MISTAKES[code].partition(" ")
    words = rest if kind in ERRORS else MISTAKES[code]
    with pytest.raises(ERRORS.get(kind, ValueError)) as caught:
        eval(code, dict(NAMES))
    message = str(caught.value)
    # a tuple or list is one word
    split = re.findall(r"[\w=]*\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|\S+", words)
    missing = [word for word in split if word not in message]
    assert not missing, f"{missing} not in: {message}"


def test_nothing_is_written_by_a_mistake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for code in ("net().save('m.kears')", "net().export('m.onnx')", "net().save_weights('w.h5')"):
        with pytest.raises(ValueError):
            eval(code, dict(NAMES))
    assert not list(tmp_path.iterdir())


def test_a_built_sequential_takes_its_input_in_a_list_or_a_dict_by_name():
    model = net()
    want = model.predict(x)
    assert np.array_equal(model.predict([x]), want)
    assert np.array_equal(model.predict({"image": x}), want)


def test_a_near_name_is_no_attribute():
    assert not hasattr(layers, "Conv2d") and not hasattr(convcore, "Conv2D")
    assert not hasattr(convcore, "_hidden") and not hasattr(ops, "__wrapped__")
