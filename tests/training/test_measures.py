"""Measures of two models on the same items, their intervals and the verdict."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.gate_statistics import paired, verdict
from training.measures import ItemResult, compare

GOOD = ItemResult(
    "q", "It helps [1].", "It helps [1].", 2.0, 4, grounded=True, rouge_l=1.0, citations=1, answering=1
)
BAD = replace(GOOD, nll=8.0, rouge_l=0.1, citations=0, answering=0, answer="?")
EMPTY = replace(GOOD, answerable=False, refused=True, citations=0, answering=0)

results = st.builds(
    ItemResult,
    question=st.just("q"),
    expected=st.just("It helps."),
    answer=st.text(max_size=5),
    nll=st.floats(0, 50),
    tokens=st.just(4),
    decision=st.just("yes"),
    chosen=st.sampled_from(["yes", "no", "maybe"]),
    grounded=st.just(True),
    answerable=st.booleans(),
    rouge_l=st.floats(0, 1),
    citations=st.integers(0, 4),
    answering=st.just(0),
    refused=st.booleans(),
)


def by_name(measures):
    return {measure.name: measure for measure in measures}


@settings(max_examples=25, deadline=None)
@given(st.lists(results, min_size=1, max_size=12))
def test_that_a_model_compared_with_itself_is_equal(items):
    measures = compare(items, items)
    assert all(m.before == m.after for m in measures)
    assert all(m.low == m.high == 0 for m in measures if m.low is not None)
    assert verdict(measures, len(items))[0] == "equal"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(results, results), min_size=1, max_size=12))
def test_that_swapping_the_models_turns_the_intervals_round(pairs):
    before, after = (
        [replace(pair[which], answerable=pair[0].answerable) for pair in pairs] for which in (0, 1)
    )
    there, back = by_name(compare(before, after)), by_name(compare(after, before))
    assert there.keys() == back.keys()
    for name, measure in there.items():
        assert (measure.before, measure.after) == (back[name].after, back[name].before)
        if measure.low is not None:
            assert measure.low <= measure.high
            assert (measure.low, measure.high) == pytest.approx((-back[name].high, -back[name].low))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=30))
def test_that_the_interval_holds_the_difference_of_the_means_or_comes_close(pairs):
    before, after = zip(*pairs, strict=True)
    measure = paired("m", before, after)
    difference = measure.after - measure.before
    spread = measure.high - measure.low
    assert measure.low - spread - 1e-9 <= difference <= measure.high + spread + 1e-9


def test_that_a_better_model_is_better_and_the_other_way_round_worse():
    word, reason = verdict(compare([BAD] * 20, [GOOD] * 20), 20)
    assert word == "better"
    assert "ROUGE-L" in reason
    assert "0.10 \u2192 1.00" in reason
    word, reason = verdict(compare([GOOD] * 20, [BAD] * 20), 20)
    assert word == "worse"
    assert "Loss" in reason


def test_that_one_lucky_item_of_many_equal_ones_proves_nothing_and_the_reason_says_so():
    word, reason = verdict(compare([GOOD] * 19 + [BAD], [GOOD] * 20), 20)
    assert word == "equal"
    assert "few" in reason


def test_that_nothing_held_out_is_said():
    assert compare([], []) == ()
    assert verdict((), 0) == ("equal", "Nothing was held out, so the two models could not be compared.")


def test_that_worse_in_one_measure_outweighs_better_in_another():
    traded = replace(GOOD, nll=1.0, rouge_l=0.0)
    assert verdict(compare([GOOD] * 20, [traded] * 20), 20)[0] == "worse"


def test_that_learning_to_refuse_is_not_held_against_a_model_for_a_few_false_refusals():
    bold = [GOOD] * 50 + [replace(EMPTY, refused=False)] * 10
    careful = [replace(GOOD, refused=True, citations=0, answering=0)] * 3 + [GOOD] * 47 + [EMPTY] * 10
    measures = by_name(compare(bold, careful))
    assert measures["False refusals"].after == pytest.approx(0.06)
    assert measures["Refusals when nothing answers"].after == 1.0
    assert measures["Answers when it can, refuses when it cannot"].low > 0.3
    always = [replace(GOOD, refused=True)] * 50 + [EMPTY] * 10
    assert by_name(compare(bold, always))["Answers when it can, refuses when it cannot"].high == 0


def test_that_decisions_are_scored_by_accuracy_and_macro_f1():
    gold = ["yes"] * 6 + ["no"] * 3 + ["maybe"]
    yes_always = [replace(GOOD, decision=d, chosen="yes") for d in gold]
    right = [replace(GOOD, decision=d, chosen=d) for d in gold]
    measures = by_name(compare(yes_always, right))
    assert measures["Accuracy (yes/no/maybe)"].before == pytest.approx(0.6)
    assert measures["Macro-F1 (yes/no/maybe)"].before == pytest.approx((2 * 6 / 16) / 3)
    assert measures["Macro-F1 (yes/no/maybe)"].after == 1.0
    assert measures["Accuracy (yes/no/maybe)"].items == 10


def test_that_loss_is_a_mean_over_tokens_and_over_characters_where_tokens_differ():
    short, long = replace(GOOD, nll=1.0, tokens=1), replace(GOOD, nll=6.0, tokens=9)
    assert by_name(compare([short, long], [short, long]))["Loss"].after == pytest.approx(0.7)
    other = [replace(short, tokens=2), long]
    assert by_name(compare([short, long], other))["Loss per character"].after == pytest.approx(7 / 26)


def test_that_measures_that_do_not_apply_are_left_out():
    closed = replace(GOOD, grounded=False)
    names = by_name(compare([closed], [closed]))
    assert names.keys() == {"Loss", "ROUGE-L", "Answers that repeat themselves"}


def test_that_other_items_are_refused():
    with pytest.raises(ValueError, match="same conversations"):
        compare([GOOD], [replace(GOOD, question="another")])
