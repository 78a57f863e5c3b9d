"""From a recipe to the rows that are trained on: read, clean, weigh, build, cut into tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from core.cancel import CancelToken
from core.decoding import UNDECODABLE
from core.errors import DataUnusable, ModelUnusable, RunUnusable
from core.library.storage import storing
from core.paths import Home
from core.protocol import Event, Progress, Status
from core.tuning.recipe import Recipe
from training.data.conversations import Conversation, build
from training.data.reading import MORE, ReadData, read_data, weighted
from training.data.rows import Row, RowMaker

FEWEST = 2  # conversations to train on; of one alone nothing general can be learned
_EACH = 50  # conversations between two messages of progress


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that a run learns from.

    Attributes:
        conversations: in the order they are trained on, training and validation mixed.
        rows: of each conversation.
        untrained: conversations left out because their answer and question alone are too long.
        dataset_hash: SHA-256 of ``dataset.jsonl``.
    """

    read: ReadData
    conversations: tuple[Conversation, ...]
    rows: tuple[Row, ...]
    untrained: int
    dataset_hash: str

    @property
    def train(self) -> list[Row]:
        """Rows to train on."""
        return self._of("train")

    @property
    def validation(self) -> list[Row]:
        """Rows that are only ever measured on."""
        return self._of("validation")

    def _of(self, split: str) -> list[Row]:
        both = zip(self.conversations, self.rows, strict=True)
        return [row for conversation, row in both if conversation.split == split]


def prepare(recipe: Recipe, tokenizer: Any, home: Home, cancel: CancelToken) -> Prepared:
    """Return what ``recipe`` learns from; equal files and recipes give the same, ``dataset_hash`` included.

    Raises:
        Cancelled: before anything is done that would have to be undone.
        DataUnusable: a source cannot be read, or too little is left of them all; the message says why.
        ModelUnusable: the base has no chat template.
    """
    steps = preparing(recipe, tokenizer, home, cancel)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            prepared: Prepared = end.value
            return prepared


def preparing(
    recipe: Recipe, tokenizer: Any, home: Home, cancel: CancelToken
) -> Generator[Event, None, Prepared]:
    """Do as ``prepare``, and yield what is being done."""
    if not tokenizer.chat_template:
        raise ModelUnusable(
            f"{Path(recipe.base.model).name} has no chat template, so it cannot learn to answer in a chat.",
            "Choose its instruct edition.",
        )
    yield Status("Reading the data")
    read = read_data(recipe.data.sources, home, cancel)
    pairs = weighted(read, recipe.data.sources, recipe.training.seed)
    yield Status("Making conversations")
    cancel.check()
    built = build(pairs, recipe.data, recipe.training.seed)
    made = yield from _rows(built, RowMaker(tokenizer, recipe.data.max_length), cancel)
    conversations = tuple(conversation for conversation, _ in made)
    if sum(conversation.split == "train" for conversation in conversations) < FEWEST:
        raise _too_little(read, len(built), len(conversations), recipe.data.max_length)
    rows = tuple(row for _, row in made)
    return Prepared(read, conversations, rows, len(built) - len(made), dataset_hash(conversations))


def dataset_lines(conversations: Iterable[Conversation]) -> bytes:
    """Return the content of a ``dataset.jsonl``."""
    return b"".join(msgspec.json.encode(conversation) + b"\n" for conversation in conversations)


def dataset_hash(conversations: Iterable[Conversation]) -> str:
    """Return the SHA-256 of ``dataset_lines``, hexadecimal."""
    return hashlib.sha256(dataset_lines(conversations)).hexdigest()


def write_dataset(path: Path, conversations: Iterable[Conversation]) -> None:
    """Write a ``dataset.jsonl``; StorageFull if there is no room."""
    with storing(path.parent):
        path.write_bytes(dataset_lines(conversations))


def read_dataset(path: Path) -> tuple[Conversation, ...]:
    """Return the conversations of a ``dataset.jsonl``; RunUnusable if it is missing or damaged."""
    decoder = msgspec.json.Decoder(Conversation)
    try:
        return tuple(decoder.decode(line) for line in path.read_bytes().splitlines())
    except (OSError, *UNDECODABLE) as error:
        raise RunUnusable(f"{path} is missing or damaged.", "Start a new run of the same recipe.") from error


def _rows(
    conversations: Sequence[Conversation], maker: RowMaker, cancel: CancelToken
) -> Generator[Event, None, list[tuple[Conversation, Row]]]:
    made = []
    for number, conversation in enumerate(conversations):
        cancel.check()
        if number % _EACH == 0:
            yield Progress("Counting tokens", number, len(conversations), "conversations")
        if row := maker.row(conversation):
            made.append((conversation, row))
    return made


def _too_little(read: ReadData, built: int, fitting: int, max_length: int) -> DataUnusable:
    """Say where the data went, the largest loss first."""
    lost = {
        f"{len(read.cleaned.leaks):,} are in known test sets": len(read.cleaned.leaks),
        f"{len(read.cleaned.duplicates):,} repeat others": len(read.cleaned.duplicates),
        f"{built - fitting:,} are longer than {max_length:,} tokens": built - fitting,
        f"{len(read.rejected):,} cannot be used": len(read.rejected),
    }
    reasons = ", ".join(sorted((text for text, count in lost.items() if count), key=lambda t: -lost[t]))
    few = "Nothing" if fitting == 0 else "Too little"
    read_in_all = f"{len(read.pairs):,} question{'s' if len(read.pairs) != 1 else ''} with answers"
    return DataUnusable(
        f"{few} is left to train on: of {read_in_all} {reasons or 'too few have evidence for their answer'}.",
        MORE,
    )
