"""How quick the default model answers questions on the starter library, and where the time goes.

Four tables: a first answer in a fresh process, step by step; loading; answers with the default settings once
all is loaded; and our decoding loop beside ``generate`` of transformers (see ``loops.py``).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from core import offline
from core.assistant import Question
from core.cancel import CancelToken
from core.paths import Home
from core.protocol import Answered, Found, Status, Token
from core.registry import find_model
from core.runtime import Runtime
from core.settings import read_settings
from core.types import Answer, Turn
from tests.benchmarks import common
from tests.benchmarks.loops import compare

QUESTIONS = 8
FRESH = 3  # processes
LOADS = 5
SEED = 1


def main() -> int:
    """Measure, or be the fresh process that a measurement starts."""
    parser = common.options_of(__doc__)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--fresh", nargs=2, metavar=("STARTED", "HOME"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fresh:
        print(json.dumps(_fresh_answer(float(options.fresh[0]), Home(Path(options.fresh[1])))))
        return 0
    report = common.Report("answers")
    with common.runtime(device=options.device, precision=options.precision) as runtime:
        common.add_starter(runtime)
        _fresh(report, runtime)
        _loading(report, runtime)
        _warm(report, runtime)
        common.say("Our loop beside generate")
        compare(report, runtime, _questions(answerable=True))
    return report.finish(options.json)


def _questions(*, answerable: bool) -> list[str]:
    return [question for question, cards in common.starter_questions() if bool(cards) == answerable]


@dataclass(frozen=True, slots=True)
class Trace:
    """One answer, and the seconds that each step of it took.

    Attributes:
        search: until the evidence was found.
        load: loading the model where it was not, and packing the prompt.
        read: from the packed prompt to the first piece of text.
        write: from there to the last.
        bind: finding sources for the sentences.
    """

    answer: Answer
    search: float
    load: float
    read: float
    write: float
    bind: float


def trace(runtime: Runtime, text: str, history: Sequence[Turn] = (), seed: int = SEED) -> Trace:
    """Answer ``text`` from the starter library with the settings of ``runtime``."""
    retriever, clock = runtime.retriever([common.STARTER]), {"start": time.perf_counter()}
    for event in runtime.assistant().answer(Question(text, tuple(history), seed), retriever, CancelToken()):
        match event:
            case Status("Loading the model"):
                clock["search"] = time.perf_counter()
            case Found():
                clock["load"] = time.perf_counter()
            case Token() if "read" not in clock:
                clock["read"] = time.perf_counter()
            case Status("Checking the citations"):
                clock["write"] = time.perf_counter()
            case Answered(answer):
                clock["bind"] = time.perf_counter()
    last, steps = clock["start"], []
    for step in ("search", "load", "read", "write", "bind"):
        steps.append(clock.get(step, last) - last)  # a refusal has no steps but the last
        last = clock.get(step, last)
    return Trace(answer, *steps)


def _fresh(report: common.Report, runtime: Runtime) -> None:
    """Measure a first answer in processes of their own."""
    runs = []
    for number in range(FRESH):
        common.say(f"First answer in a fresh process, {number + 1} of {FRESH}")
        command = [sys.executable, "-m", "tests.benchmarks.answers"]
        command += ["--fresh", str(time.monotonic()), str(runtime.home.root)]
        done = subprocess.run(command, cwd=common.ROOT, stdout=subprocess.PIPE, check=True, text=True)
        runs.append(json.loads(done.stdout))
    steps = {step: statistics.median(run[step] for run in runs) for step in runs[0]}
    total = sum(steps.values())
    report.table(
        f"A first answer in a fresh process, median of {FRESH} (files cached)",
        ("step", "seconds", "share"),
        [*((step, took, f"{took / total:.0%}") for step, took in steps.items()), ("together", total, "100%")],
    )


def _fresh_answer(started: float, home: Home) -> dict[str, float]:
    """Answer one question in this process, which began at ``started``; return the seconds of each step."""
    clock = {"": started, "start Python, import our own": time.monotonic()}
    offline.arm("command", home)
    import torch  # noqa: F401

    clock["import torch"] = time.monotonic()
    from transformers import AutoTokenizer, BertModel, DynamicCache, LlamaForCausalLM  # noqa: F401

    clock["import transformers"] = time.monotonic()
    runtime = Runtime(home, read_settings(home.settings))
    runtime.retriever([common.STARTER])
    clock["open the library"] = time.monotonic()
    runtime.embedder()
    clock["load the embedder"] = time.monotonic()
    traced = trace(runtime, _questions(answerable=True)[0])
    return {name: end - start for (_, start), (name, end) in pairwise(clock.items())} | {
        "search": traced.search,
        "load the language model": traced.load,
        f"read the prompt ({traced.answer.tokens.prompt} tokens)": traced.read,
        f"write the answer ({traced.answer.tokens.generated} tokens)": traced.write,
        "bind sentences to sources": traced.bind,
    }


def _loading(report: common.Report, runtime: Runtime) -> None:
    """Measure loading both models once more, in a process that has imported everything."""
    common.say("Loading")
    from core.generation.transformers_engine import TransformersEngine
    from core.retrieval.embedder import load_embedder

    model = runtime.settings.model
    embedder = find_model(runtime.home, model.embedder, "embedder")
    language = find_model(runtime.home, model.language, "language")
    actions = {
        "embedder": lambda: load_embedder(embedder),
        "language model": lambda: TransformersEngine.load(language, model, CancelToken()),
    }
    rows = []
    for name, action in actions.items():
        action()
        times = [common.seconds(action) for _ in range(LOADS)]
        rows.append((name, statistics.median(times), min(times), max(times)))
    report.table(f"Loading again, {LOADS} times", ("model", "seconds, median", "best", "worst"), rows)


def _warm(report: common.Report, runtime: Runtime) -> None:
    """Measure answers once everything is loaded: new ones, the same again, after a turn, and refusals."""
    first, *questions = _questions(answerable=True)[: QUESTIONS + 1]
    traced: dict[str, list[Trace]] = {"first after loading": [trace(runtime, first)]}
    kinds = ("new question", "same question again", "new question after a turn", "refused")
    traced |= {kind: [] for kind in kinds}
    turn = Turn(first, traced["first after loading"][0].answer.answer)
    for number, question in enumerate(questions, start=1):
        common.say(f"Answers {number} of {len(questions)}")
        traced["new question"].append(trace(runtime, question))
        traced["same question again"].append(trace(runtime, question, seed=SEED + 1))
        if number <= 3:
            traced["new question after a turn"].append(trace(runtime, question, [turn]))
    traced["refused"] = [trace(runtime, question) for question in _questions(answerable=False)]
    assert all(found.answer.refused for found in traced["refused"]), "a question was not refused"
    report.table(
        "Answers with the default settings, everything loaded (medians)",
        (
            *("answer", "of", "search ms", "first token s", "total s", "prompt tokens", "new tokens"),
            *("read tokens/s", "written tokens/s", "bind ms", "answers/min"),
        ),
        [(kind, len(traces), *_medians(kind, traces)) for kind, traces in traced.items()],
    )


def _medians(kind: str, traces: Iterable[Trace]) -> list[float | None]:
    """Return the figures of one line; what was kept from before was not read, so it has no speed."""
    columns = zip(*map(_figures, traces), strict=True)
    medians = [None if None in column else float(statistics.median(column)) for column in columns]
    if kind == "same question again":
        medians[5] = None
    return medians


def _figures(traced: Trace) -> tuple[float | None, ...]:
    timings, tokens = traced.answer.timings, traced.answer.tokens
    each_minute = 60 / timings.total_s
    if traced.answer.refused:
        return (timings.retrieve_s * 1000, None, timings.total_s, *(None,) * 5, each_minute)
    return (
        traced.search * 1000,
        timings.first_token_s,
        timings.total_s,
        tokens.prompt,
        tokens.generated,
        tokens.prompt / traced.read,
        (tokens.generated - 1) / traced.write,
        traced.bind * 1000,
        each_minute,
    )


if __name__ == "__main__":
    sys.exit(main())
