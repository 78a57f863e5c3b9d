"""Files for a library, spoilt at random: each is documents, or reasons why not, and touches nothing else."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputUnreadable
from core.library.readers.detect import FORMATS, find_format
from core.library.readers.formats import head_of
from core.library.readers.streams import READ_ERRORS
from core.types import Deletion, Document, Rejected
from tests.fakes.pdf_files import Image, column, make_pdf
from tests.fuzz.kit import fuzzed, soon, spoilt
from tests.fuzz.samples import WHOLE, as_tar, as_zip


def is_taken_or_told(folder, name, content):
    """Read ``content`` as the file ``name``: by what it is taken for, and by every reader that takes it."""
    path = folder / name
    path.write_bytes(content)
    with soon():
        try:
            readers = [find_format(path), *(each for each in FORMATS if each.matches(head_of(path)))]
        except (*READ_ERRORS, InputUnreadable):
            readers = []
        for reader in {reader.name: reader for reader in readers}.values():
            try:
                for record in reader.read(path):
                    assert isinstance(record, Document | Rejected | Deletion)
            except (*READ_ERRORS, InputUnreadable):
                pass
    assert [each.name for each in folder.iterdir()] == [name]


def test_that_every_whole_file_is_read(tmp_path):
    for name, content in WHOLE.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert Document in map(type, find_format(path).read(path)), name


@pytest.mark.parametrize("name", WHOLE)
def test_that_any_spoilt_file_is_records_or_a_reason(tmp_path, name):
    @fuzzed(120)
    @given(spoilt(WHOLE[name]))
    def read(content):
        is_taken_or_told(tmp_path, name, content)

    read()


@fuzzed(200)
@given(name=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_that_what_is_inside_of_gzip_and_archives_is_no_different(tmp_path, name, data):
    inner = data.draw(spoilt(WHOLE[name]))
    pack = data.draw(
        st.sampled_from([lambda some: as_zip({name: some}), lambda some: as_tar({name: some}), gzip.compress])
    )
    for file in tmp_path.iterdir():
        file.unlink()
    is_taken_or_told(tmp_path, "packed", pack(inner))


@fuzzed(4)  # a process each
@given(data=st.data())
def test_that_any_spoilt_pdf_is_a_document_or_a_reason(tmp_path, data):
    make_pdf(tmp_path / "a.pdf", [column(["Some words here.", "And more."]), [Image()]])
    whole = (tmp_path / "a.pdf").read_bytes()
    is_taken_or_told(tmp_path, "a.pdf", data.draw(spoilt(whole)))
