"""The values that travel between the rooms: frozen, slotted, with next to no behaviour.

Offsets count Unicode code points (Python string indices) and are half-open: ``text[start:end]``.
Times are seconds. Scores say their range where they are declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SearchMode = Literal["hybrid", "dense", "lexical"]
Fusion = Literal["normalised", "reciprocal_rank"]
Origin = Literal["model", "search"]


@dataclass(frozen=True, slots=True)
class Section:
    """A labelled part of a document's text, such as METHODS; ``label`` may be empty."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One abstract, card or guideline, as stored. Make it with ``core.library.records.make_document``.

    Attributes:
        id: hash of the content, 16 hexadecimal digits; a changed document has another id.
        text: what is searched, quoted and shown: the sections one after another, with a blank line
            between them; the title where there is nothing else. Labels are not part of it.
        sections: cover ``text`` in order, without overlap.
        language: ISO 639-2 code as in PubMed ("eng"), or empty when unknown.
        source: name of the file the record came from, without its folder.
        retracted: the record itself says that the publication was retracted.
        external_id: what the source file calls the record (``id`` or ``_id`` of JSONL), or empty.
    """

    id: str
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    pmid: str | None = None
    doi: str | None = None
    pmcid: str | None = None
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: int | None = None
    publication_types: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    language: str = ""
    source: str = ""
    retracted: bool = False
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """What identifies a document to a reader: enough for a reference list, without the text."""

    id: str
    pmid: str | None
    doi: str | None
    title: str
    journal: str
    year: int | None
    publication_types: tuple[str, ...]
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be taken into a library; ``record`` counts from 1, 0 is the file itself."""

    file: str
    record: int
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document's text that is indexed and retrieved as one piece.

    Attributes:
        key: the chunk's number in its library version; the id in the dense and lexical indexes.
        document_id: id of the document it belongs to.
        ordinal: position among the chunks of its document, from 0.
        start, end: offsets into the document's text.
        text: exactly ``document.text[start:end]``.
    """

    key: int
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """Name of the chunk that stays the same while its document does."""
        return f"{self.document_id}-{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a passage was found.

    Attributes:
        dense: cosine similarity with the question in [-1, 1]; None when not searched by vectors.
        lexical: BM25 score, >= 0, unbounded; None when no query word occurs or not searched by words.
        fused: what the ranking is by: in [0, 1] for normalised fusion, small for reciprocal rank.
    """

    dense: float | None
    lexical: float | None
    fused: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk with its document and scores."""

    chunk: Chunk
    document: DocumentRef
    scores: Scores


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of some text: ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """The link from one sentence of an answer to the words of a document that it rests on.

    Attributes:
        marker: the number shown as ``[n]``: the passage's place in the prompt, from 1.
        sentence: index of the answer sentence, from 0; -1 for the question itself (``Answer.closest``).
        document: the cited document.
        chunk_id: ``Chunk.id`` of the passage.
        quote: exactly ``document.text[start:end]``.
        start, end: offsets into the document's text.
        score: agreement of sentence and quote in [0, 1] (see ``core.citations.spans``); not a probability.
        origin: "model" if the model wrote the marker, "search" if the quote was found afterwards.
    """

    marker: int
    sentence: int
    document: DocumentRef
    chunk_id: str
    quote: str
    start: int
    end: int
    score: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, markers removed.

    Attributes:
        start, end: offsets of the sentence, its markers included, in ``Answer.answer``.
        citations: the markers it carries, ascending; each has one entry in ``Answer.citations``.
    """

    text: str
    start: int
    end: int
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LibraryRef:
    """Which state of which library was asked."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds from the start of the question; ``first_token_s`` is None when nothing was generated."""

    retrieve_s: float
    first_token_s: float | None
    total_s: float


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of the language model."""

    prompt: int
    generated: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything known about one answer; what ``vademecum ask --json`` prints.

    Attributes:
        version: of this schema.
        answer: the text with resolved ``[n]`` markers; the refusal in words when ``refused``.
        refused: True when no evidence was close enough, or the model found no answer in what it read.
        reason: why it was refused, or empty.
        citations: ordered by sentence, then marker.
        nearest: the documents that came closest to the question, nearest first; read, unless refused.
        closest: the sentences that were read and come closest to the question, nearest first; what there is
            to hold on to when no sentence of the answer has a source, or there is no answer.
        stopped: the user stopped the generation; the text is what there was.
        library: None when asked without retrieval.
        settings_hash: the same for equal settings, model and prompt version.
        alternatives: further texts when more than one answer was asked for.
    """

    version: int
    question: str
    answer: str
    refused: bool
    reason: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    model: str
    library: LibraryRef | None
    settings_hash: str
    seed: int
    timings: Timings
    tokens: TokenCounts
    nearest: tuple[DocumentRef, ...] = ()
    closest: tuple[Citation, ...] = ()
    stopped: bool = False
    notice: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and its answer, markers included."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a search result; ``document`` text ``[start:end]`` is ``quote``."""

    rank: int
    document: DocumentRef
    quote: str
    start: int
    end: int
    scores: Scores


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What ``vademecum search --json`` prints; ``searched`` counts chunks."""

    version: int
    hits: tuple[Hit, ...]
    searched: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What ``vademecum library add --json`` prints. The first four count records of this import.

    ``documents`` and ``chunks`` count what the library holds afterwards.
    """

    version: int
    added: int
    updated: int
    duplicates: int
    failed: int
    report: tuple[Rejected, ...]
    documents: int
    chunks: int
    seconds: float
