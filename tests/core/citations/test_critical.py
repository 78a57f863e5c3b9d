"""Sentences that can do harm if wrong are recognised: doses, interactions, contraindications."""

import pytest

from core.citations.critical import is_critical


@pytest.mark.parametrize(
    "sentence",
    [
        "The usual dose is 5 mg.",
        "Adults take 500 mg twice a day.",
        "Give 10 mg/kg intravenously.",
        "Start with two tablets daily.",
        "He received 5,000 IU of heparin.",
        "Inhale 2 puffs every 4 hours.",
        "The maximum dose must not be exceeded.",
        "Warfarin interacts with ibuprofen.",
        "There is an interaction between clarithromycin and simvastatin.",
        "Metformin is contraindicated in renal failure.",
        "Metformin is contra-indicated here.",
        "Ibuprofen should not be taken with warfarin.",
        "You can take both: they may be combined.",
        "Avoid grapefruit juice together with statins.",
        "Concomitant use of nitrates is dangerous.",
        "Methotrexate is safe in pregnancy.",
        "Ketoconazole inhibits CYP3A4 and so its clearance.",
        "Double the dose if needed.",
        "Coadministration raises the level.",
        "Children get 15 mg per kg per day.",
    ],
)
def test_that_what_could_do_harm_is_critical(sentence):
    assert is_critical(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Vitamin C lowered the frequency of pain syndrome after wrist fractures.",
        "Haemoglobin was 12 g/dl.",
        "The tumour weighed 5 g.",
        "The trial had 416 patients of 65 years.",
        "Mortality fell by 12% within 2 weeks.",
        "Blood pressure was 120 mmHg.",
        "There was an interaction of age and sex.",
        "Proteins interact in the cell.",
        "Sleep lasted 8 hours a day.",
    ],
)
def test_that_other_findings_are_not(sentence):
    assert not is_critical(sentence)
