"""Callbacks that change the learning rate between epochs."""

import numpy as np

from .callback import Callback
from .monitor import MonitorCallback


def current_rate(optimizer):
    return float(np.asarray(optimizer.learning_rate))


def optimizers_of(model):
    """The optimizers that have a learning rate, by what is put behind `learning_rate` in logs."""
    optimizer = model.optimizer
    if hasattr(optimizer, "learning_rate"):
        return {"": optimizer}
    if not hasattr(optimizer, "parts"):
        raise ValueError('Optimizer must have a "learning_rate" attribute.')
    return {f"_{part.name}": part for part in optimizer.parts}


def rates_of(model):
    """The learning rates as entries of logs."""
    return {f"learning_rate{end}": current_rate(found) for end, found in optimizers_of(model).items()}


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of every epoch.

    Args:
        schedule: Function of (epoch, learning rate), or of the epoch alone, that returns a float.
        verbose: 1 to print the rate.
    """

    def __init__(self, schedule, verbose=0):
        super().__init__()
        if not callable(schedule):
            raise ValueError(
                "LearningRateScheduler: argument `schedule`: expected a function of (epoch, learning rate), "
                f"or of the epoch; received {schedule!r}"
            )
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch, logs=None):
        for end, optimizer in optimizers_of(self.model).items():
            rate = current_rate(optimizer)
            try:
                rate = self.schedule(epoch, rate)
            except TypeError:
                rate = self.schedule(epoch)
            if not isinstance(rate, float | np.floating):
                raise ValueError(
                    f"The output of the `schedule` function should be a float. Received: {rate!r}"
                )
            optimizer.learning_rate = float(rate)
            if self.verbose > 0:
                whose = f"{optimizer.name} " if end else ""
                print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting {whose}learning rate to {rate}.")

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs.update(rates_of(self.model))


class ReduceLROnPlateau(MonitorCallback):
    """Reduces the learning rate when a result has not improved for `patience` epochs.

    Args:
        monitor: Name of the result.
        factor: The rate is multiplied by this; less than 1.
        patience: Number of epochs without improvement before reducing.
        verbose: 1 to print a line when it acts.
        mode: `"min"`, `"max"` or `"auto"`.
        min_delta: Differences of at most this much are no improvement.
        cooldown: Number of epochs to wait after a reduction.
        min_lr: Lower bound of the rate.
    """

    state = ("best", "wait", "cooldown_counter")

    def __init__(
        self,
        monitor="val_loss",
        factor=0.1,
        patience=10,
        verbose=0,
        mode="auto",
        min_delta=1e-4,
        cooldown=0,
        min_lr=0.0,
        **kwargs,
    ):
        super().__init__(monitor, mode, None, min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received: factor={factor}")
        if kwargs:
            raise ValueError(f"ReduceLROnPlateau: argument(s) not recognized: {kwargs}")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs=None):
        self.best = None
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs.update(rates_of(self.model))
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best, self.wait = current, 0
        elif self.cooldown_counter <= 0:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch):
        for end, optimizer in optimizers_of(self.model).items():
            old = current_rate(optimizer)
            if old <= np.float32(self.min_lr):
                continue
            new = max(old * self.factor, self.min_lr)
            optimizer.learning_rate = new
            self.cooldown_counter = self.cooldown
            self.wait = 0
            if self.verbose > 0:
                whose = f"{optimizer.name} " if end else ""
                print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {whose}learning rate to {new}.")
