"""Every word that a patient may not know has a meaning in words that they do."""

import json

from core.modes.glossary import default_glossary
from core.modes.readability import reading_grade
from core.paths import resources


def words(text):
    return [term.word for term in default_glossary().terms(text)]


def test_that_words_are_found_once_in_order_whatever_their_form():
    text = "Opioids and a placebo: opioid users, TUMORS and hypoglycemia after tapering."
    assert words(text) == ["opioid", "placebo", "tumour", "hypoglycaemia", "taper"]


def test_that_the_longest_term_counts_and_parts_of_words_do_not():
    assert words("A randomized controlled trial of ischaemic stroke.") == [
        "randomised controlled trial",
        "ischaemic",
        "stroke",
    ]
    assert words("Heatstroke, non-malignant, acutely.") == []


def test_that_it_has_at_least_120_words_of_our_own_library():
    cards = resources() / "starter_library" / "cards.jsonl"
    records = [json.loads(line) for line in cards.read_text("utf-8").splitlines()]
    found = words(" ".join(f"{record['title']}. {record['abstract']}" for record in records))
    assert len(found) >= 120


def test_that_other_spellings_lead_to_a_meaning_and_meanings_are_sentences():
    glossary = default_glossary()
    assert set(glossary.spellings.values()) <= set(glossary.meanings)
    assert not set(glossary.spellings) & set(glossary.meanings)
    for word, meaning in glossary.meanings.items():
        assert word == word.lower()
        assert meaning[0].isupper(), word
        assert meaning.endswith("."), word


def test_that_the_meanings_are_easier_than_what_they_explain():
    meanings = default_glossary().meanings.values()
    assert reading_grade(" ".join(meanings)) <= 9
