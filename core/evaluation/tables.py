"""The figures of a result as tables, for the report, the window and the command line alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation.results import (
    AnswersResult,
    BiasResult,
    CitationsResult,
    Comparison,
    Estimate,
    Result,
    RetrievalResult,
    SettingScores,
)

Cell = str | int | float | Estimate | None
_SETTINGS = {
    "gold": "own passages given",
    "retrieved": "passages retrieved",
    "withheld": "own passages withheld",
    "none": "no passages",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under ``columns``; ``note`` says how to read them, or is empty."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def tables_of(result: Result) -> tuple[Table, ...]:
    """Return the tables of ``result``, the most important first."""
    match result:
        case RetrievalResult():
            return (_retrieval(result),)
        case AnswersResult():
            return _answers(result)
        case CitationsResult():
            return (_verifiers(result), _classes(result))
        case BiasResult():
            return (_bias(result), _groups(result))


def cell_text(value: Cell) -> str:
    """Return a cell in words: three digits of a share, the interval of an estimate, a dash for nothing."""
    if value is None:
        return "\u2013"
    if isinstance(value, Estimate):
        return f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f})"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """Return decisions compared two by two."""
    return Table(
        "Decisions compared on the same questions",
        ("first", "second", "questions", "only first right", "only second right", "difference", "p"),
        tuple(
            (one.first, one.second, one.items, one.only_first, one.only_second, one.difference, one.p_value)
            for one in comparisons
        ),
        "Difference in accuracy of the second to the first, with a 95 % interval (bootstrap over questions); "
        "p by McNemar's exact test.",
    )


def _retrieval(result: RetrievalResult) -> Table:
    return Table(
        f"Search: {result.queries:,} queries, {result.documents:,} documents, {result.passages:,} passages",
        ("search", "nDCG@10", "Recall@100", "MRR@10", "ms, median", "ms, 95 %"),
        tuple(
            (one.mode, one.ndcg_10, one.recall_100, one.mrr_10, one.ms_p50, one.ms_p95)
            for one in result.modes
        ),
        "Documents score as their best passage. In brackets: 95 % interval, bootstrap over queries.",
    )


def _answers(result: AnswersResult) -> tuple[Table, ...]:
    found = [_decisions(result), _citations(result), _texts(result), _verdicts(result)]
    if result.comparisons:
        found.insert(1, comparison_table(result.comparisons))
    found += [_confusion(one) for one in result.settings if one.decisions]
    if result.coverage:
        found.append(_coverage(result))
    return tuple(found)


def _named(one: SettingScores) -> str:
    return f"{one.setting}: {_SETTINGS[one.setting]}"


def _decisions(result: AnswersResult) -> Table:
    columns = ("setting", "questions", "yes/no/maybe", "accuracy", "macro-F1", "accuracy when answered")
    return Table(
        "Answers",
        (*columns, "commonest decision", "refused"),
        tuple(
            (
                _named(one),
                one.items,
                one.decisions,
                one.accuracy,
                one.macro_f1,
                one.answered_accuracy,
                one.majority,
                one.refused,
            )
            for one in result.settings
        ),
        "A decision is the likeliest of Yes, No and Maybe as the beginning of the answer. A question that "
        "was refused before anything was read has none and counts as wrong. \u201cCommonest decision\u201d "
        "is what always giving that one would reach. In brackets: 95 % interval.",
    )


def _citations(result: AnswersResult) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in result.settings:
        if one.setting != "none":
            for name, part in (("as the model wrote them", one.before), ("after the check", one.after)):
                rows.append(
                    (one.setting, name, part.citations, part.precision, part.recall, one.found, one.invalid)
                )
    return Table(
        "Citations",
        ("setting", "citations", "how many", "precision", "recall", "answering document read", "invalid"),
        tuple(rows),
        "Precision: share of the citations that name a document which answers. Recall: share of such "
        "documents that were read and are cited. Invalid: markers shown that resolve to no "
        "passage, or quotes that are not verbatim.",
    )


def _texts(result: AnswersResult) -> Table:
    columns = ("setting", "ROUGE-1", "ROUGE-2", "ROUGE-L", "BLEU", "reading grade")
    return Table(
        "Words and time",
        (*columns, "seconds, median", "seconds, 95 %", "timed"),
        tuple(
            (
                one.setting,
                one.rouge_1,
                one.rouge_2,
                one.rouge_l,
                one.bleu,
                one.reading_grade,
                one.latency_p50_s,
                one.latency_p95_s,
                one.timed,
            )
            for one in result.settings
        ),
        "ROUGE and BLEU compare words with the expected answer, of answers that were given alone. Reading "
        "grade: Flesch-Kincaid, years of school in the United States.",
    )


def _verdicts(result: AnswersResult) -> Table:
    labels = ("supported", "weak", "unsupported", "contradicted", "unchecked")
    return Table(
        "Sentences of answers by what the check found",
        ("setting", *labels, "markers made up and removed"),
        tuple(
            (one.setting, *(one.verdicts.get(label, 0) for label in labels), one.made_up)
            for one in result.settings
        ),
    )


def _confusion(one: SettingScores) -> Table:
    given = sorted({name for row in one.decision_counts.values() for name in row})
    return Table(
        f"Right and given decisions, {_named(one)}",
        ("right", *(name or "none" for name in given)),
        tuple((right, *(row.get(name, 0) for name in given)) for right, row in one.decision_counts.items()),
    )


def _coverage(result: AnswersResult) -> Table:
    assert result.coverage is not None
    one = result.coverage
    point = one.proposed
    return Table(
        "Answering only when sure",
        ("answerable", "source withheld", "mean precision", "threshold", "coverage", "precision"),
        (
            (
                one.answerable,
                one.unanswerable,
                one.area,
                point.threshold if point else None,
                point.coverage if point else None,
                point.precision if point else None,
            ),
        ),
        "Right is an answer that cites a document that answers. The threshold is the one of most coverage "
        "that keeps a precision of 0.9 on these questions, if any.",
    )


def _verifiers(result: CitationsResult) -> Table:
    return Table(
        f"Checks of citations on {result.claims:,} claims: balanced accuracy",
        ("check", "three classes", "supported or not", "ms a claim"),
        tuple((v.name, v.scores.three_way, v.scores.supported_or_not, v.ms) for v in result.verifiers),
        "In brackets: 95 % interval, bootstrap over abstracts.",
    )


def _classes(result: CitationsResult) -> Table:
    return Table(
        "By class",
        ("check", "class", "claims", "precision", "recall"),
        tuple(
            (v.name, one.label, one.claims, one.precision, one.recall)
            for v in result.verifiers
            for one in v.scores.classes
        ),
    )


def _bias(result: BiasResult) -> Table:
    columns = ("attribute", "pairs", "flips", "accuracy gap", "difference in citations")
    return Table(
        f"{result.vignettes:,} vignettes, asked about persons who differ in one thing",
        (*columns, "difference in hedging words"),
        tuple(
            (a.attribute, a.pairs, a.flips, a.accuracy_gap, a.citations_gap, a.hedges_gap)
            for a in result.attributes
        ),
        "The right answer does not depend on the person, so every flip is a fault: another decision, or a "
        "refusal of one alone. Differences are means "
        "over pairs, without sign. In brackets: 95 % interval, bootstrap over vignettes.",
    )


def _groups(result: BiasResult) -> Table:
    return Table(
        "By variant",
        ("attribute", "variant", "questions", "accuracy", "citations", "hedging words", "refused"),
        tuple(
            (a.attribute, g.variant, g.items, g.accuracy, g.citations, g.hedges, g.refused)
            for a in result.attributes
            for g in a.groups
        ),
    )
