"""The language of the search field: what is a query, what it means, and that reading never fails."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.retrieval.query import AllOf, AnyOf, Not, Term, Years, parse, printed, wanted_words


def word(text, field=""):
    return Term(field, text, "words")


PLAIN = [
    "",
    "does aspirin (low dose) prevent stroke?",
    "children and asthma, not adults",
    "ARE STATINS SAFE AND EFFECTIVE IN CHILDREN",
    "background: asthma is common",
    "CYP2D6*4 carriers",
    "HLA-B*57:01 and abacavir",
    "50% * 2",
]


@pytest.mark.parametrize("text", PLAIN)
def test_that_ordinary_questions_are_plain_language(text):
    assert parse(text) is None


QUERIES = [
    ("asthma AND children", AllOf((word("asthma"), word("children")))),
    ("COPD OR CKD", AnyOf((word("COPD"), word("CKD")))),
    ("title:asthma NOT children", AllOf((word("asthma", "title"), Not(word("children"))))),
    ("asthma OR copd AND smoking", AnyOf((word("asthma"), AllOf((word("copd"), word("smoking")))))),
    ('"heart failure', Term("", "heart failure", "phrase")),
    ("\u201cheart failure\u201d", Term("", "heart failure", "phrase")),
    ("title: (asthma OR copd)", AnyOf((word("asthma", "title"), word("copd", "title")))),
    ("((asthma OR copd) smoking", AllOf((AnyOf((word("asthma"), word("copd"))), word("smoking")))),
    ("child* trial", AllOf((Term("", "child", "prefix"), word("trial")))),
    ("year:2015-2020", Years(2015, 2020)),
    ("year:>=2015", Years(2015, None)),
    ("year:<2015", Years(None, 2014)),
    ("year:-2015", Years(None, 2015)),
    ("year:2015-", Years(2015, None)),
    ("year: 2015", Years(2015, 2015)),
    ("PMID:123", Term("pmid", "123", "whole")),
    ("doi:10.1016/S0140-6736(05)61394-4", Term("doi", "10.1016/s0140-6736(05)61394-4", "whole")),
    ("(doi:10.1/x(y) OR pmid:1)", AnyOf((Term("doi", "10.1/x(y)", "whole"), Term("pmid", "1", "whole")))),
    ('journal:="The Lancet"', Term("journal", "The Lancet", "whole")),
    ('collection:"My papers"', Term("collection", "My papers", "whole")),
    ("NOT NOT asthma AND title:x", AllOf((word("asthma"), word("x", "title")))),
]


@pytest.mark.parametrize(("text", "meaning"), QUERIES)
def test_that_queries_mean_what_a_researcher_expects(text, meaning):
    assert parse(text) == meaning


def test_that_glue_words_in_a_query_are_no_conditions():
    assert printed(parse('the effect of "grade 3" asthma')) == 'effect AND "grade 3" AND asthma'


def test_that_an_unknown_field_is_words():
    assert parse("organ:lung AND asthma") == AllOf((word("organ:lung"), word("asthma")))


def test_that_a_query_is_printed_as_it_was_understood():
    text = 'title:(asthma OR copd) child* NOT (type:letter OR author:"Smith J") year:2015-'
    assert printed(parse(text)) == (
        '(title:asthma OR title:copd) AND child* AND NOT (type:letter OR author:"Smith J") AND year:>=2015'
    )


def test_that_only_what_is_looked_for_is_ranked_by():
    query = parse('title:asthma child* NOT adults author:smith mesh:"Bronchial Spasm" year:2015')
    assert wanted_words(query) == "asthma child Bronchial Spasm"


def test_that_ten_thousand_parentheses_are_survived():
    assert parse("(" * 10_000 + "title:asthma" + ")" * 9_000) is not None
    assert parse("NOT " * 10_001 + "title:asthma") == Not(word("asthma", "title"))


PIECES = st.sampled_from(
    [
        *("AND", "OR", "NOT", "(", ")", '"', "\u201c", "*", "title:", "year:", "doi:", "mesh:=", "source:"),
        *(":", "-", ">=2001", "1999-2004", "asthma", "child*", "10.1/x(1)", "the", " ", " ", "=", "\u00e9"),
        *('"heart failure"', "notice:", "pmid:7", ",", "unknown:", "AND,", "collection:("),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=14).map("".join), st.text(max_size=60)))
def test_that_any_text_is_read_and_means_the_same_when_printed_and_read_again(text):
    query = parse(text)
    if query is not None:
        assert parse(printed(query)) == query
