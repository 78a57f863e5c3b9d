"""Publication types as databases name them, in the words of PubMed where it has any."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAMES = {
    "article": "Journal Article",
    "journal article": "Journal Article",
    "original article": "Journal Article",
    "research article": "Journal Article",
    "literature review": "Review",
    "review article": "Review",
    "book chapter": "Book Chapter",
    "conference abstract": "Congress",
    "conference paper": "Congress",
    "conference proceeding": "Congress",
    "conference review": "Congress",
    "meeting abstract": "Congress",
    "proceedings paper": "Congress",
    "case report": "Case Reports",
    "correction": "Published Erratum",
    "erratum": "Published Erratum",
    "corrected and republished article": "Corrected and Republished Article",
    "data paper": "Dataset",
    "dataset": "Dataset",
    "dissertation": "Academic Dissertation",
    "editorial material": "Editorial",
    "meta analysis": "Meta-Analysis",
    "news item": "News",
    "preprint": "Preprint",
    "rct": "Randomized Controlled Trial",
    "randomised controlled trial": "Randomized Controlled Trial",
    "retracted": "Retracted Publication",
    "retracted article": "Retracted Publication",
    "retraction": "Retraction of Publication",
    "retraction notice": "Retraction of Publication",
    "thesis": "Academic Dissertation",
}
# What PubMed writes, taken as it is.
_PUBMED = [
    "Academic Dissertation",
    "Biography",
    "Case Reports",
    "Classical Article",
    "Clinical Conference",
    "Clinical Study",
    "Clinical Trial",
    "Clinical Trial Protocol",
    "Clinical Trial, Phase I",
    "Clinical Trial, Phase II",
    "Clinical Trial, Phase III",
    "Clinical Trial, Phase IV",
    "Comment",
    "Comparative Study",
    "Congress",
    "Consensus Development Conference",
    "Controlled Clinical Trial",
    "Dataset",
    "Editorial",
    "English Abstract",
    "Equivalence Trial",
    "Evaluation Study",
    "Expression of Concern",
    "Guideline",
    "Historical Article",
    "Letter",
    "Meta-Analysis",
    "Multicenter Study",
    "Network Meta-Analysis",
    "News",
    "Observational Study",
    "Practice Guideline",
    "Pragmatic Clinical Trial",
    "Preprint",
    "Published Erratum",
    "Randomized Controlled Trial",
    "Retracted Publication",
    "Retraction of Publication",
    "Review",
    "Scoping Review",
    "Systematic Review",
    "Technical Report",
    "Twin Study",
    "Validation Study",
]
KNOWN = {**{name.lower(): name for name in _PUBMED}, **_NAMES}
# Types of a reference manager that say how something was published, not what it is; the codes of RIS as well.
_SAY_NOTHING = frozenset(
    ["book", "generic", "journal", "journalarticle", "magazine", "magazinearticle", "web", "webpage"]
)
_CODE = re.compile(r"[A-Z]{2,6}")
_REFERENCES = {
    "cpaper": "Congress",
    "conf": "Congress",
    "conferencepaper": "Congress",
    "conference proceedings": "Congress",
    "dataset": "Dataset",
    "data": "Dataset",
    "news": "News",
    "newspaperarticle": "News",
    "rprt": "Technical Report",
    "report": "Technical Report",
    "thes": "Academic Dissertation",
    "chap": "Book Chapter",
    "book section": "Book Chapter",
    "booksection": "Book Chapter",
}
_RETRACTED_TITLE = re.compile(r"\W*retracted(?: article)?\W*[:\])]", re.IGNORECASE)


def publication_types(values: Iterable[str]) -> list[str]:
    """Return the types in ``values`` as PubMed names them; several may stand in one, with ``;`` between."""
    found = []
    for value in (part.strip() for text in values for part in re.split(r"[;\n|]", text)):
        key = value.strip("[]'\" ").lower()
        if key in _REFERENCES:
            found.append(_REFERENCES[key])
        elif key in KNOWN:
            found.append(KNOWN[key])
        elif key and key not in _SAY_NOTHING and not _CODE.fullmatch(value):
            found.append(value.strip("[]'\" "))
    return list(dict.fromkeys(found))


def named_alone(lines: Iterable[str]) -> list[str]:
    """Return the lines that are nothing but a known publication type, as EndNote has them among its notes."""
    return [KNOWN[line.strip().lower()] for line in lines if line.strip().lower() in KNOWN]


def retracted_by(types: Iterable[str], title: str) -> bool:
    """True if the record says of itself that it was retracted; the notice of a retraction does not."""
    types = list(types)
    notice = "Retraction of Publication" in types
    return "Retracted Publication" in types or (not notice and _RETRACTED_TITLE.match(title) is not None)
