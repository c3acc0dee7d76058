"""The three kinds of estimators: what they share, and what each does with targets."""

import copy

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.utils import validation
from sklearn.utils.multiclass import type_of_target

from ..models import Model, clone_model
from ..utils import to_categorical

_ARGUMENTS = """

    Args:
        model: A compiled Model, of which each fit trains a copy with fresh weights; or a function that makes
            one, called with the data as ``X`` and ``y`` and with ``model_kwargs``.
        warm_start: Whether a fit goes on with the model of the fit before, or with ``model`` itself.
        model_kwargs: Dictionary of further arguments of a function ``model``.
        fit_kwargs: Dictionary of arguments of ``Model.fit``; those given to ``fit`` go before them.

    Attributes:
        model_: The trained model.
        history_: What ``Model.fit`` returned.
    """


class SKLBase(BaseEstimator):
    def __init__(self, model, warm_start=False, model_kwargs=None, fit_kwargs=None):
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def fit(self, X, y, **kwargs):
        """Trains a model.

        Args:
            X: Array of shape (samples, features), or (samples, ...) of images and the like.
            y: Array of shape (samples,).
            **kwargs: Arguments of ``Model.fit``: ``epochs``, ``batch_size``, ...
        """
        X, y = self._validated(X, y)
        y = self._learn_target(y)
        model = self._new_model(X, y)
        if not model.compiled or not model.loss or not model.optimizer:
            raise RuntimeError(
                f"{type(self).__name__}: Given model needs to be compiled, and have a loss and an optimizer"
            )
        self.history_ = model.fit(X, y, **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def predict(self, X):
        """The targets that the model finds for ``X``."""
        return self._as_target(self._outputs(X))

    @property
    def epoch_(self):
        """How many epochs the last fit took; 0 before the first."""
        return len(self.history_.epoch) if hasattr(self, "history_") else 0

    def set_fit_request(self, **kwargs):
        """Says which metadata ``fit`` asks for, as scikit-learn's metadata routing describes."""
        if not sklearn.get_config().get("enable_metadata_routing", False):
            raise RuntimeError(
                f"{type(self).__name__}: This method is only available when metadata routing is enabled. You "
                "can enable it using sklearn.set_config(enable_metadata_routing=True)."
            )
        from sklearn.utils.metadata_routing import MetadataRequest

        self._metadata_request = MetadataRequest(owner=self)
        for name, alias in kwargs.items():
            self._metadata_request.fit.add_request(param=name, alias=alias)
        return self

    def _new_model(self, X, y):
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if not isinstance(self.model, Model):
            return self.model(X=X, y=y, **(self.model_kwargs or {}))
        return self.model if self.warm_start else clone_model(self.model)

    def _outputs(self, X):
        validation.check_is_fitted(self, "model_")
        return self.model_.predict(self._validated(X, reset=False))

    def _validated(self, *data, **options):
        # scikit-learn 1.6 made the method a function
        validate = getattr(validation, "validate_data", None)
        if validate is None:
            return self._validate_data(*data, allow_nd=True, **options)
        return validate(self, *data, allow_nd=True, **options)

    def _learn_target(self, y):
        """What the model is trained on; remembers how to go back."""
        self._target_type(y)
        self._flat = y.ndim == 1
        return y.reshape(-1, 1) if self._flat else y

    def _as_target(self, outputs):
        return np.squeeze(outputs, axis=1) if self._flat and outputs.ndim == 2 else outputs

    def _target_type(self, y):
        kind = type_of_target(y)
        if kind == "unknown":
            raise ValueError(f"{type(self).__name__}: Unknown label type for data: {y!r}")
        return kind

    def __sklearn_clone__(self):
        # A model that is copied for each fit can be shared; one that is trained itself cannot.
        model = copy.deepcopy(self.model) if self.warm_start else self.model
        arguments = {**self.get_params(deep=False), "model": model}
        return type(self)(**arguments)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def _more_tags(self):  # before scikit-learn 1.6
        return {"non_deterministic": True}


class SKLearnClassifier(ClassifierMixin, SKLBase):
    __doc__ = f"""A model, whose output has a number per class, as a classifier.{_ARGUMENTS.rstrip()}
        classes_: Array of the labels, sorted.
    """

    def decision_function(self, X):
        """What the model puts out for ``X``, an array of shape (samples, classes)."""
        return self._outputs(X)

    def _learn_target(self, y):
        kind = self._target_type(y)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                "SKLearnClassifier: Only binary and multiclass target types are supported. Target type: "
                f"{kind}"
            )
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError("SKLearnClassifier: Classifier can't train when only one class is present.")
        return to_categorical(places.reshape(-1), len(self.classes_))

    def _as_target(self, outputs):
        return self.classes_[np.argmax(outputs, axis=-1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def _more_tags(self):
        return {"poor_score": True}


class SKLearnRegressor(RegressorMixin, SKLBase):
    __doc__ = f"""A model as a regressor.{_ARGUMENTS}"""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    def _more_tags(self):
        return {"poor_score": True}


class SKLearnTransformer(TransformerMixin, SKLBase):
    __doc__ = f"""A model as a transformer, a step of a pipeline.{_ARGUMENTS}"""

    def transform(self, X):
        """What the model puts out for ``X``."""
        return self._outputs(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _more_tags(self):
        return {"preserves_dtype": []}


__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
