"""PDF: one document a file, with pages, headings and paragraphs; a scanned page is reported, not skipped."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from core.decoding import UNDECODABLE
from core.library.readers.formats import Format, Head
from core.library.readers.pdf_pages import Message, Opened, Page, Refused
from core.library.readers.pdf_text import text_of
from core.library.records import make_document
from core.programs import program
from core.types import Document, Rejected

FILE_SECONDS = 1800.0  # 211 pages take 3
MAX_CHARACTERS = 50_000_000  # of one file: a hundred thick books

_NEEDS_OCR = "has an image but no text that can be read: it needs OCR (text recognition) first"
_BREAKS_OFF = "the rest of the file is damaged: it made the PDF reader fail or takes too long"
_DOI = re.compile(r"(?:doi(?:\.org/|:|\s)\s*)(10\.\d{4,9}/[^\s\"<>,;]+)", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s*(\d{4,9})\b")
_PMCID = re.compile(r"\bPMCID:?\s*(PMC\d{4,9})\b")
_DATED = re.compile(
    r"(?:\u00a9|\(c\)|copyright|published(?: online)?:?|accepted:?)[^.\n]{0,40}?\b((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_TITLE_YEAR = re.compile(r"[,(:\u2013\u2014-]\s*((?:19|20)\d\d)\)?\W*$")


def read(path: Path, command: Sequence[str] | None = None) -> Iterator[Document | Rejected]:
    """Yield the document in ``path`` and a rejection for each run of pages that cannot be read.

    ``command`` starts the process that reads it (``core.programs`` knows it); a record counts pages.
    """
    pages: list[Page] = []
    title, expected, problems = "", 0, []
    for message in _messages(path, command or program("pdf")):
        if isinstance(message, Opened):
            expected, title = message.pages, message.title
        elif isinstance(message, Page):
            pages.append(message)
        else:
            problems.append((message.page, message.reason))
            if message.page:
                pages.append(Page(message.page, 0, 0, (), drawn=False))
    problems += [(page.number, _NEEDS_OCR) for page in pages if page.drawn]
    if any(page.lines and not page.drawn for page in pages):
        yield _document(path, title, [*pages, *_missing(len(pages), expected)])
    elif not any(number == 0 for number, _ in problems):
        reason = _NEEDS_OCR if problems else "has no text"
        problems = [(0, f"the file {reason}")]
    yield from _rejections(path, problems)


def _messages(path: Path, command: Sequence[str]) -> Iterator[Message]:
    """Yield what the process says of ``path``; if it dies before its end, a last refusal says so."""
    decoder = msgspec.json.Decoder(Message)
    ends = time.monotonic() + FILE_SECONDS
    expected, seen, characters = -1, 0, 0
    with subprocess.Popen(
        [*command, str(path.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                try:
                    message = decoder.decode(line)
                except UNDECODABLE:  # half a line: it died
                    break
                yield message
                if isinstance(message, Opened):
                    expected = message.pages
                elif message_page := _page_of(message):
                    seen = message_page
                    characters += sum(len(text.text) for text in getattr(message, "lines", ()))
                else:
                    return
                if time.monotonic() > ends or characters > MAX_CHARACTERS:
                    break
        finally:
            process.kill()
    if seen != expected:
        yield Refused(0 if seen == 0 else seen + 1, _BREAKS_OFF)


def _page_of(message: Message) -> int:
    if isinstance(message, Page):
        return message.number
    return message.page if isinstance(message, Refused) else 0


def _missing(held: int, expected: int) -> list[Page]:
    """Return empty pages for those that were not reached, so that page numbers stay right."""
    return [Page(number, 0, 0, (), drawn=False) for number in range(held + 1, expected + 1)]


def _document(path: Path, given: str, pages: Sequence[Page]) -> Document:
    title, sections = text_of(pages, given)
    first = "\n".join(line.text for line in pages[0].lines)
    return make_document(
        title=title or path.stem.replace("_", " "),
        sections=sections,
        source=path.name,
        pmid=_only(_PMID, first),
        doi=(_only(_DOI, first) or "").rstrip(".)]") or None,
        pmcid=_only(_PMCID, first),
        year=int(_only(_TITLE_YEAR, title) or _only(_DATED, first) or 0) or None,
        paged=True,
        original=str(path),
    )


def _only(pattern: re.Pattern[str], text: str) -> str | None:
    """Return what ``pattern`` finds if it is one thing only; several leave it open whose it is."""
    found = {match.casefold() if pattern is _DOI else match for match in pattern.findall(text)}
    return found.pop() if len(found) == 1 else None


def _rejections(path: Path, problems: list[tuple[int, str]]) -> Iterator[Rejected]:
    """Yield one rejection for each run of pages with the same problem; record is its first page."""
    run: list[int] = []
    reason = ""
    for number, problem in [*sorted(problems), (-1, "")]:
        if run and (number != run[-1] + 1 or problem != reason):
            yield Rejected(str(path), run[0], _in_words(run, reason))
            run = []
        run, reason = [*run, number], problem


def _in_words(run: list[int], reason: str) -> str:
    if run[0] == 0 or reason == _BREAKS_OFF:
        return reason
    pages = f"page {run[0]}" if len(run) == 1 else f"each of the pages {run[0]} to {run[-1]}"
    return f"{pages} {reason}"


def _matches(head: Head) -> bool:
    return b"%PDF-" in head.raw[:1024]


FORMAT = Format("PDF", (".pdf",), _matches, read)
