"""Every part of this installation, tried in a folder of its own; nothing of the user's is written."""

from __future__ import annotations

import io
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from core import offline
from core.assets.install import verify
from core.cancel import CancelToken
from core.doctor import WORKERS, inspect_worker
from core.first_start import bring_libraries
from core.library.shelf import shelf_of
from core.paths import Home
from core.programs import program, shipped
from core.protocol import (
    AddToLibrary,
    Answered,
    Ask,
    Event,
    Imported,
    Judged,
    Merged,
    Search,
    Searched,
    Train,
    TrainingStep,
)
from core.registry import find_model
from core.self_check.imports import Tried
from core.self_check.materials import CARDS, SENTENCE, documents, pairs, question, tiny_llama
from core.self_check.talk import CheckFailed, Worker
from core.settings import ModelSettings, SamplingSettings, Settings, write_settings
from core.tuning.recipe import BaseChoice, DataChoice, LoraChoice, Recipe, Source, TrainingChoice

LIBRARY = "self-check"
STEPS = 2
_LEFT_OUT = "not tried: the policy of this computer does not allow it"
_LIKELIEST = SamplingSettings(temperature=0.0)  # the same words at each check
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was tried.

    Attributes:
        what: in words.
        ok: it works.
        said: what was found, or why it failed.
        seconds: it took.
    """

    what: str
    ok: bool
    said: str
    seconds: float


def run(user: Home, folder: Path) -> Iterator[Row]:
    """Try everything, yielding each result when it is there; after a failure the rest is tried as well.

    Args:
        user: where the default models are, if they did not come with the program. Only read.
        folder: an empty one, for all that is written.
    """
    home = Home(folder / "home")
    home.root.mkdir(parents=True)
    yield _tried("every import of every module", lambda: _imports(home))
    yield _tried("worker processes, and their guard", lambda: _workers(home))
    yield _tried("default models, every byte", lambda: _models(user))
    if shipped():
        yield _tried("libraries that came along", lambda: _libraries(home))
    yield _tried("files beside the programs", _files)
    # the processes that are tried keep to the policy of this computer, too
    if user.policy.imports and not user.policy.settings:
        yield from _questions(user, home, folder)
    else:
        yield Row("questions", True, _LEFT_OUT, 0.0)
    if user.policy.training:
        yield _tried(f"training, {STEPS} steps of a tiny model", lambda: _training(folder / "training"))
    else:
        yield Row("training", True, _LEFT_OUT, 0.0)
    yield _tried("the window, without a display", lambda: _window(home))
    yield _tried("the network was left alone", lambda: _network(home))


def _tried(what: str, action: Callable[[], str]) -> Row:
    started = time.monotonic()
    try:
        ok, said = True, action()
    except Exception as error:  # whatever it is, it is what was looked for
        ok, said = False, str(error) if isinstance(error, CheckFailed) else f"{type(error).__name__}: {error}"
    return Row(what, ok, said, time.monotonic() - started)


def _imports(home: Home) -> str:
    done = subprocess.run(program("imports"), env=offline.worker_environment(home), capture_output=True)
    try:
        tried = msgspec.json.decode(done.stdout, type=Tried)
    except msgspec.MsgspecError:
        raise CheckFailed(
            done.stderr.decode("utf-8", "replace").strip() or "It ended without a word."
        ) from None
    if tried.failures:
        raise CheckFailed("; ".join(f"{name}: {reason}" for name, reason in tried.failures.items()))
    return f"{tried.modules:,} modules, {tried.imports:,} imports"


def _workers(home: Home) -> str:
    said = []
    for name in WORKERS:
        _, found = inspect_worker(name, home)
        if found is None:
            raise CheckFailed(f"The process {name} does not answer.")
        if found.missing or not found.guarded:
            lacking = ", ".join(found.missing) or "the guard against connections"
            raise CheckFailed(f"The process {name} lacks {lacking}.")
        said.append(f"{name} with {len(found.versions)} packages")
    return ", ".join(said)


def _models(user: Home) -> str:
    found = verify(user, lambda event: None, CancelToken())
    if bad := [
        f"{status.asset.name} is {status.state} {status.problem}"
        for status in found
        if status.state != "installed"
    ]:
        raise CheckFailed("; ".join(line.strip() for line in bad))
    return ", ".join(status.asset.name for status in found)


def _libraries(home: Home) -> str:
    """Check them as a new user gets them: an index of words cannot be opened where it cannot be locked."""
    bring_libraries(home)
    shelf = shelf_of(home)
    if not (names := shelf.names()):
        raise CheckFailed("There is none.")
    if bad := [problem for name in names for problem in shelf.verify(name)]:
        raise CheckFailed("; ".join(bad))
    return ", ".join(f"{name}: {shelf.info(name).documents:,} documents" for name in names)


def _files() -> str:
    """Do what reads data of other packages: dictionaries of syllables, fonts."""
    from matplotlib.figure import Figure

    from core.modes.readability import reading_grade

    grade = reading_grade("The patients who took the medicine were better after a fortnight.")
    if grade is None:
        raise CheckFailed("The reading level of a sentence cannot be told.")
    figure, picture = Figure(), io.StringIO()
    figure.suptitle("Vademecum")
    figure.savefig(picture, format="svg")
    return f"a sentence of grade {grade:g}, a picture of {len(picture.getvalue()):,} characters"


def _questions(user: Home, home: Home, folder: Path) -> Iterator[Row]:
    """Import, search and ask in one worker process, as the window does."""
    model = ModelSettings()
    paths, asked, answering = documents(folder), "", frozenset[str]()
    asked, answering = question(paths[0])
    try:
        model = ModelSettings(
            language=str(find_model(user, model.language, "language")),
            embedder=str(find_model(user, model.embedder, "embedder")),
        )
    except Exception as error:
        yield Row("questions", False, str(error), 0.0)
        return
    write_settings(home.settings, Settings((LIBRARY,), model=model, sampling=_LIKELIEST))
    with Worker("assistant", home) as worker:
        yield _tried("documents into a library", lambda: _import(worker, paths))
        yield _tried("search", lambda: _search(worker, asked, answering))
        yield _tried("text of a PDF", lambda: _pdf(worker))
        yield _tried("an answer with citations", lambda: _answer(worker, asked))


def _import(worker: Worker, paths: list[Path]) -> str:
    report = _only(worker.ask(AddToLibrary(LIBRARY, tuple(map(str, paths)))), Imported).report
    if report.failed or report.added != CARDS + 1:
        raise CheckFailed(f"{report.added} of {CARDS + 1} documents: {[bad.reason for bad in report.report]}")
    return f"{report.added:,} documents, {report.chunks:,} passages"


def _search(worker: Worker, asked: str, answering: frozenset[str]) -> str:
    hits = _only(worker.ask(Search(asked, (LIBRARY,), k=3)), Searched).result.hits
    if not hits or hits[0].document.pmid not in answering:
        raise CheckFailed(
            f"The first result is not the document that answers: {[h.document.title for h in hits]}"
        )
    return hits[0].document.title


def _pdf(worker: Worker) -> str:
    hits = _only(worker.ask(Search(SENTENCE, (LIBRARY,), k=1)), Searched).result.hits
    if not hits or SENTENCE not in hits[0].quote:
        raise CheckFailed("The sentence of the page is not found.")
    return hits[0].quote


def _answer(worker: Worker, asked: str) -> str:
    answer = _only(worker.ask(Ask(asked, libraries=(LIBRARY,), seed=1)), Answered).answer
    if not answer.citations:
        raise CheckFailed(f"No citation: {answer.answer}")
    return f"{answer.answer} [{len(answer.citations)} citations]"


def _training(folder: Path) -> str:
    """Train, merge and compare in the training process, whose home has no model but the tiny one."""
    home = Home(folder)
    tiny_llama(home.models / "tiny")
    write_settings(home.settings, Settings(model=ModelSettings(language="tiny", device="cpu")))
    recipe = Recipe(
        name="self-check",
        base=BaseChoice(model="tiny"),
        lora=LoraChoice(rank=4, alpha=8, targets=("q_proj", "v_proj")),
        data=DataChoice(
            sources=(Source(str(pairs(folder / "pairs.jsonl"))),),
            max_length=1024,
            passages=1,
            validation=0.15,
        ),
        training=TrainingChoice(max_steps=STEPS, accumulation=1, evaluations=1, checkpoints=1),
    )
    with Worker("training", home) as worker:
        told = worker.ask(Train(recipe))
    losses = [event.loss for event in told if isinstance(event, TrainingStep) and event.loss is not None]
    if len(losses) != STEPS:
        raise CheckFailed(f"{len(losses)} steps instead of {STEPS}.")
    _only(told, Merged), _only(told, Judged)
    return f"loss {', '.join(f'{loss:.2f}' for loss in losses)}; merged and compared"


def _window(home: Home) -> str:
    said = home.root / "window.json"
    environment = {**offline.worker_environment(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([*program("trial"), str(said)], env=environment, capture_output=True, timeout=300)
    if done.returncode or not said.is_file():
        raise CheckFailed(
            done.stderr.decode("utf-8", "replace").strip() or f"It ended with {done.returncode}."
        )
    seen = msgspec.json.decode(said.read_bytes())
    if seen["warnings"] or seen["torch"]:
        raise CheckFailed("; ".join(seen["warnings"]) or "The window loads torch.")
    if empty := [page for page, count in zip(seen["pages"], seen["colours"], strict=True) if count < 3]:
        raise CheckFailed(f"Nothing is painted on {', '.join(empty)}.")
    return f"painted after {seen['painted']:.2f} s, {len(seen['pages'])} pages"


def _network(home: Home) -> str:
    if count := offline.attempts(home):
        raise CheckFailed(f"{count} connections were attempted: {home.network_log.read_text('utf-8')}")
    return "no connection was attempted"


def _only(events: list[Event], kind: type[Found]) -> Found:
    found = next((event for event in events if isinstance(event, kind)), None)
    if found is None:
        raise CheckFailed(f"No {kind.__name__}.")
    return found
