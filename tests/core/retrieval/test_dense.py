"""Dense index: order of hits, round trip, and damage."""

import numpy as np
import pytest

from core.errors import IndexDamaged
from core.retrieval.dense import FILE, DenseIndex

VECTORS = np.eye(4, 8, dtype=np.float32)
KEYS = [10, 11, 12, 13]


def test_that_the_nearest_chunk_comes_first_with_cosine_one():
    hits = list(DenseIndex.build(KEYS, VECTORS).search(3 * VECTORS[2], k=9))
    assert hits[0] == (12, pytest.approx(1.0))
    assert len(hits) == 4


def test_that_a_saved_index_loads_with_the_same_hits(tmp_path):
    built = DenseIndex.build(KEYS, VECTORS)
    built.save(tmp_path)
    assert list(DenseIndex.load(tmp_path, 8, 4).search(VECTORS[1], 2)) == list(built.search(VECTORS[1], 2))


def test_that_similarities_are_those_of_the_keys_asked_for():
    index = DenseIndex.build(KEYS, VECTORS)
    assert index.cosines(2 * VECTORS[0] + 2 * VECTORS[3], [13, 11, 10]) == pytest.approx(
        [np.sqrt(0.5), 0.0, np.sqrt(0.5)]
    )


@pytest.mark.parametrize("content", [None, b"", b"{", b"\0" * 4096])
def test_that_a_missing_or_damaged_file_is_reported_as_damage(tmp_path, content):
    DenseIndex.build(KEYS, VECTORS).save(tmp_path)
    (tmp_path / FILE).unlink()
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(IndexDamaged):
        DenseIndex.load(tmp_path, 8, 4)


def test_that_half_a_file_is_reported_as_damage(tmp_path):
    DenseIndex.build(KEYS, VECTORS).save(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IndexDamaged):
        DenseIndex.load(tmp_path, 8, 4)


@pytest.mark.parametrize("place", [*range(0, 48, 8), 48, 52, 56, 64, 72])
@pytest.mark.parametrize("value", [b"\7\xff\xff\x7f", b"\xfe\xff\xff\xff"])
def test_that_a_number_at_the_beginning_that_cannot_be_is_damage_and_no_crash(tmp_path, place, value):
    DenseIndex.build(KEYS, VECTORS).save(tmp_path)
    path = tmp_path / FILE
    content = path.read_bytes()
    path.write_bytes(content[:place] + value + content[place + 4 :])
    with pytest.raises(IndexDamaged):
        DenseIndex.load(tmp_path, 8, 4)


def test_that_an_empty_index_has_no_hits():
    assert len(DenseIndex.build([], np.empty((0, 8), np.float32)).search(VECTORS[0], 5)) == 0


def test_that_an_updated_index_finds_what_was_added_and_never_what_was_removed(tmp_path):
    base, folder = tmp_path / "base", tmp_path / "new"
    base.mkdir()
    folder.mkdir()
    DenseIndex.build(KEYS, VECTORS).save(base)
    DenseIndex.update(base, 8, 4, [10, 12], [20], VECTORS[2:3]).save(folder)
    index = DenseIndex.load(folder, 8, 3)
    assert next(iter(index.search(VECTORS[2], 9))) == (20, pytest.approx(1.0))
    assert sorted(key for key, _ in index.search(VECTORS[0], 9)) == [11, 13, 20]
    assert (index.count, index.deleted) == (3, 2)


def test_that_removing_an_unknown_vector_is_reported_as_damage(tmp_path):
    DenseIndex.build(KEYS, VECTORS).save(tmp_path)
    with pytest.raises(IndexDamaged, match="no vector 99"):
        DenseIndex.update(tmp_path, 8, 4, [99], [], np.empty((0, 8), np.float32))


def test_that_an_index_for_inner_products_keeps_the_lengths_of_its_vectors(tmp_path):
    lengths = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
    DenseIndex.build(KEYS, np.ones((4, 8), np.float32) * lengths, "dot").save(tmp_path)
    hits = list(DenseIndex.load(tmp_path, 8, 4, "dot").search(np.ones(8, np.float32), 2))
    assert hits == [(13, pytest.approx(32.0)), (12, pytest.approx(24.0))]


def test_that_many_equal_vectors_are_no_failure():
    """hnswlib does not reach one group of 2,000 equal vectors from the other."""
    vectors = np.concatenate([np.ones((2000, 4)), -np.ones((2000, 4))]).astype(np.float32)
    index = DenseIndex.build(list(range(4000)), vectors)
    assert len(index.search(vectors[0], 4000)) >= 1000


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
@pytest.mark.parametrize("saved", [True, False])
def test_that_the_nearest_of_some_keys_are_exact(tmp_path, similarity, saved):
    random = np.random.default_rng(1)
    vectors, keys = random.standard_normal((400, 8)).astype(np.float32), random.permutation(9000)[:400]
    index = DenseIndex.build(keys, vectors, similarity)
    if saved:
        index.save(tmp_path)
        index = DenseIndex.load(tmp_path, 8, 400, similarity)
    query, some = vectors[0] * 2, np.sort(keys[::3])
    values = {int(key): float(vector @ query) for key, vector in zip(keys, vectors, strict=True)}
    if similarity == "cosine":
        lengths = {int(key): np.linalg.norm(v) for key, v in zip(keys, vectors, strict=True)}
        values = {key: value / lengths[key] / np.linalg.norm(query) for key, value in values.items()}
    expected = sorted(((int(key), values[int(key)]) for key in some), key=lambda each: -each[1])[:90]
    found = list(index.nearest_of(query, some, 90))
    assert [key for key, _ in found] == [key for key, _ in expected]
    assert [value for _, value in found] == pytest.approx([value for _, value in expected], abs=1e-4)
