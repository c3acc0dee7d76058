"""Trainer: what a model needs to be run on data sets."""

import numpy as np

from ..core.trace import TracedFunction


class Trainer:
    """The part of Model that predicts."""

    def __init__(self):
        self.compiled = False

    def predict_on_batch(self, x):
        """The outputs for one batch, as arrays."""
        function = self.__dict__.get("_predict_function")
        if function is None:
            function = self.__dict__["_predict_function"] = TracedFunction(
                lambda x: self(x, training=False), where=self.name
            )
        return function(x)

    def predict(self, x, batch_size=None, verbose="auto"):
        """The outputs for all of ``x``."""
        batch_size = batch_size or 32
        return np.concatenate(
            [self.predict_on_batch(x[i : i + batch_size]) for i in range(0, len(x), batch_size)]
        )

    def get_compile_config(self):
        return {}
