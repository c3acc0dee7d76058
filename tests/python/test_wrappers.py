"""Models as estimators of scikit-learn, beside Keras's wrappers and under scikit-learn's own checks."""

import sys

import convcore
import numpy as np
import pytest
from convcore import layers
from oracle import keras

sklearn = pytest.importorskip("sklearn", reason="scikit-learn, whose estimators these are, is not installed")

from convcore import wrappers  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

x = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
labels = np.array(["cat", "dog", "eel"])[(x[:, 0] > 0).astype(int) + (x[:, 1] > 0)]


def maker(k, activation=None, loss="mse"):
    """A function that makes the same small model of convcore or Keras."""

    def make(X, y, units=4):
        start = k.initializers.Constant(0.1)
        hidden = k.layers.Dense(units, "tanh", kernel_initializer=k.initializers.Identity())
        head = k.layers.Dense(y.shape[1], activation, kernel_initializer=start)
        model = k.Sequential([k.Input(X.shape[1:]), hidden, head])
        model.compile(k.optimizers.SGD(0.5), loss)
        return model

    return make


@pytest.mark.parametrize(
    "name, target, arguments",
    [
        ("SKLearnRegressor", x[:, 0] * 2, {}),
        ("SKLearnTransformer", x[:, 1], {}),
        ("SKLearnClassifier", labels, {"activation": "softmax", "loss": "categorical_crossentropy"}),
        ("SKLearnClassifier", x[:, 0] > 0, {"activation": "softmax", "loss": "categorical_crossentropy"}),
    ],
)
def test_same_results_as_keras(name, target, arguments):
    results = []
    for k in (convcore, keras):
        estimator = getattr(k.wrappers, name)(
            maker(k, **arguments),
            model_kwargs={"units": 3},
            fit_kwargs={"epochs": 9, "shuffle": False, "verbose": 0},
        )
        estimator.fit(x, target, epochs=4)
        method = "transform" if name == "SKLearnTransformer" else "predict"
        score = None if name == "SKLearnTransformer" else estimator.score(x, target)
        results.append((getattr(estimator, method)(x), score, len(estimator.history_.epoch)))
        if name == "SKLearnClassifier":
            scores = estimator.decision_function(x)
            results[-1] += (scores, np.stack([estimator.classes_ == c for c in np.unique(target)]))
    for ours, theirs in zip(*results, strict=True):
        if np.asarray(ours).dtype.kind == "f":
            assert np.shape(ours) == np.shape(theirs)
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        else:
            np.testing.assert_array_equal(ours, theirs)


def image_net():
    model = convcore.Sequential(
        [layers.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2, "softmax")]
    )
    model.compile("adam", "categorical_crossentropy")
    return model


def test_images_and_models_that_are_given():
    model, images = image_net(), np.random.default_rng(1).normal(size=(12, 6, 6, 1))
    target = np.arange(12) % 2
    before = model.get_weights()
    estimator = wrappers.SKLearnClassifier(model, fit_kwargs={"verbose": 0})
    assert estimator.epoch_ == 0
    estimator.fit(images, target, epochs=2)
    assert estimator.epoch_ == 2 and estimator.model_ is not model
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    warm = wrappers.SKLearnClassifier(model, warm_start=True, fit_kwargs={"verbose": 0})
    assert warm.fit(images, target).model_ is warm.fit(images, target).model_ is model
    assert int(model.optimizer.iterations) == 2
    twin = clone(warm)
    assert twin.model is not model and twin.fit_kwargs == {"verbose": 0} and not hasattr(twin, "model_")
    assert clone(estimator).model is model


def test_in_a_search_and_a_pipeline():
    scaler = sklearn.preprocessing.StandardScaler()
    estimator = wrappers.SKLearnRegressor(maker(convcore), fit_kwargs={"verbose": 0})
    search = GridSearchCV(
        make_pipeline(scaler, estimator),
        {"sklearnregressor__model_kwargs": [{"units": 1}, {"units": 4}]},
        cv=2,
    )
    assert search.fit(x, x[:, 1] * 3, sklearnregressor__epochs=30).best_params_ == {
        "sklearnregressor__model_kwargs": {"units": 4}
    }


def small_net(X, y):
    """Not inside a function, because scikit-learn pickles estimators."""
    return maker(convcore)(X, y)


@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_s_checks():
    estimator = wrappers.SKLearnRegressor(small_net, fit_kwargs={"verbose": 0, "shuffle": False})
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = [f"{r['check_name']}: {r['exception']}" for r in results if r["status"] == "failed"]
    assert not failed and len(results) > 40


def test_mistakes(monkeypatch):
    classifier = wrappers.SKLearnClassifier(image_net())
    images = np.zeros((4, 6, 6, 1))
    for target, words in (
        ([0.5, 1.5, 2.5, 3.0], "Only binary and multiclass.*continuous"),
        ([1, 1, 1, 1], "only one class"),
    ):
        with pytest.raises(ValueError, match=words):
            classifier.fit(images, target)
    with pytest.raises(RuntimeError, match="needs to be compiled"):
        wrappers.SKLearnRegressor(convcore.Sequential([layers.Input((5,)), layers.Dense(1)])).fit(x, x[:, 0])
    with pytest.raises(RuntimeError, match="metadata routing is enabled"):
        classifier.set_fit_request(sample_weight=True)
    with pytest.raises(sklearn.exceptions.NotFittedError):
        classifier.predict(images)
    with pytest.raises(AttributeError, match="'SKLearnClassifier'"):
        wrappers.SklearnClassifier  # noqa: B018
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match="SKLearnRegressor requires `scikit-learn`"):
        wrappers.SKLearnRegressor  # noqa: B018
