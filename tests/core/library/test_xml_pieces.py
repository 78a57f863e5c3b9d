"""Reading XML in pieces gives what reading it as a stream gives, however the file is made or damaged."""

import gzip
import zlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from core.library.readers import xml_pieces
from core.library.readers.streams import Position
from core.library.readers.xml_pieces import parsed_in_pieces
from core.library.readers.xml_records import parsed

HEAD = '<?xml version="1.0"?><!DOCTYPE Set PUBLIC "-//X//Y" "http://127.0.0.1/x.dtd"><Set>'
PARTS = [
    "<Record><a>text</a></Record>\n",
    "<Record n='1'><a>umlaut \u00e4 and &lt;Record></a><b/></Record>",
    "<Record><!-- </Record> --><a>behind</a></Record>",
    "<Record><a><![CDATA[ </Record><Record> ]]></a></Record>",
    "<Record><a>&alpha;&#945;</a></Record>",
    "<Other>7</Other>",
    "<!-- <Record> --> <?pi </Record> ?>",
    "</Record>",
    "</Set><Set>",
    "\n",
]
parts = st.lists(st.sampled_from(PARTS), max_size=30)


@pytest.fixture
def small_pieces(monkeypatch):
    for name, value in {"HEAD": 150, "_AT_ONCE": 100, "_STEP": 64, "_LONGEST": 1000}.items():
        monkeypatch.setattr(xml_pieces, name, value)


def told(elements):
    """Return the elements as XML, and None where the file breaks off: the places in the words differ."""
    return [None if isinstance(one, str) else etree.tostring(one, with_tail=False) for one in elements]


def both(path):
    stream = told(parsed(path, "Record", "Other"))
    return told(parsed_in_pieces(path, "Set", "Record", "Other")), stream


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(parts, st.booleans(), st.integers(0, 2000), st.integers(0, 255), st.booleans())
@example([PARTS[0]] * 20, True, 2000, 0, False)
@example([PARTS[0], PARTS[4], "</Set><Set>", PARTS[0], PARTS[0]], False, 216, 0, False)
def test_that_pieces_give_what_the_stream_gives(tmp_path, small_pieces, parts, closed, place, byte, cut):
    path = tmp_path / "set.xml"
    content = bytearray((HEAD + "".join(parts) + ("</Set>" if closed else "")).encode())
    if place < len(content):
        content[place:] = b"" if cut else bytes([byte]) + content[place + 1 :]
    path.write_bytes(content)
    pieces, stream = both(path)
    assert pieces == stream


def test_that_whole_files_are_read_in_pieces_and_never_as_a_stream(tmp_path, small_pieces, monkeypatch):
    streams = []
    real = xml_pieces.streamed
    monkeypatch.setattr(
        xml_pieces, "streamed", lambda ahead, *tags: streams.append(ahead.bytes) or real(ahead, *tags)
    )
    path = tmp_path / "set.xml"
    path.write_text(HEAD + PARTS[0] * 200 + "<Other>7</Other></Set>", "utf-8")
    pieces = told(parsed_in_pieces(path, "Set", "Record", "Other"))
    assert len(pieces) == 201
    assert streams == [f"{HEAD}\n<Other>7</Other></Set>".encode()]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_that_files_in_other_encodings_are_read_too(tmp_path, small_pieces, encoding):
    path = tmp_path / "set.xml"
    declared = encoding.removesuffix("-sig")
    path.write_text(HEAD.replace("?>", f" encoding='{declared}'?>", 1) + PARTS[1] * 9 + "</Set>", encoding)
    pieces, stream = both(path)
    assert pieces == stream
    assert len(pieces) == 9


def test_that_nothing_before_the_damage_of_a_compressed_file_is_lost(tmp_path, small_pieces):
    path = tmp_path / "set.xml.gz"
    content = bytearray(gzip.compress((HEAD + PARTS[0] * 3000 + "</Set>").encode(), 0))
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    content[-8:-4] = zlib.crc32(b"").to_bytes(4, "little")
    path.write_bytes(content)
    pieces, stream = both(path)
    assert pieces[-1] is stream[-1] is None
    assert len(pieces) >= len(stream) > 1000


def test_that_a_record_longer_than_a_piece_is_read(tmp_path, small_pieces):
    path = tmp_path / "set.xml"
    path.write_text(HEAD + PARTS[0] + f"<Record>{'x' * 5000}</Record>" + PARTS[0] * 5 + "</Set>", "utf-8")
    pieces, stream = both(path)
    assert pieces == stream
    assert len(pieces) == 7


def test_that_the_position_moves_on_with_the_records(tmp_path):
    path = tmp_path / "set.xml"
    path.write_text(HEAD + PARTS[0] * 20_000 + "</Set>", "utf-8")
    position, seen = Position(), []
    for number, _ in enumerate(parsed_in_pieces(path, "Set", "Record", position=position)):
        if number % 4000 == 0:
            seen.append(position.bytes)
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert 0 < seen[0] < seen[-1] <= path.stat().st_size
