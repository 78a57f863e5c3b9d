"""Studies that point different ways are told apart from those that agree or speak of other things."""

from core.citations.disagreement import disagreements
from core.types import Citation, DocumentRef


def citation(number, quote):
    document = DocumentRef(f"{number:016x}", None, None, f"Study {number}", "", 2000 + number, ())
    return Citation(number, -1, document, f"{document.id}-0", quote, 0, len(quote), 0.9, "search")


def test_that_opposite_findings_of_two_documents_are_a_disagreement():
    up = citation(1, "Coffee increased the risk of stroke in adults.")
    other = citation(2, "Tea tastes better warm than cold.")
    down = citation(3, "Coffee reduced the risk of stroke in adults.")
    (found,) = disagreements([up, other, down])
    assert (found.one, found.other) == (up, down)
    assert found.reason == "the first says \u201cincreased\u201d, the second \u201creduced\u201d"


def test_that_a_finding_and_its_denial_are_a_disagreement():
    said, denied = "Zinc reduced pain in adults.", "Zinc did not reduce pain in adults."
    (found,) = disagreements([citation(1, said), citation(2, denied)])
    assert found.reason == "only one of the two denies \u201creduce\u201d"


def test_that_other_numbers_and_one_document_with_itself_are_none():
    assert disagreements([citation(1, "Pain fell by 10%."), citation(2, "Pain fell by 20%.")]) == ()
    one, other = "Zinc reduced pain in adults.", "Zinc increased pain in adults."
    assert disagreements([citation(1, one), citation(1, other)]) == ()
    assert disagreements([citation(1, one), citation(2, other)]) != ()


def test_that_two_documents_disagree_once():
    quotes = ["Coffee increased the risk of stroke.", "Coffee reduced the risk of stroke."]
    assert len(disagreements([citation(at % 2, quotes[at % 2]) for at in range(6)])) == 1
