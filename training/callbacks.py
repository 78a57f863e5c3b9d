"""What happens around the steps of the trainer: events, evaluations, checkpoints, and the end.

The trainer calls every method of a callback by name. Ours do not inherit from the library's base class,
which could only be imported with all of torch; ``_quiet`` answers the calls that are of no interest.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.cancel import CancelToken
from core.errors import RunUnusable
from core.protocol import CheckpointSaved, TrainingStep
from core.tuning.runs import Run
from training import checkpoints
from training.gauges import Gauges
from training.streaming import Emit
from training.team import Team


@dataclass(frozen=True, slots=True)
class Schedule:
    """After which steps the validation loss is measured, and the run is saved.

    Attributes:
        total: steps of the run.
        patience: evaluations without a better loss before the run ends; 0 never does.
    """

    total: int
    evaluations: frozenset[int]
    saves: frozenset[int]
    patience: int = 0

    @staticmethod
    def of(total: int, evaluations: int, saves: int, patience: int) -> Schedule:
        """Spread ``evaluations`` and ``saves`` evenly over ``total`` steps, the last at its end."""
        return Schedule(total, _spread(total, evaluations), _spread(total, max(1, saves)), patience)

    def is_over(self, state: Any) -> bool:
        """True if nothing is left to train: every step is done, or the loss has not fallen for too long."""
        if state.global_step >= self.total:
            return True
        best = best_step(state) or 0
        since = [entry for entry in state.log_history if "eval_loss" in entry and entry["step"] > best]
        return bool(self.patience) and len(since) >= self.patience


def best_step(state: Any) -> int | None:
    """Return the step of the lowest validation loss so far, the earliest of equals; None without any."""
    measured = [(entry["eval_loss"], entry["step"]) for entry in state.log_history if "eval_loss" in entry]
    return min(measured)[1] if measured else None


def _quiet(name: str) -> Callable[..., None]:
    """Return what answers a call of the trainer that is of no interest."""
    if not name.startswith("on_"):
        raise AttributeError(name)
    return lambda *_, **__: None


class Flow:
    """Decides when to evaluate, to save and to stop; seals what was saved."""

    def __init__(self, schedule: Schedule, run: Run, team: Team, cancel: CancelToken, emit: Emit) -> None:
        self._schedule, self._run, self._team, self._cancel, self._emit = schedule, run, team, cancel, emit
        self.stopped = False

    def __getattr__(self, name: str) -> Callable[..., None]:
        return _quiet(name)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Say what follows this step."""
        step = state.global_step
        self.stopped = self._team.any(self._cancel.cancelled)
        control.should_evaluate = step in self._schedule.evaluations and not self.stopped
        control.should_save = step in self._schedule.saves or self.stopped
        control.should_training_stop = step >= self._schedule.total or self.stopped

    def on_prediction_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave an evaluation at once when cancelled; the caller saves."""
        if self._team.size == 1:
            self._cancel.check()

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the best state; end the run when it has not become better for long enough."""
        if not self._schedule.patience:
            return
        if best_step(state) == state.global_step:
            control.should_save = True
        if self._schedule.is_over(state):
            control.should_save = control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Seal the checkpoint once every process has written its part of it."""
        self._team.wait()
        if self._team.leads:
            checkpoints.seal(self._run, state.global_step)
            checkpoints.prune(self._run, best_step(state) if self._schedule.patience else None)
            self._emit(CheckpointSaved(state.global_step))
        self._team.wait()


class Reporter:
    """Tells each step and each evaluation as they happen."""

    def __init__(
        self, total: int, emit: Emit, gauges: Gauges, tokens: Callable[[], int] | None = None
    ) -> None:
        self._total, self._emit, self._gauges, self._count = total, emit, gauges, tokens
        self._began = self._step_began = time.monotonic()
        self._first_step: int | None = None
        self._tokens = 0

    def __getattr__(self, name: str) -> Callable[..., None]:
        return _quiet(name)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock of a step."""
        self._step_began = time.monotonic()
        if self._first_step is None:
            self._first_step, self._began = state.global_step, self._step_began

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        """Turn what the trainer logs into an event.

        Raises:
            RunUnusable: the loss is no number any more; nothing good can come of the run.
        """
        epoch = float(state.epoch or 0.0)
        if "eval_loss" in logs:
            self._emit(TrainingStep(state.global_step, self._total, epoch, eval_loss=logs["eval_loss"]))
        elif "loss" in logs:
            if not math.isfinite(logs["loss"]):
                raise RunUnusable(
                    f"The training failed at step {state.global_step}: its loss is no number any more.",
                    "Start a new run with a third of the learning rate.",
                )
            self._emit(self._step(state.global_step, epoch, logs))

    def _step(self, step: int, epoch: float, logs: dict[str, float]) -> TrainingStep:
        now = time.monotonic()
        tokens = self._count() if self._count else 0
        rate = (tokens - self._tokens) / max(now - self._step_began, 1e-9) if tokens else None
        self._tokens = tokens
        done = step - (self._first_step or 0)
        return TrainingStep(
            step,
            self._total,
            epoch,
            loss=logs["loss"],
            learning_rate=logs.get("learning_rate"),
            gradient_norm=logs.get("grad_norm"),
            tokens_per_s=rate,
            gpu_utilisation=self._gauges.utilisation(),
            gpu_memory=self._gauges.memory(),
            eta_s=(now - self._began) / max(done, 1) * (self._total - step),
        )


def _spread(total: int, count: int) -> frozenset[int]:
    return (
        frozenset(math.ceil(total * part / count) for part in range(1, count + 1)) if count else frozenset()
    )
