"""Screening for personal data: what is found, what is not mistaken for it, and that nothing is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.paths import Home
from core.tuning.pairs import Evidence, Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from training.data.personal import identifiers, masked, screen

PERSONAL = [
    ("e-mail address", "Write to jane.doe+lab@example.org for it."),
    ("web address", "Her page is https://example.com/people/jane"),
    ("web address", "See http://www.example.edu/~jane/"),
    ("IP address", "It was sent from 192.168.17.4 at night."),
    ("phone number", "Call +44 20 7946 0958 before noon."),
    ("phone number", "Call (555) 010-4477 or 555-010-4478."),
    ("phone number", "Tel: 020 7946 0958"),
    ("social security number", "Her number is 123-45-6789."),
    ("identity number", "NHS number: 943-476-5919"),
    ("identity number", "Passport no. X1234567"),
    ("record number", "MRN: 00482913"),
    ("record number", "Patient ID 4829133 was admitted."),
    ("date of birth", "DOB: 04/07/1951"),
    ("date of birth", "He was born on 4 July 1951 in a town."),
    ("date beside a person", "She was seen on March 3, 2019, with a cough."),
    ("date beside a person", "Discharge date: 2019-03-09"),
    ("name", "Mrs. Jane Doe took aspirin."),
    ("name", "It was confirmed by Dr J. Doe."),
    ("name", "Patient: Jane Doe"),
    ("address", "She lives at 12 Long Hill Road."),
    ("address", "Springfield, MA 01103"),
]
SCIENTIFIC = [
    "Smith et al. and Dr. Smith et al. reported it.",
    "Patients admitted between January 1, 2005, and December 31, 2010 were included.",
    "The enzyme (EC 3.4.21.4) and version 2.0.1.3 were used.",
    "An odds ratio of 1.25 (95% CI 1.02-1.09; p = 0.012) was seen in 123-45 patients.",
    "Mr 50,000 protein; MS patients; MRS at 3 T; the St. John's wort group.",
    "Miss rates fell. Patient Health Questionnaire scores rose.",
    "ClinicalTrials.gov NCT01234567, https://www.ncbi.nlm.nih.gov/pubmed/12345678",
    "CD4+ 123 456 cells; CAS 50-78-2; ISBN 978-3-16-148410-0; PMID 28293123.",
    "PATIENTS: Consecutive women aged 40 to 50 years. PATIENT: A man.",
    "The day 12 Week Road test; 24 Hour Fitness; 2 x 2 Square design.",
]


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_that_an_identifier_is_found_for_what_it_is(kind, text):
    assert kind in dict(identifiers(text))


@pytest.mark.parametrize("text", SCIENTIFIC)
def test_that_scientific_text_is_not_mistaken_for_an_identifier(text):
    assert list(identifiers(text)) == []


def test_that_a_pair_is_screened_in_every_field_and_each_thing_is_told_once():
    evidence = Evidence("Mr. Doe", "1", (("", "Mail a@example.org or a@example.org."), ("", "MRN: 4829133")))
    pair = Pair("Does Mrs. Doe smoke?", "Yes, a@example.org.", (evidence,), source="x.csv", record=7)
    found = screen(pair)
    assert [(one.field, one.kind) for one in found] == [
        ("question", "name"),
        ("answer", "e-mail address"),
        ("evidence", "name"),
        ("evidence", "e-mail address"),
        ("evidence", "record number"),
    ]
    assert {(one.file, one.record) for one in found} == {("x.csv", 7)}
    assert found[0].shown == "Xxx. Xxx"


@given(st.text(max_size=80))
def test_that_no_letter_or_digit_gets_through_the_mask(text):
    shown = masked(text)
    assert len(shown) <= 40
    assert not {c for c in shown if c.isalnum()} - set("xX0")


@given(st.text(alphabet=st.sampled_from("MrDs. JaneDoe0123456789-/()+@:,\n"), max_size=200))
def test_that_screening_never_fails(text):
    assert all(kind and found in text for kind, found in identifiers(text))


@pytest.mark.shared
def test_that_hardly_any_paper_of_pubmedqa_is_flagged(shared, tmp_path):
    pairs = [*read_pairs(Source(str(shared / "pubmedqa" / "ori_pqal.json")), Home(tmp_path))]
    assert sum(bool(screen(pair)) for pair in pairs) <= 0.005 * len(pairs)
