"""The records of a library as an index: which documents meet a condition, exactly, and how many there are.

One entry a document, where the word index (``core.retrieval.lexical``) has one a passage. By tantivy, which
is imported inside functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import IndexDamaged
from core.retrieval.lexical import share_files
from core.types import Document

Numbers = NDArray[np.int64]
_HEAP = 128_000_000  # bytes the writer may hold before it writes a segment
_WORDS = ("title", "text", "author", "journal", "subject")  # as written, with positions
_STEMS = ("title_stem", "text_stem", "type")  # grammatical forms made equal
_WHOLE = ("journal_is", "subject_is", "type_is", "language", "source", "collection")  # values, not words
_KEYS = ("pmid", "doi", "notice")


class RecordsIndex:
    """A read-only index of documents, made by ``build``, ``update`` or ``load``."""

    def __init__(self, native: Any) -> None:
        self._native = native
        self._searcher = native.searcher()

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
        return cls(_write(cls.load(folder)._native, removed_numbers, documents))

    @classmethod
    def load(cls, folder: Path) -> RecordsIndex:
        """Open what ``build`` wrote; raise IndexDamaged if it cannot be read."""
        import tantivy

        try:
            return cls(_with_analyzers(tantivy.Index.open(str(folder))))
        except Exception as error:  # tantivy raises ValueError, OSError or its own panic class
            raise IndexDamaged(
                f"Cannot read the index of records in {folder}: {error}.",
                "Add the library's files again to rebuild it.",
            ) from error

    @property
    def count(self) -> int:
        """Number of documents."""
        return int(self._searcher.num_docs)


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
    """Make the three ways of reading a text known to the index; the file only has their names."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    def builder(tokenizer: Any) -> Any:
        return TextAnalyzerBuilder(tokenizer).filter(Filter.lowercase())

    words = builder(Tokenizer.simple()).filter(Filter.ascii_fold()).filter(Filter.remove_long(80))
    native.register_tokenizer("words", words.build())
    stems = builder(Tokenizer.simple()).filter(Filter.ascii_fold()).filter(Filter.remove_long(80))
    native.register_tokenizer("stems", stems.filter(Filter.stemmer("english")).build())
    native.register_tokenizer("whole", builder(Tokenizer.raw()).build())
    # Shown to be chosen from, so with its capitals.
    native.register_fast_field_tokenizer("whole", TextAnalyzerBuilder(Tokenizer.raw()).build())
    return native


def _write(native: Any, removed: Iterable[int], documents: Iterable[tuple[int, Document]]) -> Any:
    import tantivy

    writer = native.writer(_HEAP, 1)
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
        "notice": [name for name, given in notices.items() if given],
    }
    for field, texts in values.items():
        for text in filter(None, texts):
            entry.add_text(field, text)
    return entry
