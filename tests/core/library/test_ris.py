"""RIS: what the exporters write, what is kept, and files that are broken."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.library.readers import ris, tagged
from core.types import Document, Rejected

RECORD = """TY  - JOUR
TI  - A title
AU  - Doe, Jane
AU  - Roe R.
T2  - Journal of tests
PY  - 1999/02/01/
AB  - BACKGROUND: Little was known.  RESULTS: DNA: a molecule.
KW  - care
KW  - *law; work
LA  - English
DO  - https://doi.org/10.1000/ABC
ER  - 
"""


def read(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "export.ris"
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return list(ris.read(path))


def changed(old, new):
    assert old in RECORD
    return RECORD.replace(old, new)


def test_that_every_field_is_kept(tmp_path):
    (document,) = read(tmp_path, RECORD)
    assert (document.title, document.journal, document.year) == ("A title", "Journal of tests", 1999)
    assert document.authors == ("Doe, Jane", "Roe R.")
    assert (document.doi, document.language) == ("10.1000/abc", "eng")
    assert document.keywords == ("care", "law", "work")
    assert document.text == "Little was known.\n\nDNA: a molecule."
    assert [section.label for section in document.sections] == ["BACKGROUND", "RESULTS"]
    assert (document.publication_types, document.external_id, document.sources) == ((), "", ("export.ris",))


@pytest.mark.parametrize("gap", ["  - ", " - ", "- ", "-", "  -"])
def test_that_the_space_around_the_hyphen_does_not_matter(tmp_path, gap):
    (document,) = read(tmp_path, RECORD.replace("  - ", gap))
    assert (document.title, document.year, len(document.authors)) == ("A title", 1999, 2)


@pytest.mark.parametrize("line", ["T2-weighted images", "IL-6 - and TNF", "AB-0 blood", "TY-pical"])
def test_that_a_hyphen_in_a_further_line_of_text_begins_no_field(tmp_path, line):
    (document,) = read(tmp_path, changed("KW  - care\n", f"{line}\nKW  - care\n"))
    assert document.text.endswith(f"DNA: a molecule. {line}")
    assert document.journal == "Journal of tests"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_that_encoding_and_line_ends_do_not_matter(tmp_path, encoding, end):
    text = RECORD.replace("Jane", "Jan\u00e9").replace("\n", end) * 2
    found = read(tmp_path, text, encoding)
    assert [document.authors[0] for document in found] == ["Doe, Jan\u00e9"] * 2


def test_that_joined_files_are_read_with_the_byte_order_mark_between_them(tmp_path):
    assert len(read(tmp_path, f"\ufeff{RECORD}\ufeff{RECORD}")) == 2


def test_that_paragraphs_of_an_abstract_stay_apart(tmp_path):
    (document,) = read(tmp_path, changed("BACKGROUND: ", "One\nline.\n\n"))
    assert document.text.startswith("One line.\n\nLittle")


def test_that_keywords_in_further_lines_are_taken_apart(tmp_path):
    (document,) = read(tmp_path, changed("*law; work", "law\nAnti-Inflammatory Agents/*pharmacology\nand/or"))
    assert document.keywords == ("care", "law", "Anti-Inflammatory Agents", "and/or")


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("TI  - ", "T1  - ", "title", "A title"),
        ("TI  - ", "CT  - ", "title", "A title"),
        ("AU  - ", "A1  - ", "authors", ("Doe, Jane", "Roe R.")),
        ("AU  - ", "A2  - ", "authors", ("Doe, Jane", "Roe R.")),
        ("AU  - Doe, Jane\n", "AU  - Doe, Jane; Poe, Ed\n", "authors", ("Doe, Jane", "Poe, Ed", "Roe R.")),
        ("T2  - ", "JF  - ", "journal", "Journal of tests"),
        ("T2  - ", "JA  - ", "journal", "Journal of tests"),
        ("T2  - ", "JF  - Whole name\nJA  - ", "journal", "Whole name"),
        ("PY  - 1999/02/01/", "Y1  - 2001//", "year", 2001),
        ("PY  - 1999/02/01/", "DA  - 2002/07/02/", "year", 2002),
        ("AB  - ", "N2  - ", "text", "Little was known.\n\nDNA: a molecule."),
        ("LA  - English", "LA  - ger", "language", "ger"),
        ("LA  - English", "LA  - French; English", "language", "fre"),
        ("LA  - English", "LA  - Klingon", "language", ""),
        ("DO  - https://doi.org/10.1000/ABC", "M3  - 10.1000/abc", "doi", "10.1000/abc"),
        ("DO  - https://doi.org/10.1000/ABC", "L3  - http://dx.doi.org/10.1000/abc", "doi", "10.1000/abc"),
        ("DO  - https://doi.org/10.1000/ABC", "UR  - https://doi.org/10.1000%2Fabc", "doi", "10.1000/abc"),
        ("DO  - https://doi.org/10.1000/ABC", "N1  - Some, doi: 10.1000/abc.", "doi", "10.1000/abc"),
        (
            "DO  - https://doi.org/10.1000/ABC",
            "DO  - 10.1000/(SICI)1<2::AID>3",
            "doi",
            "10.1000/(sici)1<2::aid>3",
        ),
        ("LA  - English", "M3  - Review", "publication_types", ("Review",)),
        ("LA  - English", "M3  - Article", "publication_types", ("Journal Article",)),
        ("TY  - JOUR", "TY  - THES", "publication_types", ("Academic Dissertation",)),
        ("LA  - English", "N1  - 1234\nClinical Trial\nEngland", "publication_types", ("Clinical Trial",)),
    ],
)
def test_that_the_fields_of_each_exporter_are_known(tmp_path, old, new, field, value):
    (document,) = read(tmp_path, changed(old, new))
    assert getattr(document, field) == value


@pytest.mark.parametrize(
    ("lines", "pmid"),
    [
        ("PM  - 123456", "123456"),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/123456/", "123456"),
        ("UR  - http://www.ncbi.nlm.nih.gov/pubmed/123456", "123456"),
        ("N1  - More. PMID: NLM123456. Less.", "123456"),
        ("DP  - NLM\nAN  - 123456", "123456"),
        ("DB  - Ovid MEDLINE(R)\nAN  - 123456", "123456"),
        ("DB  - Embase\nDB  - Medline\nC5  - 123456", "123456"),
        ("DB  - Scopus\nC2  - 123456", "123456"),
        ("AN  - 123456", None),
        ("ID  - 123456", None),
        ("C2  - 123456", None),
        ("DB  - Embase\nAN  - 123456\nU2  - L123456", None),
        ("DB  - MEDLINE\nDP  - ProQuest\nAN  - 12345678", None),
        ("UR  - http://www.embase.com/search/results?id=L123456", None),
    ],
)
def test_that_a_number_is_a_pmid_only_where_that_is_certain(tmp_path, lines, pmid):
    (document,) = read(tmp_path, changed("LA  - English", lines))
    assert document.pmid == pmid


def test_that_a_long_note_stands_in_for_an_abstract_and_a_short_one_does_not(tmp_path):
    note = "We saw that much of what was known was not so. " * 8
    (long,) = read(tmp_path, changed("AB  - BACK", f"N1  - {note}\nXX  - "))
    (short,) = read(tmp_path, changed("AB  - BACK", "N1  - Seen again.\nXX  - "))
    assert long.text == note.strip()
    assert short.text == "A title"


@pytest.mark.parametrize(
    ("old", "new", "retracted"),
    [
        ("A title", "RETRACTED: A title", True),
        ("A title", "Retracted articles in journals", False),
        ("LA  - English", "M3  - Retracted", True),
        ("A title", "Retraction: A title", False),
    ],
)
def test_that_a_retraction_is_seen(tmp_path, old, new, retracted):
    (document,) = read(tmp_path, changed(old, new))
    assert document.retracted is retracted


def test_that_what_services_write_between_records_is_no_record(tmp_path):
    between = 'Record #1 of 2\nProvider: Some\nContent: text/plain; charset="UTF-8"\n1.\n'
    found = read(tmp_path, f"{between}{RECORD}\n{between}{RECORD}")
    assert [type(record) for record in found] == [Document, Document]


def test_that_other_text_between_records_is_reported_with_its_lines(tmp_path):
    found = read(tmp_path, f"Dear colleague,\nhere it is.\n{RECORD}\n{RECORD}bye\n")
    assert [type(record) for record in found] == [Rejected, Document, Document, Rejected]
    assert (found[0].record, found[3].record) == (0, 2)
    assert found[0].reason == "lines 1 to 2 belong to no record: 'Dear colleague,'"
    assert "line 28 belongs" in found[3].reason


def test_that_a_record_without_its_end_is_ended_by_the_next(tmp_path):
    found = read(tmp_path, changed("ER  - \n", "") * 3)
    assert [record.title for record in found] == ["A title"] * 3


def test_that_a_record_without_its_first_line_is_taken(tmp_path):
    found = read(tmp_path, RECORD + changed("TY  - JOUR\n", "") + RECORD)
    assert [record.title for record in found] == ["A title"] * 3


def test_that_a_last_record_that_is_cut_off_is_reported(tmp_path):
    found = read(tmp_path, RECORD + RECORD[:100])
    assert [type(record) for record in found] == [Document, Rejected]
    assert (found[1].record, found[1].reason) == (2, "the record is cut off before its end")


def test_that_a_bad_record_is_reported_and_the_next_is_read(tmp_path):
    found = read(
        tmp_path, b"TY  - JOUR\nDO  - 10.1000/x\nER  - \nTY  - JOUR\nTI  - \x81\nER  - \n" + RECORD.encode()
    )
    assert [type(record) for record in found] == [Rejected, Rejected, Document]
    assert [record.record for record in found[:2]] == [1, 2]
    assert "neither a title nor any text" in found[0].reason
    assert "neither in UTF-8" in found[1].reason


def test_that_a_record_without_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(tagged, "MAX_LINE", 10_000)
    path = tmp_path / "export.ris"
    path.write_text(changed("KW  - care", f"{'more and more ' * 10}\n" * 40_000) + RECORD, "utf-8")
    tracemalloc.start()
    found = list(ris.read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 2
    assert [type(record) for record in found] == [Rejected, Document]
    assert "longer than" in found[0].reason


WORDS = st.text(st.characters(codec="cp1252", categories=("L", "N", "P", "Z")), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    titles=st.lists(WORDS.filter(lambda text: text.strip(" \u00a0-")), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    gap=st.sampled_from(["  - ", " - ", "- "]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    last=st.sampled_from(["ER  - ", "ER  -", "ER-", ""]),
)
def test_that_no_generated_record_is_lost(tmp_path_factory, titles, end, gap, encoding, last):
    lines = [line for title in titles for line in (f"TY{gap}JOUR", f"TI{gap}{title}", last, "")]
    found = read(tmp_path_factory.mktemp("ris"), end.join(lines), encoding)
    assert len([record for record in found if isinstance(record, Document)]) == len(titles)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "records", "abstracts", "pmids", "dois"),
    [
        ("embase.ris", 6, 6, 3, 6),
        ("extraneous_data.ris", 2, 2, 0, 0),
        ("ovid_zotero.ris", 6, 6, 0, 6),
        ("pubmed_endnote.txt", 6, 6, 6, 6),
        ("pubmed_zotero.ris", 6, 6, 0, 6),
        ("ris_issue_1099.txt", 7, 7, 0, 4),
        ("ris_issue_992.txt", 19, 10, 3, 3),
        ("web_of_science.txt", 10, 10, 0, 10),
    ],
)
def test_that_all_records_of_the_real_exports_are_read(shared, name, records, abstracts, pmids, dois):
    found = list(ris.read(shared / "exports" / name))
    assert all(isinstance(record, Document) and record.year and record.title for record in found)
    assert (len(found), sum(record.text != record.title for record in found)) == (records, abstracts)
    assert (sum(r.pmid is not None for r in found), sum(r.doi is not None for r in found)) == (pmids, dois)


@pytest.mark.shared
def test_that_a_real_record_with_nothing_but_a_doi_is_reported(shared):
    (found,) = ris.read(shared / "exports" / "bom.ris")
    assert (found.record, found.reason) == (1, "it has neither a title nor any text")
