"""Plain text: one document a file; paragraphs are what blank lines part."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from core.library.readers.bounded import read_file
from core.library.readers.formats import Format, Head
from core.library.records import make_document
from core.types import Document, Rejected

MAX_BYTES = 32 << 20
_SUFFIXES = (".txt", ".text", "")
_TITLE = 150  # characters of a first line that may be a title
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x08"))
_FEW = 0.002  # share of control characters in a text that was damaged on its way


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the text. Raises one of ``READ_ERRORS``."""
    try:
        text = decoded(read_file(path, MAX_BYTES))
        if not text.strip():
            raise ValueError("it has no text")
        title, rest = split_title(text)
        yield make_document(title=title or path.stem, sections=[("", rest)], source=path.name)
    except ValueError as error:
        yield Rejected(str(path), 1, str(error))


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 or Windows-1252. Raises ValueError if it is no text."""
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return content.decode("utf-16", "replace")
    if is_binary(content):
        raise ValueError("it is no text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def is_binary(content: bytes) -> bool:
    """True if there are more control characters than a damaged text has."""
    return len(content) - len(content.translate(None, _CONTROLS)) > _FEW * len(content)


def split_title(text: str) -> tuple[str, str]:
    """Return the first line, if it is short and stands alone, and the rest; else an empty title and all."""
    first, _, rest = text.strip().replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    alone = rest.startswith("\n") or not rest[:1].islower()
    if rest.strip() and len(first) <= _TITLE and alone and not first.rstrip().endswith((".", ",", ";")):
        return first, rest
    return "", text


def _matches(head: Head) -> bool:
    return head.path.suffix.lower() in _SUFFIXES and not is_binary(head.text)


FORMAT = Format("text", (".txt", ".text"), _matches, read)
