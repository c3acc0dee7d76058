"""Every metric beside Keras: batches of two sizes, with and without weights; configurations, state, names."""

import warnings

import convcore
import numpy as np
import pytest
from keras_on_numpy import ask
from metric_cases import CASES, STRINGS, class_of, facts, run

KERAS = ask("metric_cases")
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]
RNG = np.random.default_rng(18)


@pytest.mark.filterwarnings("ignore:.*sample weights are floats")
@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, KERAS["cases"], strict=True)), ids=IDS)
def test_values_configuration_and_state(case, expected):
    name, arguments, data = case
    metric = getattr(convcore.metrics, name)(**arguments)
    results, expected_facts = expected
    for actual, value in zip(run(metric, name, data), results, strict=True):
        np.testing.assert_allclose(actual, value, rtol=1e-6, atol=1e-6)
    found = facts(metric)
    config = {key: found["config"].get(key) for key in expected_facts["config"]}
    assert {**found, "config": config} == expected_facts
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config()


def test_no_metric_of_keras_is_missing_and_strings_mean_the_same():
    assert [name for name in KERAS["names"] if not hasattr(convcore.metrics, name)] == []
    assert {string: class_of(convcore.metrics, string) for string in STRINGS} == KERAS["strings"]


def test_metrics_inside_fit_give_what_keras_gives():
    """The recorded step, with integer state, state made at the first batch, and equal names."""
    from oracle import keras

    x = RNG.normal(size=(20, 6)).astype("float32")
    y = np.eye(4, dtype="float32")[RNG.integers(0, 4, 20)]
    results = []
    start = None
    for library in (keras, convcore):
        model = library.Sequential([library.layers.Input((6,)), library.layers.Dense(4, "softmax")])
        start = start or model.get_weights()
        model.set_weights(start)
        metrics = library.metrics
        model.compile(
            "sgd",
            "categorical_crossentropy",
            metrics=[
                metrics.AUC(num_thresholds=20, multi_label=True, name="auc"),
                metrics.F1Score(average="macro"),
                metrics.OneHotMeanIoU(4, name="iou"),
                metrics.Precision(top_k=2, name="precision"),
                "kl_divergence",
            ],
            weighted_metrics=[metrics.R2Score(), "accuracy", metrics.Recall(name="precision")],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = model.fit(
                x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, class_weight={1: 2.0}
            ).history
        results.append(history)
    assert list(results[0]) == list(results[1])
    for key, values in results[0].items():
        np.testing.assert_allclose(results[1][key], values, atol=2e-6, err_msg=key)


def test_confusion_matrix_counts_pairs():
    matrix = convcore.metrics.ConfusionMatrix(3, sparse_y_pred=False)
    matrix.update_state([0, 1, 1, 2], np.eye(3)[[0, 1, 2, 2]])
    matrix.update_state([[2], [5]], np.eye(3)[[0, 0]], sample_weight=[3, 1])
    np.testing.assert_array_equal(matrix.result(), [[1, 0, 0], [0, 1, 1], [3, 0, 1]])
    assert matrix.result().dtype == np.int32


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda m: m.Precision(thresholds=[0.5, 1.5]), "Threshold values.*1.5"),
        (lambda m: m.SensitivityAtSpecificity(1.5), "specificity"),
        (lambda m: m.PrecisionAtRecall(0.5, num_thresholds=0), "num_thresholds"),
        (lambda m: m.AUC(num_thresholds=1), "num_thresholds"),
        (lambda m: m.AUC(curve="roc-curve"), "curve"),
        (lambda m: m.AUC(summation_method="middle"), "summation_method"),
        (lambda m: m.AUC(num_labels=3), "num_labels"),
        (lambda m: m.F1Score(average="mean"), "average"),
        (lambda m: m.FBetaScore(beta=1), "beta"),
        (lambda m: m.FBetaScore(threshold=2.0), "threshold"),
        (lambda m: m.IoU(2, [2]), "target_class_ids"),
        (lambda m: m.R2Score(num_regressors=-1), "num_regressors"),
        (lambda m: m.R2Score(class_aggregation="mean"), "class_aggregation"),
        (lambda m: m.F1Score().update_state(np.ones(3), np.ones(3)), "shape"),
        (lambda m: m.Recall(class_id=0).update_state(np.ones(3), np.ones(3)), "class_id"),
    ],
)
def test_bad_arguments_name_what_was_received(make, word):
    with pytest.raises(ValueError, match=word):
        make(convcore.metrics)
