"""Messages between the window and a worker process: one JSON object a line, UTF-8.

A message is a frozen dataclass; its class name travels as ``kind``. Every job (each request but Cancel) ends
in exactly one Done or Failed; its result, if it has one, comes just before Done. The assistant worker knows
the requests up to Evaluate, Activate and Revert, the training worker those from CheckData to Judge, both
Inspect and Cancel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec

from core.decoding import UNDECODABLE
from core.errors import ProtocolError
from core.registry import ModelKind
from core.tuning.recipe import EmbedderRecipe, Recipe
from core.tuning.reports import DataReport, GateReport, RunState
from core.types import (
    NO_FILTERS,
    Answer,
    Filters,
    ImportReport,
    Mode,
    Passage,
    SearchMode,
    SearchResult,
    Turn,
)

EvaluationKind = Literal["retrieval", "answers", "citations", "bias"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Request: answer this question.

    Attributes:
        history: earlier turns of the conversation, oldest first.
        libraries: names of the libraries to search, together; none to answer without retrieval.
        filters: which documents count.
        seed: makes the answer repeatable; None draws one.
        mode: what the answer is for.
        evidence_only: show the passages that come closest, and let no model write.
    """

    question: str
    history: tuple[Turn, ...] = ()
    libraries: tuple[str, ...] = ()
    seed: int | None = None
    filters: Filters = NO_FILTERS
    mode: Mode = "research"
    evidence_only: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Request: ``k`` passages for this query, the best but for the first ``offset``.

    Attributes:
        query: plain language, or with fields, quotes and operators; see ``core.retrieval.query``.
        libraries: names of those that are searched, together.
    """

    query: str
    libraries: tuple[str, ...]
    k: int = 10
    mode: SearchMode = "hybrid"
    filters: Filters = NO_FILTERS
    offset: int = 0


@dataclass(frozen=True, slots=True)
class AddToLibrary:
    """Request: take these files into the library, which is made if it is new.

    Attributes:
        collection: name of a group that the documents are put in, or empty.
        columns: for tables whose columns are not recognised: field of a document to name of the column.
    """

    library: str
    paths: tuple[str, ...]
    collection: str = ""
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Warm:
    """Request: load the model and open the libraries, so that the first answer comes sooner."""

    libraries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListFacets:
    """Request: the values that the documents of these libraries can be filtered by."""

    libraries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Request: measure, and write a run; see ``core.evaluation``. Evaluated comes before Done.

    Attributes:
        measure: what is measured.
        options: as the plan of that kind has them (``core.evaluation.plans``).
        resume: id of a stopped run to go on with, or empty; ``options`` then do not count.
    """

    measure: EvaluationKind
    options: dict[str, Any] = field(default_factory=dict)
    resume: str = ""


@dataclass(frozen=True, slots=True)
class CheckData:
    """Request: read the files of this recipe and say what would be learned from them. Writes nothing."""

    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Train:
    """Request: a new run of this recipe: train, merge, reload, compare with the current model."""

    recipe: Recipe


@dataclass(frozen=True, slots=True)
class TuneEmbedder:
    """Request: a new run that tunes the search model, and compares it with the current one."""

    recipe: EmbedderRecipe


