"""Nothing leaves for patients without a name, and nothing at all without its notice."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from core.errors import NotSigned
from core.modes.export import studies_csv, studies_markdown
from core.modes.leaflet import patient_leaflet
from core.types import Answer, Citation, DocumentRef, LibraryRef, Study, Term, Timings, TokenCounts

DOCUMENT = DocumentRef("d" * 16, "7", None, "=Zinc | colds", "Journal", 2001, ("Review",))
CITATION = Citation(1, 0, DOCUMENT, "d-0", "Zinc helps.", 0, 11, 0.9, "model")
ANSWER = Answer(
    version=3,
    question="Does  zinc help?",
    answer="Zinc helps [1].",
    refused=False,
    reason="",
    sentences=(),
    citations=(CITATION,),
    model="tiny",
    libraries=(LibraryRef("starter", "v1"),),
    settings_hash="h",
    seed=1,
    timings=Timings(0, 0, 0),
    tokens=TokenCounts(1, 1),
    notice="AI-generated.",
    mode="patient",
    reading_grade=9.5,
    glossary=(Term("zinc", "A metal."),),
    studies=(Study(1, DOCUMENT, "review", "", CITATION),),
)


@pytest.mark.parametrize("name", ["", "   ", "\n", "123", "--"])
def test_that_a_leaflet_needs_the_name_of_a_clinician(name):
    with pytest.raises(NotSigned, match="clinician"):
        patient_leaflet(ANSWER, name, date(2026, 1, 2))


@pytest.mark.parametrize("change", [{"mode": "research"}, {"refused": True}, {"evidence_only": True}])
def test_that_only_an_answer_for_patients_becomes_a_leaflet(change):
    with pytest.raises(NotSigned, match="no answer for patients"):
        patient_leaflet(replace(ANSWER, **change), "Dr. Who", date(2026, 1, 2))


def test_that_a_leaflet_says_who_checked_it_how_hard_it_is_and_what_made_it():
    text = patient_leaflet(replace(ANSWER, emergency="Call now."), "Dr.  Ada Who", date(2026, 1, 2))
    assert text.index("Call now.") < text.index("Zinc helps [1].")
    assert "Checked by Dr. Ada Who on 2026-01-02." in text
    assert "harder than grade 8" in text
    assert "- **zinc**: A metal." in text
    assert "AI-generated. Model: tiny. Library: starter (version v1)." in text
    assert "PMID 7" in text


def test_that_the_studies_go_into_a_spreadsheet_without_formulas_and_with_the_notice():
    rows = list(csv.reader(io.StringIO(studies_csv(ANSWER))))
    assert rows[1][:6] == ["1", "'=Zinc | colds", "2001", "review", "not told", "Zinc helps."]
    assert rows[-1][0].startswith("AI-generated. Model: tiny.")


def test_that_the_studies_are_a_table_in_markdown_whatever_their_titles_hold():
    text = studies_markdown(ANSWER)
    (row,) = [line for line in text.splitlines() if line.startswith("| 1 ")]
    assert row.replace("\\|", "").count("|") == 7
    assert "Library: starter (version v1)." in text
