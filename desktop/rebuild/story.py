"""What a run has told so far, in a form that can be drawn: the same whether heard live or read from disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from core.protocol import (
    CheckpointSaved,
    Event,
    Judged,
    Merged,
    Progress,
    RoomProposed,
    RunOpened,
    RunStateChanged,
    Status,
    TrainingStep,
)
from core.tuning.reports import GateReport
from core.tuning.runs import Run, RunShown
from desktop.words import doing, number

CURVES = ("loss", "eval_loss", "learning_rate", "gpu_utilisation", "gpu_memory")
Curve = dict[int, float]  # step -> value


@dataclass(slots=True)
class Story:
    """A run as the charts and the log show it; grows with each event.

    Attributes:
        state: as ``RunInfo.state``; "new" before anything was told.
        curves: by name ("loss", "eval_loss", "learning_rate", "gpu_utilisation", "gpu_memory").
        eta_s: seconds the training still takes, as it last said; None before it did.
        log: sentences, oldest first.
        doing: what goes on now, in words.
        room: what would make room, after memory ran out.
    """

    run: str = ""
    name: str = ""
    step: int = 0
    steps: int = 0
    state: RunShown = "new"
    message: str = ""
    hint: str = ""
    curves: dict[str, Curve] = field(default_factory=lambda: {name: {} for name in CURVES})
    tokens_per_s: float | None = None
    eta_s: float | None = None
    epoch: float = 0.0
    log: list[str] = field(default_factory=list)
    doing: str = ""
    room: RoomProposed | None = None
    report: GateReport | None = None

    def add(self, event: Event) -> None:
        """Take one more event."""
        match event:
            case RunOpened():
                self._open(event)
            case TrainingStep():
                self._step(event)
            case CheckpointSaved(step):
                self.log.append(_tr("Saved after step {0}").format(number(step)))
            case RoomProposed():
                self.room = event
            case RunStateChanged(state, message, hint):
                self.state, self.message, self.hint = state, message, hint
                self.log.append(f"{state_words(state)}. {message}".strip() if message else state_words(state))
            case Status(text):
                self.doing = doing(text)
                self.log.append(self.doing)
            case Progress(step=step, done=done, total=total, unit=unit):
                count = f"{number(done)} / {number(total)}" if total else number(done)
                self.doing = f"{doing(step)}: {count} {unit}"
            case Merged(difference=difference):
                self.log.append(_tr("Merged; the reloaded model differs by {0}").format(f"{difference:.2g}"))
            case Judged(report):
                self.report = report

    def _open(self, event: RunOpened) -> None:
        self.run, self.name, self.steps, self.step = event.run, event.name, event.steps, event.first_step
        self.state, self.room, self.message, self.hint, self.doing = "training", None, "", "", ""
        for curve in self.curves.values():  # what came after the checkpoint is done again
            for late in [step for step in curve if step > event.first_step]:
                del curve[late]
        again = _tr("Goes on after step {0} of {1}").format(number(event.first_step), number(event.steps))
        begun = _tr("Begun: {0} steps").format(number(event.steps))
        self.log.append(again if event.first_step else begun)

    def _step(self, event: TrainingStep) -> None:
        self.step, self.steps, self.epoch = event.step, event.total, event.epoch
        for name, curve in self.curves.items():
            value = getattr(event, name)
            if value is not None:
                curve[event.step] = float(value)
        self.doing = ""
        self.tokens_per_s = event.tokens_per_s if event.tokens_per_s is not None else self.tokens_per_s
        self.eta_s = event.eta_s if event.eta_s is not None else self.eta_s
        if event.eval_loss is not None:
            words = _tr("Step {0}: loss on held-out pairs {1}")
            self.log.append(words.format(number(event.step), f"{event.eval_loss:.3f}"))


def story_of(events: Iterable[Event]) -> Story:
    """Return what ``events`` tell."""
    story = Story()
    for event in events:
        story.add(event)
    return story


def story_of_run(run: Run) -> Story:
    """Return what the files of ``run`` tell. Raises RecipeInvalid."""
    story = story_of(run.events())
    info = run.info()
    story.run, story.name, story.state = info.id, info.name, info.state
    story.report = run.report() or story.report
    return story


def story_until(events: Iterable[Event], opened: RunOpened) -> Story:
    """Return what ``events`` told before the run was taken up by ``opened``."""
    story = Story()
    for event in events:
        if isinstance(event, RunOpened) and event.started == opened.started:
            break
        story.add(event)
    return story


def state_words(state: RunShown) -> str:
    """Return how a run stands, in words."""
    return {
        "new": _tr("Not begun"),
        "training": _tr("Training"),
        "stopped": _tr("Stopped; can be resumed"),
        "interrupted": _tr("Interrupted; can be resumed"),
        "failed": _tr("Could not go on"),
        "trained": _tr("Trained; not yet compared"),
        "merged": _tr("Merged; not yet compared"),
        "judged": _tr("Done"),
    }[state]


def _tr(text: str) -> str:
    return QCoreApplication.translate("rebuild", text)
