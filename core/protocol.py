"""Messages between the window and a worker process: one JSON object a line, UTF-8.

A message is a frozen dataclass; its class name travels as ``kind``. Every job (Ask, Search, AddToLibrary,
Warm, Inspect) ends in exactly one Done or Failed; its result, if it has one, comes just before Done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from core.errors import ProtocolError
from core.types import Answer, ImportReport, Passage, SearchMode, SearchResult, Turn


@dataclass(frozen=True, slots=True)
class Ask:
    """Request: answer this question.

    Attributes:
        history: earlier turns of the conversation, oldest first.
        library: name of the library to search, or None to answer without retrieval.
        seed: makes the answer repeatable; None draws one.
    """

    question: str
    history: tuple[Turn, ...] = ()
    library: str | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Request: the ``k`` best passages for this query."""

    query: str
    library: str
    k: int = 10
    mode: SearchMode = "hybrid"


@dataclass(frozen=True, slots=True)
class AddToLibrary:
    """Request: take these files into the library, which is made if it is new."""

    library: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warm:
    """Request: load the model and open the library, so that the first answer comes sooner."""

    library: str | None = None


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
class Imported:
    """Event: the result of AddToLibrary."""

    report: ImportReport


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


Request = Ask | Search | AddToLibrary | Warm | Inspect | Cancel
Event = Status | Progress | Found | Token | Answered | Searched | Imported | Inspected | Done | Failed
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
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ProtocolError(f"Unreadable line from the other process: {line[:80]!r}") from error
