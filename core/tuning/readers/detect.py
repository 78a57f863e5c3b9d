"""Which format a file of pairs has, told by its content; what is no such file is refused with the remedy."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import DataUnusable
from core.library.readers.streams import READ_ERRORS, decode, open_binary, to_utf8
from core.tuning.readers.bioasq import QUESTIONS
from core.tuning.readers.table import likely_delimiter
from core.tuning.recipe import DataFormat

HINT = "Supported are PubMedQA and BioASQ JSON, question lines (.jsonl), and tables (.csv, .tsv)."
_HEAD = 64 * 1024  # bytes looked at
_MAGIC = (
    (b"GGUF", "is a GGUF model, not training data", "Choose a file of questions and answers."),
    (b"PK\x03\x04", "is a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV."),
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Word file", "Save it as CSV."),
    (b"%PDF", "is a PDF", "Add it to a library instead; training needs questions with answers."),
    (b"SQLite format 3", "is a database", "Export the questions and answers as CSV."),
    (b"PAR1", "is a Parquet file", "Export it as JSON lines."),
)
_PAPERS = re.compile(rb"\s*<|(?m:^PMID ?- *\d)")
_PUBMEDQA = re.compile(rb"""\s*\{\s*"[^"]*"\s*:\s*\{""")
_OBJECT = re.compile(rb"""\s*\{\s*"(?:[^"\\]|\\.)*"\s*:""")
_ARRAY = re.compile(rb"\s*\[\s*\{")
_COLLECTED = re.compile(rb'"evidence"\s*:\s*\[\s*(?:\{|\])')
_LINES, _TABLES = {".jsonl", ".ndjson"}, {".csv", ".tsv", ".tab"}


def detect(path: Path) -> DataFormat:
    """Return the format of ``path``, never "auto".

    Raises:
        DataUnusable: missing, empty, a folder, unreadable, or nothing with questions and answers.
    """
    head = checked_head(path)
    if _PUBMEDQA.match(head) and (b'"QUESTION"' in head or b'"CONTEXTS"' in head):
        return "pubmedqa"
    if _OBJECT.match(head) and QUESTIONS.search(head.decode("utf-8", "replace")):
        return "bioasq"
    suffixes = {suffix.lower() for suffix in path.suffixes}
    first = head.split(maxsplit=0)[0].splitlines()[0]
    if _ARRAY.match(head) or _is_lines(head) or suffixes & _LINES:
        return "collected" if _COLLECTED.search(first) else "medqa"
    if suffixes & _TABLES or _is_table(first):
        return "csv"
    raise DataUnusable(f"{path} has no format that training can read.", HINT)


def checked_head(path: Path) -> bytes:
    """Return the beginning of ``path`` in UTF-8, uncompressed; DataUnusable if no reader could use it."""
    head = _head(path)
    text = to_utf8(head)
    if not text.strip():
        raise DataUnusable(f"{path} is empty.", "Export the file again.")
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            raise DataUnusable(f"{path} {what}.", remedy)
    if b"\0" in text:
        raise DataUnusable(f"{path} is a binary file, not text.", HINT)
    if _PAPERS.match(text):
        what = "holds papers or markup, not questions with answers"
        raise DataUnusable(f"{path} {what}.", f"Add it to a library instead. {HINT}")
    return text


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise DataUnusable(f"{path} is a folder.", "Name the files in it.")
    try:
        with open_binary(path) as stream:
            return stream.read(_HEAD)
    except FileNotFoundError:
        raise DataUnusable(f"{path} does not exist.", "Check the path for typing errors.") from None
    except READ_ERRORS as error:
        raise DataUnusable(f"{path} cannot be read: {error}.", "Check or export the file again.") from error


def _is_lines(head: bytes) -> bool:
    """True if the first line is one whole JSON object, or longer than we have read."""
    first, newline, _ = head.lstrip().partition(b"\n")
    return bool(_OBJECT.match(first)) and (first.rstrip().endswith(b"}") or not newline)


def _is_table(first: bytes) -> bool:
    try:
        header = decode(first)
    except UnicodeDecodeError:
        return False
    return likely_delimiter(header) in header
