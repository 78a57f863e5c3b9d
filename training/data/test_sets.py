"""The test sets that no model may be trained on: those that come with the program, and the user's own.

Ours hold no sentence: of each item its PMID and the hashed content words of its question. A user's are files
below ``test_sets`` in the data folder, in the same form or in any format of training data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from core.decoding import UNDECODABLE
from core.errors import DataUnusable
from core.paths import Home, resources
from core.tuning.pairs import Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from core.tuning.reports import Leak
from training.data.near import NearIndex, Words, words_of

VERSION = 1
_OURS = b'"vademecum_test_set"'
_HEX = 8  # digits a word


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of a test set.

    Attributes:
        words: the content words of its question, 8 hexadecimal digits each, ascending; may be empty.
        document: PMID of what it is asked on, or empty.
    """

    words: str
    document: str = ""


class KnownTestSet(msgspec.Struct, frozen=True):
    """A test set as it is stored, and where it comes from."""

    name: str
    items: tuple[Item, ...]
    origin: str = ""
    vademecum_test_set: int = VERSION


def item(question: str, document: str = "") -> Item:
    """Return the item of a test set for a question and the PMID of what it is asked on."""
    return Item("".join(f"{word:08x}" for word in sorted(words_of(question))), document)


def examined(number: str) -> bool:
    """True if the BioASQ question with this id is one of those that our own adapter is examined on."""
    return int(hashlib.sha256(number.encode()).hexdigest(), 16) % 10 == 0


def known_test_sets(home: Home) -> list[KnownTestSet]:
    """Return all test sets there are.

    Raises:
        DataUnusable: a file of the user's cannot be read; training without it could teach a test's answers.
    """
    ours = sorted((resources() / "test_sets").glob("*.json"))
    users = sorted(path for path in (home.root / "test_sets").glob("*") if not path.name.startswith("."))
    return [read_test_set(path, home) for path in [*ours, *users]]


def read_test_set(path: Path, home: Home) -> KnownTestSet:
    """Return the test set in ``path``, hashing the questions of a file of pairs; may raise DataUnusable."""
    try:
        content = path.read_bytes() if path.is_file() else b""
        if _OURS not in content[:4096]:
            pairs = [pair for pair in read_pairs(Source(str(path)), home) if isinstance(pair, Pair)]
            if not pairs:
                raise DataUnusable(f"The test set {path} holds no question.", "Replace or remove it.")
            return KnownTestSet(path.stem, tuple(part for pair in pairs for part in _items(pair)), path.name)
        return _must_be_known(msgspec.json.decode(content, type=KnownTestSet), path)
    except (OSError, *UNDECODABLE) as error:
        raise DataUnusable(f"The test set {path} is damaged: {error}.", "Replace or remove it.") from error


def _must_be_known(found: KnownTestSet, path: Path) -> KnownTestSet:
    if found.vademecum_test_set > VERSION:
        raise DataUnusable(f"{path} is of a newer version of Vademecum.", "Update the program.")
    return found


def _items(pair: Pair) -> Iterable[Item]:
    documents = sorted(pair.documents) or [""]
    return [item(pair.question, documents[0]), *(Item("", document) for document in documents[1:])]


class LeakCheck:
    """Tells which pairs are in a test set, by PMID or by nearly the same question."""

    def __init__(self, test_sets: Sequence[KnownTestSet]) -> None:
        named = [(test_set.name, item) for test_set in test_sets for item in test_set.items]
        self._documents = {item.document: name for name, item in reversed(named) if item.document}
        asked = [(name, _words(item)) for name, item in named if item.words]
        self._names = [name for name, _ in asked]
        self._index = NearIndex([words for _, words in asked])

    def leak(self, pair: Pair) -> Leak | None:
        """Return what ``pair`` has in common with a test set, or None."""
        for document in sorted(pair.documents):
            if name := self._documents.get(document):
                return Leak(pair.source, pair.record, name, "document")
        for number in self._index.near(words_of(pair.question)):
            return Leak(pair.source, pair.record, self._names[number], "question")
        return None


def _words(item: Item) -> Words:
    return frozenset(int(item.words[at : at + _HEX], 16) for at in range(0, len(item.words), _HEX))
