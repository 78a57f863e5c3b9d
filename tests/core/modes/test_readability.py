"""Reading levels are measured offline, with the dictionary that comes with the program."""

import subprocess
import sys

import pytest

from core.modes.readability import reading_grade, reading_note

EASY = "The cat sat on the mat. It was a warm day. She had a nap in the sun."
HARD = (
    "Pharmacological thromboprophylaxis substantially diminished postoperative thromboembolic complications "
    "notwithstanding considerable methodological heterogeneity."
)


def test_that_hard_words_and_long_sentences_need_more_school():
    easy, hard = reading_grade(EASY), reading_grade(HARD)
    assert easy < 3
    assert hard > 16


def test_that_the_formula_is_that_of_kincaid():
    # 10 words, 2 sentences, 11 syllables ("reduces" and "a" by the dictionary)
    text = "Zinc reduces colds in men. It may do so fast."
    assert reading_grade(text) == pytest.approx(0.39 * 5 + 11.8 * 12 / 10 - 15.59, abs=0.05)


def test_that_markers_are_not_read():
    assert reading_grade("Zinc shortens a cold by a day [1][2].") == reading_grade(
        "Zinc shortens a cold by a day."
    )


@pytest.mark.parametrize("text", ["", " ", "[1]", "Yes."])
def test_that_next_to_no_text_has_no_grade(text):
    assert reading_grade(text) is None


def test_that_a_level_above_the_goal_is_said_to_be():
    assert reading_note(7.9) == "Reading level: grade 7.9 (Flesch-Kincaid)."
    assert "harder than grade 8" in reading_note(12.0)


def test_that_nothing_is_downloaded_and_no_warning_given(tmp_path):
    told = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-c"),
            "from pathlib import Path; from core.offline import arm; from core.paths import Home;"
            f"arm('command', Home(Path({str(tmp_path)!r})));"
            "from core.modes.readability import reading_grade; print(reading_grade('A cat sat on a mat.'))",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert float(told.stdout) < 2
    assert not (tmp_path / "logs").exists()  # no attempt to reach the network was refused
