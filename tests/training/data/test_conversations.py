"""From pairs to conversations: the split, the passages, the markers, the refusals."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.citations.markers import read_markers
from core.generation.prompts import REFUSAL
from core.tuning.pairs import Evidence, Pair
from core.tuning.recipe import DataChoice
from training.data.alignment import passages_of, with_decision
from training.data.conversations import build, exam
from training.data.grounding import DECIDED, Grounder

DRUGS = ["aspirin", "metformin", "warfarin", "insulin", "statin", "codeine", "zinc", "heparin"]
ILLS = ["stroke", "gout", "asthma", "sepsis", "migraine", "anaemia", "eczema", "angina"]


def pair_of(number, **values):
    drug, ill = DRUGS[number % 8], ILLS[number // 8 % 8]
    fact = f"In trial {number} the drug {drug} lowered the rate of {ill} by {number + 10} percent."
    evidence = Evidence(f"Trial {number} of {drug}", str(1000 + number), (("RESULTS", fact),))
    made = Pair(
        f"Does {drug} lower {ill} in trial {number}?", fact, (evidence,), source="a.json", record=number
    )
    return replace(made, **values)


def pairs(count=40):
    return [pair_of(number) for number in range(count)]


def markers_of(conversation):
    return {marker for one in read_markers(conversation.answer, 99) for marker in one.markers}


def test_that_each_sentence_cites_the_passage_that_says_it():
    made = [one for one in build(pairs(), DataChoice(), 0) if one.answering]
    for conversation in made:
        (marker,) = markers_of(conversation)
        block = re.search(rf"\[{marker}\] (.*?)\n\n", conversation.messages[-1].content, re.DOTALL)
        assert conversation.answer.split(" [")[0] in block[1]
        assert marker in conversation.answering


def test_that_about_one_in_eight_has_no_answering_passage_and_wants_a_refusal():
    made = build(pairs(64), DataChoice(validation=0.0), 0)
    refusals = [one for one in made if one.answer == REFUSAL]
    assert len(refusals) / len(made) == pytest.approx(0.125, abs=0.02)
    for conversation in refusals:
        assert conversation.answering == ()
        assert conversation.passages > 0
        own = {
            part.text for pair in pairs(64) if pair.record == conversation.record for part in pair.evidence
        }
        assert not any(text in conversation.messages[-1].content for text in own)


def test_that_pairs_of_one_document_are_never_split():
    shared = [pair_of(n, evidence=pair_of(n // 3).evidence, answer=pair_of(n // 3).answer) for n in range(30)]
    made = build(shared, DataChoice(validation=0.3), 0)
    train, held = (
        {document for one in made if one.split == split for document in one.documents}
        for split in ("train", "validation")
    )
    assert train
    assert held
    assert not train & held


def test_that_the_same_arguments_give_the_same_conversations():
    choice = DataChoice(paraphrase=0.5, section_dropout=0.3)
    assert build(pairs(), choice, 3) == build(pairs(), choice, 3)
    assert build(pairs(), choice, 3) != build(pairs(), choice, 4)


def test_that_a_sentence_that_nothing_supports_is_not_learned():
    invented = pair_of(1, answer=pair_of(1).answer + " It also cures every known disease of sailors.")
    made = build([invented, *pairs(10)[2:]], DataChoice(), 0)
    assert not any("sailors" in one.answer for one in made)


def test_that_a_number_the_evidence_lacks_is_not_learned():
    wrong = pair_of(1, answer=pair_of(1).answer.replace("11", "99"), decision="yes")
    assert not [one for one in build([wrong], DataChoice(), 0) if one.answering]


def test_that_an_exam_keeps_every_answer_as_it_is():
    wrong = pair_of(1, answer="Something else entirely. It is not in the evidence.")
    (made,) = exam([wrong], DataChoice(unanswerable=0.0), 0)
    assert made.answer == "Something else entirely. It is not in the evidence [1]."
    assert made.answering == (1,)


def test_that_a_decision_comes_first():
    made = build([pair_of(1, decision="no")], DataChoice(unanswerable=0.0, validation=0.0), 0)
    assert made[0].answer.startswith("No, in trial 1 the drug")
    assert with_decision("yes", "Yes, it does.") == "Yes, it does."
    assert with_decision("no", "Alzheimer's disease is rare.") == "No, Alzheimer's disease is rare."


def test_that_the_closed_task_shows_a_pair_only_its_own_evidence():
    for conversation in build(pairs(), DataChoice(task="closed"), 0):
        assert conversation.passages == len(conversation.answering)
        assert conversation.answer != REFUSAL


def test_that_a_pair_without_evidence_is_asked_without_passages():
    bare = pair_of(2, evidence=(), choices=("yes", "no"))
    (made,) = build([bare], DataChoice(validation=0.0), 0)
    assert made.passages == 0
    assert made.answer == bare.answer
    assert "- no" in made.messages[-1].content


def test_that_repeated_pairs_get_other_distractors_but_are_examined_once():
    made = build(pairs(30) * 2, DataChoice(validation=0.2, unanswerable=0.0), 0)
    by_record = {}
    for one in made:
        by_record.setdefault((one.split, one.record), []).append(one.messages[-1].content)
    for (split, _), prompts in by_record.items():
        assert len(prompts) == (2 if split == "train" else 1)
    assert any(len(set(prompts)) == 2 for prompts in by_record.values())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(0, 1000), st.integers(1, 8))
def test_that_every_marker_names_a_passage(count, seed, passages):
    for conversation in build(pairs(count), DataChoice(passages=passages), seed):
        assert all(1 <= marker <= conversation.passages for marker in markers_of(conversation))
        assert all(1 <= marker <= conversation.passages for marker in conversation.answering)
        numbered = re.findall(r"^\[(\d+)\]", conversation.messages[-1].content, re.MULTILINE)
        assert sorted(map(int, numbered)) == list(range(1, conversation.passages + 1))


def test_that_long_evidence_is_cut_as_documents_are():
    text = " ".join(f"Sentence number {n} speaks of gout." for n in range(200))
    long = pair_of(1, evidence=(Evidence("", "9", (("", text),)),))
    assert all(len(passage.text.split()) <= 200 for passage in passages_of(long))
    with Grounder([long], DataChoice(), random.Random(0)) as grounder:
        grounded = grounder.answered(replace(long, answer="Sentence number 150 speaks of gout."))
    assert sum(len(passage.text.split()) for passage in grounded.passages) <= 600


def test_that_few_quotations_begin_with_a_decision_and_those_with_the_right_one():
    asked = [pair_of(n, decision="yes" if n % 2 else "no") for n in range(64)] * 8
    made = build(asked, DataChoice(wording="quoted", validation=0.0), 0)
    answered = [one for one in made if one.answering]
    decided = [one for one in answered if one.answer.startswith(("Yes, ", "No, "))]
    assert len(decided) / len(answered) == pytest.approx(DECIDED, abs=0.05)
    assert all(one.answer.lower().startswith(one.decision) for one in decided)
    undecided = build(pairs(), DataChoice(wording="quoted"), 0)
    assert not any(one.answer.startswith(("Yes", "No", "Maybe")) for one in undecided)
