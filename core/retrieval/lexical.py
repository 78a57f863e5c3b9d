"""Lexical retrieval: BM25 over the words of title and text, by tantivy.

tantivy is imported inside functions, so that the window can import ``core`` without it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from core.library.storage import link_or_copy
from core.retrieval.fusion import NOTHING, Keys, Ranking, by_score
from core.retrieval.word_files import Searcher, open_files, open_to_write, opening

_WORDS = re.compile(r"\w+")
_HEAP = 128_000_000  # bytes the writer may hold before it writes a segment
# What carries no meaning in a question, and makes tantivy read long lists for nothing.
STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "after",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "done",
        "during",
        "each",
        "either",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "let",
        "me",
        "more",
        "most",
        "my",
        "no",
        "nor",
        "not",
        "of",
        "off",
        "on",
        "once",
        "only",
        "or",
        "other",
        "our",
        "out",
        "over",
        "own",
        "same",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "up",
        "upon",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


class LexicalIndex:
    """A read-only word index of chunks, made by ``build`` or ``load``."""

    def __init__(self, native: Any) -> None:
        self._native = native
        self._searcher = Searcher(native.searcher())

    @classmethod
    def build(cls, folder: Path, rows: Iterable[tuple[int, str, str]]) -> LexicalIndex:
        """Index ``rows`` of (key, title, chunk text) into the existing, empty ``folder``."""
        import tantivy

        return cls(_write(tantivy.Index(_schema(), path=str(folder)), (), rows))

    @classmethod
    def update(
        cls,
        folder: Path,
        base_folder: Path,
        removed_keys: Iterable[int],
        rows: Iterable[tuple[int, str, str]],
    ) -> LexicalIndex:
        """Write the index in ``base_folder`` without ``removed_keys`` and with ``rows`` into ``folder``.

        ``folder`` exists and is empty; ``base_folder`` stays as it is. Raises IndexDamaged if that cannot be
        read.
        """
        share_files(base_folder, folder)
        return cls(_write(cls._opened(folder, open_to_write)._native, removed_keys, rows))

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what ``build`` wrote, writing nothing there; raise IndexDamaged if it cannot be read."""
        return cls._opened(folder, open_files)

    @classmethod
    def _opened(cls, folder: Path, open_: Callable[[Path], Any]) -> LexicalIndex:
        with opening("word index", folder):
            return cls(open_(folder))

    @property
    def count(self) -> int:
        """Number of indexed chunks."""
        return int(self._searcher.num_docs)

    def search(self, query: str, k: int, within: Keys | None = None) -> Ranking:
        """Return at most ``k`` chunks with a word of ``query`` by BM25 score, best first.

        ``query`` is plain language: no character has a special meaning. ``within``, if given, are the keys of
        the chunks that count.
        """
        import tantivy

        words = content_words(query)
        if not words or self.count == 0:
            return NOTHING
        parsed, _ = self._native.parse_query_lenient(" ".join(words), ["text"])
        if within is not None:
            allowed = tantivy.Query.term_set_query(self._native.schema, "key", within.tolist())
            unscored = tantivy.Query.const_score_query(allowed, 0.0)
            must = tantivy.Occur.Must
            parsed = tantivy.Query.boolean_query([(must, parsed), (must, unscored)])
        hits = self._searcher.search(parsed, k, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits]) if hits else []
        scores = np.fromiter((score for score, _ in hits), np.float64, len(hits))
        return by_score(np.array(keys, np.int64), scores)


def share_files(source: Path, target: Path) -> None:
    """Give the empty folder ``target`` the files of the tantivy index in ``source``.

    tantivy never changes a file of words once it is written, so both may name the same one; only its lists
    of files (JSON) are rewritten.
    """
    for path in source.iterdir():
        if path.name.endswith(".lock"):
            continue
        give = shutil.copyfile if path.suffix == ".json" else link_or_copy
        give(path, target / path.name)


def _write(native: Any, removed: Iterable[int], rows: Iterable[tuple[int, str, str]]) -> Any:
    import tantivy

    writer = native.writer(_HEAP, 1)  # one thread: one order of documents, one order of equal scores
    if gone := list(removed):  # by a query: a number given by itself would be signed, and match nothing
        writer.delete_documents_by_query(tantivy.Query.term_set_query(native.schema, "key", gone))
    for key, title, text in rows:
        entry = tantivy.Document()
        entry.add_unsigned("key", key)
        entry.add_text("text", f"{title}\n{text}")
        writer.add_document(entry)
    writer.commit()
    writer.wait_merging_threads()
    native.reload()
    return native


def content_words(query: str) -> list[str]:
    """Return the words of ``query`` that carry meaning, lower-cased; all of them if none does."""
    words = [word for word in _WORDS.findall(query.lower())]
    return [word for word in words if word not in STOP_WORDS] or words


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", stored=True, indexed=True, fast=True)
    builder.add_text_field("text", stored=False, tokenizer_name="en_stem", index_option="freq")
    return builder.build()
