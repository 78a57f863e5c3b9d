"""The records of a library as an index: which documents meet a condition, exactly, and how many there are.

One entry a document, where the word index (``core.retrieval.lexical``) has one a passage. By tantivy, which
is imported inside functions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.protocol import Facets
from core.retrieval.lexical import share_files
from core.retrieval.matching import Matcher, analyzers
from core.retrieval.query import Query, Years
from core.retrieval.word_files import Searcher, open_files, open_to_write, opening
from core.types import Document

Numbers = NDArray[np.int64]
_HEAP = 128_000_000  # bytes the writer may hold before it writes a segment
_WORDS = ("title", "text", "author", "journal", "subject")  # as written, with positions
_STEMS = ("title_stem", "text_stem", "type")  # grammatical forms made equal
# Values, not words; in the order of ``Facets``.
_WHOLE = ("journal_is", "type_is", "subject_is", "language", "source", "collection")
_KEYS = ("pmid", "doi", "pmcid", "notice")


class RecordsIndex:
    """A read-only index of documents, made by ``build``, ``update`` or ``load``."""

    def __init__(self, native: Any) -> None:
        self._native = native
        self._searcher = Searcher(native.searcher())
        self._matcher = Matcher(native.schema, analyzers())
        self._years: Numbers | None = None  # of each number; read when first needed

    @classmethod
    def build(cls, folder: Path, documents: Iterable[tuple[int, Document]]) -> RecordsIndex:
        """Index ``documents``, each with its number, into the existing, empty ``folder``."""
        import tantivy

        native = _with_analyzers(tantivy.Index(_schema(), path=str(folder)))
        return cls(_write(native, (), documents))

    @classmethod
    def update(
        cls,
        folder: Path,
        base_folder: Path,
        removed_numbers: Iterable[int],
        documents: Iterable[tuple[int, Document]],
    ) -> RecordsIndex:
        """Write the index in ``base_folder``, less some documents and with others, into the empty ``folder``.

        A changed document is removed and added. Raises IndexDamaged if the base cannot be read.
        """
        share_files(base_folder, folder)
        return cls(_write(cls._opened(folder, open_to_write)._native, removed_numbers, documents))

    @classmethod
    def load(cls, folder: Path) -> RecordsIndex:
        """Open what ``build`` wrote, writing nothing there; raise IndexDamaged if it cannot be read."""
        return cls._opened(folder, open_files)

    @classmethod
    def _opened(cls, folder: Path, open_: Callable[[Path], Any]) -> RecordsIndex:
        with opening("index of records", folder):
            return cls(_with_analyzers(open_(folder)))

    @property
    def count(self) -> int:
        """Number of documents."""
        return int(self._searcher.num_docs)

    def numbers(self, query: Query | None) -> Numbers:
        """Return the numbers of exactly the documents that meet ``query``, ascending; None is met by all."""
        return self._numbers(self._matcher.native(query))

    def total(self, query: Query | None) -> int:
        """Return how many documents meet ``query``."""
        return int(self._searcher.search(self._matcher.native(query), 1).count)

    def identified(self, **identifiers: Collection[str]) -> Numbers:
        """Return the numbers of the documents with one of these ``pmid``, ``doi`` or ``pmcid``, ascending."""
        found = [
            self._numbers(self._matcher.values(kind, sorted(some))) for kind, some in identifiers.items()
        ]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def newest_first(self, numbers: Numbers) -> Numbers:
        """Return these numbers by year, newest first, those without a year last; then the latest first."""
        if self._years is None:
            self._years = self._read_years()
        return numbers[np.lexsort((-numbers, -self._years[numbers]))]

    def facets(self, query: Query | None, most: int = 200) -> Facets:
        """Return the values of the documents that meet ``query``, the ``most`` common ones of each kind."""
        lists = {
            field: {"terms": {"field": field, "size": most, "segment_size": 10 * most}} for field in _WHOLE
        }
        ends = {name: {name: {"field": "year"}} for name in ("min", "max")}
        found = self._searcher.aggregate(self._matcher.native(query), {**lists, **ends})

        def values(field: str) -> tuple[tuple[str, int], ...]:
            return tuple((each["key"], each["doc_count"]) for each in found[field]["buckets"])

        first, last = found["min"]["value"], found["max"]["value"]
        years = None if first is None or last is None else (int(first), int(last))
        journals, types, subjects, languages, sources, collections = map(values, _WHOLE)
        return Facets(journals, types, subjects, languages, sources, collections, years)

    def _read_years(self) -> Numbers:
        query = self._matcher.native(Years(0, None))
        hits = self._searcher.search(query, max(self.count, 1), count=False, order_by_field="year").hits
        dated = self._searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        numbers = self.numbers(None)
        years = np.zeros(int(numbers[-1]) + 1 if len(numbers) else 0, np.int64)
        years[dated] = [year for year, _ in hits]
        return years

    def _numbers(self, native: Any) -> Numbers:
        import tantivy

        order = tantivy.Order.Asc
        hits = self._searcher.search(
            native, max(self.count, 1), count=False, order_by_field="number", order=order
        ).hits
        return np.fromiter((number for number, _ in hits), np.int64, len(hits))


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for name in ("number", "year"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in _WORDS:
        builder.add_text_field(name, tokenizer_name="words", index_option="position")
    for name in _STEMS:
        builder.add_text_field(name, tokenizer_name="stems", index_option="position")
    for name in _WHOLE:
        builder.add_text_field(name, tokenizer_name="whole", index_option="basic", fast=True)
    for name in _KEYS:
        builder.add_text_field(name, tokenizer_name="whole", index_option="basic")
    return builder.build()


def _with_analyzers(native: Any) -> Any:
    """Make the ways of reading a text known to the index; its file only has their names."""
    from tantivy import TextAnalyzerBuilder, Tokenizer

    for name, analyzer in analyzers().items():
        native.register_tokenizer(name, analyzer)
    # Values that are shown to be chosen from keep their capitals.
    native.register_fast_field_tokenizer("whole", TextAnalyzerBuilder(Tokenizer.raw()).build())
    return native


def _write(native: Any, removed: Iterable[int], documents: Iterable[tuple[int, Document]]) -> Any:
    import tantivy

    writer = native.writer(_HEAP, min(4, os.cpu_count() or 1))
    if gone := list(removed):
        writer.delete_documents_by_query(tantivy.Query.term_set_query(native.schema, "number", gone))
    for number, document in documents:
        writer.add_document(_entry(number, document))
    writer.commit()
    writer.wait_merging_threads()
    native.reload()
    return native


def _entry(number: int, document: Document) -> Any:
    import tantivy

    entry = tantivy.Document()
    entry.add_unsigned("number", number)
    if document.year is not None:
        entry.add_unsigned("year", document.year)
    notices = {
        "retracted": document.retracted,
        "concern": document.concern,
        "corrected": document.corrected,
    }
    subjects = dict.fromkeys((*document.mesh, *document.keywords))
    values: dict[str, Iterable[str]] = {
        "title": [document.title],
        "title_stem": [document.title],
        "text": [document.text],
        "text_stem": [document.text],
        "author": document.authors,
        "journal": [document.journal],
        "journal_is": [document.journal],
        "subject": subjects,
        "subject_is": subjects,
        "type": document.publication_types,
        "type_is": document.publication_types,
        "language": [document.language],
        "source": document.sources,
        "collection": document.collections,
        "pmid": [document.pmid or ""],
        "doi": [document.doi or ""],
        "pmcid": [document.pmcid or ""],
        "notice": [name for name, given in notices.items() if given],
    }
    for field, texts in values.items():
        for text in filter(None, texts):
            entry.add_text(field, text)
    return entry
