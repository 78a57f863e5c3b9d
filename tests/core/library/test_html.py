"""HTML pages: the text that is read, its headings, and what the head says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.readers import html
from core.library.readers.formats import Head
from core.library.readers.markup import parse, sections_of
from core.types import Document, Rejected


def read(tmp_path, content):
    path = tmp_path / "page.html"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (record,) = html.read(path)
    return record


def sections(body, title=""):
    return sections_of(parse(f"<html><body>{body}</body></html>".encode()), title)


def test_that_headings_make_sections_and_paragraphs_are_kept_apart():
    body = "Before<h1>Title</h1><p>One<br>two<p>Three <b>bold</b>.<h2>Methods</h2><ul><li>a<li>b</ul>"
    assert sections(body, "Title") == [("", "Before\n\nOne two\n\nThree bold."), ("Methods", "a\n\nb")]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>no</script>",
        "<style>no</style>",
        "<nav>no</nav>",
        "<p hidden>no</p>",
        '<div style="color:red; display : none"><p>no</p></div>',
        '<span aria-hidden="true">no</span>',
        "<!-- no -->",
        "<button>no</button>",
    ],
)
def test_that_what_is_not_read_is_left_out_and_what_follows_is_not(hidden):
    assert sections(f"<p>Yes {hidden} and</p>{hidden} more") in (
        [("", "Yes and\n\nmore")],
        [("", "Yes\n\nand\n\nmore")],
    )


def test_that_head_and_foot_of_a_page_are_left_out_and_those_of_an_article_are_not():
    assert sections("<header>no</header><p>Yes</p><footer><p>no</p></footer> more") == [("", "Yes\n\nmore")]
    assert sections("<div><header>By Doe</header><p>Yes</p></div>") == [("", "By Doe\n\nYes")]


def test_that_the_main_part_of_a_page_is_taken_if_there_is_one():
    main = f"<main><h1>A</h1><p>{'Words. ' * 40}</p></main>"
    assert [label for label, _ in sections(f"<p>Cookies</p>{main}<p>Related</p>")] == ["A"]
    assert "Cookies" in sections("<p>Cookies</p><main>short</main>")[0][1]


def test_that_rows_of_data_stay_together_and_a_page_in_a_table_does_not():
    data = "<table><tr><th></th><th>Men</th></tr><tr><td><p>All</p></td><td>7</td></tr></table>"
    assert sections(data) == [("", "| Men\n\nAll | 7")]
    page = f"<table><tr><td><h2>Head</h2><p>Text</p>{data}</td><td>Side</td></tr></table>"
    assert sections(page) == [("Head", "Text\n\n| Men\n\nAll | 7\n\nSide")]
    assert sections("<table><tr><td><p>One<p>Two</td><td>3</td></tr></table>") == [("", "One\n\nTwo\n\n3")]


def test_that_a_power_is_not_read_as_a_number():
    assert sections("<p>10<sup>9</sup>/L, H<sub>2</sub>O, text<sup>1</sup></p>") == [
        ("", "10^9/L, H2O, text1")
    ]


def test_that_the_head_says_what_is_published(tmp_path):
    names = {
        "citation_title": "A paper",
        "citation_doi": "10.1000/X",
        "citation_pmid": "12",
        "citation_journal_title": "J Tests",
        "citation_publication_date": "2019/02/01",
        "citation_author": "Doe, J",
        "citation_keywords": "pain; rest",
    }
    meta = "".join(f'<meta name="{name}" content="{value}">' for name, value in names.items())
    document = read(
        tmp_path, f"<html lang=en>{meta}<meta name=citation_author content='Roe, R'><title>x</title><p>Text"
    )
    assert (document.title, document.doi, document.pmid) == ("A paper", "10.1000/x", "12")
    assert (document.journal, document.year, document.language) == ("J Tests", 2019, "eng")
    assert (document.authors, document.keywords) == (("Doe, J", "Roe, R"), ("pain", "rest"))


@pytest.mark.parametrize(
    "content",
    [
        "<html><p>na\u00efve".encode(),
        "<html><p>na\u00efve".encode("cp1252"),
        "<html><p>na\u00efve".encode("utf-16"),
        '<html><meta charset="iso-8859-15"><p>na\u00efve'.encode("latin-1"),
    ],
)
def test_that_letters_are_right_in_whatever_encoding(tmp_path, content):
    assert read(tmp_path, content).text == "na\u00efve"


def test_that_a_page_without_text_is_reported(tmp_path):
    for content in ("<html></html>", "<html><title>Only</title><script>x</script></html>"):
        assert read(tmp_path, content) == Rejected(str(tmp_path / "page.html"), 1, "it has no text")


@pytest.mark.parametrize(
    ("head", "matches"),
    [
        (b"<!DOCTYPE HTML PUBLIC><x>", True),
        (b"\n<?xml version='1.0'?><!-- a -->\n<html xmlns='x'>", True),
        (b"<htmlx>", False),
        (b"<article>", False),
        (b"text <html>", False),
    ],
)
def test_that_a_page_is_told_by_how_it_begins(tmp_path, head, matches):
    assert html.FORMAT.matches(Head(tmp_path, head, head)) is matches


def test_that_a_page_nested_without_end_or_of_one_endless_paragraph_is_survived(tmp_path):
    began = time.monotonic()
    for content in (
        "<div>" * 50_000 + "deep",
        "<p>" + "1<sup>2</sup>" * 50_000,
        "<table><tr><td>" * 3_000 + "x",
    ):
        assert isinstance(read(tmp_path, "<html>" + content), Document | Rejected)
    assert time.monotonic() - began < 3


TAGS = st.sampled_from(
    ["p", "div", "h1", "h3", "b", "tr", "td", "table", "li", "sup", "script", "main", "span"]
)
WORDS = st.text("abcd 1", min_size=1, max_size=5)
PIECES = st.one_of(WORDS, TAGS.map("<{}>".format), TAGS.map("</{}>".format))


@given(st.lists(PIECES, max_size=40).map("".join))
def test_that_every_word_outside_of_scripts_is_kept_once(body):
    page = parse(f"<html><body>{body}</body></html>".encode())
    seen = " ".join(page.xpath("//body//text()[not(ancestor::script)]")) if page is not None else ""
    read = [part for label, text in sections_of(page) for part in (*label.split(" > "), text)]
    for word in {word for word in seen.split() if word.isalpha() and len(word) > 3}:
        assert word in "".join(read)
