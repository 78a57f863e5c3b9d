"""The index of records: building, updating, damage."""

import pytest

from core.errors import IndexDamaged
from core.retrieval.records import RecordsIndex
from core.types import Document

DOCUMENTS = [
    (1, Document("a", "Aspirin and platelets", "Aspirin was given.", pmid="11", year=2001)),
    (2, Document("b", "Wound care", "Dressings were changed daily.", year=2010)),
]


def test_that_an_updated_index_holds_what_was_added_and_leaves_its_base_alone(tmp_path):
    base, folder = tmp_path / "base", tmp_path / "new"
    base.mkdir()
    folder.mkdir()
    assert RecordsIndex.build(base, DOCUMENTS).count == 2
    changed = Document("c", "Wound care again", "Dressings were changed weekly.")
    assert RecordsIndex.update(folder, base, [1, 2], [(3, changed)]).count == 1
    assert RecordsIndex.load(folder).count == 1
    assert RecordsIndex.load(base).count == 2


def test_that_a_missing_index_of_records_is_reported(tmp_path):
    with pytest.raises(IndexDamaged, match="index of records"):
        RecordsIndex.load(tmp_path)
