"""Studies that point different ways are told apart from those that agree or speak of other things."""

from dataclasses import replace

from core.citations.disagreement import disagreements, opposed
from core.types import Citation, DocumentRef, Study


def citation(number, quote):
    document = DocumentRef(f"{number:016x}", None, None, f"Study {number}", "", 2000 + number, ())
    return Citation(number, -1, document, f"{document.id}-0", quote, 0, len(quote), 0.9, "search")


def row(citation):
    return Study(citation.marker, citation.document, None, "", citation)


def sides(citations):
    return [
        [(side.stance, [study.marker for study in side.studies]) for side in found.sides]
        for found in disagreements(citations, row)
    ]


def test_that_opposite_findings_of_two_documents_are_opposed():
    up = citation(1, "Coffee increased the risk of stroke in adults.")
    other = citation(2, "Tea tastes better warm than cold.")
    down = citation(3, "Coffee reduced the risk of stroke in adults.")
    (found,) = opposed([up, other, down])
    assert (found.one, found.other) == (up, down)
    assert found.reason == "the first says \u201cincreased\u201d, the second \u201creduced\u201d"


def test_that_a_finding_and_its_denial_are_opposed_and_who_denies_is_told():
    said, denied = "Zinc reduced pain in adults.", "Zinc did not reduce pain in adults."
    (found,) = opposed([citation(1, said), citation(2, denied)])
    assert found.reason == "only one of the two denies \u201creduce\u201d"
    for first, second in ((said, denied), (denied, said)):
        (both,) = sides([citation(1, first), citation(2, second)])
        assert ("denies" in both[0][0]) is (first is denied)
        assert ("denies" in both[1][0]) is (second is denied)


def test_that_other_numbers_and_one_document_with_itself_are_none():
    assert opposed([citation(1, "Pain fell by 10%."), citation(2, "Pain fell by 20%.")]) == ()
    one, other = "Zinc reduced pain in adults.", "Zinc increased pain in adults."
    assert opposed([citation(1, one), citation(1, other)]) == ()
    assert opposed([citation(1, one), citation(2, other)]) != ()


def test_that_two_parts_of_one_publication_do_not_disagree():
    one, other = citation(1, "Zinc reduced pain in adults."), citation(2, "Zinc increased pain in adults.")
    parts = [replace(each, document=replace(each.document, pmid="7")) for each in (one, other)]
    assert opposed(parts) == ()


def test_that_two_documents_disagree_once():
    quotes = ["Coffee increased the risk of stroke.", "Coffee reduced the risk of stroke."]
    assert len(opposed([citation(at % 2, quotes[at % 2]) for at in range(6)])) == 1


def test_that_studies_that_say_the_same_stand_on_one_side():
    up, down = (
        "Coffee increased the risk of stroke in adults.",
        "Coffee reduced the risk of stroke in adults.",
    )
    found = sides([citation(1, up), citation(2, down), citation(3, up), citation(4, down)])
    assert found == [[("says \u201cincreased\u201d", [1, 3]), ("says \u201creduced\u201d", [2, 4])]]


def test_that_studies_which_agree_do_not_disagree():
    same = "Coffee increased the risk of stroke in adults."
    assert sides([citation(1, same), citation(2, same), citation(3, "Tea is warm.")]) == []
