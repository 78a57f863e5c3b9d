"""Lines of files in whatever encoding, with whatever ends, damaged or not."""

import gzip
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.readers import streams


def lines(folder, content):
    path = folder / "file"
    path.write_bytes(content)
    return list(streams.byte_lines(path))


@given(st.binary(max_size=40).filter(lambda raw: raw[:2] not in (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b")))
def test_that_lines_are_those_of_python(tmp_path_factory, raw):
    expected = raw.removeprefix(b"\xef\xbb\xbf").splitlines()
    assert lines(tmp_path_factory.mktemp("lines"), raw) == expected


@given(raw=st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n"]), max_size=12).map(b"".join))
def test_that_a_line_end_is_not_cut_by_the_end_of_a_block(tmp_path_factory, raw):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_BLOCK", 1)
        assert lines(tmp_path_factory.mktemp("lines"), raw) == raw.splitlines()


def test_that_a_long_line_comes_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "MAX_LINE", 100)
    monkeypatch.setattr(streams, "_BLOCK", 40)
    found = lines(tmp_path, b"x" * 1000 + b"\nend")
    assert b"".join(found) == b"x" * 1000 + b"end"
    assert max(map(len, found)) <= 140


def test_that_a_damaged_file_gives_the_lines_before_the_damage(tmp_path):
    whole = b"".join(b"line %d of some\n" % number for number in range(200_000))
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(whole)[:-4000])
    found = []
    reading = map(found.append, streams.byte_lines(path))
    with pytest.raises(EOFError):
        deque(reading)
    assert len(found) > 100_000
    assert found == whole.splitlines()[: len(found)]


def test_that_a_compressed_file_is_closed_with_its_reader(tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(b"a line\n"))
    position = streams.Position()
    with streams.open_binary(path, position) as stream:
        assert stream.read(3) == b"a l"
        assert position.bytes > 0
    assert position.bytes == 0  # warnings are errors, so an open file would be told as well


def test_that_garbage_within_a_compressed_file_is_an_error_that_readers_expect(tmp_path):
    packed = bytearray(gzip.compress(b"".join(b"%d\n" % (number * number) for number in range(300_000))))
    packed[-2000:-1000] = b"\xff" * 1000
    path = tmp_path / "file.gz"
    path.write_bytes(packed)
    found = []
    with pytest.raises(streams.READ_ERRORS):
        deque(map(found.append, streams.byte_lines(path)))
    assert found[:3] == [b"0", b"1", b"4"]
    assert len(found) > 200_000


def test_that_utf_16_that_is_none_is_an_error_that_readers_expect(tmp_path):
    with pytest.raises(OSError, match="not valid UTF-16"):
        lines(tmp_path, b"\xff\xfea\x00\x00\xd8b\x00")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_that_the_position_is_that_in_the_file_on_disk(tmp_path, pack):
    path = tmp_path / "file"
    path.write_bytes(pack(b"".join(b"%d\n" % (number * number) for number in range(200_000))))
    position, seen = streams.Position(), []
    assert position.bytes == 0
    for number, _ in enumerate(streams.byte_lines(path, position)):
        if number % 20_000 == 0:
            seen.append(position.bytes)
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[5] < seen[-1] <= path.stat().st_size
    assert position.bytes == 0
