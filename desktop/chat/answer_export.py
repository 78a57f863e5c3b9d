"""Answers and conversations as text that can leave the window: never without notice, model, verdicts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QCoreApplication

from core.modes.leaflet import needs_signature
from core.types import Answer, Citation, Disagreement
from desktop.badges import grade_words
from desktop.chat import studies_text
from desktop.chat.modes import words_of
from desktop.chat.references import reference
from desktop.chat.verdicts import claims, look_of, summary

# What Markdown would take for more than a character, and no more: "p < 0.05" stays as it is.
_SPECIAL = re.compile(r"([\\`*_]|<(?=[A-Za-z/!?])|~(?=~)|(?<=\])\(|&(?=[#A-Za-z])|^[#>])", re.MULTILINE)


def provenance(answer: Answer) -> str:
    """Return notice, model, libraries with their versions, and mode, in one line."""
    libraries = ", ".join(_tr("{0} (version {1})").format(one.name, one.version) for one in answer.libraries)
    parts = (
        answer.notice,
        _tr("Model: {0}.").format(answer.model or _tr("none")),
        _tr("Library: {0}.").format(libraries or _tr("none")),
        _tr("Kind of answer: {0}.").format(words_of(answer.mode).name),
    )
    return " ".join(filter(None, parts))


def answer_as_text(answer: Answer, signed_by: str = "") -> str:
    """Return ``answer`` with everything that belongs to it, as Markdown that is readable as it is.

    Args:
        signed_by: the clinician who checked it, for an answer to patients.

    Raises:
        ValueError: it is for patients, and nobody has signed it.
    """
    if needs_signature(answer) and not signed_by:
        raise ValueError("an answer for patients leaves the window only when a clinician has signed it")
    signature = _tr("Checked by {0} on {1}.").format(_plain(signed_by), date.today().isoformat())
    parts = (
        f"**{_plain(answer.emergency)}**" if answer.emergency else "",
        _words(answer),
        _quotes(answer.closest) if answer.evidence_only or answer.refused else "",
        _studies(answer),
        *(_disagreement(one) for one in answer.disagreements),
        _glossary(answer),
        _references(answer),
        _check(answer),
        _plain(provenance(answer)),
        signature if needs_signature(answer) else "",
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def conversation_as_text(title: str, answers: Sequence[tuple[Answer, str]]) -> str:
    """Return the answers of a conversation, each with who signed it or an empty string.

    An answer for patients that nobody has signed is left out, and the text says so.
    """
    parts = [f"# {_plain(title)}"]
    for answer, signed_by in answers:
        parts.append(f"## {_plain(' '.join(answer.question.split()))}")
        if needs_signature(answer) and not signed_by:
            parts.append(_tr("Left out: this text for patients has not been checked by a clinician."))
        else:
            parts.append(answer_as_text(answer, signed_by).rstrip())
    return "\n\n".join(parts) + "\n"


def _words(answer: Answer) -> str:
    """Return the text with the verdict after each sentence that is not simply supported."""
    if answer.refused:
        return _tr("No answer: {0}").format(_plain(answer.reason))
    checked = claims(answer)
    text, end = "", 0
    for sentence in answer.sentences:
        text += _plain(answer.answer[end : sentence.end])
        end = sentence.end
        supported = sentence.verdict and sentence.verdict.label == "supported"
        if sentence in checked and not supported:
            text = f"{text.rstrip()} ({look_of(sentence.verdict).word})"
    return text + _plain(answer.answer[end:])


def _check(answer: Answer) -> str:
    if not (found := summary(answer)):
        return ""
    return _tr(
        "Check of the sentences against their sources. {0}. Sentences without a remark are supported."
    ).format(found)


def _quotes(closest: Sequence[Citation]) -> str:
    lines = [f"> “{_plain(one.quote)}” [{one.marker}] {_plain(reference(one.document))}" for one in closest]
    return "\n>\n".join(lines)


def _studies(answer: Answer) -> str:
    if not answer.studies:
        return ""
    return f"### {_tr('Included studies')}\n\n{studies_text.as_markdown(answer.studies).rstrip()}"


def _disagreement(found: Disagreement) -> str:
    lines = [f"### {_tr('The studies do not agree')}", "", _plain(found.reason)]
    for side in found.sides:
        lines += ["", f"{_plain(side.stance[:1].upper() + side.stance[1:])}:", ""]
        for study in side.studies:
            grade = grade_words(study.design) if study.design else _tr("design not told")
            people = study.population or _tr("not told")
            title, quote = (_plain(text) for text in (study.document.title, study.finding.quote))
            facts = f"{grade}; {study.document.year or _tr('year not known')}; {_plain(people)}"
            lines.append(f"- [{study.marker}] {title} ({facts}): “{quote}”")
    return "\n".join(lines)


def _glossary(answer: Answer) -> str:
    terms = [f"- {_plain(term.word)}: {_plain(term.meaning)}" for term in answer.glossary]
    grade = ""
    if answer.reading_grade is not None:
        grade = _tr("Reading level: school year {0} (Flesch-Kincaid grade).").format(
            f"{answer.reading_grade:.1f}"
        )
    heading = f"### {_tr('Words in this text')}\n" if terms else ""
    return "\n\n".join(filter(None, (grade, "\n".join(filter(None, (heading, *terms))))))


def _references(answer: Answer) -> str:
    documents = {one.marker: one.document for one in answer.citations}
    documents |= {one.marker: one.document for one in answer.studies}
    return "\n".join(
        f"[{marker}] {_plain(reference(documents[marker]))}  " for marker in sorted(documents)
    ).rstrip()


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Export", text)
