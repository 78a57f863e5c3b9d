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
Support = Literal["supported", "weak", "unsupported", "contradicted"]
Mode = Literal["research", "review", "clinical", "patient"]  # what an answer is for; see ``core.modes``
# Kinds of evidence by publication type, in the order that is usual; see ``core.library.grades``.
Grade = Literal[
    "guideline",
    "systematic review",
    "randomised trial",
    "trial",
    "observational study",
    "review",
    "case report",
    "letter",
    "preprint",
]


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
        pages: where the pages of a paged file begin in ``text``, ascending, page 1 first (at 0 always); empty
            for a document without pages.
        mesh: MeSH headings without qualifiers; ``keywords`` are the record's other subject terms.
        language: ISO 639-2 code as in PubMed ("eng"), or empty when unknown.
        retracted, concern, corrected: the record itself says that the publication was retracted, that an
            expression of concern was published, or an erratum.
        external_id: what the source file calls the record (``id`` or ``_id`` of JSONL), or empty.
        revised: when the database last revised the record (PubMed's DateRevised), "2024-03-01", or empty.
        sources: names of the files the record came from, without their folders (archives: "a.zip/b.ris").
        collections: names of the groups the user has put it in.
        original: name under which the library keeps the file itself, so that its pages can be shown; from a
            reader, the path of that file; empty for others.
    """

    id: str
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()
    pmid: str | None = None
    doi: str | None = None
    pmcid: str | None = None
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: int | None = None
    publication_types: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    language: str = ""
    retracted: bool = False
    concern: bool = False
    corrected: bool = False
    external_id: str = ""
    revised: str = ""
    sources: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    original: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """What identifies a document to a reader: enough for a reference list, without the text.

    Attributes:
        retracted: says so itself, or is on a list of retractions that was imported.
        library: name of the library it was found in, or empty.
    """

    id: str
    pmid: str | None
    doi: str | None
    title: str
    journal: str
    year: int | None
    publication_types: tuple[str, ...]
    retracted: bool = False
    concern: bool = False
    corrected: bool = False
    library: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be taken into a library; ``record`` counts from 1, 0 is the file itself."""

    file: str
    record: int
    reason: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record that asks for the document of this PMID to be removed, as PubMed's update files do."""

    file: str
    record: int
    pmid: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document's text that is indexed and retrieved as one piece.

    Attributes:
        key: the chunk's number in its library version; the id in the dense and lexical indexes.
        document_id: id of the document it belongs to.
        ordinal: position among the chunks of its document, from 0.
        start, end: offsets into the document's text.
        text: exactly ``document.text[start:end]``.
        page: number of the page on which it begins, from 1; None for a document without pages.
    """

    key: int
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    page: int | None = None

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
        fused: both combined: in [0, 1] for normalised fusion, small for reciprocal rank.
        rerank: score of the reranker, unbounded, by which the ranking then is; None without one.
    """

    dense: float | None
    lexical: float | None
    fused: float
    rerank: float | None = None


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
        page: number of the page on which the quote begins, from 1; None for a document without pages.
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
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents count. Conditions are joined by AND, the values of one by OR; none lets all through.

    Attributes:
        year_from, year_to: inclusive; a document without a year passes only if neither is given.
        journals, publication_types, languages, sources, collections: whole values, capitals apart.
        minimum_grade: this kind of evidence or one before it in the order of the settings.
        subjects: MeSH headings or keywords, as the records have them.
        retracted: let retracted publications through.
    """

    year_from: int | None = None
    year_to: int | None = None
    journals: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    minimum_grade: Grade | None = None
    subjects: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    retracted: bool = False


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether quotes bear out a sentence; see ``core.citations.support``.

    Attributes:
        label: "weak" if the quote is close but does not settle it.
        score: how likely the quote supports the sentence, in [0, 1].
        reasons: in words, for the reader; may be empty.
    """

    label: Support
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, markers removed.

    Attributes:
        start, end: offsets of the sentence, its markers included, in ``Answer.answer``.
        citations: the markers it carries, ascending; each has one entry in ``Answer.citations``.
        verdict: what the check of its citations found; None if it was not checked.
    """

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """One publication as a row of a table, told from its record and its own words alone.

    Attributes:
        marker: its number in the answer; studies that were found but not read have the numbers after.
        design: the strongest kind of evidence among its publication types; None where they name none.
        population: words of the document that say who was studied, or empty.
        finding: the words of it that the answer rests on.
    """

    marker: int
    document: DocumentRef
    design: Grade | None
    population: str
    finding: Citation


@dataclass(frozen=True, slots=True)
class Side:
    """Studies that point one way; ``stance`` says which, in words, such as "reports an increase"."""

    stance: str
    studies: tuple[Study, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Studies that point different ways on the same thing; ``reason`` says in words how they do."""

    reason: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word of an answer that a lay reader may not know, and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class LibraryRef:
    """Which state of which library was asked."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents match, exactly, told from their records.

    Attributes:
        query: the conditions as they were understood, in the language of the search field.
        total: documents that match.
        documents: the newest of them.
    """

    query: str
    total: int
    documents: tuple[DocumentRef, ...]


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
        libraries: those that were searched; none when asked without retrieval.
        settings_hash: the same for equal settings, model and prompt version.
        alternatives: further texts when more than one answer was asked for.
        counted: the exact count, when the question was one of how many or which; the answer is then made from
            the records, without a model.
        mode: what the answer is for.
        evidence_only: there is no prose, only quotes (``closest``); ``answer`` says so, ``reason`` why.
        disagreements: of the studies that were read, cited or not.
        studies: those that were found and are close enough, a row each, best first; in a literature review.
        reading_grade: years of school in the United States that reading the answer takes (Flesch-Kincaid); in
            patient education.
        glossary: terms of the answer with their meanings; in patient education.
        emergency: a fixed notice, when the question names symptoms that cannot wait; also set when refused.
        confidence: closeness of the best passage to the question (cosine, at least 0) times the score of
            the best sentence that a quote supports at least weakly (0 if none does), in [0, 1]; kept also
            when the prose was withdrawn. It orders answers and is no probability. None if nothing was
            written or nothing could be checked.
    """

    version: int
    question: str
    answer: str
    refused: bool
    reason: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    model: str
    libraries: tuple[LibraryRef, ...]
    settings_hash: str
    seed: int
    timings: Timings
    tokens: TokenCounts
    nearest: tuple[DocumentRef, ...] = ()
    closest: tuple[Citation, ...] = ()
    stopped: bool = False
    notice: str = ""
    alternatives: tuple[str, ...] = ()
    counted: Counted | None = None
    mode: Mode = "research"
    evidence_only: bool = False
    disagreements: tuple[Disagreement, ...] = ()
    studies: tuple[Study, ...] = ()
    reading_grade: float | None = None
    glossary: tuple[Term, ...] = ()
    emergency: str = ""
    confidence: float | None = None
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and its answer, markers included."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a search result; ``document`` text ``[start:end]`` is ``quote``, beginning on ``page``."""

    rank: int
    document: DocumentRef
    quote: str
    start: int
    end: int
    scores: Scores
    page: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What ``vademecum search --json`` prints.

    Attributes:
        version: of this schema.
        hits: one page of the ranking: ``hits[0].rank`` is 1 + the offset that was asked for.
        searched: chunks that were searched.
        matched: documents that match exactly, when the query has fields, quotes or operators; None for plain
            language, where everything is a matter of degree.
        understood: the query as it was understood, such as ``title:asthma AND NOT children``; empty for plain
            language.
    """

    version: int
    hits: tuple[Hit, ...]
    searched: int
    seconds: float
    matched: int | None = None
    understood: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of the records of one file; ``format`` in words, such as "PubMed XML"."""

    file: str
    format: str
    added: int
    updated: int
    duplicates: int
    deleted: int
    failed: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What ``vademecum library add --json`` prints.

    Attributes:
        version: of this schema.
        added, updated, duplicates, failed, deleted: records of this import; every one is one of these.
        report: the failed ones, with reasons.
        documents, chunks: what the library holds afterwards.
        files: the same counts, file by file.
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
    deleted: int = 0
    files: tuple[FileReport, ...] = ()
