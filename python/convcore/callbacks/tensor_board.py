"""The callback that writes curves for TensorBoard."""

import os
import time

from .callback import Callback
from .event_file import EventFile
from .learning_rate import rates_of


class TensorBoard(Callback):
    """Writes losses and metrics, and on request distributions of weights, to files that TensorBoard shows.

    `tensorboard --logdir logs` shows them; neither TensorBoard nor TensorFlow is needed to write them.

    Args:
        log_dir: Folder; curves of training go to `train` in it, those of validation to `validation`.
        histogram_freq: Distributions of all weights every so many epochs; 0: none.
        write_graph: Accepted; there is no TensorFlow graph to write. `model.explain()` prints the plan.
        write_images: Only False: weights are not drawn.
        write_steps_per_second: Whether to write the steps a second of each batch and epoch.
        update_freq: `"epoch"`, or `"batch"` or a number for curves of training every so many batches too.
        profile_batch: Only 0; `model.profile(x, y, trace=...)` writes a trace.
        embeddings_freq: Only 0.
        embeddings_metadata: Only None.

    Raises:
        ValueError: for what is not available.
    """

    def __init__(
        self,
        log_dir="logs",
        histogram_freq=0,
        write_graph=True,
        write_images=False,
        write_steps_per_second=False,
        update_freq="epoch",
        profile_batch=0,
        embeddings_freq=0,
        embeddings_metadata=None,
    ):
        super().__init__()
        for name, value in (
            ("write_images", write_images),
            ("profile_batch", profile_batch),
            ("embeddings_freq", embeddings_freq),
            ("embeddings_metadata", embeddings_metadata),
        ):
            if value:
                raise ValueError(
                    f"TensorBoard: {name} is not available, expected no value; received {value!r}"
                )
        if update_freq not in ("batch", "epoch") and (not isinstance(update_freq, int) or update_freq < 1):
            raise ValueError(
                f"TensorBoard: update_freq: expected 'batch', 'epoch' or a number; received {update_freq!r}"
            )
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self._files: dict = {}
        self._step = self._first_step = 0

    def _file(self, kind):
        if kind not in self._files:
            self._files[kind] = EventFile(os.path.join(self.log_dir, kind))
        return self._files[kind]

    def on_train_begin(self, logs=None):
        self._step = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._first_step, self._started = self._step, time.monotonic()

    def on_train_batch_begin(self, batch, logs=None):
        self._batch_started = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        if self.update_freq != "epoch" and self._step % self.update_freq == 0:
            for name, value in (logs or {}).items():
                self._file("train").scalar(f"batch_{name}", value, self._step)
        if self.write_steps_per_second:
            seconds = max(time.monotonic() - self._batch_started, 1e-9)
            self._file("train").scalar("batch_steps_per_second", 1.0 / seconds, self._step)

    def on_test_end(self, logs=None):
        if self.model.optimizer is None:
            return
        step = int(self.model.optimizer.iterations.numpy())
        for name, value in (logs or {}).items():
            self._file("validation").scalar(f"evaluation_{name}_vs_iterations", value, step)
        self._file("validation").flush()

    def on_epoch_end(self, epoch, logs=None):
        train = {name: value for name, value in (logs or {}).items() if not name.startswith("val_")}
        train.update(rates_of(self.model))
        if self.write_steps_per_second:
            seconds = max(time.monotonic() - self._started, 1e-9)
            train["steps_per_second"] = (self._step - self._first_step) / seconds
        for name, value in train.items():
            self._file("train").scalar(f"epoch_{name}", value, epoch)
        for name, value in (logs or {}).items():
            if name.startswith("val_"):
                self._file("validation").scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for weight in self.model.weights:
                self._file("train").histogram(f"{weight.path}/histogram", weight.numpy(), epoch)
        for file in self._files.values():
            file.flush()

    def on_train_end(self, logs=None):
        for file in self._files.values():
            file.close()
        self._files = {}
