"""The words on a page of PDFium's, with where they stand and in which font."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from typing import Any

import pypdfium2.raw as pdfium

from core.library.readers.pdf_pages import Word

Box = tuple[float, float, float, float]  # left, bottom, right, top

_BOLD = re.compile(rb"bold|black|heavy|semibold|demi", re.IGNORECASE)
_BOLD_WEIGHT = 600
_HYPHENS = "-\x02\u00ad\u2010\ufffe\uffff"  # what PDFium makes of one that ends a line


def words_of(textpage: Any) -> tuple[list[Word], Box]:
    """Return the words of a ``PdfTextPage`` in PDFium's order, and the box of its page.

    A page whose characters mostly lie on their side is turned.
    """
    page = textpage.raw
    box, words = pdfium.FS_RECTF(), []
    line, held, begun = 0, "", 0
    left = bottom = right = top = 0.0
    for index in range(textpage.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(page, index) & 0x1FFFFF)
        if character.isspace() or character == "\0":
            if held:
                words.append(_word(page, held, begun, (left, bottom, right, top), line))
                held = ""
            line += character == "\n"
            continue
        pdfium.FPDFText_GetLooseCharBox(page, index, box)
        if held and held[-1] in _HYPHENS and _apart(box, bottom, top, right):  # PDFium took out a line end
            words.append(_word(page, held, begun, (left, bottom, right, top), line))
            line, held = line + 1, ""
        if not held:
            begun, left, bottom, right, top = index, box.left, box.bottom, box.right, box.top
        else:
            left, right = min(left, box.left), max(right, box.right)
            bottom, top = min(bottom, box.bottom), max(top, box.top)
        held += character
    if held:
        words.append(_word(page, held, begun, (left, bottom, right, top), line))
    return _upright(words, textpage.page.get_bbox())


def _apart(box: Any, bottom: float, top: float, right: float) -> bool:
    """True if the character in ``box`` is on another line than the word it seems to go on, further left."""
    middle = (box.top + box.bottom) / 2
    return not bottom <= middle <= top and bool(box.left < right)


def _word(page: Any, text: str, index: int, box: Box, line: int) -> Word:
    matrix, flags = pdfium.FS_MATRIX(), ctypes.c_int()
    pdfium.FPDFText_GetMatrix(page, index, matrix)
    size = pdfium.FPDFText_GetFontSize(page, index) * math.hypot(matrix.c, matrix.d)
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(page, index, name, 128, flags)
    bold = pdfium.FPDFText_GetFontWeight(page, index) >= _BOLD_WEIGHT or bool(_BOLD.search(name.value))
    turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
    hyphen = text[-1] in _HYPHENS and len(text) > 1
    if hyphen:
        text = text[:-1] + "-"
    return Word(text, *box, round(size, 1), bold, line, hyphen, turn)


def _upright(words: list[Word], page: Box) -> tuple[list[Word], Box]:
    """Turn words and page so that most of the characters are upright."""
    turns: Counter[int] = Counter()
    for word in words:
        turns[word.turn] += len(word.text)
    turn = turns.most_common(1)[0][0] if turns else 0
    if not turn:
        return words, page
    turned = [Word(w[0], *_turned(w[1:5], turn), *w[5:9], (w.turn - turn) % 4) for w in words]
    return turned, _turned(page, turn)


def _turned(box: Box, turn: int) -> Box:
    """Turn clockwise about the origin: a quarter takes (x, y) to (y, -x)."""
    left, bottom, right, top = box
    for _ in range(turn):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top
