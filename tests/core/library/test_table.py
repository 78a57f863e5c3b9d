"""Tables: columns that are known, columns that the user names, and rows that are broken."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputUnreadable
from core.library.readers import delimited, table
from core.library.readers.detect import find_format
from core.types import Document, Rejected


def read(tmp_path, content, encoding="utf-8", columns=None, name="export.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return list(find_format(path, columns).read(path))


def as_csv(*rows, **options):
    text = io.StringIO()
    csv.writer(text, **options).writerows(rows)
    return text.getvalue()


EXAMPLES = {
    "PubMed": (
        {
            "PMID": "7",
            "Title": "A title",
            "Authors": "Smith J, Doe AB.",
            "Citation": "J Tests. 1999.",
            "Journal/Book": "J Tests",
            "Publication Year": "1999",
            "Create Date": "2000/01/01",
            "PMCID": "PMC1",
            "DOI": "10.1000/x",
        },
        {
            "pmid": "7",
            "pmcid": "PMC1",
            "doi": "10.1000/x",
            "journal": "J Tests",
            "year": 1999,
            "text": "A title",
        }
        | {"authors": ("Smith J", "Doe AB.")},
    ),
    "Scopus": (
        {
            "Authors": "Doe J.",
            "Author full names": "Doe, Jane (5); Roe, R. (6)",
            "Title": "A",
            "Year": "1999",
            "Source title": "Tests",
            "Abstract": "Seen.",
            "Author Keywords": "one; two",
            "Index Keywords": "Two; three",
            "PubMed ID": "7",
            "Language of Original Document": "English",
            "Document Type": "Review",
            "Source": "Scopus",
        },
        {"authors": ("Doe, Jane", "Roe, R."), "journal": "Tests", "keywords": ("one", "two", "Two", "three")}
        | {"pmid": "7", "language": "eng", "publication_types": ("Review",), "text": "Seen."},
    ),
    "Zotero": (
        {
            "Key": "K",
            "Item Type": "journalArticle",
            "Publication Year": "1999",
            "Author": "Doe, Jane; Roe, R",
            "Title": "A",
            "Publication Title": "Tests",
            "DOI": "",
            "Url": "https://doi.org/10.1000/x",
            "Abstract Note": "Seen.",
            "Extra": "PMID: 7\nPMCID: PMC1234",
            "Manual Tags": "one; two",
        },
        {"authors": ("Doe, Jane", "Roe, R"), "journal": "Tests", "doi": "10.1000/x", "pmid": "7"}
        | {"pmcid": "PMC1234", "publication_types": (), "keywords": ("one", "two"), "year": 1999},
    ),
    "Embase": (
        {
            "Title": "",
            "Original Title": "Ein Titel",
            "Author Names": "Liu R., Adler D.G.",
            "Source": "Tests (2014) 3:3 (1-9). Date of Publication: 2014",
            "Abstract": "",
            "Original Abstract": "Gesehen.",
            "Emtree Drug Index Terms": "a cyst (diagnosis, surgery), human, study",
            "Medline PMID": "7",
        },
        {"title": "Ein Titel", "authors": ("Liu R.", "Adler D.G."), "journal": "Tests", "year": 2014}
        | {"text": "Gesehen.", "keywords": ("a cyst", "human", "study"), "pmid": "7"},
    ),
    "ASReview": (
        {
            "primary_title": "A",
            "ABSTRACT text": "['Seen.'\n \"It's so.\"]",
            "authors": "['Marx, Karl', \"O'Hara, A\"]",
            "publication_year": "2014//",
            "keywords": "['one', 'two']",
        },
        {"title": "A", "text": "Seen. It's so.", "authors": ("Marx, Karl", "O'Hara, A"), "year": 2014}
        | {"keywords": ("one", "two")},
    ),
}


@pytest.mark.parametrize("database", EXAMPLES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_that_the_columns_of_each_database_are_known(tmp_path, database, delimiter):
    row, fields = EXAMPLES[database]
    (document,) = read(tmp_path, as_csv(row, row.values(), delimiter=delimiter))
    assert {name: getattr(document, name) for name in fields} == fields
    assert document.external_id == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_that_encoding_and_line_ends_do_not_matter(tmp_path, encoding, end):
    text = f'title,abstract{end}"A, caf\u00e9","One{end}{end}two"{end}{end}B,Three'
    found = read(tmp_path, text, encoding)
    assert [(document.title, document.text) for document in found] == [
        ("A, caf\u00e9", "One\n\ntwo"),
        ("B", "Three"),
    ]


def test_that_a_record_without_title_is_taken_and_one_without_text_is_not(tmp_path):
    found = read(tmp_path, "year,abstract\n1999,Seen.\n1999,\n")
    assert [type(record) for record in found] == [Document, Rejected]
    assert (found[0].title, found[1].record) == ("", 2)


def test_that_ragged_rows_are_reported_with_number_and_reason(tmp_path):
    found = read(tmp_path, 'title,year,abstract\nA,1999\nB,1999,"x\ny",z\nC,1999,Seen.,,\nD,1999,Seen.\n')
    assert [type(record) for record in found] == [Rejected, Rejected, Document, Document]
    assert (found[0].record, found[0].reason) == (1, "it has 2 cells where the first row names 3 columns")
    assert (found[1].record, "lines 3 to 4" in found[1].reason) == (2, True)


@pytest.mark.parametrize("row", ['A,"Seen.', 'A,"Seen.\nB,Else.\n'])
def test_that_a_quotation_mark_that_is_never_closed_is_reported(tmp_path, row):
    found = read(tmp_path, f"title,abstract\n{row}")
    assert [type(record) for record in found] == [Rejected]
    assert "never closed" in found[0].reason


def test_that_bytes_in_no_known_encoding_are_reported_and_a_lost_character_is_not(tmp_path):
    found = read(tmp_path, b"title,abstract\nA,\x81\nB,\xef\xbf\xbd\n")
    assert [type(record) for record in found] == [Rejected, Document]
    assert "neither in UTF-8" in found[0].reason


def test_that_a_long_cell_is_read_and_a_longer_one_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "MAX_LINE", 200_000)
    found = read(tmp_path, f"title,abstract\nA,{'x' * 190_000}\nB,{'x' * 210_000}\nC,Seen.\n")
    assert [type(record) for record in found] == [Document, Rejected, Document]
    assert found[1].record == 2


def test_that_the_user_says_which_column_holds_what(tmp_path):
    text = "Nummer;Name;Zusammenfassung;Jahr\n7;A;Seen.;1999\n"
    columns = {"title": "Name", "abstract": "Zusammenfassung", "year": "Jahr", "pmid": "Nummer"}
    (document,) = read(tmp_path, text, columns=columns, name="list.txt")
    assert (document.title, document.text, document.year, document.pmid) == ("A", "Seen.", 1999, "7")


def test_that_a_column_the_user_names_goes_before_one_that_is_known(tmp_path):
    (document,) = read(tmp_path, "title,name\nA,B\n", columns={"title": "name"})
    assert document.title == "B"


@pytest.mark.parametrize(
    ("text", "columns", "message", "hint"),
    [
        (
            "id;claim\n1;x\n",
            None,
            "without a column for the title.*: id, claim|columns are id, claim",
            '--column title="',
        ),
        ("id,title\n1,x\n", {"title": "Title"}, "no column .Title.*Its columns are id, title", "--column"),
        ("id,claim\n1,x\n", {"title": "Claim"}, "columns are id, claim", "--column"),
        ("id,title\n1,x\n", {"colour": "id"}, "cannot be named for .colour", "title, abstract"),
    ],
)
def test_that_a_table_that_cannot_be_mapped_is_refused_with_its_columns(
    tmp_path, text, columns, message, hint
):
    with pytest.raises(InputUnreadable, match=message) as failure:
        read(tmp_path, text, columns=columns)
    assert hint in failure.value.hint


def test_that_columns_leave_files_of_other_kinds_alone(tmp_path):
    (document,) = read(tmp_path, '{"title": "A"}\n', columns={"title": "Name"}, name="cards.jsonl")
    assert document.title == "A"


def test_that_a_file_of_prose_is_no_table(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Abstract, for those in a hurry\n\nWe saw, and went on.\n", "utf-8")
    assert find_format(path) is not table.FORMAT


CELLS = st.text(st.characters(codec="cp1252", exclude_characters="\x00\ufeff"), max_size=12)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(st.text("abc", min_size=1), CELLS, CELLS), min_size=1, max_size=8),
    options=st.fixed_dictionaries(
        {
            "delimiter": st.sampled_from(",;\t|"),
            "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
            "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
        }
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_that_no_generated_row_is_lost(tmp_path_factory, rows, options, encoding):
    if options["quoting"] == csv.QUOTE_MINIMAL:  # which leaves foreign line ends in a cell unquoted
        rows = [[" ".join(cell.splitlines()) for cell in row] for row in rows]
    text = as_csv(("Title", "Year", "Abstract"), *rows, **options)
    found = read(tmp_path_factory.mktemp("table"), text, encoding)
    assert [record.title for record in found] == [title for title, _, _ in rows]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "records", "titles"),
    [("embase.csv", 6, 6), ("generic_bad_record_id.csv", 6, 6), ("generic_labels_no_title.csv", 6, 0)],
)
def test_that_all_rows_of_the_real_exports_are_read(shared, name, records, titles):
    path = shared / "exports" / name
    found = list(find_format(path).read(path))
    assert all(isinstance(record, Document) and record.year and record.authors for record in found)
    assert (len(found), sum(bool(record.title) for record in found)) == (records, titles)


@pytest.mark.shared
def test_that_a_real_table_of_abstracts_is_read_whole_and_one_of_claims_refused(shared):
    path = shared / "scifact" / "corpus.csv"
    found = list(find_format(path).read(path))
    assert len(found) == 5183
    assert all(isinstance(record, Document) and not record.text.startswith("['") for record in found)
    with pytest.raises(InputUnreadable, match="Its columns are id, claim, evidence_doc_id"):
        find_format(shared / "scifact" / "claims_train.csv")
