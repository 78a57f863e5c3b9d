"""Where sentences begin and end, in abstracts and in answers."""

from __future__ import annotations

import re

from core.types import Span

# A stop, what closes with it, and reference marks behind it ("was found. [12]"), before white space. The
# look-behind keeps a run of stops from being tried at each of its members. What can begin a match stands
# first and by itself, which makes the search several times as quick.
_STOP = re.compile(
    r"""[.?!\u3002\uff01\uff1f](?:
        (?<=[.?!])(?<![.?!][.?!])
        [.?!]*+ ["')\]\u2019\u201d\u00bb]*+ (?:\ ?\[\d+(?:[,;\u2013-]\ ?\d+)*\])*+ (?=\s|$)
      | (?<=[\u3002\uff01\uff1f]) [\u3002\uff01\uff1f]*+ )""",
    re.VERBOSE,
)
# What a sentence starts with: not a lower-case word, but "mRNA", "p53", "siRNA", "c-Myc" are fine.
_OPENING = re.compile(r"""["'(\[\u2018\u201c\u00ab*\u2022-]*(?:[^\Wa-z_]|[a-z]{1,4}-?[A-Z0-9])""")
_LAST_WORD = re.compile(r"\S*$")
_LINE = re.compile(r"[^\n]+")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the end of a sentence, whatever follows.
_NEVER = _words(
    "e.g i.e eg ie cf vs viz resp ca approx dr prof mr mrs ms st fig figs eq eqs ref refs vol sect "
    "eds sp spp subsp var a.k.a incl excl esp dept univ hosp"
)
# Short for something only before a number: "No. 5", but "the answer was no. The".
_BEFORE_NUMBERS = _words("no nos nr pp p ch art max min")
# The end of a sentence only before a word that usually begins one.
_SOMETIMES = _words("et al etc inc ltd co corp jr sr ph.d m.d u.s u.k a.m p.m")
_SHORT = _NEVER | _BEFORE_NUMBERS | _SOMETIMES
_DOTTED = re.compile(r"[a-z](?:\.[a-z])+")
_BEGINNERS = _words(
    "A After All Although An As At Because Before Both By Conclusion Conclusions Data Despite Each "
    "Findings Five Follow-up For Four From However If In It Its Mean Median Most No None Of On One "
    "Our Outcomes Overall Participants Patients Results Seven Several She Six Some Studies Such Ten "
    "That The Their Then There These They This Those Three Thus To Treatment Two Using We When "
    "Whereas While With"
)
# Behind these a single capital is a name ("hepatitis C."), not an initial ("J. Smith").
_NAMED_BY_LETTER = _words(
    "hepatitis vitamin vitamins type group groups factor class grade protein virus influenza stage "
    "immunoglobulin arm phase cohort category panel apolipoprotein complex cyclin toxin antigen "
    "coenzyme"
)


def sentence_spans(text: str) -> list[Span]:
    """Return the sentences of ``text`` in order, without the white space around them.

    A line end always ends a sentence. Every character that is not white space is in exactly one span.
    """
    spans: list[Span] = []
    for line in _LINE.finditer(text):
        start = line.start()
        for stop in _STOP.finditer(text, line.start(), line.end()):
            if _ends_sentence(text, start, stop.start(), stop.end(), line.end()):
                _append(spans, text, start, stop.end())
                start = stop.end()
        _append(spans, text, start, line.end())
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    """Add ``text[start:end]`` without its outer white space, if anything is left."""
    piece = text[start:end]
    if stripped := piece.strip():
        start += len(piece) - len(piece.lstrip())
        spans.append(Span(start, start + len(stripped)))


def _ends_sentence(text: str, start: int, stop: int, after: int, end: int) -> bool:
    """Decide whether the stop at ``stop``, whose marks end at ``after``, ends the sentence from ``start``."""
    if text[stop] in "\u3002\uff01\uff1f":
        return True
    following = text[after : min(after + 40, end)].lstrip()
    if not following:
        return True
    if not _OPENING.match(following):
        return False
    if text[stop] != "." or after - stop > 1:  # "?", "!", "...", '."', ".)", ". [1]"
        return True
    return not _is_abbreviation(text[max(start, stop - 60) : stop], following.split(maxsplit=1)[0])


def _is_abbreviation(before: str, following: str) -> bool:
    """Tell whether the full stop behind ``before`` only shortens its last word."""
    words = before.rsplit(maxsplit=2)[-2:]
    word = words[-1].lstrip("(['\"\u201c\u2018") if words and not before[-1].isspace() else ""
    if len(word) == 1 and word.isalpha() and word.isupper():
        return not (len(words) > 1 and words[-2].lower() in _NAMED_BY_LETTER)
    lower = word.lower()
    if "." not in lower and lower not in _SHORT:  # nearly all
        return False
    if lower in _NEVER:
        return True
    if lower in _BEFORE_NUMBERS:
        return following[0].isdigit()
    if lower in _SOMETIMES or _DOTTED.fullmatch(lower):
        return following.rstrip(",") not in _BEGINNERS
    return False
