"""Chunks are whole sentences, about equally long, and exact stretches of the text."""

from hypothesis import given
from hypothesis import strategies as st

from core.library.chunking import WORDS, chunk_spans, pack
from core.library.records import make_document
from core.library.text import sentence_spans


def of(text, words):
    return [text[span.start : span.end] for span in pack(text, words)]


def test_that_a_short_document_is_one_chunk():
    document = make_document(title="T", sections=[("A", "One. Two."), ("B", "Three.")], source="x")
    (span,) = chunk_spans(document)
    assert document.text[span.start : span.end] == "One. Two.\n\nThree."


def test_that_parts_are_even_rather_than_full():
    text = " ".join(f"Sentence {number} has exactly seven words here." for number in range(30))
    sizes = [len(chunk.split()) for chunk in of(text, WORDS)]
    assert sizes == [105, 105]


def test_that_no_chunk_is_longer_than_the_limit_for_the_sake_of_evenness():
    lengths = [100, 150, 200, 200, 200, 150]
    text = " ".join("W" + " w" * (length - 1) + "." for length in lengths)
    assert max(len(chunk.split()) for chunk in of(text, 200)) == 200


def test_that_a_sentence_that_is_too_long_is_cut_between_words():
    assert of("one two three four five", 2) == ["one two", "three four", "five"]


def test_that_text_without_spaces_is_cut_all_the_same():
    assert max(map(len, of("x" * 100_000, 200))) <= 4000


@given(st.text(st.sampled_from("ab cde. F\n?"), max_size=400), st.integers(1, 12))
def test_that_chunks_cover_all_sentences_in_order_and_keep_the_limit(text, words):
    spans = pack(text, words)
    position = 0
    for span in spans:
        assert not text[position : span.start].strip()
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""
        assert len(text[span.start : span.end].split()) <= words
        position = span.end
    assert not text[position:].strip()
    starts = {span.start for span in spans}
    short = [
        s for s in sentence_spans(text) if len(text[s.start : s.end].split()) == 1 and s.end - s.start < 20
    ]
    assert all(any(c.start <= s.start and s.end <= c.end for c in spans) for s in short)
    assert not spans or min(starts) == sentence_spans(text)[0].start
