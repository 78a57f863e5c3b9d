"""Figures on data: spreads, variety, packed rows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tuning.pairs import Evidence, Pair
from training.data.statistics import BINS, classes, diversity, packed_rows, spread

LENGTHS = st.lists(st.integers(1, 100), max_size=60)


@given(st.lists(st.integers(0, 10**6), max_size=50))
def test_that_a_spread_counts_everything_in_few_round_bins(counts):
    found = spread(counts)
    assert sum(found.bins) == len(counts)
    assert len(found.bins) <= BINS
    assert str(found.width).rstrip("0") in {"1", "2", "5"}
    assert found.longest == max(counts, default=0)
    assert found.median <= found.p95 <= found.longest


def test_that_mean_median_and_p95_are_those_of_the_numbers():
    found = spread([*range(1, 101)])
    assert (found.mean, found.median, found.p95, found.longest) == (50.5, 50.5, pytest.approx(95.05), 100)


def test_that_variety_is_told_by_words_openings_and_documents():
    evidence = (Evidence("", "1", ()), Evidence("", "2", ()))
    found = diversity([Pair("Is it so?", "", evidence), Pair("Is it not?", "", evidence[:1])])
    assert (found.distinct_1, found.distinct_2) == (4 / 6, 3 / 4)
    assert (found.openings, found.documents) == ((("is it", 2),), 2)
    assert diversity([]).distinct_1 == 0.0


def test_that_classes_are_decisions_or_kinds():
    pairs = [Pair("a", "", decision="yes"), Pair("b", "c", kind="list"), Pair("d", "e", kind="list")]
    assert classes(pairs) == {"list": 2, "yes": 1}


@given(LENGTHS)
def test_that_packing_needs_no_fewer_rows_than_there_are_tokens_for_and_no_more_than_conversations(lengths):
    rows = packed_rows(lengths, 100)
    assert -(-sum(lengths) // 100) <= rows <= len(lengths)
    assert rows <= 2 * sum(lengths) / 100 + 1  # no two rows would fit into one


@pytest.mark.slow
def test_that_the_trainer_packs_into_as_many_rows():
    from datasets import Dataset, disable_progress_bars
    from trl import pack_dataset

    disable_progress_bars()
    rng = random.Random(0)
    lengths = [rng.randint(1, 200) for _ in range(400)]
    rows = [[0] * length for length in lengths]
    packed = pack_dataset(Dataset.from_dict({"input_ids": rows}), 256, "bfd")
    assert len(packed) == packed_rows(lengths, 256)
