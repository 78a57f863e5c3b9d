"""What is told about training data before a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from core.generation.prompts import is_refusal
from core.tuning.pairs import Pair
from core.tuning.recipe import Recipe
from core.tuning.reports import DataReport, Preview, Segment, Spread
from training.data.conversations import Conversation
from training.data.personal import screen
from training.data.prepare import Prepared
from training.data.rows import IGNORED, Row, RowMaker
from training.data.statistics import classes, diversity, packed_rows, spread

VERSION = 1
_PREVIEWS = 8
_BATCH = 256  # texts tokenised at a time


def report(prepared: Prepared, recipe: Recipe, tokenizer: Any) -> DataReport:
    """Return everything worth knowing about ``prepared``, previews included.

    Context, question and answer are those of the pairs that are used; a pair without evidence has a context
    of no tokens.
    """
    read, train = prepared.read, prepared.train
    used = used_pairs(prepared)
    return DataReport(
        version=VERSION,
        sources=read.sources,
        entries=len(read.pairs),
        used=len(used),
        conversations=len(prepared.conversations),
        train=len(train),
        validation=len(prepared.validation),
        context=_tokens(("\n\n".join(part.text for part in pair.evidence) for pair in used), tokenizer),
        question=_tokens((pair.question for pair in used), tokenizer),
        answer=_tokens((pair.answer or pair.decision for pair in used), tokenizer),
        conversation=spread([len(row.input_ids) for row in prepared.rows]),
        trained_tokens=sum(row.trained for row in train),
        all_tokens=sum(len(row.input_ids) for row in train),
        rows=_rows(train, recipe),
        truncated=sum(row.cut > 0 for row in prepared.rows),
        untrained=prepared.untrained,
        refusals=sum(map(_is_refused, prepared.conversations)),
        classes=classes(used),
        diversity=diversity(used),
        duplicates=read.cleaned.duplicates,
        leaks=read.cleaned.leaks,
        personal=tuple(found for pair in used for found in screen(pair)),
        rejected=read.rejected,
        previews=tuple(previews(prepared, RowMaker(tokenizer, recipe.data.max_length))),
        dataset_hash=prepared.dataset_hash,
        base=Path(recipe.base.model).name,
        max_length=recipe.data.max_length,
    )


def used_pairs(prepared: Prepared) -> list[Pair]:
    """Return the pairs that at least one conversation was made of, each once, in the order of the files."""
    made = {(conversation.source, conversation.record) for conversation in prepared.conversations}
    kept = (prepared.read.pairs[place] for place in prepared.read.cleaned.kept)
    return [pair for pair in kept if (pair.source, pair.record) in made]


def previews(prepared: Prepared, maker: RowMaker) -> Iterable[Preview]:
    """Yield about eight conversations as the model will see them: evenly spread, a refusal among them."""
    for place in _shown(prepared.conversations):
        row = prepared.rows[place]
        yield Preview(
            segments=tuple(_segments(row, maker)),
            tokens=len(row.input_ids),
            cut=row.cut,
            split=prepared.conversations[place].split,
        )


def _shown(conversations: Sequence[Conversation]) -> list[int]:
    """Return the places of some conversations: evenly spread, a refusal and a held-out one among them."""
    count = len(conversations)
    places = {number * count // _PREVIEWS for number in range(_PREVIEWS)}
    for wanted in (_is_refused, _is_held_out):
        if not any(wanted(conversations[place]) for place in places):
            places |= {next((place for place, one in enumerate(conversations) if wanted(one)), 0)}
    return sorted(places)


def _is_refused(conversation: Conversation) -> bool:
    return is_refusal(conversation.answer)


def _is_held_out(conversation: Conversation) -> bool:
    return conversation.split == "validation"


def _segments(row: Row, maker: RowMaker) -> Iterable[Segment]:
    pairs = zip(row.input_ids, row.labels, strict=True)
    for trained, run in groupby(pairs, key=lambda pair: pair[1] != IGNORED):
        yield Segment(maker.decode([token for token, _ in run]), trained)


def _rows(train: Sequence[Row], recipe: Recipe) -> int:
    if not recipe.data.packing:
        return len(train)
    return packed_rows((len(row.input_ids) for row in train), recipe.data.max_length)


def _tokens(texts: Iterable[str], tokenizer: Any) -> Spread:
    listed = list(texts)
    counts: list[int] = []
    for start in range(0, len(listed), _BATCH):
        batch = tokenizer(listed[start : start + _BATCH], add_special_tokens=False, verbose=False)
        counts += [len(ids) for ids in batch["input_ids"]]
    return spread(counts)
