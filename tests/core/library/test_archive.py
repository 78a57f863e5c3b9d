"""Archives of any files: each goes to its reader, and what is dangerous is refused while the rest goes on."""

import gzip
import io
import stat
import struct
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest

from core.library.readers import archive
from core.library.readers.detect import find_format
from core.types import Document, Rejected
from tests.fakes.office_files import make_docx, make_epub, make_zip, paragraph
from tests.fakes.pdf_files import column, make_pdf

CARD = b'{"pmid": "7", "title": "A card", "text": "It says so."}\n'


def read(path):
    assert find_format(path) is archive.FORMAT
    return list(archive.read(path))


def zipped(files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return held.getvalue()


def reasons(records):
    return {
        record.file.rpartition("a.zip/")[2]: record.reason
        for record in records
        if isinstance(record, Rejected)
    }


def test_that_each_file_goes_to_the_reader_of_its_format_and_says_where_it_was(tmp_path):
    make_pdf(tmp_path / "g.pdf", [column(["A page of words."])])
    make_docx(tmp_path / "w.docx", paragraph("A Word file."))
    make_epub(tmp_path / "b.epub", {"a.xhtml": "<p>A book.</p>"})
    files = {f"in/{name}": (tmp_path / name).read_bytes() for name in ("g.pdf", "w.docx", "b.epub")}
    files |= {"cards.jsonl": CARD, "n.md": b"# A note\n\nOf mine.", "p.html": b"<html><p>A page."}
    records = read(make_zip(tmp_path / "a.zip", files))
    assert {record.sources: record.text for record in records} == {
        ("a.zip/in/g.pdf",): "A page of words.",
        ("a.zip/in/w.docx",): "A Word file.",
        ("a.zip/in/b.epub",): "A book.",
        ("a.zip/cards.jsonl",): "It says so.",
        ("a.zip/n.md",): "Of mine.",
        ("a.zip/p.html",): "A page.",
    }
    assert records[0].title == "g"


def test_that_a_document_is_the_same_in_and_out_of_an_archive(tmp_path):
    inside = read(make_zip(tmp_path / "a.zip", {"x/cards.jsonl": CARD}))
    (tmp_path / "cards.jsonl").write_bytes(CARD)
    outside = find_format(tmp_path / "cards.jsonl").read(tmp_path / "cards.jsonl")
    assert [record.id for record in inside] == [record.id for record in outside]


def test_that_a_file_to_show_is_there_until_the_next_record_is_asked_for_and_nothing_is_left(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    page = make_pdf(tmp_path / "g.pdf", [column(["Words."])]).read_bytes()
    records = archive.read(make_zip(tmp_path / "a.zip", {"g.pdf": page, "h.pdf": page}))
    first = Path(next(records).original)
    assert first.read_bytes() == page
    assert Path(next(records).original).read_bytes() == page
    assert not first.exists()
    records.close()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_that_records_that_cannot_be_taken_are_named_with_their_file(tmp_path):
    bad = b"{}\n" + CARD
    rejected, document = read(make_zip(tmp_path / "a.zip", {"x/cards.jsonl": bad}))
    assert (rejected.file, rejected.record) == (f"{tmp_path / 'a.zip'}/x/cards.jsonl", 1)
    assert isinstance(document, Document)


def test_that_archives_in_archives_are_read_two_deep(tmp_path):
    third = zipped({"d.jsonl": CARD})
    second = zipped({"c.zip": third, "c.jsonl": CARD})
    document, rejected = sorted(
        read(make_zip(tmp_path / "a.zip", {"b/b.zip": second})),
        key=lambda record: isinstance(record, Rejected),
    )
    assert document.sources == ("a.zip/b/b.zip/c.jsonl",)
    assert rejected.file.endswith("a.zip/b/b.zip/c.zip")
    assert "unpack it first" in rejected.reason


@pytest.mark.parametrize(
    "name",
    ["../evil.jsonl", "/etc/evil.jsonl", "x/../../evil.jsonl", "C:\\evil.jsonl", "a\x01b.jsonl", "n" * 2000],
)
def test_that_a_name_that_leads_elsewhere_is_refused_and_the_rest_goes_on(tmp_path, name):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({name: CARD, "good.jsonl": CARD}))
    rejected, document = read(path)
    assert "name" in rejected.reason
    assert document.sources == ("a.zip/good.jsonl",)
    assert not [found for found in tmp_path.rglob("*evil*")]


def test_that_links_and_locked_files_and_unknown_ones_are_refused_and_the_rest_goes_on(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    path.write_bytes(
        zipped(
            {link: "/etc/passwd", "p.jpg": b"\xff\xd8\xff\0\0\0", "locked.jsonl": CARD, "good.jsonl": CARD}
        )
    )
    content = bytearray(path.read_bytes())
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(
            b"locked.jsonl", content.index(b"p.jpg") if sign[2] == 3 else content.index(b"PK\x01\x02")
        )
        content[content.rindex(sign, 0, at) + flags] |= 1
    path.write_bytes(content)
    records = read(path)
    found = reasons(records)
    assert "link" in found["link"]
    assert "no format" in found["p.jpg"]
    assert "the file" in found["p.jpg"]
    assert "password" in found["locked.jsonl"]
    assert [record.sources for record in records if isinstance(record, Document)] == [("a.zip/good.jsonl",)]


def test_that_what_an_apple_or_a_hidden_folder_adds_is_no_export(tmp_path):
    files = {
        "__MACOSX/._cards.jsonl": b"\0\5",
        ".DS_Store": b"\0",
        "x/.git/config": b"x",
        "x/cards.jsonl": CARD,
    }
    assert len(read(make_zip(tmp_path / "a.zip", files))) == 1


def test_that_a_file_that_unpacks_to_a_thousand_times_its_size_is_refused_and_the_rest_goes_on(tmp_path):
    rejected, document = read(
        make_zip(tmp_path / "a.zip", {"b.jsonl": b" " * 60_000_000, "good.jsonl": CARD})
    )
    assert "200 times" in rejected.reason
    assert isinstance(document, Document)


def test_that_a_size_that_is_a_lie_does_not_help(tmp_path, monkeypatch):
    monkeypatch.setattr("core.library.readers.archive_members.MAX_MEMBER", 100_000)
    path = make_zip(tmp_path / "a.zip", {"b.jsonl": b'{"title": "x"}\n' * 100_000, "good.jsonl": CARD})
    content = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        content[content.index(sign) + at :][:4] = struct.pack("<I", 5_000)
        place = content.index(sign) + at
        content[place : place + 4] = struct.pack("<I", 5_000)
    path.write_bytes(content)
    records = read(path)
    assert isinstance(records[0], Rejected)
    assert isinstance(records[-1], Document)


def test_that_files_that_share_their_bytes_are_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"a.jsonl": CARD, "b.jsonl": CARD})
    content = bytearray(path.read_bytes())
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)  # both begin at the first
    path.write_bytes(content)
    (rejected,) = read(path)
    assert "overlap" in rejected.reason


