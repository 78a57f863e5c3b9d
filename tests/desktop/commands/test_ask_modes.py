"""``vademecum ask`` in its modes: real processes, and how people read what it prints."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from core.types import (
    Answer,
    Citation,
    Disagreement,
    DocumentRef,
    LibraryRef,
    Sentence,
    Side,
    Study,
    Term,
    Timings,
    TokenCounts,
    Verdict,
)
from desktop.commands.answer_text import as_text
from tests.fakes.tiny_home import QUESTION, make_tiny_home


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


@pytest.fixture
def ask(home):
    """Run the command; return the finished process."""

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "desktop.cli", "ask", *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, "VADEMECUM_HOME": str(home.root)},
            timeout=120,
            check=False,
        )

    return run


def test_that_quotes_alone_are_printed_without_a_language_model(ask):
    done = ask("--evidence-only", "--json", "--as", "review", QUESTION)
    answer = json.loads(done.stdout)
    assert (answer["evidence_only"], answer["model"], answer["mode"]) == (True, "", "review")
    assert {citation["document"]["pmid"] for citation in answer["closest"]} >= {"101"}
    assert answer["tokens"] == {"prompt": 0, "generated": 0}
    assert "loading the model" not in done.stderr.lower()


@pytest.mark.parametrize("kind", ["csv", "md"])
def test_that_the_studies_of_a_review_are_written_to_a_file(ask, tmp_path, kind):
    file = tmp_path / f"studies.{kind}"
    done = ask("--evidence-only", "--as", "review", "--export", file, QUESTION)
    assert done.returncode == 0, done.stderr
    text = file.read_text("utf-8-sig")
    assert "416 patients" in text
    assert "Not medical advice." in text
    if kind == "csv":
        rows = list(csv.reader(text.splitlines()))
        assert rows[0][:3] == ["No.", "Study", "Year"]
        assert "randomised trial" in rows[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as", "patient", "--export", "x.md"), "clinician"),
        (("--as", "patient", "--export", "x.md", "--signed-by", "  "), "clinician"),
        (("--as", "patient", "--export", "x.csv", "--signed-by", "A"), "End its name in .md"),
        (("--as", "review", "--export", "x.docx"), "End its name in .csv or .md"),
        (("--export", "x.md"), "--as review"),
    ],
)
def test_that_what_cannot_be_written_is_refused_before_anything_is_asked(ask, arguments, said):
    done = ask(*arguments, QUESTION)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


DOCUMENTS = [
    DocumentRef(f"{at}" * 16, f"{at}", None, f"Study {at}", "", 2000 + at, ("Review",)) for at in range(4)
]
CITATIONS = tuple(
    Citation(at, at - 1, DOCUMENTS[at], "c", f"Quote {at}.", 0, 8, 0.9, "model") for at in (1, 2, 3)
)
STUDIES = tuple(Study(one.marker, one.document, "review", f"{one.marker}0 adults", one) for one in CITATIONS)
TEXT = "Zinc helps [1]. It harms [2]. It may [3]. It is. Is it."


def sentence(text, markers, verdict):
    start = TEXT.index(text)
    return Sentence(text, start, start + len(text), markers, verdict)


ANSWER = Answer(
    version=3,
    question="?",
    answer=TEXT,
    refused=False,
    reason="",
    sentences=(
        sentence("Zinc helps [1].", (1,), Verdict("supported", 0.9)),
        sentence("It harms [2].", (2,), Verdict("contradicted", 0.1, ("the quote says no",))),
        sentence("It may [3].", (3,), Verdict("weak", 0.4)),
        sentence("It is.", (), Verdict("unsupported", 0.0)),
        sentence("Is it.", (), None),
    ),
    citations=CITATIONS,
    model="tiny",
    libraries=(LibraryRef("starter", "v1"),),
    settings_hash="h",
    seed=1,
    timings=Timings(0, 0, 0),
    tokens=TokenCounts(1, 1),
    notice="AI-generated.",
)


def test_that_each_sentence_is_followed_by_what_its_check_found():
    words = " ".join(as_text(ANSWER).split())
    assert "Zinc helps [1]. (supported)" in words
    assert "It harms [2]. (contradicted: the quote says no)" in words
    assert "It may [3]. (weak)" in words
    assert "It is. (no source found) Is it. (no source found, unchecked)" in words


def test_that_one_sentence_names_both_sides_of_a_disagreement():
    up, down = Side("says \u201cup\u201d", STUDIES[:1]), Side("says \u201cdown\u201d", STUDIES[1:])
    found = Disagreement("they differ", (up, down))
    words = " ".join(as_text(replace(ANSWER, disagreements=(found,))).split())
    assert (
        "Studies seem to disagree: [1] review, 2001, 10 adults (says \u201cup\u201d), but [2] review, 2002, "
        "20 adults; [3] review, 2003, 30 adults (says \u201cdown\u201d)." in words
    )


def test_that_what_a_mode_adds_and_an_emergency_are_printed():
    answer = replace(
        ANSWER,
        emergency="Call now.",
        unchecked="The folder is damaged.",
        studies=STUDIES,
        reading_grade=11.0,
        glossary=(Term("zinc", "A metal."),),
    )
    text = as_text(answer)
    assert text.startswith("! Call now.")
    assert "Sentences could not be checked: The folder is damaged." in text
    assert "Studies (3):" in text
    assert "review; 20 adults" in text
    assert "harder than grade 8" in text
    assert "zinc: A metal." in text


def test_that_quotes_in_the_place_of_an_answer_come_with_the_reason():
    answer = replace(
        ANSWER,
        answer="Quotes.",
        reason="Not borne out.",
        evidence_only=True,
        sentences=(),
        citations=(),
        closest=CITATIONS,
    )
    text = as_text(answer)
    assert "Not borne out." in text
    assert "No sentence of this answer" not in text
    assert "\u201cQuote 1.\u201d" in text
