"""Files cut off, damaged or made to harm: each ends soon, as records and reasons or one of READ_ERRORS."""

import io
import random
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputUnreadable
from core.library.readers import archive, docx, epub, html, jats, markdown, pdf, plain_text
from core.library.readers.detect import find_format
from core.library.readers.streams import READ_ERRORS
from core.types import Deletion, Document, Rejected
from tests.fakes.office_files import make_docx, make_epub, make_zip, paragraph
from tests.fakes.pdf_files import Image, column, make_pdf

SECONDS = 5
READERS = {
    "a.docx": docx,
    "a.epub": epub,
    "a.html": html,
    "a.md": markdown,
    "a.nxml": jats,
    "a.pdf": pdf,
    "a.tar": archive,
    "a.txt": plain_text,
    "a.zip": archive,
}
ARTICLE = (
    b'<article xmlns:x="urn:x"><front><article-meta><title-group><article-title>T</article-title>'
    b"</title-group></article-meta></front>"
    b"<body><sec><title>S</title><p>Text <sup>1</sup>.</p></sec></body></article>"
)
MAGIC = [
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b\x08\x00",
    b"<article>",
    b"<!DOCTYPE html>",
    b"\xff\xfe",
]
MAGIC += [
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b'<?xml version="1.0" encoding="UTF-32"?><article>',
    b"---\n",
    b"",
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One good file of each format, by name."""
    folder = tmp_path_factory.mktemp("whole")
    page = "<h1>H</h1><p>Text</p><table><tr><td>1</td><td>2</td></tr></table>"
    make_pdf(folder / "a.pdf", [column(["Some words here.", "And more."]), [Image()]])
    make_docx(folder / "a.docx", paragraph("Head", "U1") + paragraph("Text"), footnotes=paragraph("Note"))
    make_epub(folder / "a.epub", {"a.xhtml": page})
    (folder / "a.nxml").write_bytes(b"<set>" + ARTICLE * 3 + b"</set>")
    (folder / "a.html").write_text(f"<html><head><title>T</title></head><body>{page}</body></html>")
    (folder / "a.md").write_text("---\ntitle: T\n---\n# H\n\nText\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    (folder / "a.txt").write_text("Title\n\nText.\n")
    inner = {"x/b.txt": b"T\n\nText.", "c.html": page.encode(), "d.nxml": ARTICLE}
    make_zip(folder / "a.zip", inner)
    with tarfile.open(folder / "a.tar", "w") as file:
        for name, content in inner.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def survives(path, content, reader):
    """Read ``content`` with ``reader``, and as whatever it is taken for."""
    path.write_bytes(content)
    began = time.monotonic()
    for read in (reader.read, _as_found):
        try:
            for record in read(path):
                assert isinstance(record, Document | Rejected | Deletion)
        except (*READ_ERRORS, InputUnreadable):
            pass
    assert time.monotonic() - began < SECONDS


def _as_found(path):
    return find_format(path).read(path)


def test_that_each_good_file_is_read(tmp_path, whole):
    for name, content in whole.items():
        (tmp_path / name).write_bytes(content)
        kinds = [type(record) for record in READERS[name].read(tmp_path / name)]
        assert Document in kinds, name


# A process for each PDF takes longer; its own tests are below.
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_that_a_file_cut_off_anywhere_is_survived(tmp_path, whole, data):
    name = data.draw(st.sampled_from(sorted(set(READERS) - {"a.pdf"})))
    end = data.draw(st.integers(1, len(whole[name])))
    survives(tmp_path / name, whole[name][:end], READERS[name])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_that_a_file_with_bytes_changed_is_survived(tmp_path, whole, data):
    name = data.draw(st.sampled_from(sorted(set(READERS) - {"a.pdf"})))
    content = bytearray(whole[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    survives(tmp_path / name, bytes(content), READERS[name])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(magic=st.sampled_from(MAGIC[1:]), rest=st.binary(max_size=600), name=st.sampled_from(sorted(READERS)))
def test_that_any_bytes_behind_any_sign_of_a_format_are_survived(tmp_path, magic, rest, name):
    survives(tmp_path / name, magic + rest, READERS["a.txt" if name == "a.pdf" else name])


@pytest.mark.parametrize("seed", range(8))
def test_that_a_damaged_pdf_is_survived(tmp_path, whole, seed):
    chosen = random.Random(seed)
    content = bytearray(whole["a.pdf"])
    if seed % 2:
        del content[chosen.randrange(len(content)) :]
    else:
        for _ in range(20):
            content[chosen.randrange(len(content))] = chosen.randrange(256)
    survives(tmp_path / "a.pdf", bytes(content), pdf)


def test_that_a_pdf_whose_pages_are_each_other_s_parents_is_survived(tmp_path, whole):
    looped = whole["a.pdf"].replace(b"/Kids [6 0 R 8 0 R]", b"/Kids [2 0 R 2 0 R]")
    assert looped != whole["a.pdf"]
    survives(tmp_path / "a.pdf", looped, pdf)


BOMBS = {
    "entities.nxml": b'<!DOCTYPE a [<!ENTITY a "'
    + b"x" * 50_000
    + b'"><!ENTITY b "'
    + b"&a;" * 1000
    + b'">]><article><front><article-meta/></front><body><p>'
    + b"&b;" * 1000
    + b"</p></body></article>",
    "attributes.html": b"<html><p " + b"a='1' " * 300_000 + b">x",
    "brackets.md": b"[" * 50_000 + b"](" * 50_000,
    "quotes.md": b"> " * 30_000 + b"x",
    "emphasis.md": b"*a_ " * 30_000,
    "nested.nxml": b"<article>" * 100_000,
    "line.txt": b"word " * 2_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_that_text_made_to_take_for_ever_does_not(tmp_path, name):
    survives(tmp_path / name, BOMBS[name], READERS[f"a.{name.rpartition('.')[2]}"])


def test_that_memory_stays_low_whatever_the_file(tmp_path):
    """Bombs of each kind, one after another in a process that has 700 MB for all it is."""
    pytest.importorskip("resource", reason="this system has no limit of memory for a process")
    for name, content in BOMBS.items():
        (tmp_path / name).write_bytes(content)
    zeros = {
        "a.txt": b"\0" * 400_000_000,
        "b.html": b"<p>" * 10_000_000,
        "word/document.xml": b"<p>" * 30_000_000,
    }
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in zeros.items():
            file.writestr(name, content)
    code = (
        "import resource, sys, pathlib\n"
        "from core.errors import InputUnreadable\n"
        "from core.library.readers.detect import find_format\n"
        "from core.library.readers.streams import READ_ERRORS\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    try:\n"
        "        print(path.name, sum(1 for _ in find_format(path).read(path)))\n"
        "    except (*READ_ERRORS, InputUnreadable) as error:\n"
        "        print(path.name, str(error)[:80])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-600:]
    assert len(done.stdout.splitlines()) == len(BOMBS) + 1
