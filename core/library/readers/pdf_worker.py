"""The process that reads one PDF with PDFium: ``python -m core.library.readers.pdf_worker [--look] FILE``.

PDFium is native code, and a file made to break it may. So it runs in a process of its own, within limits of
time and memory, and says what it finds as one JSON message a line on standard output. With ``--look`` it
draws pages and finds words on them, as standard input asks (``pdf_sight``).
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from core.library.readers.pdf_layout import Reading
from core.library.readers.pdf_pages import Message, Opened, Page, Refused
from core.library.readers.pdf_sight import LOOK
from core.worker_io import claim_stdout

PAGE_SECONDS = 30.0  # a page of print takes some milliseconds
MEMORY = 2 << 30  # bytes of address space; the 211 pages of a guideline take a tenth
_LOOK_SECONDS = 0.05  # between two looks at it, where the system keeps no limit
MAX_PAGES = 20_000
FEW_CHARACTERS = 25  # a scanned page may carry a stamp or a number
MAX_CHARACTERS = 400_000  # of one page; a dense page of print has ten thousand

_ENCRYPTED = "it is protected with a password"
_IMAGES = 3  # nested drawings that are looked into for an image


def main() -> int:
    """Say what is in the file that is named last; return the exit status."""
    out = claim_stdout()
    _limit_memory()
    with Path(os.devnull).open("w") as nowhere:

        def watch(begins: bool) -> None:
            """Let a page take its time, or stop the clock: who reads our messages may take theirs."""
            if begins:  # a thread of C: it ends the process even when native code hangs
                faulthandler.dump_traceback_later(PAGE_SECONDS, exit=True, file=nowhere)
            else:
                faulthandler.cancel_dump_traceback_later()

        watch(True)
        try:
            _serve(sys.argv[-1], out, watch, look=LOOK in sys.argv[1:-1])
        except MemoryError:
            _say(out, Refused(0, "it takes more memory than a file may"))
        finally:
            watch(False)
    return 0


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    else:  # Windows has no such limit, and macOS does not keep it
        threading.Thread(target=_watch_memory, daemon=True).start()


def _watch_memory() -> None:
    """End the process once it holds more than it may; native code that is at work does not stop this."""
    import psutil

    process = psutil.Process()
    while process.memory_info().rss <= MEMORY:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _say(out: BinaryIO, message: Message) -> None:
    out.write(msgspec.json.encode(message) + b"\n")


def _serve(path: str, out: BinaryIO, watch: Callable[[bool], None], *, look: bool) -> None:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        pages = len(document)
        title = document.get_metadata_value("Title")
    except pypdfium2.PdfiumError as error:
        reason = _ENCRYPTED if "assword" in str(error) else "it is damaged, or no PDF"
        return _say(out, Refused(0, reason))
    if pages > MAX_PAGES:
        return _say(out, Refused(0, f"it has more than {MAX_PAGES:,} pages"))
    _say(out, Opened(pages, title))
    watch(False)
    if look:
        from core.library.readers.pdf_drawing import serve

        return serve(document, sys.stdin.buffer, out, watch)
    reading = Reading()
    for number in range(1, pages + 1):
        watch(True)
        message = _page(document, number, reading)
        watch(False)
        _say(out, message)
    return None


def _page(document: Any, number: int, reading: Reading) -> Message:
    import pypdfium2

    from core.library.readers.pdf_words import words_of

    try:
        page = document[number - 1]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return Refused(number, "it is damaged")
    try:
        if text.count_chars() > MAX_CHARACTERS:
            return Refused(number, f"it has more than {MAX_CHARACTERS:,} characters")
        words, (_, bottom, _, top) = words_of(text)
        few = sum(len(word.text) for word in words) < FEW_CHARACTERS
        return Page(number, bottom, top, tuple(reading.lines(words)), few and _drawn(page))
    finally:
        text.close()
        page.close()


def _drawn(page: Any) -> bool:
    """True if there is an image on the page, or more strokes than a frame or a rule has."""
    import pypdfium2.raw as pdfium

    strokes = 0
    for thing in page.get_objects(max_depth=_IMAGES):
        if thing.type in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            return True
        strokes += thing.type == pdfium.FPDF_PAGEOBJ_PATH
        if strokes > 40:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
