"""Passages that are given, and passages that are withheld."""

from core.evaluation.passages import GivenPassages, Without
from core.settings import RetrievalSettings
from core.tuning.pairs import Evidence
from core.types import Chunk, DocumentRef, LibraryRef, Passage, Scores
from tests.fakes.hash_embedder import HashEmbedder

SETTINGS = RetrievalSettings()


def test_that_given_passages_come_closest_first_and_name_their_documents():
    embedder = HashEmbedder()
    evidence = [
        Evidence("", "11", (("", "Green tea and sleep in nurses."),)),
        Evidence("Lamps", "x-1", (("", "Light of lamps at night."),)),
    ]
    given = GivenPassages(evidence, lambda: embedder)
    found = given.search("light of lamps at night", SETTINGS, 4)
    assert [given.names[passage.document.id] for passage in found] == ["x-1", "11"]
    assert found[0].chunk.text == "Light of lamps at night."
    assert given.closeness("light of lamps at night", found)[0] > 0.7
    assert given.search("light", SETTINGS, 1) == given.search("light", SETTINGS, 4)[:1]
    assert GivenPassages([], lambda: embedder).search("light", SETTINGS, 4) == ()


class Ranked:
    """A retriever that gives the passages it was told, in order."""

    libraries, chunks, refs = (), 0, (LibraryRef("test", "1"),)
    listing = closeness = pages = None

    def __init__(self, texts):
        self.texts = texts

    def search(self, query, settings, k, filters, offset=0, within=None):
        passages = [
            Passage(
                Chunk(n, f"d{n}", 0, 0, len(text), text),
                DocumentRef(f"d{n}", None, None, "", "", None, ()),
                Scores(None, None, 0.0),
            )
            for n, text in enumerate(self.texts)
        ]
        return tuple(passages[offset : offset + k])


OWN = "In this trial the drug lowered the pressure of four hundred adults by ten points within a month."


def test_that_own_documents_and_copies_of_them_are_left_out():
    copy = f"{OWN} It is the same text under another number."
    others = [f"Other text number {n} on something else that has nothing to do with it." for n in range(60)]
    texts = ["own document", copy, *others]
    found = Without(Ranked(texts), frozenset({"d0"}), [OWN]).search("q", SETTINGS, 4)
    assert [passage.document.id for passage in found] == ["d2", "d3", "d4", "d5"]


def test_that_enough_is_found_although_many_are_left_out():
    texts = [OWN] * 50 + ["Something else about lamps and their keepers in the far north of the country."] * 5
    found = Without(Ranked(texts), frozenset(), [OWN]).search("q", SETTINGS, 4, offset=2)
    assert [passage.document.id for passage in found] == ["d52", "d53", "d54"]
