"""What to tell users whose `train_step` is written for TensorFlow, PyTorch or JAX."""

import contextlib

# names in the code of a step -> whose they are
_FOREIGN = {
    "GradientTape": "TensorFlow's GradientTape",
    "zero_grad": "PyTorch's zero_grad()",
    "backward": "PyTorch's backward()",
    "value_and_grad": "JAX's value_and_grad",
    "stateless_call": "the steps without state of Keras on JAX",
    "state": "the steps without state of Keras on JAX",
}


@contextlib.contextmanager
def explained(step):
    """Errors of a step that uses another library's gradients tell what to write instead."""
    try:
        yield
    except Exception as error:
        found = next((_FOREIGN[name] for name in _names(step) if name in _FOREIGN), None)
        if found is None or type(error) is ValueError:
            raise
        raise TypeError(
            f"{getattr(step, '__qualname__', step)}: expected a step written with convcore, which is "
            f"recorded once as a graph; received one that uses {found} ({error}). Write "
            "train_step(self, data), take gradients with `self.gradients_of(loss, variables)` and update "
            "with `self.optimizer.apply(gradients, variables)`, or do both with "
            "`self.apply_gradients_of(loss)`; or override only `compute_loss`"
        ) from error


def _names(step):
    """The names of attributes, functions and arguments in the code of a function."""
    code = getattr(getattr(step, "__func__", step), "__code__", None)
    return () if code is None else (*code.co_names, *code.co_varnames[: code.co_argcount])
