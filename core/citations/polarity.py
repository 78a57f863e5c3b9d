"""What a sentence affirms, denies and says of a direction, told from its words alone.

Two sentences are compared only where they speak of the same thing. What can turn the sense of a whole
sentence ("loss of", "compared with") makes the comparison of directions abstain: a wrong alarm costs more
than a missed one, which the model behind the rules can still find.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.citations.words import listed, stem
from core.retrieval.lexical import STOP_WORDS

_NEAR = 8  # words to either side of a direction that say what it is of
_SCOPE = 7  # words behind a negation that it can deny
_COMMON = 2  # words that two sentences must share to be compared
_SHARED = 2  # words that two directions must have around them to be of the same thing

_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|unable|lack(?:s|ed|ing)?|fail(?:s|ed|ing)? to|"
    r"absence of|"
    r"absent|un(?:related|associated|changed|affected|likely)|independent of|non-?significant(?:ly)?)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
# What denies the statement it stands in, where "without X" and "lack of X" only say of what it holds.
_DENIAL = re.compile(
    r"(?<!but )\b(?:no|not|never|none|neither|nor|cannot|fail(?:s|ed|ing)? to|un(?:related|associated|"
    r"changed|affected)|"
    r"independent of)\b(?! only)|n['\u2019]t\b",
    re.IGNORECASE,
)
# "Loss of X increases Y" is not "X increases Y", and "lower than" can be said of either of the two.
_REVERSAL = re.compile(
    r"\b(?:lack(?:s|ing)?|absence|deficien\w*|loss|deplet\w+|knock-?(?:outs?|downs?|ed|ing)|delet\w+|withdraw\w*|"
    r"antagonis\w*|unable|absent|rather|mutant|ablat\w+|inactivat\w+|silenc\w+|without|mutants?|mutations?|null|versus|vs|than)\b|-/-",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\W_]+(?:[-'\u2019][^\W_]+)*|[.;:!?]")
_CLAUSE_END = frozenset((*".;:!?", "but", "however", "although", "though", "whereas", "while", "yet"))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What is measured: words for more of it, words for less of it.
AXES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "amount": (
        _set(
            "increase increases increased increasing rise rises rose risen rising raise raises raised "
            "elevate "
            "elevates elevated elevation higher greater more larger enhance enhances enhanced enhancing "
            "upregulate upregulates upregulated up-regulated augment augments augmented"
        ),
        _set(
            "decrease decreases decreased decreasing reduce reduces reduced reducing reduction "
            "reductions lower "
            "lowers lowered lowering decline declines declined declining fewer less diminish diminishes "
            "diminished attenuate attenuates attenuated drop drops dropped fell fall falls downregulate "
            "downregulates downregulated down-regulated smaller"
        ),
    ),
    "quality": (
        _set("improve improves improved improving improvement better ameliorate ameliorates ameliorated"),
        _set("worsen worsens worsened worsening worse deteriorate deteriorates deteriorated exacerbate "
             "exacerbates exacerbated impair impairs impaired"),
    ),
    "action": (
        _set("activate activates activated activation promote promotes promoted promoting induce induces "
             "induced inducing stimulate stimulates stimulated"),
        _set("inhibit inhibits inhibited inhibition suppress suppresses suppressed block blocks blocked "
             "repress represses prevent prevents prevented"),
    ),
    "rank": (_set("superior"), _set("inferior")),
    "effect": (_set("effective efficacious"), _set("ineffective inefficacious")),
    "length": (_set("longer prolong prolongs prolonged"), _set("shorter shorten shortens shortened")),
    "speed": (_set("faster accelerate accelerates accelerated quicker"), _set("slower slows slowed")),
    "time": (_set("earlier"), _set("later")),
    "strength": (_set("stronger"), _set("weaker")),
    "place": (_set("above"), _set("below")),
    "sign": (_set("positively"), _set("negatively inversely")),
    "response": (_set("sensitive susceptible"), _set("resistant insensitive")),
}  # fmt: skip


def _root(word: str) -> str:
    """Return the stem of ``word``, the same for "reduce" and "reduced"."""
    return stem(word).removesuffix("e")


SIGNS: dict[str, tuple[str, int]] = {
    word: (axis, sign)
    for axis, pair in AXES.items()
    for sign, words in zip((1, -1), pair, strict=True)
    for word in words
}
# Words that state something; denying one of them denies the statement, denying "patients" may not.
_STATING = frozenset(
    _root(word)
    for word in (
        *SIGNS,
        *listed(
            """
        associated association linked related relationship correlated correlation affect affects effect
        effects impact influence influences cause causes caused difference differences differ differs
        significant significantly change changes changed play plays role contribute contributes require
        requires required necessary essential sufficient predict predicts predictive protect protects
        protective regulate regulates bind binds interact interacts involved help helps result results lead
        leads recommended safe useful benefit benefits beneficial evidence detected found observed occur
        occurs show shows
