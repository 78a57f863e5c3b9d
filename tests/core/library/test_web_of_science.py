"""Web of Science: tagged text and tables."""

import pytest

from core.library.readers import detect, web_of_science
from core.types import Document, Rejected

RECORD = """PT J
AU Doe, J
   Roe, R
AF Doe, Jane
   Roe, Richard
CA The Group
TI A title that
   goes on
SO JOURNAL OF TESTS
LA English
DT Article; Retracted Publication
DE care; law
ID WORK
AB BACKGROUND: IL 6 was known.
   AU courant.
PY 1999
DI 10.1000/ABC
PM 123456
ER

"""
FILE = f"FN Clarivate Analytics Web of Science\nVR 1.0\n{RECORD}{RECORD}EF\n"


def read(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "savedrecs.txt"
    path.write_bytes(content.encode(encoding))
    return list(detect.find_format(path).read(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_that_every_field_is_kept(tmp_path, encoding, end):
    found = read(tmp_path, FILE.replace("\n", end), encoding)
    assert len(found) == 2
    document = found[1]
    assert (document.title, document.journal) == ("A title that goes on", "JOURNAL OF TESTS")
    assert document.authors == ("Doe, Jane", "Roe, Richard", "The Group")
    assert (document.year, document.language, document.doi) == (1999, "eng", "10.1000/abc")
    assert (document.pmid, document.keywords) == ("123456", ("care", "law", "WORK"))
    assert document.publication_types == ("Journal Article", "Retracted Publication")
    assert (document.retracted, document.text) == (True, "IL 6 was known. AU courant.")


def test_that_a_record_that_breaks_off_is_reported(tmp_path):
    found = read(tmp_path, FILE + RECORD[:60])
    assert [type(record) for record in found] == [Document, Document, Rejected]


def test_that_lines_that_belong_to_no_record_are_reported(tmp_path):
    found = read(tmp_path, FILE.replace("EF\n", "IN between\nEF\n"))
    assert "line 43 belongs to no record: 'IN between'" in found[2].reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_that_a_table_is_read(tmp_path, encoding):
    names = "PT\tAU\tAF\tTI\tSO\tDT\tAB\tPY\tDI\tPM\tDE"
    authors = "Doe, J; Roe, R\tDoe, Jane; Roe, Richard"
    row = f"J\t{authors}\tA title\tTESTS\tReview\tSeen.\t1999\t10.1000/A\t7\tone; two"
    found = read(
        tmp_path, f"{names}\r\n{row}\r\n{row.replace('A title', 'B')}\tx\tx\r\n{row}\t\r\n", encoding
    )
    assert [type(record) for record in found] == [Document, Rejected, Document]
    assert found[0].authors == ("Doe, Jane", "Roe, Richard")
    assert (found[0].pmid, found[0].keywords, found[0].text) == ("7", ("one", "two"), "Seen.")
    assert found[1].record == 2
    assert web_of_science.TABLE.name == detect.find_format(tmp_path / "savedrecs.txt").name
