"""An answer for patients as a text that may leave the program: only after a clinician has checked it."""

from __future__ import annotations

from datetime import date

from core.errors import NotSigned
from core.modes.export import provenance, references
from core.modes.readability import reading_note
from core.types import Answer

_HINT = "Have a clinician check the text against its sources and sign it with their name."


def needs_signature(answer: Answer) -> bool:
    """True for prose that is meant for patients."""
    return answer.mode == "patient" and not answer.refused and not answer.evidence_only


def patient_leaflet(answer: Answer, signed_by: str, day: date) -> str:
    """Return ``answer`` as a leaflet in Markdown, with who checked it and when.

    Raises:
        NotSigned: nobody is named, or there is no answer for patients.
    """
    if not needs_signature(answer):
        raise NotSigned("There is no answer for patients to make a leaflet of.", "Ask in the patient mode.")
    if not any(letter.isalpha() for letter in signed_by):
        raise NotSigned("A text for patients needs the name of the clinician who checked it.", _HINT)
    grade = reading_note(answer.reading_grade) if answer.reading_grade is not None else ""
    terms = "\n".join(f"- **{term.word}**: {term.meaning}" for term in answer.glossary)
    parts = (
        f"# {' '.join(answer.question.split())}",
        f"**{answer.emergency}**" if answer.emergency else "",
        answer.answer,
        f"## Words in this text\n\n{terms}" if terms else "",
        f"## Sources\n\n{references(answer)}" if answer.citations else "",
        grade,
        f"Checked by {' '.join(signed_by.split())} on {day.isoformat()}.",
        provenance(answer),
    )
    return "\n\n".join(filter(None, parts)) + "\n"
