"""The lines that training shows: a bar that is rewritten on a terminal, one line per epoch elsewhere."""

import os
import sys
import time

import numpy as np

from .. import config

BAR_WIDTH = 20
INTERVAL = 0.05  # seconds between two drawings
CELL = "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
BOLD, GREEN, WHITE, PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class ProgressBar:
    """Shows how far a loop is and the results so far.

    Args:
        target: Number of steps, or None if it is not known.
        verbose: 0 for nothing, 1 for a bar, 2 for one line at the end.
        stream: Where to write; standard output by default.
        unit_name: What a step is called.
        bar_width: Width of the bar itself, in characters.
        interval: Seconds between two drawings.
    """

    def __init__(
        self, target, verbose=1, stream=None, unit_name="step", bar_width=BAR_WIDTH, interval=INTERVAL
    ):
        self.bar_width = bar_width
        self.interval = interval
        self.target = target
        self.verbose = verbose
        self.unit_name = unit_name
        self.stream = stream or sys.stdout
        self.live = is_live(self.stream)
        self.cell = CELL if can_write(self.stream, CELL) else "="
        self.values = {}
        self.start = time.time()
        self.last_drawn = 0.0
        self.after_first_step = None
        self.width = 0

    def update(self, current, values=(), finalize=False):
        """Shows step `current`; `values` are (name, number) pairs, shown as they are."""
        self.values.update(values)
        now = time.time()
        per_step = self._time_per_step(current, now)
        if self.verbose == 2:
            if finalize and self.target is not None:
                self._write(self._summary(current, now, per_step))
            return
        if self.verbose != 1 or (not finalize and (not self.live or now - self.last_drawn < self.interval)):
            return
        self.last_drawn = now
        bar, bar_width = self._bar(current)
        clock = self._clock(current, now, per_step, finalize)
        rest = format_time(per_step, self.unit_name) + self._results()
        width = bar_width + len(clock) + 1 + len(rest)
        clock = f" {BOLD}{clock}{PLAIN}" if self.live else f" {clock}"
        text = ("\r" if self.live else "") + bar + clock + rest
        if self.live:
            text += " " * max(self.width - width, 0)
        self.width = width
        self._write(text + ("\n" if finalize else ""))

    def _time_per_step(self, current, now):
        if not current:
            return 0.0
        if self.after_first_step is not None and current > 1:
            per_step = (now - self.after_first_step) / (current - 1)
        else:
            per_step = (now - self.start) / current
        if current == 1:
            self.after_first_step = now
        return per_step

    def _count(self, current):
        digits = len(str(self.target))
        return f"{current:{digits}d}/{self.target}"

    def _bar(self, current):
        """The counter and the bar, and their visible width."""
        if self.target is None:
            text = f"{current:7d}/Unknown"
            return text, len(text)
        count = self._count(current)
        done = min(int(self.bar_width * current / max(self.target, 1)), self.bar_width)
        width = len(count) + 1 + self.bar_width
        if not self.live:
            return f"{count} {self.cell * self.bar_width}", width
        full = f"{GREEN}{self.cell * done}{PLAIN}" if done else ""
        return f"{BOLD}{count}{PLAIN} {full}{WHITE}{self.cell * (self.bar_width - done)}{PLAIN}", width

    def _clock(self, current, now, per_step, finalize):
        """The time that is left while running, the time that was needed at the end."""
        if not self.target or finalize:
            return f"{now - self.start:.0f}s"
        left = per_step * (self.target - current)
        if left > 3600:
            return f"{int(left // 3600)}:{int(left % 3600 // 60):02d}:{int(left % 60):02d}"
        if left > 60:
            return f"{int(left // 60)}:{int(left % 60):02d}"
        return f"{int(left)}s"

    def _results(self):
        return "".join(f" - {name}: {format_value(value)}" for name, value in self.values.items())

    def _summary(self, current, now, per_step):
        seconds = f"{now - self.start:.0f}s"
        return (
            f"{self._count(current)} - {seconds} -{format_time(per_step, self.unit_name)}{self._results()}\n"
        )

    def _write(self, text):
        if not config.is_interactive_logging_enabled():
            import logging

            logging.getLogger("convcore").info(text.strip("\r\n"))
            return
        self.stream.write(text)
        self.stream.flush()


def is_live(stream):
    """Whether lines can be rewritten: a terminal or a notebook."""
    terminal = hasattr(stream, "isatty") and stream.isatty()
    return bool(terminal or "ipykernel" in sys.modules or "PYCHARM_HOSTED" in os.environ)


def can_write(stream, text):
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def format_time(seconds, unit):
    if seconds >= 1 or seconds == 0:
        return f" {seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f" {seconds * 1e3:.0f}ms/{unit}"
    return f" {seconds * 1e6:.0f}us/{unit}"


def format_value(value):
    """Four decimals, or an exponent where they would show little."""
    value = float(np.mean(value))
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"
