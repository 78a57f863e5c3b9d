"""What a reader gets from the untuned default model on the starter library: how much of it has a source.

Every question of ``questions.json`` is refused or not; a part of the answerable ones is answered in full,
with the default settings and a fixed seed. Nobody judges here whether a sentence is true, or whether its
quote proves it. Exit status 1 if a marker without a citation, or an altered quote, reached the reader.
"""

from __future__ import annotations

import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from core.assistant import Question
from core.cancel import CancelToken
from core.protocol import Answered, Found, Token
from core.retrieval.retriever import Retriever
from core.runtime import Runtime
from core.settings import Settings
from core.types import Answer, Citation, Origin, Passage
from tests.benchmarks import common

ANSWERED = 24
SEED = 0
CUT = Settings().sampling.max_new_tokens - 2  # counted from the text, which can be a token less
_BRACKET = re.compile(r"\[([\d\s,;\u2013-]+)\]")


@dataclass(frozen=True, slots=True)
class Written:
    """One answer.

    Attributes:
        cards: ids of the cards that answer the question.
        passages: what the model read.
        raw: what it wrote.
        answer: what the reader gets.
    """

    cards: tuple[str, ...]
    passages: tuple[Passage, ...]
    raw: str
    answer: Answer


def main() -> int:
    """Measure; return 1 if something false about the sources was shown."""
    parser = common.options_of(__doc__)
    parser.add_argument("--questions", type=int, default=ANSWERED, help="how many to answer in full")
    parser.add_argument("--show", action="store_true", help="print the answers to standard error")
    options = parser.parse_args()
    report = common.Report("grounding")
    with common.runtime() as runtime:
        common.add_starter(runtime)
        retriever = runtime.retriever([common.STARTER])
        _refusals(report, runtime, retriever)
        answerable = [entry for entry in common.starter_questions() if entry[1]]
        written = []
        for number, (question, cards) in enumerate(answerable[: options.questions], start=1):
            common.say(f"Answer {number} of {options.questions}")
            written.append(_write(runtime, retriever, question, cards))
            if options.show:
                print(f"{question}\n{written[-1].answer.answer}\n", file=sys.stderr)
        _sources(report, retriever, written)
    return report.finish(options.json)


def _refusals(report: common.Report, runtime: Runtime, retriever: Retriever) -> None:
    """Ask every question up to the point where it is refused or not."""
    refused: dict[bool, list[bool]] = {True: [], False: []}
    for question, cards in common.starter_questions():
        refused[bool(cards)].append(_is_refused(runtime, retriever, question))
    first, among = _right_card(runtime, retriever)
    report.table(
        "Refusing and finding, all questions",
        ("what", "share", "of"),
        [
            _share("questions that no card answers, refused", refused[False]),
            _share("questions that a card answers, wrongly refused", refused[True]),
            _share("the card that answers comes first", first),
            _share("the card that answers is among the passages", among),
        ],
    )


def _is_refused(runtime: Runtime, retriever: Retriever, question: str) -> bool:
    """Stop as soon as the evidence is accepted: nothing is written."""
    for event in runtime.assistant().answer(Question(question, (), SEED), retriever, CancelToken()):
        if isinstance(event, Found):
            return False
        if isinstance(event, Answered):
            return event.answer.refused
    raise AssertionError("the assistant ended without an answer")


def _right_card(runtime: Runtime, retriever: Retriever) -> tuple[list[bool], list[bool]]:
    settings = runtime.settings.retrieval
    first, among = [], []
    for question, cards in common.starter_questions():
        if cards:
            found = [_card(retriever, p) for p in retriever.search(question, settings, settings.passages)]
            first.append(found[0] in cards)
            among.append(bool(set(found) & set(cards)))
    return first, among


def _card(retriever: Retriever, holder: Passage | Citation) -> str:
    """Return the id of the card that a passage or citation comes from."""
    document = retriever.libraries[0].store.document(holder.document.id)
    assert document is not None
    return document.external_id


def _write(runtime: Runtime, retriever: Retriever, question: str, cards: tuple[str, ...]) -> Written:
    passages: tuple[Passage, ...] = ()
    raw, answer = "", None
    for event in runtime.assistant().answer(Question(question, (), SEED), retriever, CancelToken()):
        match event:
            case Found(found):
                passages = found
            case Token(piece):
                raw += piece
            case Answered(done):
                answer = done
    assert answer is not None
    return Written(cards, passages, raw, answer)


def _sources(report: common.Report, retriever: Retriever, written: Sequence[Written]) -> None:
    """Count where the sentences of the answers have their sources, and what must never happen."""
    answers = [one.answer for one in written]
    origins = [origin for answer in answers for origin in _origins(answer)]
    citations = [(citation, one.cards) for one in written for citation in one.answer.citations]
    made_up = sum(len(set(_numbers(one.raw)) - set(range(1, len(one.passages) + 1))) for one in written)
    unknown = sum(_unknown_markers(one) for one in written)
    altered = sum(not _is_verbatim(retriever, citation) for citation, _ in citations)
    report.table(
        f"{len(written)} answers, default model and settings, seed {SEED}",
        ("what", "share", "of"),
        [
            _share("sentences cited by the model itself", [origin == "model" for origin in origins]),
            _share("sentences bound to a source by search", [origin == "search" for origin in origins]),
            _share("sentences without a source", [origin is None for origin in origins]),
            _share("answers with at least one source", [bool(answer.citations) for answer in answers]),
            _share(
                "citations of the card that answers", [_card(retriever, c) in ids for c, ids in citations]
            ),
            _share("answers that repeat a sentence", [_repeats(answer) for answer in answers]),
            _share("answers cut at the limit of new tokens", [a.tokens.generated >= CUT for a in answers]),
        ],
    )
    report.table(
        "What must not reach the reader",
        ("what", "count", "required"),
        [
            ("markers that name no passage, written by the model and removed", made_up, None),
            ("markers without a citation, in the answer", unknown, 0),
            (f"quotes that are not verbatim, of {len(citations)}", altered, 0),
        ],
    )
    report.must(unknown == 0, f"{unknown} markers without a citation reached the reader")
    report.must(altered == 0, f"{altered} quotes are not verbatim")


def _share(what: str, cases: Sequence[bool]) -> tuple[str, float | None, int]:
    return what, statistics.fmean(cases) if cases else None, len(cases)


def _origins(answer: Answer) -> list[Origin | None]:
    """Return for each sentence who found its source."""
    found = {citation.sentence: citation.origin for citation in answer.citations}
    return [found.get(index) for index in range(len(answer.sentences))]


def _numbers(text: str) -> list[int]:
    """Return what stands in square brackets, read without the program's own parser."""
    return [int(number) for inside in _BRACKET.findall(text) for number in re.findall(r"\d+", inside)]


def _unknown_markers(one: Written) -> int:
    """Count the markers of the answer for which there is no citation of a passage in the prompt."""
    cited = {citation.marker for citation in one.answer.citations if citation.marker <= len(one.passages)}
    return sum(number not in cited for number in _numbers(one.answer.answer))


def _is_verbatim(retriever: Retriever, citation: Citation) -> bool:
    document = retriever.libraries[0].store.document(citation.document.id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def _repeats(answer: Answer) -> bool:
    texts = [sentence.text.lower() for sentence in answer.sentences]
    return len(set(texts)) < len(texts)


if __name__ == "__main__":
    sys.exit(main())
