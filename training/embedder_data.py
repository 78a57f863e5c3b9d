"""From the sources of an embedder recipe to questions with the passages that answer them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from core.cancel import CancelToken
from core.decoding import UNDECODABLE
from core.errors import DataUnusable, RunUnusable
from core.library.chunking import passage_text
from core.library.storage import storing
from core.paths import Home
from core.tuning.collected import Collected, read_collected
from core.tuning.pairs import Pair
from core.tuning.readers.sources import format_of, path_of, read_pairs
from core.tuning.recipe import EmbedderRecipe, Source
from core.types import Rejected
from training.data.alignment import passages_of
from training.data.conversations import split_pairs
from training.data.test_sets import LeakCheck, known_test_sets

FEWEST = 8  # questions to train on; of fewer nothing general can be learned
MOST = 4  # passages of one question that are trained on, so that one long list does not outweigh the rest


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it is embedded, and the title of its document."""

    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its passages; ``dataset.jsonl`` of the run has one a line.

    Attributes:
        documents: identifiers of the documents that the passages are from.
        source, record: of the pair it was made from.
    """

    question: str
    passages: tuple[Found, ...]
    documents: tuple[str, ...]
    split: Literal["train", "validation"]
    source: str
    record: int


def read_asked(recipe: EmbedderRecipe, home: Home, cancel: CancelToken) -> list[Asked]:
    """Return what ``recipe`` learns from and is measured on; equal files and recipes give the same.

    Pairs of known test sets are left out, and pairs that share a document are never split.

    Raises:
        DataUnusable: a source cannot be read, or too few questions are left.
        Cancelled: ``cancel`` was set.
    """
    if not recipe.sources:
        raise DataUnusable("The recipe names no training data.", "Add a file of questions with evidence.")
    rng = random.Random(recipe.seed)
    check = LeakCheck(known_test_sets(home))
    pairs = []
    for source in recipe.sources:
        found = [pair for pair in _with_evidence(source, home, cancel) if check.leak(pair) is None]
        pairs += _weighted(found, source.weight, rng)
    train, held = split_pairs(pairs, recipe.validation, rng)
    if len(train) < FEWEST:
        raise DataUnusable(
            f"Only {len(train):,} questions with evidence are left to learn from; {FEWEST} are needed.",
            "Add a file whose questions have passages or abstracts that answer them.",
        )
    return [*(_asked(pair, "train") for pair in train), *(_asked(pair, "validation") for pair in held)]


def write_asked(path: Path, asked: Sequence[Asked]) -> None:
    """Keep ``asked`` as a JSON object a line."""
    with storing(path.parent):
        path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in asked))


def read_back(path: Path) -> list[Asked]:
    """Return what ``write_asked`` kept; RunUnusable if it is missing or damaged."""
    decoder = msgspec.json.Decoder(Asked)
    try:
        return [decoder.decode(line) for line in path.read_bytes().splitlines()]
    except (OSError, *UNDECODABLE) as error:
        raise RunUnusable(f"{path} is missing or damaged.", "Start a new run of the same recipe.") from error


def couples(asked: Sequence[Asked], seed: int) -> list[tuple[str, str]]:
    """Return each question with each of at most ``MOST`` of its passages, shuffled."""
    rng = random.Random(seed)
    made = []
    for one in asked:
        texts = sorted({passage.text for passage in one.passages})
        made += [(one.question, text) for text in rng.sample(texts, min(MOST, len(texts)))]
    rng.shuffle(made)
    return made


def _with_evidence(source: Source, home: Home, cancel: CancelToken) -> Iterator[Pair]:
    items: Iterator[Pair | Rejected] | list[Pair]
    if format_of(source, home) == "collected":  # a source that was opened has no answer, but counts here
        items = [_pair(item, number) for number, item in enumerate(read_collected(path_of(source, home)), 1)]
    else:
        items = read_pairs(source, home)
    for item in items:
        cancel.check()
        if isinstance(item, Pair) and any(part.text.strip() for part in item.evidence):
            yield item


def _pair(item: Collected, number: int) -> Pair:
    """Return the question with its evidence; none of an answer that was called bad."""
    evidence = () if item.kind == "bad" else item.evidence
    return Pair(item.question, item.answer, evidence, source="collected.jsonl", record=number, id=item.id)


def _weighted(pairs: Sequence[Pair], weight: float, rng: random.Random) -> list[Pair]:
    times, part = divmod(weight, 1)
    return [*pairs] * int(times) + rng.sample(pairs, round(part * len(pairs)))


def _asked(pair: Pair, split: Literal["train", "validation"]) -> Asked:
    passages = tuple(Found(passage_text(p.title, p.text), p.title) for p in passages_of(pair))
    return Asked(pair.question, passages, tuple(sorted(pair.documents)), split, pair.source, pair.record)
