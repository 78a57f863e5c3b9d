"""Answers as the assistant makes them, one for each way in which they are shown. Made up, all of them."""

from __future__ import annotations

from dataclasses import replace

from core.types import Disagreement, Side, Study, Term, Verdict
from tests.desktop.window_fakes import CONCLUSION, METHODS, RESULTS, cite, make_answer, make_document, ref

QUESTION = "Do beta blockers lower mortality in people with heart failure and atrial fibrillation?"
FIRST = make_document()
SECOND = make_document(2, "Rate versus rhythm control for atrial fibrillation: a review of randomised trials")
THIRD = replace(
    make_document(3, "Bisoprolol and digoxin in permanent atrial fibrillation"),
    year=2009,
    publication_types=("Randomized Controlled Trial",),
)
FIRST_QUOTE = RESULTS[: RESULTS.index("0.97).") + 6]
STROKE = "Rates of stroke did not differ."


def checked(answer, *verdicts):
    """Return ``answer`` with these verdicts, a sentence each."""
    pairs = zip(answer.sentences, verdicts, strict=True)
    return replace(answer, sentences=tuple(replace(one, verdict=verdict) for one, verdict in pairs))


CHECKED = checked(
    make_answer(
        QUESTION,
        "Beta blockers lowered mortality in patients in sinus rhythm, but not in atrial fibrillation [1].\n"
        "Rates of stroke were much the same with and without them [2].\n"
        "Other rate-control drugs lowered it by 20 % [1].\n"
        "Beta blockers should be preferred in these patients [1].\n"
        "Many patients also need an anticoagulant.",
        (
            cite(FIRST, FIRST_QUOTE, 1, 0),
            cite(SECOND, STROKE, 2, 1, "search"),
            cite(FIRST, CONCLUSION, 1, 2),
            cite(FIRST, CONCLUSION, 1, 3),
        ),
    ),
    Verdict("supported", 0.94),
    Verdict("weak", 0.55),
    Verdict("unsupported", 0.0, ("the number 20 % is not in the quote",)),
    Verdict("contradicted", 0.0, ("the quote denies what the sentence says",)),
    Verdict("unsupported", 0.0, ("no passage was found that says this",)),
)
EVIDENCE = make_answer(
    QUESTION,
    "Quotes that come closest to the question, without an answer in prose.",
    sentences=(),
    reason="No sentence of the answer was borne out by what was found.",
    evidence_only=True,
    closest=(cite(FIRST, FIRST_QUOTE, 1, -1, "search"), cite(SECOND, METHODS, 2, -1, "search")),
)
REFUSED = make_answer(
    "What is the capital of France?",
    "",
    refused=True,
    sentences=(),
    reason="No passage in the library “starter” is close enough to this question.",
    nearest=(ref(SECOND), ref(THIRD)),
)


def _study(document, marker, design, population, quote):
    return Study(marker, ref(document), design, population, cite(document, quote, marker, 0))


AGAINST = _study(
    FIRST, 1, "systematic review", "4,384 adults with atrial fibrillation and heart failure", FIRST_QUOTE
)
FOR = _study(THIRD, 3, "randomised trial", "", CONCLUSION)
OTHER = _study(SECOND, 2, None, "adults with atrial fibrillation", STROKE)
DISAGREEING = replace(
    CHECKED,
    disagreements=(
        Disagreement(
            "One reports a decrease of mortality, the other does not.",
            (Side("reports no effect", (AGAINST, OTHER)), Side("reports a decrease", (FOR,))),
        ),
    ),
)
REVIEW = replace(CHECKED, mode="review", studies=(AGAINST, OTHER, FOR))
LEAFLET = replace(
    CHECKED,
    mode="patient",
    reading_grade=9.4,
    glossary=(
        Term("atrial fibrillation", "a fast and uneven heartbeat"),
        Term("anticoagulant", "a drug that keeps blood from clotting"),
    ),
)
EMERGENCY = replace(
    CHECKED,
    emergency="Chest pain with trouble breathing can be an emergency. Call your local emergency number now.",
)
