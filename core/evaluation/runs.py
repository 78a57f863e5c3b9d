"""The folders of evaluations, ``evaluations/ID``: all that is known of one lies in its files.

``run.json`` what was asked for, and with what · ``items.jsonl`` what came of each item, a line each, kept as
soon as it is there · ``searched.json`` what the library held · ``result.json`` the figures · ``report.html``
the same to look at. Libraries made for evaluations lie beside them in ``.indexes``, and go with the last
evaluation that needs them.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from core.decoding import UNDECODABLE
from core.errors import RunUnusable
from core.evaluation.plans import Plan, plan_of
from core.evaluation.results import AnswersResult, BiasResult, CitationsResult, Result, RetrievalResult
from core.library.shelf import Shelf
from core.library.storage import flush, storing, write_atomically
from core.library.versions import discard
from core.locking import is_locked, locked
from core.protocol import EvaluationKind
from core.settings import Settings
from core.types import Rejected

SCHEMA = 1
EvaluationState = Literal["running", "stopped", "done"]
_LIST = "List the evaluations with `vademecum evaluate list`."
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RESULTS: dict[EvaluationKind, type[Result]] = {
    "retrieval": RetrievalResult,
    "answers": AnswersResult,
    "citations": CitationsResult,
    "bias": BiasResult,
}


@dataclass(frozen=True, slots=True)
class About:
    """What ``run.json`` holds.

    Attributes:
        version: of this format.
        options: the plan.
        created: UTC, ISO 8601.
        program: version of Vademecum.
        models: what they are for ("language", "embedder", "verifier") -> name.
        inputs: path of a file -> its SHA-256; a resumed run refuses other contents.
        notice: the notice on AI that stands in every report.
        index: name of the library that was made for it, or empty.
        settings: under which it was made; a resumed run has the same.
    """

    version: int
    kind: EvaluationKind
    options: dict[str, Any]
    created: str
    program: str
    models: dict[str, str]
    inputs: dict[str, str]
    notice: str
    index: str = ""
    settings: Settings = field(default_factory=Settings)

    @property
    def plan(self) -> Plan:
        """What was asked for."""
        return plan_of(self.kind, self.options)


@dataclass(frozen=True, slots=True)
class Searched:
    """How many documents are in the library made for an evaluation, and which records are not."""

    documents: int = 0
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationInfo:
    """One line of the list of evaluations.

    Attributes:
        created: UTC, ISO 8601.
        state: "stopped" can be resumed.
        items: finished so far.
        subject: names of the files it is on.
        model: that was measured, or empty.
    """

    id: str
    kind: EvaluationKind
    created: str
    state: EvaluationState
    items: int
    subject: str
    model: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The folder of one evaluation."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    def about(self) -> About:
        """Return what was asked for; raise RunUnusable if that cannot be read."""
        path = self.folder / "run.json"
        try:
            about = msgspec.json.decode(path.read_bytes(), type=About)
        except (OSError, *UNDECODABLE) as error:
            raise RunUnusable(f"Cannot read {path}: {error}.", "Delete this evaluation.") from error
        if about.version > SCHEMA:
            raise RunUnusable(f"{path} was made by a newer version of Vademecum.", "Update Vademecum.")
        return about

    def result(self) -> Result | None:
        """Return what was found, or None if it is not finished."""
        try:
            body = (self.folder / "result.json").read_bytes()
            return msgspec.json.decode(body, type=_RESULTS[self.about().kind])
        except (OSError, *UNDECODABLE):
            return None

    def write_result(self, result: Result) -> None:
        """Keep ``result``; the evaluation is done then."""
        with storing(self.folder):
            write_atomically(
                self.folder / "result.json", msgspec.json.format(msgspec.json.encode(result), indent=1)
            )

    def searched(self) -> Searched:
        """Return what was searched, as it was kept when the library was opened; nothing before that."""
        try:
            return msgspec.json.decode((self.folder / "searched.json").read_bytes(), type=Searched)
        except (OSError, *UNDECODABLE):
            return Searched()

    def write_searched(self, searched: Searched) -> None:
        """Keep what is searched, so that figures can be worked out where the library is not."""
        with storing(self.folder):
            write_atomically(self.folder / "searched.json", msgspec.json.encode(searched))

    def items(self) -> list[dict[str, Any]]:
        """Return what came of each item so far; a line that a crash cut off, or a bad disk, is left out."""
        try:
            lines = (self.folder / "items.jsonl").read_bytes().splitlines(keepends=True)
        except OSError:
            return []
        found = []
        for line in lines:
            with suppress(*UNDECODABLE):
                if line.endswith(b"\n"):
                    found.append(msgspec.json.decode(line, type=dict[str, Any]))
        return found

    @contextmanager
    def writing(self) -> Iterator[ItemsFile]:
        """Open ``items.jsonl`` to add to it, less the half line that a crash left."""
        path = self.folder / "items.jsonl"
        with storing(self.folder), path.open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            yield ItemsFile(file.fileno())

    def info(self) -> EvaluationInfo:
        """Sum it up. Raises RunUnusable."""
        about = self.about()
        done = (self.folder / "result.json").is_file()
        state: EvaluationState = "done" if done else "running" if self.is_locked() else "stopped"
        subjects = [about.options.get(name) for name in ("dataset", "corpus", "claims", "templates")]
        return EvaluationInfo(
            self.id,
            about.kind,
            about.created,
            state,
            len(self.items()),
            ", ".join(Path(subject).name for subject in subjects if subject and isinstance(subject, str)),
            about.models.get("language", ""),
        )

    def lock(self) -> AbstractContextManager[None]:
        """Keep other processes from writing it; raise RunUnusable if one does."""
        return locked(self.folder, f"The evaluation {self.id}")

    def is_locked(self) -> bool:
        """True while a process works on it."""
        return is_locked(self.folder)


@dataclass(frozen=True, slots=True)
class ItemsFile:
    """The items of an evaluation, opened to be added to."""

    descriptor: int

    def add(self, item: object) -> None:
        """Append ``item``, a dataclass or plain value, as one line; it is on the disk afterwards."""
        line = msgspec.json.encode(item) + b"\n"
        while line:
            line = line[os.write(self.descriptor, line) :]
        os.fsync(self.descriptor)


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The evaluations of one user, in ``folder``, which need not exist yet."""

    folder: Path

    @property
    def indexes(self) -> Shelf:
        """The libraries made for evaluations."""
        return Shelf(self.folder / ".indexes")

    def create(self, about: About) -> Evaluation:
        """Make the folder of a new evaluation."""
        with storing(self.folder):
            made = Evaluation(
                self.folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{about.kind}-{secrets.token_hex(2)}"
            )
            made.folder.mkdir(parents=True)
            body = msgspec.json.format(msgspec.json.encode(about), indent=1)
            write_atomically(made.folder / "run.json", body)
            flush([self.folder])
        return made

    def get(self, evaluation: str) -> Evaluation:
        """Return one by its id, or its beginning if only one begins so; raise RunUnusable."""
        if _ID.fullmatch(evaluation):
            found = [one for one in self.all() if one.id.startswith(evaluation)]
            exact = [one for one in found if one.id == evaluation]
            if len(exact or found) == 1:
                return (exact or found)[0]
        raise RunUnusable(f"There is no evaluation called {evaluation[:100]}, or several.", _LIST)

    def all(self) -> list[Evaluation]:
        """Return every evaluation, newest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if (path / "run.json").is_file()]
        return [Evaluation(path) for path in sorted(found, reverse=True) if not path.name.startswith(".")]

    def delete(self, evaluation: Evaluation) -> None:
        """Delete one with everything in it; raise RunUnusable while it is worked on."""
        with evaluation.lock():
            pass
        index = _index_of(evaluation)
        discard(evaluation.folder)
        if index and all(_index_of(other) != index for other in self.all()):
            discard(self.indexes.folder / index)
            (self.indexes.folder / f"{index}.jsonl").unlink(missing_ok=True)


def _index_of(evaluation: Evaluation) -> str:
    try:
        return evaluation.about().index
    except RunUnusable:  # damaged: it needs nothing any more
        return ""
