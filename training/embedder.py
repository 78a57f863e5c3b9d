"""Tuning the search model on questions and the passages that answer them."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from core.cancel import CancelToken
from core.paths import Home
from core.protocol import Event, RunOpened, RunStateChanged, Status
from core.registry import find_model
from core.retrieval.embedder import load_embedder
from core.tuning.installing import model_folder
from core.tuning.recipe import EmbedderRecipe
from core.tuning.runs import Run
from training.embedder_data import Asked, couples, read_asked, write_asked
from training.embedder_gate import judge_embedder
from training.embedder_ranking import encoding, hard_negatives
from training.embedder_training import device, fit, steps_of
from training.streaming import streamed


def tune(recipe: EmbedderRecipe, run: Run, home: Home, cancel: CancelToken) -> Iterator[Event]:
    """Tune the base of ``recipe`` and compare it with the current search model; yield what happens.

    Goes on with the comparison if the model is trained already. A training that was stopped starts anew.

    Raises:
        DataUnusable: there is too little to learn from.
        ModelUnusable, OutOfMemory, StorageFull
        Cancelled: while reading, ranking or encoding.
    """
    if model_folder(home, run) is None:
        yield Status("Reading the data")
        base = find_model(home, recipe.base, "embedder")
        asked = read_asked(recipe, home, cancel)
        write_asked(run.dataset, asked)
        train = [one for one in asked if one.split == "train"]
        pairs = couples(train, recipe.seed)
        yield RunOpened(run.id, recipe.name, steps_of(len(pairs), recipe), 0, time.time())
        yield RunStateChanged("training")
        rows = yield from _rows(train, pairs, base, recipe, cancel)
        yield Status("Training")
        yield from streamed(lambda emit: fit(base, rows, recipe, run, cancel, emit))
        if not run.merged.is_dir():
            yield RunStateChanged(
                "stopped", "It was stopped.", "A search model is tuned in one go: start again."
            )
            return
        yield RunStateChanged("merged")
    yield from judge_embedder(recipe, run, home, cancel)
    yield RunStateChanged("judged")


def _rows(
    train: Sequence[Asked],
    pairs: Sequence[tuple[str, str]],
    base: Path,
    recipe: EmbedderRecipe,
    cancel: CancelToken,
) -> Generator[Event, None, list[tuple[str, ...]]]:
    """Return question, passage and hard negatives of each couple."""
    passages = sorted({passage.text for one in train for passage in one.passages})
    count = min(recipe.hard_negatives, len(passages) // 4)  # of a handful, hardly any is wrong
    if not count:
        return list(pairs)
    yield Status("Looking for hard examples")
    embedder = load_embedder(base, device())
    questions = sorted({question for question, _ in pairs})
    asked = yield from encoding(embedder.encode_queries, questions, "Embedding questions", cancel)
    vectors = yield from encoding(embedder.encode, passages, "Embedding passages", cancel)
    by_question = dict(zip(questions, asked, strict=True))
    negatives = hard_negatives(pairs, by_question, passages, vectors, _own_texts(train), count)
    rows = [(*pair, *wrong) for pair, wrong in zip(pairs, negatives, strict=True)]
    return [row for row in rows if len(row) == 2 + count]


def _own_texts(asked: Sequence[Asked]) -> dict[str, frozenset[str]]:
    """Return for each question all passages of the documents that answer it."""
    of_document: dict[str, set[str]] = {}
    for one in asked:
        for document in one.documents:
            of_document.setdefault(document, set()).update(passage.text for passage in one.passages)
    found: dict[str, set[str]] = {}
    for one in asked:
        own = found.setdefault(one.question, set())
        own.update(passage.text for passage in one.passages)
        own.update(text for document in one.documents for text in of_document[document])
    return {question: frozenset(texts) for question, texts in found.items()}
