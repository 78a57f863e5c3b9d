"""What leaves the window carries its notice, its model and its verdicts, and nothing that it does not say."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QFileDialog

from desktop.chat.answer_export import _plain, answer_as_text, conversation_as_text
from desktop.chat.saving import Saving
from tests.desktop.chat import answers
from tests.desktop.chat.answers import QUESTION
from tests.desktop.window_fakes import answering, worker

BELONGS = ("Not medical advice", "smollm2-135m-instruct", "starter (version 1)")


@pytest.mark.parametrize(
    "answer", [answers.CHECKED, answers.EVIDENCE, answers.REFUSED, answers.REVIEW, answers.DISAGREEING]
)
def test_that_no_answer_leaves_without_notice_model_and_library_version(answer):
    text = answer_as_text(answer)
    for word in BELONGS:
        assert word in text


def test_that_each_sentence_that_is_not_supported_says_so():
    text = answer_as_text(answers.CHECKED)
    assert "not in atrial fibrillation [1]. Rates of stroke" in text
    assert "without them [2]. (weakly supported)" in text
    assert "by 20 % [1]. (not supported)" in text
    assert "these patients [1]. (contradicted)" in text
    assert "5 sentences: 1 supported, 1 weakly supported, 2 not supported, 1 contradicted" in text


def test_that_references_studies_and_both_sides_are_in_it():
    text = answer_as_text(replace(answers.DISAGREEING, studies=answers.REVIEW.studies))
    assert "[3] Bisoprolol and digoxin in permanent atrial fibrillation. Journal of Examples, 2009." in text
    assert "Reports a decrease:" in text
    assert "(Randomised trial; 2009; not told)" in text


def test_that_a_leaflet_needs_a_name():
    with pytest.raises(ValueError, match="signed"):
        answer_as_text(answers.LEAFLET)
    assert "Checked by Dr A. Sample on 20" in answer_as_text(answers.LEAFLET, "Dr A. Sample")


def test_that_a_conversation_leaves_out_what_nobody_has_signed_and_says_so():
    text = conversation_as_text("Beta blockers", [(answers.CHECKED, ""), (answers.LEAFLET, "")])
    assert text.count("Beta blockers lowered mortality") == 1
    assert "Left out: this text for patients" in text


@given(st.text(alphabet="ab 1.,<>*_#~`[]()&;!/=+-|\\", max_size=40))
def test_that_nothing_in_a_title_or_an_answer_is_taken_for_a_format(text):
    words = re.sub(r"\s+", " ", f"a{text}b")
    page = QTextDocument()
    page.setMarkdown(_plain(words), QTextDocument.MarkdownFeature.MarkdownNoHTML)
    assert page.toPlainText() == words


def test_that_plain_figures_are_copied_as_they_are():
    assert _plain("p < 0.05 (95 % CI 0.9-1.2) [1]") == "p < 0.05 (95 % CI 0.9-1.2) [1]"


def test_that_an_answer_is_saved_as_a_web_page_without_foreign_markup(
    open_window, qtbot, tmp_path, monkeypatch
):
    hostile = replace(answers.CHECKED.citations[0].document, title="<img src=x> a [link](http://x.example)")
    cited = replace(answers.CHECKED.citations[0], document=hostile)
    answer = replace(answers.CHECKED, citations=(cited, *answers.CHECKED.citations[1:2]))
    desktop = open_window(worker(answering(answer)))
    desktop.ask.ask(QUESTION)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    path = tmp_path / "answer.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(desktop.ask.turns.views[0]._save, Qt.MouseButton.LeftButton)
    page = path.read_text("utf-8")
    assert "<img" not in page
    assert 'href="http://x.example"' not in page
    assert "Not medical advice" in page
    assert desktop.window.toast.isVisible()


def test_that_the_whole_conversation_is_saved_from_the_head_of_the_page(
    open_window, qtbot, tmp_path, monkeypatch
):
    desktop = open_window(worker(answering(answers.CHECKED)))
    assert not desktop.ask.talk.save.isVisible()  # there is nothing to save
    for question in (QUESTION, "Again?"):
        desktop.ask.ask(question)
        qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    path = tmp_path / "talk.md"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(desktop.ask.talk.save, Qt.MouseButton.LeftButton)
    text = path.read_text("utf-8")
    assert text.startswith("# Do beta blockers")
    assert text.count("smollm2-135m-instruct") == 2


def test_that_a_place_that_cannot_be_written_is_told_and_leaves_no_half_file(qtbot, tmp_path, qapp):
    from PySide6.QtWidgets import QWidget

    window = QWidget()
    qtbot.addWidget(window)
    saving = Saving(window)
    with qtbot.waitSignal(saving.said) as said:
        saving.save("text", tmp_path / "missing" / "answer.md")
    assert "could not be written" in said.args[0]
    assert list(tmp_path.iterdir()) == []


def test_that_a_copied_answer_names_its_mode(open_window, qtbot):
    desktop = open_window(worker(answering(answers.REVIEW)))
    desktop.ask.ask(QUESTION)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    qtbot.mouseClick(desktop.ask.turns.views[0]._copy, Qt.MouseButton.LeftButton)
    assert "Kind of answer: Literature review." in QGuiApplication.clipboard().text()
