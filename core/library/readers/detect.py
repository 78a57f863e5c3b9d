"""Which format a file has, told by its content; the name only helps where the content is open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import InputUnreadable
from core.library.readers import jsonl, medline, pubmed_xml, pubmedqa
from core.library.readers.streams import READ_ERRORS, open_binary, to_utf8
from core.types import Document, Rejected

Reader = Callable[[Path], Iterator[Document | Rejected]]

_HEAD = 64 * 1024  # bytes looked at
_HINT = (
    "Supported are PubMed XML (.xml, .xml.gz), MEDLINE (.nbib, .txt), JSON lines (.jsonl) and PubMedQA JSON."
)
_PUBMED = re.compile(rb"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticleSet|PubmedBookArticle)[\s>/]")
_MEDLINE = re.compile(rb"(?m)^PMID ?- *\d")
_PUBMEDQA = re.compile(rb"""\s*\{\s*"[^"]*"\s*:\s*\{""")
_JSON_LINE = re.compile(rb"""\s*\{\s*"(?:[^"\\]|\\.)+"\s*:""")


def find_reader(path: Path) -> Reader:
    """Return the reader of the format of ``path``.

    Raises:
        InputUnreadable: the file is missing, empty, unreadable or of no known format.
    """
    head = _head(path)
    if not head.strip():
        raise InputUnreadable(f"{path} is empty.", "Export the file again.")
    if head.lstrip().startswith(b"<"):
        if _PUBMED.search(head):
            return pubmed_xml.read
        raise InputUnreadable(f"{path} is XML or HTML, but not as PubMed exports it.", _HINT)
    if _MEDLINE.search(head):
        return medline.read
    if _PUBMEDQA.match(head) and b'"CONTEXTS"' in head:
        return pubmedqa.read
    # A file that says it is JSON lines is one, even if its first line is broken: the report then says so.
    if _is_json_lines(head) or {".jsonl", ".ndjson"} & set(path.suffixes):
        return jsonl.read
    raise InputUnreadable(f"{path} has no format that Vademecum can read.", _HINT)


def _is_json_lines(head: bytes) -> bool:
    """True if the first line is one whole JSON object, or longer than we have read."""
    first, newline, _ = head.lstrip().partition(b"\n")
    if not _JSON_LINE.match(first):
        return False
    return first.rstrip().endswith(b"}") or (not newline and len(head) >= _HEAD // 2)


def _head(path: Path) -> bytes:
    try:
        with open_binary(path) as stream:
            return to_utf8(stream.read(_HEAD))
    except FileNotFoundError:
        raise InputUnreadable(f"{path} does not exist.", "Check the path for typing errors.") from None
    except READ_ERRORS as error:
        raise InputUnreadable(
            f"{path} cannot be read: {error}.", "Check or export the file again."
        ) from error
