"""Which format a file has, told by its content; the name only helps where the content is open."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputUnreadable
from core.library.readers import full_text, jsonl, medline, pubmed_xml, pubmedqa
from core.library.readers.formats import Format, Head
from core.library.readers.streams import HEAD, READ_ERRORS, open_binary, to_utf8

# The first that matches reads the file: the surest signs come first.
FORMATS: tuple[Format, ...] = (
    *full_text.CERTAIN,
    pubmed_xml.FORMAT,
    medline.FORMAT,
    pubmedqa.FORMAT,
    jsonl.FORMAT,
    *full_text.OPEN,
)


def find_format(path: Path) -> Format:
    """Return the format of ``path``.

    Raises:
        InputUnreadable: the file is missing, empty, unreadable or of no known format.
    """
    head = _head(path)
    if not head.text.strip():
        raise InputUnreadable(f"{path} is empty.", "Export the file again.")
    for known in FORMATS:
        if known.matches(head):
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise InputUnreadable(f"{path} has no format that Vademecum can read.", f"Supported are {names}.")


def _head(path: Path) -> Head:
    try:
        with open_binary(path) as stream:
            raw = stream.read(HEAD)
    except FileNotFoundError:
        raise InputUnreadable(f"{path} does not exist.", "Check the path for typing errors.") from None
    except READ_ERRORS as error:
        raise InputUnreadable(
            f"{path} cannot be read: {error}.", "Check or export the file again."
        ) from error
    return Head(path, raw, to_utf8(raw))
