"""Where sentences begin and end, in abstracts and in answers."""

from __future__ import annotations

import re

from core.types import Span

# A stop, what closes with it, and reference marks behind it ("was found. [12]"), before the end of the line
# or what a sentence starts with: not a lower-case word, but "mRNA", "p53", "siRNA", "c-Myc" are fine. Or a
# line end. The group stands before the white space. The look-behind keeps a run of stops from being tried at
# each of its members. What can begin a match stands first and by itself, which makes the search several
# times as quick.
_END = re.compile(
    r"""[.?!\n\u3002\uff01\uff1f](?:
        (?<=[.?!])(?<![.?!][.?!])
        [.?!]*+ ["')\]\u2019\u201d\u00bb]*+ (?:\ ?\[\d+(?:[,;\u2013-]\ ?\d+)*\])*+
        (?= [^\S\n]*(?:\n|$) | \s+["'(\[\u2018\u201c\u00ab*\u2022-]*(?:[^\Wa-z_]|[a-z]{1,4}-?[A-Z0-9]) )
      | (?<=[\u3002\uff01\uff1f]) [\u3002\uff01\uff1f]*+
      | (?<=\n) \s*+ )()[^\S\n]*+""",
    re.VERBOSE,
)


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
_LONGEST = 1 + max(map(len, _SHORT))  # so many letters in a row are none of these
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
    return [Span(start, end) for start, end in sentence_offsets(text)]


def sentence_offsets(text: str) -> list[tuple[int, int]]:
    """Return what ``sentence_spans`` does as pairs of numbers, in two thirds of the time."""
    found: list[tuple[int, int]] = []
    start = len(text) - len(text.lstrip())
    for match in _END.finditer(text, start):
        stop, end = match.start(), match.start(1)
        if text[stop] == "\n":
            end = start + len(text[start:stop].rstrip())
        elif end == stop + 1 and text[stop] == "." and start < stop and _is_abbreviation(text, start, stop):
            continue
        if start < end:
            found.append((start, end))
        start = match.end()
    if rest := text[start:].rstrip():
        found.append((start, start + len(rest)))
    return found


def _is_abbreviation(text: str, start: int, stop: int) -> bool:
    """Tell whether the full stop at ``stop``, in a sentence from ``start``, only shortens a word."""
    if not text[stop - 1].isalpha() or (stop - start >= _LONGEST and text[stop - _LONGEST : stop].isalpha()):
        return False  # most
    words = text[max(start, stop - 60) : stop].rsplit(maxsplit=2)[-2:]
    word = words[-1].lstrip("(['\"\u201c\u2018")
    if len(word) == 1 and word.isupper():
        return not (len(words) > 1 and words[-2].lower() in _NAMED_BY_LETTER)
    lower = word.lower()
    if "." not in lower and lower not in _SHORT:  # nearly all
        return False
    if lower in _NEVER:
        return True
    following = text[stop + 1 : stop + 41].split(maxsplit=1) or [""]
    if lower in _BEFORE_NUMBERS:
        return following[0][:1].isdigit()
    if lower in _SOMETIMES or _DOTTED.fullmatch(lower):
        return following[0].rstrip(",") not in _BEGINNERS
    return False
