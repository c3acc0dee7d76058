"""Models as estimators of scikit-learn, which is needed for nothing else and loaded here at first use."""

from ..core.suggestions import missing_attribute

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]


def __getattr__(name):
    if name not in __all__:
        raise missing_attribute(__name__, name)
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise ImportError(
            f"{name} requires `scikit-learn` to be installed. Run `pip install scikit-learn` to install it."
        ) from None
    from . import sklearn_wrapper

    return getattr(sklearn_wrapper, name)


def __dir__():
    return sorted({*globals(), *__all__})
