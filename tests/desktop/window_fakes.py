"""Stand-ins for what lies outside the window: answers, documents, and small worker programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import LibraryMissing
from core.library.reports import SavedReport
from core.library.retractions import ImportedList
from core.library.shelf import LibraryInfo
from core.protocol import Answered, Done, Event, Facets, Found, Searched, Token, encode
from core.types import (
    Answer,
    Chunk,
    Citation,
    Document,
    DocumentRef,
    Hit,
    LibraryRef,
    Passage,
    Scores,
    SearchResult,
    Section,
    Sentence,
    Timings,
    TokenCounts,
)

# Made up, and filed under a journal and numbers that do not exist.
METHODS = (
    "We randomised 4,384 adults with atrial fibrillation and heart failure to a beta blocker or to placebo. "
    "The main outcome was death from any cause during a mean of 3.3 years."
)
RESULTS = (
    "Beta blockers lowered mortality in patients in sinus rhythm (hazard ratio 0.73) but not in patients "
    "with atrial fibrillation (hazard ratio 0.97). Rates of stroke did not differ. "
    "𝛽-blockers were well tolerated."
)
CONCLUSION = "Beta blockers should not be preferred over other rate-control drugs in these patients."


def make_document(
    number: int = 1, title: str = "Beta blockers in heart failure with atrial fibrillation"
) -> Document:
    text = f"{METHODS}\n\n{RESULTS}\n\n{CONCLUSION}"
    middle = len(METHODS) + 2
    last = middle + len(RESULTS) + 2
    return Document(
        id=f"{number:016x}",
        title=title,
        text=text,
        sections=(
            Section("METHODS", 0, len(METHODS)),
            Section("RESULTS", middle, middle + len(RESULTS)),
            Section("CONCLUSIONS", last, len(text)),
        ),
        pmid=str(900_000 + number),
        doi=f"10.5555/example.{number}",  # 10.5555 is for examples
        authors=("Sample A", "Specimen B", "Model C", "Pattern D", "Muster E", "Exemple F", "Esempio G"),
        journal="Journal of Examples",
        year=2014,
        publication_types=("Journal Article", "Meta-Analysis"),
        language="eng",
    )


def ref(document: Document) -> DocumentRef:
    return DocumentRef(
        document.id,
        document.pmid,
        document.doi,
        document.title,
        document.journal,
        document.year,
        document.publication_types,
        document.retracted,
        document.concern,
        document.corrected,
        library="starter",
    )


def cite(document: Document, quote: str, marker: int, sentence: int, origin: str = "model") -> Citation:
    start = document.text.index(quote)
    return Citation(
        marker, sentence, ref(document), f"{document.id}-0", quote, start, start + len(quote), 0.8, origin
    )


def make_answer(question: str, text: str, citations: tuple[Citation, ...] = (), **changes: object) -> Answer:
    """Return an answer of which each line is one sentence."""
    sentences, start = [], 0
    for number, line in enumerate(text.split("\n")):
        markers = tuple(c.marker for c in citations if c.sentence == number)
        bare = line
        for marker in markers:
            bare = bare.replace(f" [{marker}]", "")
        sentences.append(Sentence(bare, start, start + len(line), markers))
        start += len(line) + 1
    answer = Answer(
        version=1,
        question=question,
        answer=text.replace("\n", " "),
        refused=False,
        reason="",
        sentences=tuple(sentences),
        citations=citations,
        model="smollm2-135m-instruct",
        libraries=(LibraryRef("starter", "1"),),
        settings_hash="0123456789ab",
        seed=1,
        timings=Timings(0.05, 0.4, 2.1),
        tokens=TokenCounts(900, 60),
        notice="AI-generated from the cited library. Check the sources. Not medical advice.",
    )
    return replace(answer, **changes)


def make_passage(document: Document, key: int = 1) -> Passage:
    chunk = Chunk(key, document.id, 0, 0, len(document.text), document.text)
    return Passage(chunk, ref(document), Scores(0.7, 8.0, 0.9))


def say(*events: Event) -> str:
    """Python source that writes ``events`` as a worker would."""
    return f"sys.stdout.write({b''.join(map(encode, events)).decode()!r}); sys.stdout.flush()\n"


def worker(script: str) -> list[str]:
    """The command of a worker that runs ``script`` for each question, and is warm at once.

    ``request`` is the request; ``heard()`` waits for the next line of input.
    """
    source = (
        "import json, os, signal, sys, time\n"
        'def heard(): return json.loads(sys.stdin.readline() or \'{"kind": "end"}\')\n'
        "while (request := heard())['kind'] != 'end':\n"
        "    if request['kind'] == 'Cancel': continue\n"
        "    if request['kind'] == 'Warm':\n"
        f"        {say(Done())}"
        "        continue\n"
    )
    return [sys.executable, "-c", source + "".join(f"    {line}\n" for line in script.splitlines())]


def answering(answer: Answer, *passages: Passage) -> str:
    """A script that streams ``answer`` and ends well."""
    words = [Token(word + " ") for word in answer.answer.split(" ")]
    return say(Found(passages), *words, Answered(answer), Done())


def make_hit(document: Document, quote: str, rank: int = 1, scores: Scores | None = None) -> Hit:
    start = document.text.index(quote)
    found = scores or Scores(0.7, 8.0, 0.9)
    return Hit(rank, ref(document), quote, start, start + len(quote), found)


def finding(result: SearchResult, facets: Facets = Facets()) -> str:  # noqa: B008
    """A script that answers each search with ``result``, and lists ``facets``."""
    listed, found = say(facets, Done()).strip(), say(Searched(result), Done()).strip()
    return f"if request['kind'] == 'ListFacets': {listed}\nif request['kind'] == 'Search': {found}\n"


class FakeLibraries:
    """The library "starter", and ``others``, that hold these documents; none when there are none."""

    def __init__(self, documents: Sequence[Document] = (), others: Sequence[str] = ()) -> None:
        self.documents = documents
        self.others = others
        self.saved: Sequence[SavedReport] = ()
        self.retractions: Sequence[ImportedList] = ()

    def names(self) -> Sequence[str]:
        return ["starter", *self.others] if self.documents else []

    def info(self, name: str) -> LibraryInfo:
        count = len(self.documents)
        return LibraryInfo(name, "1", count, 3 * count, 1_400_000, "2026-11-02T10:00:00+00:00", "minilm")

    def before(self, name: str) -> LibraryInfo | None:
        return None

    def revert(self, name: str) -> LibraryInfo:
        raise LibraryMissing("There is no version before.", "")

    def use(self, name: str, version: str) -> None:
        raise LibraryMissing("There is no such version.", "")

    def document(self, library: LibraryRef, document: str) -> Document | None:
        return next((one for one in self.documents if one.id == document), None)

    def original(self, library: LibraryRef, document: Document) -> Path | None:
        return Path(document.original) if document.original else None

    def retraction_lists(self) -> Sequence[ImportedList]:
        return self.retractions

    def history(self, name: str) -> Sequence[LibraryInfo]:
        return [self.info(name)]

    def rollback(self, name: str, version: str) -> LibraryInfo:
        raise LibraryMissing("There is no such version.", "")

    def reports(self, name: str) -> Sequence[SavedReport]:
        return self.saved

    def page(self, name: str, offset: int, limit: int) -> Sequence[Document]:
        return self.documents[offset : offset + limit]
