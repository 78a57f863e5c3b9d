"""MEDLINE tagged text: fields, structured abstracts, and files that are broken."""

import pytest

from core.library.readers import medline
from core.types import Document, Rejected

RECORD = """PMID- 123
OWN - NLM
DP  - 1998 Dec-1999 Jan
TI  - A title that goes on
      in the next line.
LID - 10.1000/Abc [doi]
AB  - BACKGROUND: Little was known. METHODS AND RESULTS: DNA: a molecule. We
      looked. CONCLUSIONS: More is known.
FAU - Doe, Jane
AU  - Doe J
CN  - The Group
LA  - eng
PT  - Journal Article
JT  - Journal of tests
PMC - PMC5
MH  - *Asthma/drug therapy/*genetics
MH  - Humans
SO  - J Tests. 1998 Dec.
"""


def read(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "export.nbib"
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return list(medline.read(path))


def test_that_every_field_is_kept(tmp_path):
    (document,) = read(tmp_path, RECORD)
    assert document.title == "A title that goes on in the next line."
    assert (document.pmid, document.doi, document.pmcid) == ("123", "10.1000/abc", "PMC5")
    assert (document.authors, document.journal) == (("Doe, Jane", "The Group"), "Journal of tests")
    assert (document.year, document.language) == (1998, "eng")
    assert (document.publication_types, document.mesh) == (("Journal Article",), ("Asthma", "Humans"))


def test_that_a_structured_abstract_is_cut_at_its_labels_and_nowhere_else(tmp_path):
    (document,) = read(tmp_path, RECORD)
    assert [(s.label, document.text[s.start : s.end]) for s in document.sections] == [
        ("BACKGROUND", "Little was known."),
        ("METHODS AND RESULTS", "DNA: a molecule. We looked."),
        ("CONCLUSIONS", "More is known."),
    ]


@pytest.mark.parametrize("line", ["PT  - Retracted Publication\n", "RIN - Nature. 2001\n"])
def test_that_a_retraction_is_seen(tmp_path, line):
    (document,) = read(tmp_path, RECORD.replace("LA  - eng\n", line))
    assert document.retracted


def test_that_keywords_notices_and_the_date_of_revision_are_kept(tmp_path):
    more = "LR  - 20240301\nOT  - *care\nOT  - law\nECI - Nature. 2001\nEIN - Nature. 2002\n"
    (document,) = read(tmp_path, RECORD.replace("LA  - eng\n", more))
    assert (document.keywords, document.revised) == (("care", "law"), "2024-03-01")
    assert (document.retracted, document.concern, document.corrected) == (False, True, True)


def test_that_the_notices_themselves_are_none(tmp_path):
    notice = "ROF - Nature. 2001\nECF - Nature. 2001\nEFR - Nature. 2001\nPT  - Retraction of Publication\n"
    (document,) = read(tmp_path, RECORD.replace("LA  - eng\n", notice))
    assert (document.retracted, document.concern, document.corrected) == (False, False, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", ["\n", "", "\n\n\n"])
def test_that_encoding_line_ends_and_blank_lines_do_not_matter(tmp_path, encoding, end, between):
    text = (RECORD.replace("Jane", "Jané") + between) * 2
    found = read(tmp_path, text.replace("\n", end), encoding)
    assert [document.authors[0] for document in found] == ["Doe, Jané"] * 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("LA  - eng", "some garbage", "line 12 is no field of MEDLINE: 'some garbage'"),
        ("SO  - J Tests. 1998 Dec.\n", "", "cut off"),
    ],
)
def test_that_a_bad_record_is_reported_and_the_next_is_read(tmp_path, old, new, reason):
    found = read(tmp_path, RECORD.replace(old, new) + "\n" + RECORD)
    assert [type(record) for record in found] == [Rejected, Document]
    assert found[0].record == 1
    assert reason in found[0].reason


def test_that_bytes_in_no_known_encoding_are_reported(tmp_path):
    found = read(tmp_path, RECORD.encode().replace(b"Jane", b"Jan\x81") + RECORD.encode())
    assert [type(record) for record in found] == [Rejected, Document]
    assert "neither in UTF-8" in found[0].reason


@pytest.mark.shared
def test_that_all_records_of_the_real_exports_are_read(shared):
    files = sorted((shared / "pubmed").glob("*.nbib"))
    records = [record for path in files for record in medline.read(path)]
    assert [record.pmid for record in records] == ["12230038", "16403221", "16377612", "14871861", "14630660"]
    assert all(isinstance(record, Document) and len(record.text) > 400 for record in records)
