"""The file that the window keeps is read as it was meant."""

from core.paths import Home
from core.settings import Settings, write_settings
from core.tuning.collected import Collected, CollectedPairs
from core.tuning.pairs import Evidence
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source

EVIDENCE = (Evidence("Vitamin C", "101", (("", "It helps."), ("", "It is cheap."))),)


def collected(number, kind):
    answer = "It helps [1]." if kind in ("good", "corrected") else ""
    return Collected(
        f"id-{number}", kind, f"Question {number}?", answer, "It harms.", EVIDENCE, "tiny", "2026"
    )


def test_that_good_and_corrected_answers_are_learned_and_nothing_else(tmp_path):
    home = Home(tmp_path)
    write_settings(home.settings, Settings(collect=True))
    for number, kind in enumerate(["bad", "good", "click", "corrected"], start=1):
        assert CollectedPairs(home).keep(collected(number, kind))
    good, mended = read_pairs(Source(format="collected"), home)
    assert (good.question, good.answer, good.evidence, good.id) == (
        "Question 2?",
        "It helps [1].",
        EVIDENCE,
        "id-2",
    )
    assert mended.question == "Question 4?"
    assert [good.record, mended.record] == [2, 4]
