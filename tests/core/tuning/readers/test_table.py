"""Tables: delimiters, encodings, quoting, and columns that are not there."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DataUnusable
from core.library.records import clean, clean_line
from core.paths import Home
from core.tuning.pairs import Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from core.types import Rejected

ROWS = [["pmid", "question", "answer", "abstract"], ["7", "Is it caf\u00e9?", "Yes, it is.", "A; b, c|d\te"]]

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.fixture
def table(tmp_path):
    def read(content: bytes, **columns: str) -> list[Pair | Rejected]:
        path = tmp_path / "table.csv"
        path.write_bytes(content)
        return [*read_pairs(Source(str(path), columns=columns), Home(tmp_path))]

    return read


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_that_delimiter_and_encoding_are_found_out(table, delimiter, encoding):
    (found,) = table(written(ROWS, delimiter).encode(encoding))
    assert found.question == "Is it caf\u00e9?"
    assert (found.answer, found.evidence[0].text, found.documents) == (
        "Yes, it is.",
        "A; b, c|d\te".replace("\t", " "),
        {"7"},
    )


def test_that_columns_can_be_mapped_and_capitals_count(table):
    content = written([["id", "Claim", "Verdict"], ["a", "Why?", "So."]]).encode()
    (found,) = table(content, question="Claim", answer="Verdict")
    assert (found.question, found.answer, found.id) == ("Why?", "So.", "a")
    with pytest.raises(
        DataUnusable, match=r"table.csv has no column claim; its columns are: id, Claim, Verdict\."
    ):
        table(content, question="claim", answer="Verdict")


def test_that_wrong_columns_are_one_clear_error(table):
    with pytest.raises(DataUnusable) as refused:
        table(b"question,reply_text\nWhy?,So.\n")
    assert (
        str(refused.value) == "table.csv has no column with an answer; its columns are: question, reply_text."
    )
    assert "say which column" in refused.value.hint


def test_that_bad_rows_are_reported_and_the_others_read(table):
    rows = [
        ["question", "answer"],
        ["Why?", "So."],
        ["Why?", ""],
        ["Why?"],
        ["", ""],
        ["", "So."],
        ["How?", "Thus."],
    ]
    found = table(written(rows).encode())
    assert [item.record for item in found] == [1, 2, 3, 4, 5]
    assert [item.reason for item in found if isinstance(item, Rejected)] == [
        "there is no answer",
        "it has 1 cells where the first row names 2 columns",
        "there is no question",
    ]


def test_that_only_the_row_with_bytes_that_are_no_characters_is_lost(table):
    first, bad, last = table(b"question,answer\nWhy?,So.\nWhy \x9d?,So.\nHow?,Thus.\n")
    assert (first.question, last.question) == ("Why?", "How?")
    assert bad.reason == "it is neither in UTF-8 nor in Windows-1252"


def test_that_the_sign_for_a_lost_character_is_a_character_where_the_file_holds_it(table):
    (found,) = table("question,answer\nWhy \ufffd?,So.\n".encode())
    assert found.question == "Why \ufffd?"


def test_that_a_column_may_be_named_in_two_lines(table):
    (found,) = table(b'"the\nquestion",answer\nWhy?,So.\n', question="the\nquestion")
    assert found.question == "Why?"


def test_that_a_quotation_mark_that_is_never_closed_is_told_and_not_taken_for_an_answer(table):
    first, bad = table(b'question,answer\nWhy?,So.\nHow?,"Thus.\nWho?,Me.\n')
    assert first.question == "Why?"
    assert "never closed" in bad.reason


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=5),
    st.sampled_from(",;\t|"),
)
def test_that_whatever_a_spreadsheet_writes_is_read_back(table, rows, delimiter):
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    content = written([["question", "answer", "context"], *rows], delimiter).encode()
    found = table(content)
    assert [item.record for item in found] == [*range(1, len(rows) + 1)]
    for row, item in zip(rows, found, strict=True):
        if isinstance(item, Pair) and item.answer:
            assert item.question == clean_line(row[0])
            assert item.answer.split() == clean(row[1]).split()  # line ends may have been told in other ways
