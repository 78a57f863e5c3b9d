"""EndNote's tagged text: fields, records without their first line, and the databases behind them."""

import pytest

from core.library.readers import detect, endnote
from core.types import Document, Rejected

RECORD = """%0 Journal Article
%A Doe, Jane
%A Roe, R.
%T A title
%J Journal of tests
%D 1999
%X AIM: To see. RESULTS: A drop of 50
% was seen.
%K care
law
%R 10.1000/ABC
%G English
%9 Review
%Z 1234-5678
Clinical Trial
%U https://pubmed.ncbi.nlm.nih.gov/123456/
%2 PMC12345
"""


def read(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "export.enw"
    path.write_bytes(content.encode(encoding))
    return list(endnote.read(path))


def test_that_every_field_is_kept(tmp_path):
    (document,) = read(tmp_path, RECORD)
    assert (document.title, document.journal, document.year) == ("A title", "Journal of tests", 1999)
    assert (document.authors, document.keywords) == (("Doe, Jane", "Roe, R."), ("care", "law"))
    assert (document.pmid, document.doi, document.pmcid) == ("123456", "10.1000/abc", "PMC12345")
    assert (document.language, document.publication_types) == ("eng", ("Review", "Clinical Trial"))
    assert document.text == "To see.\n\nA drop of 50 % was seen."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_that_line_ends_and_blank_lines_do_not_matter(tmp_path, end, between):
    assert len(read(tmp_path, ((RECORD + between) * 3).replace("\n", end))) == 3


def test_that_a_blank_line_parts_records_without_their_first_line(tmp_path):
    loose = RECORD.partition("\n")[2]
    assert len(read(tmp_path, f"{loose}\n{loose}\n\n{loose}")) == 3


def test_that_a_blank_line_within_an_abstract_parts_nothing(tmp_path):
    (document,) = read(tmp_path, RECORD.replace("AIM: ", "One.\n\nTwo. ").replace("%K", "\n%F key\n%K"))
    assert document.text.startswith("One.\n\nTwo.")


@pytest.mark.parametrize(("database", "pmid"), [("%~ PubMed", "77"), ("%W NLM", "77"), ("%~ Embase", None)])
def test_that_the_database_says_what_its_numbers_are(tmp_path, database, pmid):
    link = "%U https://pubmed.ncbi.nlm.nih.gov/123456/"
    (document,) = read(tmp_path, RECORD.replace(link, f"{database}\n%M 77"))
    assert document.pmid == pmid


def test_that_a_record_without_title_and_text_is_reported_and_the_next_is_read(tmp_path):
    found = read(tmp_path, f"Hello there\n%0 Book\n%D 1999\n\n{RECORD}")
    assert [type(record) for record in found] == [Rejected, Rejected, Document]
    assert [record.record for record in found[:2]] == [0, 1]


def test_that_files_with_and_without_first_lines_are_told(tmp_path):
    path = tmp_path / "a.txt"
    for content in (RECORD, RECORD.partition("\n")[2]):
        path.write_text(content, "utf-8")
        assert detect.find_format(path) is endnote.FORMAT