"""
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Direction:
    """A word of direction, what it is said of, and whether it is denied.

    Attributes:
        word: as written, lower-cased.
        axis: what it measures: only directions of one axis can be opposed; ``sign`` is 1 or -1 on it.
        near: stems of the words around it.
    """

    word: str
    axis: str
    sign: int
    near: frozenset[str]
    denied: bool


def negated(text: str) -> bool:
    """True if ``text`` holds a word of negation."""
    return bool(_NEGATION.search(text))


def denial_conflict(claim: str, quote: str) -> str:
    """Return the word that only one of the two denies, or "" if they deny the same or none in common.

    A word is denied if it follows a negation within the same clause.
    """
    mine, theirs = _Read(claim), _Read(quote)
    shared = (mine.denied | mine.affirmed) & (theirs.denied | theirs.affirmed)
    if mine.denied & theirs.denied or len(shared) < _COMMON or _unlike(_REVERSAL, claim, quote):
        return ""
    for one, other in ((mine, theirs), (theirs, mine)):
        clash = [word for word in one.order if word in one.denied - one.affirmed and word in other.affirmed]
        if one.denied & _STATING:  # then it is that which must be stated by the other
            clash = [word for word in clash if word in _STATING]
        elif len(set(clash)) < _SHARED:
            continue
        if clash and not other.denied & _STATING:
            return one.written[clash[0]]
    return ""


def denies(text: str, word: str) -> bool:
    """True if ``text`` denies ``word``, in whatever form."""
    return _root(word) in _Read(text).denied


def direction_conflict(claim: str, quote: str) -> tuple[str, str]:
    """Return the opposed words of direction of ``claim`` and ``quote``, or two empty ones."""
    if _unlike(_REVERSAL, claim, quote):
        return "", ""
    theirs = directions(quote)
    for mine in directions(claim):
        alike = [other for other in theirs if other.axis == mine.axis and other.denied == mine.denied]
        shared = max((len(other.near & mine.near) for other in alike), default=0)
        nearest = [other for other in alike if len(other.near & mine.near) == shared]
        if shared >= _SHARED and all(other.sign != mine.sign for other in nearest):
            return mine.word, nearest[0].word
    return "", ""


def directions(text: str) -> list[Direction]:
    """Return the words of direction in ``text``, in order."""
    read, found = _Read(text), []
    for at, word in enumerate(read.tokens):
        if word in SIGNS:
            around = read.tokens[max(0, at - _NEAR) : at] + read.tokens[at + 1 : at + 1 + _NEAR]
            near = frozenset(_root(other) for other in around if _carries(other))
            axis, sign = SIGNS[word]
            found.append(Direction(word, axis, sign, near, at in read.denied_at))
    return found


class _Read:
    """The words of one sentence, and which of them it denies."""

    def __init__(self, text: str) -> None:
        self.tokens = [token.lower() for token in _TOKEN.findall(text)]
        starts = [found.start() for found in _TOKEN.finditer(text)]
        self.denied_at: set[int] = set()
        for cue in _DENIAL.finditer(text):
            first = next((at for at, start in enumerate(starts) if start >= cue.end()), len(starts))
            for at in range(first, min(first + _SCOPE, len(starts))):
                if self.tokens[at] in _CLAUSE_END:
                    break
                self.denied_at.add(at)
        self.order: list[str] = []
        self.written: dict[str, str] = {}
        denied: set[str] = set()
        affirmed: set[str] = set()
        for at, token in enumerate(self.tokens):
            if _carries(token) and not _DENIAL.fullmatch(token):
                word = _root(token)
                self.order.append(word)
                self.written.setdefault(word, token)
                (denied if at in self.denied_at else affirmed).add(word)
        self.denied, self.affirmed = frozenset(denied), frozenset(affirmed)


def _carries(token: str) -> bool:
    return token not in STOP_WORDS and token not in _CLAUSE_END


def _unlike(pattern: re.Pattern[str], claim: str, quote: str) -> bool:
    return bool(pattern.search(claim)) != bool(pattern.search(quote))
