"""The gate of a search model: which of two ranks the right passages higher, on questions held out for it."""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cancel import CancelToken
from core.errors import ModelUnusable, RunUnusable
from core.paths import Home
from core.protocol import Event, Status
from core.registry import find_model
from core.retrieval.embedder import load_embedder
from core.settings import settings_of
from core.tuning.installing import model_folder
from core.tuning.recipe import EmbedderRecipe
from core.tuning.reports import Measure, Sample
from core.tuning.runs import Run
from training.embedder_data import Asked, Found, read_back
from training.embedder_ranking import Ranked, encoding, rank
from training.embedder_training import device
from training.gate_report import concluded
from training.gate_statistics import paired

QUESTIONS = 500  # held-out ones that are ranked at most
CORPUS = 20_000  # passages they are ranked among at most
SAMPLES = 10


def judge_embedder(recipe: EmbedderRecipe, run: Run, home: Home, cancel: CancelToken) -> Iterator[Event]:
    """Rank all passages for the held-out questions by both models; end in Judged, and keep its report.

    Raises:
        RunUnusable: the run has no model, or its data is missing.
        Cancelled: no report was written.
    """
    start = time.perf_counter()
    candidate = model_folder(home, run)
    if candidate is None:
        raise RunUnusable(f"The run {run.id} has no finished model.", "Resume it.")
    current = _current(home, candidate, recipe)
    task = _Task.of(read_back(run.dataset))
    before = yield from _ranked(task, current, "the current model", cancel)
    after = yield from _ranked(task, candidate, "the new model", cancel)
    closeness = settings_of(home).retrieval.min_similarity
    measures = _measures(before, after, closeness) if before else ()
    samples = task.samples(before, after)
    yield concluded(run, current, measures, samples, len(task.questions), start)


@dataclass(frozen=True, slots=True)
class _Task:
    """Held-out questions, the passages they are ranked among, and which of those are right."""

    questions: tuple[str, ...]
    passages: tuple[Found, ...]
    right: tuple[frozenset[int], ...]

    @staticmethod
    def of(asked: Sequence[Asked]) -> _Task:
        """Take what was held out; all passages are ranked, as far as there are not too many."""
        rng = random.Random(0)
        wanted: dict[str, set[str]] = {}
        for one in asked:
            if one.split == "validation":
                wanted.setdefault(one.question, set()).update(passage.text for passage in one.passages)
        questions = sorted(wanted)
        questions = questions if len(questions) <= QUESTIONS else rng.sample(questions, QUESTIONS)
        known = {passage.text: passage for one in asked for passage in one.passages}
        needed = {text for question in questions for text in wanted[question]}
        others = sorted(known.keys() - needed)
        room = max(0, CORPUS - len(needed))
        texts = [*sorted(needed), *(others if len(others) <= room else rng.sample(others, room))]
        place = {text: number for number, text in enumerate(texts)}
        right = tuple(frozenset(place[text] for text in wanted[question]) for question in questions)
        return _Task(tuple(questions), tuple(known[text] for text in texts), right)

    def samples(self, before: Sequence[Ranked], after: Sequence[Ranked]) -> tuple[Sample, ...]:
        """Return the best passage of both models for some questions, by title."""
        made = []
        for question, right, old, new in zip(self.questions, self.right, before, after, strict=True):
            expected = " / ".join(dict.fromkeys(self._name(place) for place in sorted(right)))
            made.append(Sample(question, expected, self._name(old.best), self._name(new.best)))
        changed = [sample for sample in made if sample.before != sample.after]
        same = [sample for sample in made if sample.before == sample.after]
        return tuple([*changed, *same][:SAMPLES])

    def _name(self, place: int) -> str:
        passage = self.passages[place]
        return passage.title or passage.text[:80]


def _ranked(
    task: _Task, folder: Path, which: str, cancel: CancelToken
) -> Generator[Event, None, list[Ranked]]:
    if not task.questions:
        return []
    yield Status(f"Loading {which}")
    embedder = load_embedder(folder, device())
    questions = yield from encoding(embedder.encode_queries, task.questions, f"Measuring {which}", cancel)
    texts = [passage.text for passage in task.passages]
    passages = yield from encoding(embedder.encode, texts, f"Measuring {which}", cancel)
    return rank(questions, passages, task.right)


def _measures(before: Sequence[Ranked], after: Sequence[Ranked], closeness: float) -> tuple[Measure, ...]:
    """Return how the rankings compare; ``closeness`` is the similarity below which no answer is written."""
    both = before, after
    return (
        paired("nDCG@10", *([one.ndcg for one in side] for side in both), decides=True),
        paired("Recall@10", *([one.recall for one in side] for side in both)),
        paired("MRR@10", *([one.reciprocal for one in side] for side in both)),
        paired(
            "Questions close enough to be answered",
            *([float(one.similarity >= closeness) for one in side] for side in both),
        ),
    )


def _current(home: Home, candidate: Path, recipe: EmbedderRecipe) -> Path:
    """Return the folder of the search model to compare with."""
    try:
        current = find_model(home, settings_of(home).model.embedder, "embedder")
        if current != candidate.resolve():
            return current
    except ModelUnusable:
        pass  # whatever the settings name, the base is there
    return find_model(home, recipe.base, "embedder")