@dataclass(frozen=True, slots=True)
class Resume:
    """Request: go on with a run from its last checkpoint, or its next step if the training is done.

    Attributes:
        changes: fields of the recipe to change first, such as ``{"data.max_length": 1024}``, after memory ran
            out or an operation was not repeatable; see ``RoomProposed``.
    """

    run: str
    changes: dict[str, int | float | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merge:
    """Request: merge the adapter of a run into its base.

    Attributes:
        bin: also write ``pytorch_model.bin``, for programs that read nothing else.
    """

    run: str
    bin: bool = False


@dataclass(frozen=True, slots=True)
class Judge:
    """Request: compare the merged model of a run with the current one on the held-out items."""

    run: str


@dataclass(frozen=True, slots=True)
class Activate:
    """Request: take the model of a run into use; ``insist`` although it is worse or was not compared.

    The libraries are embedded anew for a search model.
    """

    run: str
    insist: bool = False


@dataclass(frozen=True, slots=True)
class Revert:
    """Request: go back to the model, and its libraries, from before the last activation that still stands.

    Attributes:
        role: "language" or "embedder"; None for whichever was activated last.
    """

    role: ModelKind | None = None


@dataclass(frozen=True, slots=True)
class Inspect:
    """Request: say what this process is and can do."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Request: stop the running job at the next safe point."""


@dataclass(frozen=True, slots=True)
class Status:
    """Event: what the job is doing now, in words for the user, such as "Loading the model"."""

    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Event: how far a long step is; ``total`` is None while unknown; ``unit`` is a plural noun."""

    step: str
    done: int
    total: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Found:
    """Event: the evidence that will be read, in the order of its markers, before the first token."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """Event: the next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Event: the finished answer, with its citations resolved; replaces the streamed text."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Searched:
    """Event: the result of Search."""

    result: SearchResult


@dataclass(frozen=True, slots=True)
class Facets:
    """Event: the result of ListFacets: the commonest values with their numbers of documents, commonest first.

    Attributes:
        years: of the oldest and the newest document; None when no document has a year.
    """

    journals: tuple[tuple[str, int], ...] = ()
    publication_types: tuple[tuple[str, int], ...] = ()
    subjects: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    collections: tuple[tuple[str, int], ...] = ()
    years: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Event: the result of Evaluate: the id of the run, whose folder holds the report."""

    run: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Event: the result of AddToLibrary."""

    report: ImportReport


@dataclass(frozen=True, slots=True)
class DataChecked:
    """Event: the result of CheckData."""

    report: DataReport


@dataclass(frozen=True, slots=True)
class RunOpened:
    """Event: a run has begun or goes on.

    Attributes:
        run: its id.
        steps: optimiser steps in all.
        first_step: the step after which it goes on; 0 for a new run.
        started: seconds since the epoch.
    """

    run: str
    name: str
    steps: int
    first_step: int
    started: float


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """Event: one optimiser step, or one evaluation when ``eval_loss`` is there.

    Attributes:
        step: from 1 to ``total``.
        epoch: passes over the data so far.
        loss: mean cross-entropy of the step's trained tokens, in nats; None for an evaluation.
        gradient_norm: before clipping.
        tokens_per_s: all tokens, padding left out, a second.
        gpu_utilisation: of the busiest GPU in [0, 1]; None without one, as is ``gpu_memory``, in bytes.
        eta_s: seconds the training still takes, about.
    """

    step: int
    total: int
    epoch: float
    loss: float | None = None
    eval_loss: float | None = None
    learning_rate: float | None = None
    gradient_norm: float | None = None
    tokens_per_s: float | None = None
    gpu_utilisation: float | None = None
    gpu_memory: int | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """Event: the run can be resumed from after ``step``."""

    step: int


@dataclass(frozen=True, slots=True)
class RoomProposed:
    """Event: a run could not go on; what would let it, best first, each with the changes for ``Resume``.

    Attributes:
        words: what the change means, such as "Shorter conversations: 1,024 tokens instead of 2,048".
        keeps_progress: the run can go on from its last checkpoint with it; else it begins anew.
        cause: memory ran out, or an operation was not repeatable.
    """

    words: tuple[str, ...]
    changes: tuple[dict[str, int | float | str | bool], ...]
    keeps_progress: tuple[bool, ...]
    cause: Literal["memory", "not_repeatable"] = "memory"


@dataclass(frozen=True, slots=True)
class RunStateChanged:
    """Event: how the run stands now; ``message`` and ``hint`` say why it failed."""

    state: RunState
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """Event: the merged model lies in ``folder``.

    Attributes:
        difference: largest difference of its logits, reloaded, from those of the live adapter.
        seconds: it took.
    """

    run: str
    folder: str
    difference: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Event: the result of Judge."""

    report: GateReport


@dataclass(frozen=True, slots=True)
class Switched:
    """Event: the result of Activate and Revert: ``model`` is in use now, and the settings say so."""

    role: ModelKind
    model: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """Event: the result of Inspect.

    Attributes:
        process: "assistant" or "training".
        guarded: the offline guard is active.
        versions: package name to version, of what the process works with.
        missing: packages it needs and cannot find.
    """

    process: str
    guarded: bool
    versions: dict[str, str]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """Event, the last of its job: it ended well, or was cancelled."""

    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Event, the last of its job: it ended badly; ``hint`` says what the user can do."""

    code: str
    message: str
    hint: str = ""


Request = (
    Ask
    | Search
    | AddToLibrary
    | Warm
    | ListFacets
    | Evaluate
    | CheckData
    | Train
    | TuneEmbedder
    | Resume
    | Merge
    | Judge
    | Activate
    | Revert
    | Inspect
    | Cancel
)
Event = (
    Status
    | Progress
    | Found
    | Token
    | Answered
    | Searched
    | Facets
    | Evaluated
    | Imported
    | DataChecked
    | RunOpened
    | TrainingStep
    | CheckpointSaved
    | RoomProposed
    | RunStateChanged
    | Merged
    | Judged
    | Switched
    | Inspected
    | Done
    | Failed
)
T = TypeVar("T")


def _by_name(kinds: Iterable[type[T]]) -> dict[str, type[T]]:
    return {kind.__name__: kind for kind in kinds}


_REQUESTS: Mapping[str, type[Request]] = _by_name(Request.__args__)
_EVENTS: Mapping[str, type[Event]] = _by_name(Event.__args__)


def encode(message: Request | Event) -> bytes:
    """Return ``message`` as one line of JSON, newline included."""
    body = msgspec.to_builtins(message)
    return msgspec.json.encode({"kind": type(message).__name__, **body}) + b"\n"


def decode_event(line: bytes) -> Event:
    """Read a line written by a worker; raise ProtocolError if it is not an event."""
    return _decode(line, _EVENTS)


def decode_request(line: bytes) -> Request:
    """Read a line written by the window; raise ProtocolError if it is not a request."""
    return _decode(line, _REQUESTS)


def _decode(line: bytes, kinds: Mapping[str, type[T]]) -> T:
    try:
        body = msgspec.json.decode(line, type=dict)
        return msgspec.convert(body, kinds[body.pop("kind")])
    except (KeyError, TypeError, *UNDECODABLE) as error:
        raise ProtocolError(f"Unreadable line from the other process: {line[:80]!r}") from error
