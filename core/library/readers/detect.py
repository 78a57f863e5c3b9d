"""Which format a file has, told by its content; the name only helps where the content is open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import InputUnreadable
from core.library.readers import (
    archive,
    bioasq,
    endnote,
    full_text,
    jsonl,
    medline,
    pubmed_xml,
    pubmedqa,
    ris,
    table,
    web_of_science,
)
from core.library.readers.formats import Format, Head, head_of
from core.library.readers.streams import READ_ERRORS

# The first that matches reads the file: the surest signs come first.
FORMATS: tuple[Format, ...] = (
    *full_text.CERTAIN,
    pubmed_xml.FORMAT,
    ris.FORMAT,
    web_of_science.FORMAT,
    web_of_science.TABLE,
    endnote.FORMAT,
    medline.FORMAT,
    bioasq.FORMAT,
    pubmedqa.FORMAT,
    jsonl.FORMAT,
    table.FORMAT,
    *full_text.OPEN,
)


def find_format(path: Path, columns: Mapping[str, str] | None = None) -> Format:
    """Return the format of ``path``.

    With ``columns``, a table that has them is read by them: fields of a document (``table.FIELDS``) with the
    name of the column each is in; so are tables in an archive. A file of another kind is read as it is
    without.

    Raises:
        InputUnreadable: the file is missing, empty, unreadable or of no known format; a table of which no
            column is known as title or text, or one of ``columns`` is no field, or in no column of a table.
    """
    head = _head(path)
    if not head.text.strip():
        raise InputUnreadable(f"{path} is empty.", "Export the file again.")
    if columns and (by_columns := table.by_columns(head, columns)):
        return by_columns
    for known in FORMATS:
        if known.matches(head):
            if columns and known is table.FORMAT:
                raise table.lacks_columns(head, columns)
            return archive.with_columns(columns) if columns and known is archive.FORMAT else known
    if table.looks_like_one(head):
        raise table.not_recognised(head)
    names = ", ".join(known.name for known in FORMATS)
    raise InputUnreadable(f"{path} has no format that Vademecum can read.", f"Supported are {names}.")


def _head(path: Path) -> Head:
    try:
        return head_of(path)
    except FileNotFoundError:
        raise InputUnreadable(f"{path} does not exist.", "Check the path for typing errors.") from None
    except READ_ERRORS as error:
        raise InputUnreadable(
            f"{path} cannot be read: {error}.", "Check or export the file again."
        ) from error
