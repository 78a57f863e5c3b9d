"""What reference managers and databases write into their fields, made into documents.

The fields have the names that a user may give to the columns of a table; each holds its values in the order
in which they are to be believed. A record's own number or name is not taken: exports repeat those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from core.library.readers.abstracts import structured
from core.library.readers.kinds import publication_types, retracted_by
from core.library.readers.language_names import language_of
from core.library.records import clean, clean_doi, clean_line, clean_pmcid, clean_pmid, make_document, year_in
from core.types import Document

Values = Mapping[str, Sequence[str]]

_PUBMED = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed|pubmed\.gov|europepmc\.org/\w+/med)/(\d{1,8})\b|"
    r"\bPMID\s*[:=]?\s*(?:NLM)?(\d{1,8})\b",
    re.IGNORECASE,
)
_PMC = re.compile(r"\b(PMC\d{4,9})\b")
_DOI = re.compile(r"(?:doi\.org/|\bdoi\s*[:=]?\s*)(10\.\d{4,9}/[^\s\"<>&]+)", re.IGNORECASE)
_BARE_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_LISTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_INITIALS = re.compile(r"\S.* (?:[A-Z]\.?[\s-]?){1,5}(?:[Jj]r\.?|[Ss]r\.?|II|III)?\.?")
_SEPARATED = re.compile(r"\s*[;\n|]\s*")
_NUMBER = re.compile(r"\s*\(\d+\)")
_COMMAS = re.compile(r",\s+(?![^()]*\))")  # none inside brackets
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_IS_LIST = re.compile(r"\s*\[['\"].*['\"]\]\s*$", re.DOTALL)


def document_of(values: Values, source: str) -> Document:
    """Return the document of one exported record. Raises ValueError if there is neither title nor text."""
    titles = [line for value in values.get("title", ()) if (line := clean_line(value))]
    title = titles[0] if titles else ""
    types = publication_types(values.get("type", ()))
    links = values.get("links", ())
    return make_document(
        title=title,
        sections=structured(_abstract(values.get("abstract", ()))),
        source=source,
        pmid=_pmid(values.get("pmid", ()), links),
        doi=_doi(values.get("doi", ()), links),
        pmcid=_pmcid(values.get("pmcid", ()), links),
        authors=[name for value in values.get("authors", ()) for name in names(value)],
        journal=_first(values.get("journal", ())),
        year=next((year for value in values.get("year", ()) if (year := year_in(value))), None),
        publication_types=types,
        mesh=[term for value in values.get("mesh", ()) for term in terms(value)],
        keywords=[term for value in values.get("keywords", ()) for term in terms(value)],
        language=_language(values.get("language", ())),
        retracted=retracted_by(types, title),
    )


def names(value: str) -> Iterator[str]:
    """Yield the names of persons in ``value``: of several, one a line, or with ``;`` or ``|`` between them.

    Commas part names only where each ends in initials ("Smith J, Doe A"): "Marx, Karl" is one person. Numbers
    that Scopus puts behind names go.
    """
    value = _NUMBER.sub("", _unlisted(value))
    for part in _SEPARATED.split(value):
        by_comma = [name for name in part.rstrip(",").split(", ") if name]
        if len(by_comma) > 1 and all(_INITIALS.fullmatch(name.strip()) for name in by_comma):
            yield from by_comma
        else:
            yield part


def terms(value: str) -> Iterator[str]:
    """Yield the subject terms in ``value``, one a line or with ``;`` between them, else with commas.

    A star for main terms and qualifiers (``Boswellia/*chemistry``, ``cyst (diagnosis, surgery)``) go.
    """
    value = _unlisted(value)
    parts = _SEPARATED.split(value)
    if len(parts) == 1 and len(by_comma := _COMMAS.split(value)) > 2:
        parts = by_comma
    for part in parts:
        yield bare_term(part)


def bare_term(term: str) -> str:
    """Return a subject term without star and qualifiers."""
    term = term.strip().replace("*", "")
    heading, slash, qualifier = term.partition("/")
    if slash and qualifier[:1].islower() and not heading.endswith(("and", "or")):
        term = heading
    return term


def _unlisted(value: str) -> str:
    """Return the items of a list written as Python or JSON does, one a line; anything else as it is."""
    value = value.strip()
    if not (value.startswith("[") and value.endswith("]")):
        return value
    found = [_ESCAPED.sub(_character, single or double) for single, double in _LISTED.findall(value)]
    return "\n".join(found) if found else value.strip("[]").strip()


def _character(escaped: re.Match[str]) -> str:
    return " " if escaped[1] in "nrt" else escaped[1]


def _abstract(values: Sequence[str]) -> str:
    """Return the longest; "Abstract" before it is no part of it."""
    whole = (_unlisted(value) if _IS_LIST.match(value) else value for value in values)
    longest = max((clean(value) for value in whole), key=len, default="")
    return re.sub(r"^abstract\s*[:.\n]\s*", "", longest, count=1, flags=re.IGNORECASE)


def _pmid(values: Iterable[str], links: Iterable[str]) -> str | None:
    for value in values:
        if found := clean_pmid(
            re.sub(r"^\s*(?:PMID|pubmed)\s*:?\s*|\s*\[pmid\]$", "", value, flags=re.IGNORECASE)
        ):
            return found
    found_in = (match for link in links if (match := _PUBMED.search(link)))
    return next((clean_pmid(match[1] or match[2]) for match in found_in), None)


def _doi(values: Iterable[str], links: Iterable[str]) -> str | None:
    plain = [_unescaped(value) for value in values]
    candidates = [*plain, *(match[0] for value in plain if (match := _BARE_DOI.search(value)))]
    candidates += [match[1] for link in links if (match := _DOI.search(_unescaped(link)))]
    return next((doi for each in candidates if (doi := clean_doi(each))), None)


def _unescaped(value: str) -> str:
    return unquote(value) if re.search(r"10\.\d{4,9}%2f", value, re.IGNORECASE) else value


def _pmcid(values: Iterable[str], links: Iterable[str]) -> str | None:
    found = next((pmcid for value in values if (pmcid := clean_pmcid(value))), None)
    return found or next((match[1] for link in links if (match := _PMC.search(link))), None)


def _language(values: Iterable[str]) -> str:
    """Return the code of the first language that is known."""
    parts = (part for value in values for part in re.split(r"[;,/\n]| and ", _unlisted(value)))
    return next((code for part in parts if (code := language_of(part))), "")


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value.strip()), "")
