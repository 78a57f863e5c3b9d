"""Questions of how many and which, answered from the records; no language model has a part in it.

Only what certainly asks for documents is taken: "how many trials of metformin since 2015", not "how many
trials showed a benefit", which is for reading. What is left over after all known parts makes it uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from core.retrieval.lexical import STOP_WORDS
from core.retrieval.query import Query, Term, Years, all_of, any_of, printed
from core.retrieval.retriever import Retriever
from core.settings import RetrievalSettings
from core.types import Counted, Filters

IsJournal = Callable[[str], bool]
_SHOWN = 10  # documents named
_LONGEST = 300  # characters; a longer question tells a story
_MOST_WORDS = 8  # of a topic

# What is counted -> its publication type, as words of the search language; none for any document.
_NOUNS = (
    (
        r"randomi[sz]ed (?:controlled |clinical )*trials?|rcts?",
        Term("type", "randomized controlled trial", "phrase"),
    ),
    (r"(?:controlled |clinical )*trials?", Term("type", "trial", "words")),
    (r"systematic reviews?", Term("type", "systematic review", "phrase")),
    (r"meta-?\s?analys[ei]s", Term("type", "meta-analysis", "phrase")),
    (r"(?:review articles?|reviews?)", Term("type", "review", "words")),
    (r"(?:clinical |practice )*guidelines?", Term("type", "guideline", "words")),
    (r"case reports?", Term("type", "case report", "phrase")),
    (r"observational stud(?:y|ies)", Term("type", "observational study", "phrase")),
    (r"editorials?", Term("type", "editorial", "words")),
    (r"preprints?", Term("type", "preprint", "words")),
    (r"(?:papers?|articles?|publications?|documents?|records?|abstracts?|studies)", None),
)
_START = re.compile(
    r"(?:please\s+)?(?:how many|(?:what is the )?number of|count|list|show(?: me)?|find|which|what)\s+"
    r"(?:of\s+)?(?:all\s+)?(?:the\s+|my\s+)?",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"\b(?:(?:are|is) there|do (?:you|we|i) have|(?:are|were|was|have been) published|(?:are|is) available"
    r"|(?:are )?in (?:the|my|our|this|these) librar(?:y|ies)|published|exist|available)\b",
    re.IGNORECASE,
)
_YEAR = r"((?:19|20)\d\d)"
_DATES = (
    (rf"\b(?:between|from)\s+{_YEAR}\s+(?:and|to|until)\s+{_YEAR}\b", lambda a, b: Years(a, b)),
    (rf"\b(?:in|from)?\s*{_YEAR}\s*[-\u2013]\s*{_YEAR}\b", lambda a, b: Years(a, b)),
    (rf"\bsince\s+{_YEAR}\b", lambda a: Years(a, None)),
    (rf"\bfrom\s+{_YEAR}\s+(?:on|onwards?)\b", lambda a: Years(a, None)),
    (rf"\bafter\s+{_YEAR}\b", lambda a: Years(a + 1, None)),
    (rf"\bbefore\s+{_YEAR}\b", lambda a: Years(None, a - 1)),
    (rf"\b(?:until|up to)\s+{_YEAR}\b", lambda a: Years(None, a)),
    (rf"\b(?:in|from|of)\s+{_YEAR}\b", lambda a: Years(a, a)),
)
_AUTHOR = re.compile(r"\bby\s+((?!The\b)[A-Z][\w'\u2019-]+(?:\s+[A-Z]{1,3}\b\.?)?)(?:\s+et al\.?)?")
_JOURNAL = re.compile(
    r"\b(?:in|from)\s+(?:the\s+|journal\s+)*((?:[A-Z][\w&'-]*)(?:\s+(?:of|and|for|the|[A-Z][\w&'-]*))*)"
)
_LINK = re.compile(
    r"^(?:(?:that |which )?(?:mention|discuss|address|cover|concern)(?:s|ing|ed)?|about|on|of|for|with|in"
    r"|regarding|concerning|involving|are about|dealing with|deal with)\s+",
    re.IGNORECASE,
)
# Words that ask for what documents say, which only reading tells.
_READING = re.compile(
    r"\b(?:show\w*|found|finds?|recommend\w*|suggest\w*|support\w*|compar\w+|reduc\w+|improv\w+|caus\w+|prevent(?:s|ed)?"
    r"|need\w*|requir\w*|includ\w+|enrol\w*|report(?:s|ed)|conclud\w+|agree\w*|better|best|worse|more|less|most|than"
    r"|is|are|was|were|be|been|do|does|did|has|have|had|can|could|should|would|will|must|may|might"
    r"|how|why|when|where|who|whether|if|because|you|we|i)\b",
    re.IGNORECASE,
)
# Words in -ed that name things; any other may be what the documents did.
_ADJECTIVES = frozenset(
    (
        *("inhaled", "combined", "repeated", "advanced", "unfractionated", "conjugated", "attenuated", "red"),
        *("assisted", "guided", "induced", "related", "associated", "based", "acquired", "delayed", "bed"),
        *("fixed", "modified", "mediated", "pooled", "prolonged", "raised", "elevated", "unexplained"),
        *("undifferentiated", "activated", "targeted"),
    )
)


def count(
    question: str, retriever: Retriever, settings: RetrievalSettings, filters: Filters
) -> Counted | None:
    """Return the documents that a question of counting or listing asks for; None for any other question."""

    def is_journal(name: str) -> bool:
        journal = Term("journal", name, "phrase")
        return any(library.records.total(journal) for library in retriever.libraries)

    if (query := asked_for(question, is_journal)) is None:
        return None
    listing = retriever.listing(query, filters, settings, _SHOWN)
    return Counted(printed(query), listing.total, listing.documents)


def asked_for(question: str, is_journal: IsJournal) -> Query | None:
    """Return the conditions of a question of how many or which; None if it is not certainly one.

    ``is_journal`` says if some document is from a journal of that name.
    """
    text = " ".join(question.split()).rstrip(" ?.!")
    start = _START.match(text)
    if start is None or len(text) > _LONGEST:
        return None
    rest = text[start.end() :]
    for pattern, kind in _NOUNS:
        if found := re.match(rf"(?:{pattern})\b", rest, re.IGNORECASE):
            return _conditions(kind, rest[found.end() :], is_journal)
    return None


def _conditions(kind: Term | None, rest: str, is_journal: IsJournal) -> Query | None:
    """Take the known parts out of what follows the noun; None if something else is left."""
    rest = _FILLERS.sub(" ", rest)
    years, rest = _dates(rest)
    author = None
    if found := _AUTHOR.search(rest):
        name = found[1].rstrip(".")
        author = Term("author", name, "phrase" if " " in name else "words")
        rest = _without(rest, found)
    journal = None
    if (found := _JOURNAL.search(rest)) and is_journal(found[1]):
        journal = Term("journal", found[1], "phrase" if " " in found[1] else "words")
        rest = _without(rest, found)
    topics = _topics(rest)
    if topics is None:
        return None
    return all_of([kind, *topics, author, journal, years])


def _dates(rest: str) -> tuple[Years | None, str]:
    for pattern, meaning in _DATES:
        if found := re.search(pattern, rest, re.IGNORECASE):
            return meaning(*map(int, found.groups())), _without(rest, found)
    return None, rest


def _topics(rest: str) -> list[Query | None] | None:
    """Return the conditions of "on asthma in children", none for nothing; None if it says something else."""
    rest = rest.strip(" ,")
    if not rest:
        return []
    link = _LINK.match(rest)
    if link is None:
        return None
    topic = rest[link.end() :]
    quoted = [Term("", phrase, "phrase") for phrase in re.findall(r'"([^"]*\w[^"]*)"', topic)]
    topic = re.sub(r'"[^"]*"', " ", topic)
    if _READING.search(topic) or re.search(r"\d{4}", topic):
        return None
    groups = [re.findall(r"[^\W_][\w-]*", part) for part in re.split(r"\bor\b", topic, flags=re.IGNORECASE)]
    words = [[word for word in group if word.lower() not in STOP_WORDS] for group in groups]
    done = (word for group in words for word in group if word.lower().endswith("ed"))
    if any(word.lower().rpartition("-")[2] not in _ADJECTIVES for word in done):
        return None
    if sum(map(len, words)) > _MOST_WORDS or not (quoted or any(words)):
        return None
    anyhow = any_of(all_of(Term("", word, "words") for word in group) for group in words if group)
    return [*quoted, anyhow]


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
