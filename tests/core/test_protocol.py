"""Messages: whatever is sent arrives the same, and anything else is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ProtocolError
from core.protocol import (
    AddToLibrary,
    Answered,
    Ask,
    Cancel,
    Done,
    Evaluate,
    Failed,
    Found,
    Progress,
    Token,
    decode_event,
    decode_request,
    encode,
)
from core.types import (
    Answer,
    Chunk,
    Citation,
    DocumentRef,
    LibraryRef,
    Passage,
    Scores,
    Sentence,
    Timings,
    TokenCounts,
    Turn,
)

REF = DocumentRef("d1", "101", None, "Title", "Journal", 2007, ("Review",))
ANSWER = Answer(
    version=1,
    question="Q?",
    answer="It heals [1].",
    refused=False,
    reason="",
    sentences=(Sentence("It heals.", 0, 13, (1,)),),
    citations=(Citation(1, 0, REF, "d1-0", "It healed.", 4, 14, 0.8, "search"),),
    model="tiny",
    libraries=(LibraryRef("starter", "v1"),),
    settings_hash="0" * 12,
    seed=7,
    timings=Timings(0.1, 0.5, 1.0),
    tokens=TokenCounts(100, 5),
)
EVENTS = [
    Found((Passage(Chunk(1, "d1", 0, 0, 3, "abc"), REF, Scores(0.4, None, 0.5)),)),
    Token('line\nbreak, "quotes" and \u2028'),
    Progress("index", 3, None, "passages"),
    Answered(ANSWER),
    Done(cancelled=True),
    Failed("code", "message", "hint"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_that_an_event_arrives_as_it_was_sent_on_one_line(event):
    line = encode(event)
    assert line.count(b"\n") == 1
    assert decode_event(line) == event


@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=3))
def test_that_any_question_arrives_as_it_was_asked(question, turns):
    request = Ask(question, tuple(Turn(*turn) for turn in turns), ("starter",), 3)
    assert decode_request(encode(request)) == request


def test_that_requests_and_events_are_not_taken_for_each_other():
    with pytest.raises(ProtocolError):
        decode_event(encode(Cancel()))
    with pytest.raises(ProtocolError):
        decode_request(encode(Done()))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"loading: 10%",
        b"[]",
        b"3",
        b'{"kind": "Ask"}',
        b'{"kind": "Nothing"}',
        b'{"kind": ["Ask"]}',
        b'{"kind": "AddToLibrary", "library": 3, "paths": []}',
        b'{"kind": "Ask", "question": "\xff"}',
    ],
)
def test_that_anything_else_is_a_protocol_error(line):
    with pytest.raises(ProtocolError):
        decode_request(line)


@given(st.binary(max_size=80))
def test_that_no_bytes_can_raise_anything_but_a_protocol_error(line):
    with contextlib.suppress(ProtocolError):
        decode_request(line)


def test_that_paths_arrive_in_order():
    request = AddToLibrary("mine", ("b.xml", "a.xml"))
    assert decode_request(encode(request)) == request


def test_that_no_field_of_a_message_takes_the_place_of_its_kind():
    from dataclasses import fields

    from core.protocol import Event, Request

    for message in (*Request.__args__, *Event.__args__):
        assert "kind" not in {field.name for field in fields(message)}, message
    request = Evaluate("bias", {"limit": 3}, "run")
    assert decode_request(encode(request)) == request
