"""A training process that learns nothing: it speaks the protocol and writes run folders like the real one.

``python -m tests.desktop.training_fake '{"steps": 20, "verdict": "worse"}'``; the options are those of
``Options``.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.cancel import CancelToken
from core.errors import DataUnusable, StorageFull
from core.paths import default_home
from core.protocol import (
    CheckData,
    CheckpointSaved,
    DataChecked,
    Event,
    Judged,
    Merged,
    Progress,
    Resume,
    RoomProposed,
    RunOpened,
    RunStateChanged,
    Status,
    Train,
    TrainingStep,
    TuneEmbedder,
)
from core.tuning.recipe import Recipe, Source, changed
from core.tuning.reports import (
    DataReport,
    Diversity,
    Duplicate,
    GateReport,
    Leak,
    Measure,
    PersonalData,
    Preview,
    Sample,
    Segment,
    SourceReport,
    Spread,
)
from core.tuning.runs import Run, Runs
from core.types import Rejected
from core.worker.loop import serve
from core.worker_io import claim_stdout
from tests.fakes.hollow_model import make_hollow_model


@dataclass(frozen=True, slots=True)
class Options:
    """``gpu``: report figures of one; ``full_at``: the step at which memory runs out, once; ``loose_at``: the
    step at which an operation is not repeatable, once; ``rich``: data with everything that can be remarked
    on."""

    steps: int = 6
    step_s: float = 0.01
    check_s: float = 0.0
    verdict: str = "better"
    gpu: bool = False
    full_at: int = 0
    loose_at: int = 0
    rich: bool = False
    refuse: str = ""


class Fake:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._runs = Runs(default_home().runs)

    def run(self, request: object, cancel: CancelToken) -> Iterator[Event]:
        match request:
            case CheckData(recipe):
                yield Progress("read", 1, len(recipe.data.sources), "files")
                end = time.monotonic() + self._options.check_s
                while time.monotonic() < end:
                    cancel.check()
                    time.sleep(0.02)
                yield DataChecked(report(recipe, self._options))
            case Train() if self._options.refuse:
                raise StorageFull(self._options.refuse, "Make room and try again.")
            case Train(recipe) | TuneEmbedder(recipe):
                yield from self._told(self._runs.create(recipe), 0, cancel)
            case Resume(run=name, changes=changes):
                run = self._runs.get(name)
                if changes:
                    run.write_recipe(changed(run.recipe(), changes))
                saved = [event.step for event in run.events() if isinstance(event, CheckpointSaved)]
                yield from self._told(run, saved[-1] if saved else 0, cancel, full=False)

    def _told(self, run: Run, first: int, cancel: CancelToken, full: bool = True) -> Iterator[Event]:
        with run.lock():
            for event in self._events(run, first, cancel, full):
                run.record(event)
                if isinstance(event, Judged):
                    run.write_report(event.report)
                yield event
        if cancel.cancelled:
            cancel.check()

    def _events(self, run: Run, first: int, cancel: CancelToken, full: bool) -> Iterator[Event]:
        options = self._options
        yield RunOpened(run.id, run.recipe().name, options.steps, first, time.time())
        yield RunStateChanged("training")
        yield Status("Loading the model")
        for step in range(first + 1, options.steps + 1):
            if cancel.cancelled:
                yield CheckpointSaved(step - 1)
                yield RunStateChanged("stopped")
                return
            time.sleep(options.step_s)
            if step == options.full_at and full:
                yield from self._full(step)
                return
            if step == options.loose_at and full:
                yield from self._loose(step)
                return
            yield self._step(step)
            if step % max(1, options.steps // 5) == 0:
                loss = 1.6 * math.exp(-step / options.steps) + 0.5
                yield TrainingStep(step, options.steps, step / options.steps, eval_loss=loss)
                yield CheckpointSaved(step)
        yield RunStateChanged("trained")
        make_hollow_model(run.folder, "smollm2-135m-instruct").rename(run.merged)
        yield Merged(run.id, str(run.merged), 3e-5, 4.0)
        yield RunStateChanged("merged")
        yield Status("Comparing with the current model")
        yield Judged(gate(run.id, options.verdict))
        yield RunStateChanged("judged")

    def _full(self, step: int) -> Iterator[Event]:
        yield CheckpointSaved(step - 1)
        yield RoomProposed(
            ("Shorter conversations: 1,024 tokens instead of 2,048", "Hold the base model in 4 bits"),
            ({"data.max_length": 1024}, {"base.weights": "4bit"}),
            (True, False),
        )
        yield RunStateChanged("failed", "The graphics card ran out of memory.", "Choose what makes room.")

    def _loose(self, step: int) -> Iterator[Event]:
        yield CheckpointSaved(step - 1)
        words = ("Go on with operations that may give another result each time",)
        yield RoomProposed(words, ({"training.repeatable": False},), (True,), "not_repeatable")
        yield RunStateChanged("failed", "The training needs an operation: put_.", "Go on without.")

    def _step(self, step: int) -> TrainingStep:
        options, done = self._options, step / self._options.steps
        noise = 0.12 * math.sin(7 * step) * (1 - 0.6 * done)
        return TrainingStep(
            step,
            options.steps,
            done,
            loss=2.2 * math.exp(-2 * done) + 0.4 + noise,
            learning_rate=3e-4 * min(1.0, step / 10) * (1 - done),
            gradient_norm=0.8,
            tokens_per_s=2816.0 + 40 * math.sin(step),
            gpu_utilisation=0.93 + 0.05 * math.sin(step) if options.gpu else None,
            gpu_memory=round(6.1e9 + 2e8 * math.sin(step / 3)) if options.gpu else None,
            eta_s=(options.steps - step) * 0.4,
        )


def gate(run: str, verdict: str) -> GateReport:
    better = verdict != "worse"
    sign = 1 if better else -1
    reason = {
        "better": "Better than the current model: answers carry citations far more often.",
        "equal": "As good as the current model: no measure differs by more than chance.",
        "worse": "Worse than the current model: fewer yes/no/maybe questions were answered rightly.",
    }[verdict]
    measures = (
        Measure(
            "Accuracy (yes/no/maybe)", 0.55, 0.55 + sign * 0.09, *_bounds(sign, 0.04, 0.14), True, True, 62
        ),
        Measure(
            "Macro-F1 (yes/no/maybe)", 0.41, 0.41 + sign * 0.08, *_bounds(sign, 0.02, 0.13), True, True, 62
        ),
        Measure("Loss", 2.412, 2.412 - sign * 0.71, *_bounds(-sign, 0.6, 0.8), False, True, 80),
        Measure("ROUGE-L", 0.21, 0.21 + sign * 0.17, *_bounds(sign, 0.12, 0.21), True, True, 80),
        Measure("Answers with a citation", 0.01, 0.94, 0.88, 0.97, True, False, 80),
        Measure("Refused when nothing answers", None, 0.98, None, None, True, False, 12),
    )
    samples = tuple(
        Sample(
            f"Does treatment {letter} shorten the stay on the ward after a made-up operation?",
            "Yes. They left two days earlier [1].",
            "Treatment of patients is an important question and there are many patients on wards. " * 2,
            "Patients given the treatment went home two days earlier than those given placebo [1].",
        )
        for letter in "ABCDEFGHIJ"
    )
    return GateReport(
        1, run, "smollm2-135m-instruct", "my-assistant", verdict, reason, measures, samples, 80, 31.0
    )


def _bounds(sign: int, low: float, high: float) -> tuple[float, float]:
    return (low, high) if sign > 0 else (-high, -low)


def report(recipe: Recipe, options: Options) -> DataReport:
    sources, rejected = [], []
    for source in recipe.data.sources:
        found, bad = _read(source)
        rejected += bad
        sources.append(found)
    entries = sum(one.entries for one in sources)
    if entries == 0:
        raise DataUnusable("Nothing in these files can be learned from.", "Add files with answers.")
    name = Path(recipe.data.sources[0].path).name
    used = entries - (4 if options.rich else 0)
    held = round(used * recipe.data.validation)
    return DataReport(
        version=1,
        sources=tuple(sources),
        entries=entries,
        used=used,
        conversations=round(used * 1.14),
        train=round(used * 1.14) - held,
        validation=held,
        context=_spread(640, 120),
        question=_spread(24, 4),
        answer=_spread(60, 10),
        conversation=_spread(1100, 150),
        trained_tokens=entries * 60,
        all_tokens=entries * 1100,
        rows=max(1, entries * 1100 // recipe.data.max_length),
        truncated=entries // 20,
        untrained=1 if options.rich else 0,
        refusals=entries // 8,
        classes={"yes": entries // 2, "no": entries // 3, "maybe": entries // 9},
        diversity=Diversity(0.21, 0.63, (("does the", 41), ("is there", 22), ("can a", 9)), entries),
        duplicates=(Duplicate(name, 31, name, 7),) if options.rich else (),
        leaks=(Leak(name, 12, "PubMedQA test", "document"),) if options.rich else (),
        personal=(
            (
                PersonalData(name, 3, "date", "question", "··.··.19··"),
                PersonalData(name, 44, "record number", "context", "MRN ·······"),
            )
            if options.rich
            else ()
        ),
        rejected=tuple(rejected),
        previews=tuple(_preview(number) for number in range(1, 9)),
        dataset_hash="0" * 64,
        base=recipe.base.model,
        max_length=recipe.data.max_length,
    )


def _read(source: Source) -> tuple[SourceReport, list[Rejected]]:
    if source.format == "collected":
        return SourceReport("", "collected", 17, 0), []
    entries, bad = 0, []
    if source.path.endswith(".csv") and not source.columns:
        raise DataUnusable(
            f"{Path(source.path).name} has no column for the question.", "Say which column holds what."
        )
    for number, line in enumerate(Path(source.path).read_text("utf-8").splitlines(), start=1):
        try:
            if not source.path.endswith(".csv") and not json.loads(line).get("answer"):
                raise ValueError("no answer")
            entries += 1
        except ValueError as error:
            bad.append(Rejected(source.path, number, str(error)[:60]))
    if entries == 0:
        raise DataUnusable(
            f"{Path(source.path).name} holds no pair of question and answer.", "Choose another file."
        )
    form = "csv" if source.path.endswith(".csv") else "medqa"
    return SourceReport(source.path, form, entries, len(bad)), bad


def _spread(middle: int, width: int) -> Spread:
    places = [((place + 0.5) * width - middle) / (middle / 3) for place in range(20)]
    bins = tuple(round(400 * math.exp(-(x**2) / 2)) for x in places)
    return Spread(middle * 1.05, middle, middle * 1.7, width * 19, width, bins)


def _preview(number: int) -> Preview:
    return Preview(
        (
            Segment(
                "<|im_start|>system\nAnswer from the numbered passages. Put the number of the passage after "
                "each sentence.<|im_end|>\n<|im_start|>user\n[1] A made-up trial of walking early\nThose who "
                "walked on day one left the ward two days earlier than those who rested.\n\n[2] A second "
                "made-up trial\nTea in the evening made no difference to sleep.\n\nQuestion "
                f"{number}: does early walking shorten the stay?<|im_end|>\n<|im_start|>assistant\n",
                False,
            ),
            Segment("Yes. People who walked on day one left two days earlier [1].<|im_end|>", True),
        ),
        tokens=90 + 40 * number,
        cut=120 if number == 2 else 0,
        split="validation" if number == 4 else "train",
    )


def main() -> None:
    messages = claim_stdout()
    options = msgspec.convert(json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"), Options)
    serve(sys.stdin.buffer, messages, Fake(options).run)


if __name__ == "__main__":
    main()