def test_that_what_is_more_than_an_archive_may_hold_ends_it(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 10_000)
    files = {"a.jsonl": CARD, "b.jsonl": CARD * 200, "c.jsonl": CARD}
    document, rejected = read(make_zip(tmp_path / "a.zip", files))
    assert isinstance(document, Document)
    assert "the rest is left out" in rejected.reason


@pytest.mark.parametrize("compress", ["", "gz"])
def test_that_tar_files_are_read_and_links_and_devices_in_them_refused(tmp_path, compress):
    path = tmp_path / ("a.tar" + (f".{compress}" if compress else ""))
    with tarfile.open(path, f"w:{compress}") as file:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("device", tarfile.CHRTYPE),
            ("../up.jsonl", tarfile.REGTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            file.addfile(member)
        for name, content in (("x/cards.jsonl", CARD), ("b.zip", zipped({"c.jsonl": CARD}))):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    *rejected, first, second = read(path)
    assert len(rejected) == 3
    assert [first.sources, second.sources] == [
        (f"{path.name}/x/cards.jsonl",),
        (f"{path.name}/b.zip/c.jsonl",),
    ]


def test_that_a_tar_header_that_asks_for_the_whole_memory_is_refused(tmp_path):
    member = tarfile.TarInfo("pax")
    member.type, member.size = tarfile.XHDTYPE, (1 << 33) - 1
    path = tmp_path / "a.tar"
    path.write_bytes(member.tobuf(tarfile.USTAR_FORMAT) + bytes(4096))
    (rejected,) = read(path)
    assert "too long" in rejected.reason


def test_that_a_cut_off_archive_says_so_after_what_could_be_read(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as file:
        for name in ("a.jsonl", "b.jsonl"):
            member = tarfile.TarInfo(name)
            member.size = len(CARD)
            file.addfile(member, io.BytesIO(CARD))
    path.write_bytes(path.read_bytes()[:1300])
    document, *rejected = read(path)
    assert isinstance(document, Document)
    assert rejected
    cut = tmp_path / "a.zip"
    cut.write_bytes(zipped({"a.jsonl": CARD})[:-30])
    assert [type(record) for record in read(cut)] == [Rejected]


def test_that_a_zipped_pdf_is_unpacked(tmp_path):
    page = make_pdf(tmp_path / "g.pdf", [column(["Words."])]).read_bytes()
    (tmp_path / "g.pdf.gz").write_bytes(gzip.compress(page))
    (document,) = read(tmp_path / "g.pdf.gz")
    assert document.text == "Words."


def test_that_books_and_documents_are_no_archives_and_spreadsheets_are_nothing(tmp_path):
    assert find_format(make_docx(tmp_path / "w.docx", paragraph("x"))).name == "Word"
    assert find_format(make_epub(tmp_path / "b.epub", {"a.xhtml": "x"})).name == "EPUB"
    sheet = make_zip(tmp_path / "s.xlsx", {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"})
    with pytest.raises(Exception, match="no format"):
        find_format(sheet)


def test_that_tables_in_an_archive_are_read_by_the_columns_that_the_user_named(tmp_path):
    mine = b"Name of it,What it says\nA study,It helps.\n"
    inner = zipped({"deep.csv": mine.replace(b"A study", b"A deep one")})
    files = {
        "mine.csv": mine,
        "in.zip": inner,
        "cards.jsonl": CARD,
        "known.csv": b"title,abstract,year\nB,C,2020\n",
    }
    path = make_zip(tmp_path / "a.zip", files)
    columns = {"title": "Name of it", "abstract": "What it says"}
    records = list(find_format(path, columns).read(path))
    assert {(record.title, record.text) for record in records if isinstance(record, Document)} == {
        ("A study", "It helps."),
        ("A deep one", "It helps."),
        ("A card", "It says so."),
    }
    (reason,) = reasons(records).values()
    assert "has no column" in reason
    assert {"mine.csv", "in.zip/deep.csv"} <= reasons(read(path)).keys()


def test_that_a_file_without_a_name_is_refused_and_the_rest_read(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"Xb.txt": b"A title\n\nText.", "n.jsonl": CARD}).replace(b"Xb.txt", b"\0b.txt"))
    kinds = {type(record) for record in read(path)}
    assert kinds == {Document, Rejected}
