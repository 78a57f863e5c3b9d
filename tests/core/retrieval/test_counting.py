"""Which questions are answered by counting records, and what they ask for."""

import pytest

from core.retrieval.counting import asked_for
from core.retrieval.query import parse, printed

COUNTED = [
    ("how many trials of metformin since 2015", "type:trial AND metformin AND year:>=2015"),
    ("How many trials of metformin are there since 2015?", "type:trial AND metformin AND year:>=2015"),
    (
        "list systematic reviews on asthma between 2010 and 2020",
        'type:"systematic review" AND asthma AND year:2010-2020',
    ),
    ("which guidelines mention naloxone", "type:guideline AND naloxone"),
    ("Which guidelines mention naloxone?", "type:guideline AND naloxone"),
    ("how many papers by Smith in Lancet", "author:Smith AND journal:Lancet"),
    ("How many papers by Smith JA were published in the Lancet?", 'author:"Smith JA" AND journal:Lancet'),
    ("How many RCTs on heart failure?", 'type:"randomized controlled trial" AND heart AND failure'),
    (
        "How many randomised controlled trials of statins in children after 2018?",
        'type:"randomized controlled trial" AND statins AND children AND year:>=2019',
    ),
    ("Show me all meta-analyses about vitamin D", 'type:"meta-analysis" AND vitamin AND D'),
    ("List papers on asthma or copd from 2012", "(asthma OR copd) AND year:2012"),
    ('find articles mentioning "frozen shoulder"', '"frozen shoulder"'),
    ("number of case reports of lactic acidosis", 'type:"case report" AND lactic AND acidosis'),
    ("what guidelines are there on sepsis", "type:guideline AND sepsis"),
    ("which trials of colchicine were published before 2000", "type:trial AND colchicine AND year:<=1999"),
    ("How many studies about malaria do we have?", "malaria"),
    ("how many trials in asthma from 2010 to 2015", "type:trial AND asthma AND year:2010-2015"),
    ("how many articles on insulin are in my library", "insulin"),
    (
        "count the observational studies on gout until 2019",
        'type:"observational study" AND gout AND year:<=2019',
    ),
    ("how many documents of 2020", "year:2020"),
    ("how many trials of inhaled steroids", "type:trial AND inhaled AND steroids"),
    ("How many trials are there?", "type:trial"),
]
NOT_COUNTED = [
    "how many mg of paracetamol may an adult take in a day",
    "how many weeks of anticoagulation after a pulmonary embolism",
    "which patients should receive naloxone",
    "how many patients were enrolled in trials of metformin",
    "how many trials showed a benefit of vitamin C",
    "which guidelines recommend naloxone",
    "how many studies are needed for a meta-analysis",
    "list the side effects of amiodarone",
    "which trial was stopped early",
    "what reviews say about statins",
    "how many doses of hepatitis B vaccine",
    "which studies found that aspirin prevents cancer",
    "show me how to dose heparin",
    "what is the number of trials needed to be certain",
    "how many people with asthma die each year",
    "find the best treatment of gout",
    "Does metformin reduce mortality?",
    "how many trials of aspirin in pregnancy ended early",
    "which trial of aspirin was positive",
    "",
]


def is_journal(name):
    return name in ("Lancet", "New England Journal of Medicine")


@pytest.mark.parametrize(("question", "conditions"), COUNTED)
def test_that_questions_for_documents_are_answered_by_counting(question, conditions):
    query = asked_for(question, is_journal)
    assert query is not None
    assert printed(query) == conditions


@pytest.mark.parametrize("question", NOT_COUNTED)
def test_that_questions_for_what_documents_say_are_not_counted(question):
    assert asked_for(question, is_journal) is None


def test_that_a_name_that_is_no_journal_is_a_topic():
    assert printed(asked_for("how many trials in Asthma", is_journal)) == "type:trial AND Asthma"
    found = asked_for("how many reviews in the New England Journal of Medicine", is_journal)
    assert printed(found) == 'type:review AND journal:"New England Journal of Medicine"'


@pytest.mark.parametrize("question", [question for question, _ in COUNTED])
def test_that_what_was_counted_can_be_typed_into_the_search_field(question):
    query = asked_for(question, is_journal)
    assert parse(printed(query)) in (query, None)
