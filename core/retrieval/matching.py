"""From the conditions of ``core.retrieval.query`` to queries that tantivy runs over the index of records.

They are built as objects, never as text that tantivy would read again. tantivy is imported inside functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.retrieval.query import AllOf, AnyOf, Not, Query, Term, Years

# Field of the language -> where words are looked for: (as written, grammatical forms made equal)
_AS_WRITTEN = {
    "": ("title", "text", "subject"),
    "title": ("title",),
    "author": ("author",),
    "journal": ("journal",),
    "mesh": ("subject",),
    "type": ("type",),
}
_STEMMED = {"": ("title_stem", "text_stem", "subject"), "title": ("title_stem",)}
_WHOLE = {"journal": "journal_is", "mesh": "subject_is", "type": "type_is"}
_INITIALS = 3  # letters at most in the initials of an author


def analyzers() -> dict[str, Any]:
    """Return the ways of reading a text: "words" as written, "stems", and "whole" values; capitals apart."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    def words() -> Any:
        folded = (
            TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold())
        )
        return folded.filter(Filter.remove_long(80))

    return {
        "words": words().build(),
        "stems": words().filter(Filter.stemmer("english")).build(),
        "whole": TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.lowercase()).build(),
    }


class Matcher:
    """Builds queries for an index of this schema, whose fields are read by these analyzers."""

    def __init__(self, schema: Any, analyzers: dict[str, Any]) -> None:
        self._schema = schema
        self._analyzers = analyzers

    def native(self, query: Query | None) -> Any:
        """Return tantivy's query for exactly the documents that meet ``query``; None is met by all."""
        import tantivy

        make = tantivy.Query
        match query:
            case None:
                return make.all_query()
            case Years(first, last):
                kind = tantivy.FieldType.Unsigned
                return make.range_query(self._schema, "year", kind, first, last)
            case Not(inner):
                return self._boolean([(tantivy.Occur.MustNot, self.native(inner))])
            case AllOf(parts):
                return self._boolean(
                    [
                        (tantivy.Occur.MustNot, self.native(part.query))
                        if isinstance(part, Not)
                        else (tantivy.Occur.Must, self.native(part))
                        for part in parts
                    ]
                )
            case AnyOf(parts):
                return self._any([self.native(part) for part in parts])
            case Term():
                return self._term(query)

    def values(self, field: str, values: Sequence[str]) -> Any:
        """Return tantivy's query for the documents with one of these whole values."""
        import tantivy

        return tantivy.Query.term_set_query(self._schema, field, [self._whole(value) for value in values])

    def _term(self, term: Term) -> Any:
        if term.kind == "whole":
            field = _WHOLE.get(term.field, term.field)
            return self._word(field, self._whole(term.text))
        if term.field not in _AS_WRITTEN:  # a whole value that ends anyhow
            return self._beginning(term.field, self._whole(term.text))
        if term.kind == "words" and term.field in _STEMMED:
            return self._each_word(term)
        fields = _AS_WRITTEN[term.field]
        if term.kind == "words" and term.field != "author":
            return self._any([self._all(self._tokens(field, term.text), field) for field in fields])
        return self._any([self._phrase(field, term) for field in fields])

    def _each_word(self, term: Term) -> Any:
        """Every word of the term, which is one but for hyphens and the like, in any of the fields."""
        fields = _STEMMED[term.field]
        read = [self._tokens(field, term.text) for field in fields]
        each = [
            self._any([self._word(field, word) for field, word in zip(fields, words, strict=True)])
            for words in zip(*read, strict=True)
        ]
        return self._conjunction(each)

    def _all(self, words: Sequence[str], field: str) -> Any:
        return self._conjunction([self._word(field, word) for word in words])

    def _phrase(self, field: str, term: Term) -> Any:
        """The words of the term one after another; an author's initials may stand for longer ones."""
        import tantivy

        words = self._tokens(field, term.text)
        if not words:
            return tantivy.Query.empty_query()
        initials = field == "author" and len(words) > 1 and len(words[-1]) <= _INITIALS
        if term.kind == "prefix":
            return self._ending_anyhow(field, words)
        whole = (
            self._word(field, words[0])
            if len(words) == 1
            else tantivy.Query.phrase_query(self._schema, field, [*words])
        )
        return (
            self._any([whole, self._ending_anyhow(field, [*words[:-1], words[-1][0]])]) if initials else whole
        )

    def _ending_anyhow(self, field: str, words: Sequence[str]) -> Any:
        import tantivy

        if len(words) == 1:
            return self._beginning(field, words[0])
        patterns = [*map(_literal, words[:-1]), f"{_literal(words[-1])}.*"]
        return tantivy.Query.regex_phrase_query(self._schema, field, [*patterns])

    def _beginning(self, field: str, start: str) -> Any:
        import tantivy

        return tantivy.Query.regex_query(self._schema, field, f"{_literal(start)}(.|\n)*")

    def _word(self, field: str, word: str) -> Any:
        import tantivy

        return tantivy.Query.term_query(self._schema, field, word, index_option="basic")

    def _tokens(self, field: str, text: str) -> list[str]:
        kind = "stems" if field in ("title_stem", "text_stem", "type") else "words"
        return list(self._analyzers[kind].analyze(text))

    def _whole(self, text: str) -> str:
        return "".join(self._analyzers["whole"].analyze(text))

    def _conjunction(self, queries: Sequence[Any]) -> Any:
        import tantivy

        return self._combined(queries, lambda: [(tantivy.Occur.Must, query) for query in queries])

    def _any(self, queries: Sequence[Any]) -> Any:
        import tantivy

        return self._combined(queries, lambda: [(tantivy.Occur.Should, query) for query in queries])

    def _combined(self, queries: Sequence[Any], clauses: Callable[[], list[tuple[Any, Any]]]) -> Any:
        import tantivy

        if not queries:
            return tantivy.Query.empty_query()
        return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query(clauses())

    def _boolean(self, clauses: list[tuple[Any, Any]]) -> Any:
        import tantivy

        if all(occur == tantivy.Occur.MustNot for occur, _ in clauses):
            clauses = [(tantivy.Occur.Must, tantivy.Query.all_query()), *clauses]
        return tantivy.Query.boolean_query(clauses)


def _literal(text: str) -> str:
    """Escape what has a meaning in tantivy's regular expressions."""
    return "".join(letter if letter.isalnum() or letter.isspace() else f"\\{letter}" for letter in text)
