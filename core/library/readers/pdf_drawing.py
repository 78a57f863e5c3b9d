"""Draws pages of a PDF with PDFium, and finds words on them; in the process of ``pdf_worker`` only."""

from __future__ import annotations

import ctypes
import io
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec
import pypdfium2
import pypdfium2.raw as pdfium

from core.library.page_text import locate
from core.library.readers.pdf_pages import Refused
from core.library.readers.pdf_sight import MAX_PIXELS, Box, Draw, Drawn, Find, Found, Request
from core.types import Span

_LONGEST_SIDE = 30  # times the other; a poster or a scroll has less
_FINE = 64  # parts of a point that boxes are measured in
_DAMAGED = "it is damaged"


def serve(document: Any, requests: BinaryIO, out: BinaryIO, watch: Callable[[bool], None]) -> None:
    """Answer ``requests`` about ``document`` until there are no more.

    ``watch(True)`` is called when work on a request begins, ``watch(False)`` when it is done.
    """
    decoder = msgspec.json.Decoder(Request)
    answers = io.BufferedWriter(out)  # one write may take only part of a picture
    for line in requests:
        watch(True)
        request = decoder.decode(line)
        pixels = b""
        reply: Drawn | Found | Refused
        try:
            if isinstance(request, Draw):
                reply, pixels = _drawn(document, request)
            else:
                reply = _found(document, request)
        except (pypdfium2.PdfiumError, IndexError):
            reply = Refused(request.page, _DAMAGED)
        watch(False)
        answers.write(msgspec.json.encode(reply) + b"\n")
        answers.write(pixels)
        answers.flush()


def _drawn(document: Any, request: Draw) -> tuple[Drawn | Refused, bytes]:
    page = document[request.page - 1]
    try:
        width, height = page.get_size()
        shorter, longer = sorted((width, height))
        if not (0 < shorter <= longer <= _LONGEST_SIDE * shorter < math.inf):
            return Refused(request.page, "it has an impossible size"), b""
        scale = min(max(request.width, 1) / width, math.sqrt(MAX_PIXELS / (width * height)))
        if math.ceil(width * scale) * math.ceil(height * scale) > MAX_PIXELS:
            scale *= 0.99  # both sides are rounded up
        bitmap = page.render(scale=scale, prefer_bgrx=True)
        pixels = bytes(bitmap.buffer)
        if bitmap.stride != 4 * bitmap.width:  # rows may be padded
            rows = range(0, bitmap.height * bitmap.stride, bitmap.stride)
            pixels = b"".join(pixels[row : row + 4 * bitmap.width] for row in rows)
        return Drawn(request.page, width, bitmap.width, bitmap.height), pixels
    finally:
        page.close()


def _found(document: Any, request: Find) -> Found:
    if not 1 <= request.page <= len(document):
        return Found(request.page, None)
    page = document[request.page - 1]
    text = page.get_textpage()
    try:
        # Character by character: the index of each is then the one that boxes are asked by.
        codes = (pdfium.FPDFText_GetUnicode(text.raw, index) for index in range(text.count_chars()))
        shown = "".join(chr(code) if code <= sys.maxunicode else "\ufffd" for code in codes)
        ranges = locate(request.text, request.start, request.end, shown)
        boxes = tuple(box for part in ranges or () for box in _boxes(page, text, part))
        return Found(request.page, boxes or None)
    finally:
        text.close()
        page.close()


def _boxes(page: Any, text: Any, part: Span) -> Iterator[Box]:
    """Yield one box for each line of a range of characters."""
    width, height = page.get_size()
    size = (round(width * _FINE), round(height * _FINE))
    sides = [ctypes.c_double() for _ in range(4)]
    for index in range(pdfium.FPDFText_CountRects(text.raw, part.start, part.end - part.start)):
        pdfium.FPDFText_GetRect(text.raw, index, *sides)
        left, top, right, bottom = (side.value for side in sides)
        (x1, y1), (x2, y2) = _shown(page, size, left, top), _shown(page, size, right, bottom)
        yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _shown(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[float, float]:
    """Return where a point of the page is when it is shown: turned, cropped, and from the top."""
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE
