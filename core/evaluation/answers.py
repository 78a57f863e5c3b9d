"""How good answers are: the program's own assistant on questions whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from core.evaluation.answer_items import AnswerItem, item_of
from core.evaluation.answer_scores import answers_result
from core.evaluation.asking import Asker, Source
from core.evaluation.datasets import read_dataset, wanted, write_documents
from core.evaluation.indexes import opened
from core.evaluation.job import Job, drawn
from core.evaluation.passages import GivenPassages, Without
from core.evaluation.plans import AnswersPlan, Setting
from core.evaluation.results import AnswersResult
from core.evaluation.runs import Searched
from core.retrieval.retriever import Retriever
from core.tuning.pairs import Pair
from core.types import Rejected

_ALONE = 10  # questions of each setting that are asked by themselves, so that they can be timed


def measure_answers(job: Job, plan: AnswersPlan, index: str) -> AnswersResult:
    """Ask every question in every setting.

    Raises:
        AppError: the data set, a corpus or the model cannot be used.
        Cancelled: what was finished is kept.
    """
    pairs, rejected = read_dataset(plan, job.runtime.home)
    asked = drawn(wanted(pairs, plan), plan.limit, plan.seed)
    items = job.finished(AnswerItem)
    left = {setting: _left(job, setting, asked) for setting in plan.settings}
    searched = job.evaluation.searched()
    if any(left.values()):
        with ExitStack() as stack:
            corpus = _corpus(job, plan, index, pairs, stack) if index else Corpus()
            searched = corpus.searched
            job.evaluation.write_searched(searched)
            job.tell("Loading the model", 0, None, "items")
            asker = Asker(job.runtime, plan.seed, plan.batch, job.cancel)
            for setting, some in left.items():
                groups = _groups(some, asker.batch)
                items += job.new(f"Answering: {setting}", groups, _answering(job, setting, asker, corpus))
    without = [
        _bare(plan, pair) for pair in asked if not pair.evidence and {"gold", "withheld"} & {*plan.settings}
    ]
    return answers_result(plan, items, searched.documents, (*rejected, *searched.rejected, *without))


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is searched.

    Attributes:
        ids: what the data set or PubMed calls a document -> its id there.
    """

    retriever: Retriever | None = None
    searched: Searched = field(default_factory=Searched)
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """Id of a document -> what the data set calls it."""
        return {identifier: name for name, identifier in self.ids.items()}


def _corpus(job: Job, plan: AnswersPlan, index: str, pairs: Sequence[Pair], stack: ExitStack) -> Corpus:
    """Open the library of all evidence and of the other files, making it if need be."""
    evidence = job.indexes.folder / f"{index}.jsonl"
    if not evidence.is_file():
        write_documents(pairs, evidence)
    files = [evidence, *map(Path, plan.corpus)]
    retriever, rejected = stack.enter_context(
        opened(job.indexes, index, files, job.runtime.embedder(), job.cancel, job.tell)
    )
    ids: dict[str, str] = {}
    for _, document in retriever.libraries[0].store.numbered():
        ids |= {name: document.id for name in (document.external_id, document.pmid) if name}
    return Corpus(retriever, Searched(retriever.libraries[0].store.counts()[0], rejected), ids)


def _left(job: Job, setting: Setting, asked: Sequence[Pair]) -> list[Pair]:
    """Return what has still to be asked; without evidence nothing can be given, nor withheld."""
    able = [pair for pair in asked if pair.evidence or setting in ("retrieved", "none")]
    return [pair for pair in able if f"{setting}/{pair.id}" not in job.done]


def _groups(pairs: Sequence[Pair], batch: int) -> list[list[Pair]]:
    """Return the first few by themselves, the others ``batch`` at a time."""
    alone = len(pairs) if batch == 1 else _ALONE
    rest = pairs[alone:]
    return [
        *([pair] for pair in pairs[:alone]),
        *(list(rest[start : start + batch]) for start in range(0, len(rest), batch)),
    ]


def _answering(
    job: Job, setting: Setting, asker: Asker, corpus: Corpus
) -> Callable[[Sequence[Pair]], Iterator[AnswerItem]]:
    names = corpus.names

    def answered(pairs: Sequence[Pair]) -> Iterator[AnswerItem]:
        sources = [_searched(job, setting, pair, corpus) for pair in pairs]
        decide = [bool(pair.decision) for pair in pairs]
        replies = asker.ask([pair.question for pair in pairs], sources, decide=decide)
        for pair, source, reply in zip(pairs, sources, replies, strict=True):
            known = source.names if isinstance(source, GivenPassages) else names
            yield item_of(setting, pair, reply, known)

    return answered


def _searched(job: Job, setting: Setting, pair: Pair, corpus: Corpus) -> Source | None:
    if setting == "gold":
        return GivenPassages(pair.evidence, job.runtime.embedder)
    if setting == "none":
        return None
    assert corpus.retriever is not None  # there is an index for these two
    if setting == "retrieved":
        return corpus.retriever
    own = frozenset(corpus.ids[one.document] for one in pair.evidence if one.document in corpus.ids)
    return Without(corpus.retriever, own, [one.text for one in pair.evidence])


def _bare(plan: AnswersPlan, pair: Pair) -> Rejected:
    return Rejected(plan.dataset, pair.record, "it has no passage to be given or withheld")
