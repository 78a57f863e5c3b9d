"""The way through the wizard: chosen, read, looked at, begun, stopped, gone on with, taken into use."""

import os
import signal
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWizard

from core.hardware import Gpu, Hardware
from core.protocol import Train
from core.settings import read_settings, write_settings
from desktop.rebuild import rebuilding
from desktop.wizard.wizard import PageId
from tests.desktop.wizard.conftest import ASSISTANT

GPU = Hardware("3.11", "Linux", 8, 64 << 30, 32 << 30, 99 << 30, (Gpu("Card", 24 << 30, 20 << 30, "1"),))


@pytest.fixture
def graphics_card(monkeypatch):
    monkeypatch.setattr(rebuilding, "survey", lambda folder: GPU)


def test_that_files_become_a_model_in_use_that_one_click_takes_back(open_rebuild, pairs, home):
    hands = open_rebuild(assistant=ASSISTANT)
    hands.start(pairs())
    hands.finish()
    outcome = hands.wizard.outcome
    assert outcome.verdict.text().startswith("Better than the current model")
    assert outcome.activate.property("role") == "primary"
    hands.click(outcome.activate)
    hands.wait(lambda: "In use now" in outcome.status.text())
    assert hands.desktop.settings.now.model.language == "my-assistant"
    assert "my-assistant" in hands.desktop.footer.names.text()
    assert not outcome.activate.isEnabled()
    hands.wizard.close()
    assert [banner.words.text() for banner in hands.page.banners] == [
        "my-assistant is in use as the assistant"
    ]
    hands.click(hands.page.banners[0].button)
    hands.wait(lambda: not hands.page.banners)
    assert hands.desktop.settings.now.model.language == "smollm2-135m-instruct"
    assert read_settings(home.settings).model.language == "smollm2-135m-instruct"


def test_that_a_worse_model_is_only_used_by_a_second_deliberate_click(open_rebuild, pairs):
    hands = open_rebuild(assistant=ASSISTANT, verdict="worse")
    hands.start(pairs())
    hands.finish()
    outcome = hands.wizard.outcome
    assert "The current model stays in use." in outcome.verdict.text()
    assert outcome.keep.property("role") == "primary"
    hands.click(outcome.activate)
    assert not hands.part.switcher.busy
    assert "speaks against it" in outcome.status.text()
    assert hands.desktop.settings.now.model.language == "smollm2-135m-instruct"
    hands.click(outcome.activate)
    hands.wait(lambda: hands.desktop.settings.now.model.language == "my-assistant")


def test_that_a_worse_model_can_be_discarded(open_rebuild, pairs):
    hands = open_rebuild(verdict="worse")
    hands.start(pairs())
    hands.finish()
    assert len(hands.part.runs.all()) == 1
    hands.click(hands.wizard.outcome.discard)
    assert not hands.wizard.isVisible()
    assert hands.part.runs.all() == []
    assert hands.page.empty.isVisible()


def test_that_the_table_says_before_and_after_with_intervals(open_rebuild, pairs):
    hands = open_rebuild()
    hands.start(pairs())
    hands.finish()
    rows = hands.wizard.outcome.measures.rows
    assert rows[0] == ("Accuracy (yes/no/maybe)", "0.55", "0.64", "+0.09 (+0.04 to +0.14)", "62", "better")
    assert rows[2][5] == "better"  # a loss that went down
    samples = hands.wizard.outcome.samples
    assert samples.place.text() == "1 of 10"
    hands.click(samples.after_button)
    assert samples.place.text() == "2 of 10"
    assert "[1]" in samples.new.toPlainText()


def test_that_a_run_goes_on_while_the_wizard_is_closed_and_its_chart_is_there_again(open_rebuild, pairs):
    hands = open_rebuild(steps=60, step_s=0.03)
    hands.start(pairs())
    hands.wait(lambda: hands.trainer.story.step > 5)
    hands.wizard.close()
    assert hands.trainer.busy
    assert hands.page.running.isVisible()
    assert "Training" in hands.desktop.footer.rebuild.text()
    assert "%" in hands.desktop.window.rail.buttons[hands.page].text()
    seen = hands.trainer.story.step
    hands.click(hands.page.running.button)
    assert hands.wizard.currentId() == PageId.RUN
    assert len(hands.wizard.running.loss.curves[0]) >= seen
    hands.finish()
    assert hands.desktop.footer.rebuild.text() == ""


def test_that_a_paused_run_resumes_from_where_it_was_saved(open_rebuild, pairs):
    hands = open_rebuild(steps=40, step_s=0.03)
    hands.start(pairs())
    running = hands.wizard.running
    hands.wait(lambda: hands.trainer.story.step > 3)
    hands.click(running.pause)
    assert running.headline.text() == "Saving; what is done is kept"
    hands.wait(lambda: not hands.trainer.busy)
    stopped = hands.trainer.story.step
    assert running.headline.text() == "Stopped; can be resumed"
    assert not hands.can_go_on()
    hands.click(running.resume)
    hands.wait(lambda: hands.trainer.story.step > stopped)
    assert f"Goes on after step {stopped} of 40" in running.log.toPlainText()
    assert sorted(hands.trainer.story.curves["loss"])[:stopped] == list(range(1, stopped + 1))
    hands.finish()


def test_that_a_stopped_run_is_resumed_in_a_new_window_with_its_chart(open_rebuild, pairs):
    hands = open_rebuild(steps=60, step_s=0.03)
    hands.start(pairs())
    hands.wait(lambda: hands.trainer.story.step > 3)
    hands.click(hands.wizard.running.stop)
    hands.wait(lambda: not hands.trainer.busy)
    stopped = hands.trainer.story.step
    hands = open_rebuild(steps=60, step_s=0.005)
    assert "Stopped; can be resumed" in hands.page._rows.cell(0, 4)
    hands.click(hands.page.open)
    assert hands.wizard.currentId() == PageId.RUN
    assert len(hands.wizard.running.loss.curves[0]) == stopped
    hands.click(hands.wizard.running.resume)
    hands.finish()


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # the plugin without a screen
def test_that_closing_the_window_saves_a_running_rebuild_first(open_rebuild, pairs):
    hands = open_rebuild(steps=200, step_s=0.03)
    hands.start(pairs())
    hands.wait(lambda: hands.trainer.story.step > 3)
    window = hands.desktop.window
    window.close()
    assert window.isVisible()
    box = window.findChild(QMessageBox, "closing")
    stay = next(button for button in box.buttons() if button.text() == "Keep it open")
    hands.click(stay)
    assert hands.trainer.busy
    window.close()
    box = next(one for one in window.findChildren(QMessageBox, "closing") if one.isVisible())
    hands.click(next(button for button in box.buttons() if button.text() == "Save and close"))
    hands.wait(lambda: not window.isVisible())
    assert hands.part.runs.all()[0].info().state == "stopped"


def test_that_a_killed_training_process_leaves_a_run_that_can_be_resumed(open_rebuild, pairs):
    hands = open_rebuild(steps=60, step_s=0.02)
    hands.start(pairs())
    hands.wait(lambda: hands.trainer.story.step > 15)
    os.kill(hands.trainer._worker.process_id, signal.SIGKILL)
    hands.wait(lambda: not hands.trainer.busy)
    running = hands.wizard.running
    assert "stopped unexpectedly" in running.note.text()
    assert running.headline.text() == "Interrupted; can be resumed"
    hands.click(running.resume)
    hands.finish()


def test_that_running_out_of_memory_offers_what_makes_room(open_rebuild, pairs):
    hands = open_rebuild(steps=20, full_at=8)
    hands.start(pairs())
    hands.wait(lambda: not hands.trainer.busy)
    running = hands.wizard.running
    assert "ran out of memory" in running.note.text()
    assert not running.resume.isVisible()
    shorter, fewer_bits = (running.rooms.itemAt(place).widget() for place in range(2))
    assert shorter.text().endswith("(goes on after step 7)")
    assert fewer_bits.text().endswith("(begins anew)")
    hands.click(shorter)
    hands.finish()
    assert hands.part.runs.all()[0].recipe().data.max_length == 1024


def test_that_an_operation_that_is_not_repeatable_offers_to_go_on_with_it(open_rebuild, pairs):
    hands = open_rebuild(steps=20, loose_at=8)
    hands.start(pairs())
    hands.wait(lambda: not hands.trainer.busy)
    running = hands.wizard.running
    assert "put_" in running.note.text()
    assert not running.resume.isVisible()
    (loose,) = (running.rooms.itemAt(place).widget() for place in range(running.rooms.count()))
    assert loose.text().endswith("(goes on after step 7)")
    hands.click(loose)
    hands.finish()
    assert not hands.part.runs.all()[0].recipe().training.repeatable


def test_that_going_back_changes_nothing_and_forward_shows_the_running_rebuild(open_rebuild, pairs):
    hands = open_rebuild(steps=80, step_s=0.03)
    hands.start(pairs())
    hands.wait(lambda: hands.trainer.story.step > 2)
    hands.back()
    assert hands.wizard.currentId() == PageId.RECIPE
    assert hands.next_label() == "Show the rebuild"
    hands.next()
    assert hands.trainer.busy
    assert len(hands.part.runs.all()) == 1
    hands.click(hands.wizard.running.stop)
    hands.wait(lambda: not hands.trainer.busy)


def test_that_the_draft_is_there_when_the_wizard_is_opened_again(open_rebuild, pairs):
    hands = open_rebuild()
    hands.open()
    hands.click(hands.wizard.start.search.button)
    hands.next()
    hands.add(pairs())
    hands.wizard.reject()
    hands.open()
    assert hands.wizard.start.search.button.isChecked()
    hands.next()
    assert [card.name.text() for card in hands.wizard.files.cards] == ["pairs.jsonl"]
    hands.wait(hands.can_go_on)


def test_that_both_models_are_rebuilt_one_after_the_other(open_rebuild, pairs):
    hands = open_rebuild()
    hands.open()
    hands.click(hands.wizard.start.search.button)
    hands.next()
    hands.add(pairs())
    while hands.wizard.currentId() != PageId.RUN:
        hands.next()
    hands.finish()
    outcome = hands.wizard.outcome
    assert [outcome.which.itemText(place) for place in range(2)] == [
        "Search model: my-search",
        "Assistant: my-assistant",
    ]
    assert outcome.which.isVisible()


def test_that_a_library_alone_needs_no_pairs_and_no_recipe(open_rebuild, tmp_path):
    from core.protocol import Done, Imported
    from core.types import ImportReport
    from tests.desktop.window_fakes import say

    papers = tmp_path / "papers.nbib"
    papers.write_text("PMID- 1", "utf-8")
    hands = open_rebuild(say(Imported(ImportReport(1, 3, 0, 0, 0, (), 12, 40, 1.0)), Done()))
    hands.open()
    hands.click(hands.wizard.start.assistant.button)
    assert not hands.can_go_on()
    hands.click(hands.wizard.start.library.button)
    hands.next()
    assert not hands.wizard.files.pairs.isVisible()
    assert hands.next_label() == "Start"
    assert not hands.can_go_on()
    hands.drop(hands.wizard.files.papers.area, papers)
    hands.next()
    assert hands.wizard.currentId() == PageId.RUN
    hands.finish()
    assert hands.wizard.outcome.imported.text().startswith("The library now holds 12 documents")
    assert not hands.wizard.outcome.activate.isVisible()


def test_that_no_question_is_asked_while_the_graphics_card_trains(graphics_card, open_rebuild, pairs):
    hands = open_rebuild(steps=80, step_s=0.03, gpu=True)
    hands.start(pairs())
    hands.wait(hands.wizard.running.gpu.isVisible)
    desktop = hands.desktop
    desktop.window.show_page(desktop.ask)
    hands.qtbot.keyClicks(desktop.ask.composer.box, "why?")
    hands.qtbot.keyClick(desktop.ask.composer.box, Qt.Key.Key_Return)
    assert "graphics card is training" in desktop.window.toast.label.text()
    assert desktop.ask.composer.box.toPlainText() == "why?"
    assert not desktop.session.busy
    hands.trainer.stop()
    hands.wait(lambda: not hands.trainer.busy)
    assert desktop._question_refused() == ""


def test_that_nothing_is_begun_while_an_answer_is_written(open_rebuild, pairs):
    hands = open_rebuild("time.sleep(30)")
    hands.desktop.ask.ask("why?")
    assert not hands.trainer.begin([Train(hands.draft.recipe)])
    assert "An answer is being written" in hands.desktop.window.toast.label.text()


def test_that_the_gpu_plot_is_hidden_where_there_is_none(open_rebuild, pairs):
    hands = open_rebuild()
    hands.start(pairs())
    hands.wait(lambda: not hands.trainer.busy)
    assert hands.wizard.running.loss.isVisible()
    assert not hands.wizard.running.gpu.isVisible()


def test_that_the_plots_follow_the_theme(open_rebuild, pairs):
    hands = open_rebuild()
    hands.start(pairs())
    hands.wait(lambda: not hands.trainer.busy)
    plot = hands.wizard.running.loss
    light = plot.view.backgroundBrush().color().name()
    hands.desktop.settings.change(replace(hands.desktop.settings.now, appearance="dark"))
    assert plot.view.backgroundBrush().color().name() != light
    hands.desktop.settings.change(replace(hands.desktop.settings.now, appearance="light"))


def test_that_escape_closes_the_wizard_and_stops_nothing(open_rebuild, pairs):
    hands = open_rebuild(steps=60, step_s=0.03)
    hands.start(pairs())
    hands.qtbot.keyClick(hands.wizard, Qt.Key.Key_Escape)
    assert not hands.wizard.isVisible()
    assert hands.trainer.busy
    hands.trainer.stop()
    hands.wait(lambda: not hands.trainer.busy)


def test_that_a_model_is_built_on_another_where_the_assistant_cannot_be(open_rebuild, home, tmp_path):
    hands = open_rebuild()
    wizard = hands.open()
    empty = tmp_path / "empty"
    empty.mkdir()
    wizard.start.add_folder(empty)
    assert "no config.json" in wizard.start.trouble.text()
    assert wizard.button(QWizard.WizardButton.NextButton).isEnabled()


def test_that_a_rebuild_that_cannot_begin_says_why_and_can_be_tried_again(open_rebuild, pairs):
    hands = open_rebuild(refuse="There are only 2 GB free on the disk.")
    hands.start(pairs())
    hands.wait(lambda: not hands.trainer.busy)
    running = hands.wizard.running
    assert running.headline.text() == "Could not begin"
    assert "only 2 GB free" in running.note.text()
    assert running.resume.text() == "Try again"
    assert not hands.can_go_on()
    hands.back()
    assert hands.wizard.currentId() == PageId.RECIPE


def test_that_a_pause_ends_the_process_that_holds_the_graphics_card(open_rebuild, pairs):
    hands = open_rebuild(steps=60, step_s=0.03)
    hands.start(pairs())
    hands.wait(lambda: hands.trainer.story.step > 1)
    hands.click(hands.wizard.running.pause)
    hands.wait(lambda: not hands.trainer.busy)
    assert hands.trainer._worker.process_id is None


def test_that_the_search_model_alone_has_a_recipe_of_its_own(open_rebuild, pairs):
    hands = open_rebuild()
    hands.open()
    hands.click(hands.wizard.start.search.button)
    hands.click(hands.wizard.start.assistant.button)
    hands.next()
    hands.add(pairs(count=100))
    hands.next()
    hands.next()
    page = hands.wizard.recipe
    assert [page.tabs.isTabVisible(place) for place in range(3)] == [False, False, True]
    assert page.steps.text() == "3"  # 80 pairs to learn from, 32 at a time
    page.search_form.rows["epochs"].editor.setText("2")
    assert page.steps.text() == "6"
    hands.next()
    hands.wait(lambda: not hands.trainer.busy)
    assert hands.part.runs.all()[0].recipe().epochs == 2


def test_that_another_model_is_proposed_when_the_one_in_use_is_not_there(open_rebuild, home):
    hands = open_rebuild()
    settings = hands.desktop.settings.now
    missing = replace(settings, model=replace(settings.model, language="gone"))
    write_settings(home.settings, missing)
    hands = open_rebuild()
    assert hands.draft.recipe.base.model == "gone"
    hands.open()
    assert hands.draft.recipe.base.model == "smollm2-135m-instruct"
    assert hands.can_go_on()


def test_that_a_click_on_a_cell_chooses_model_and_precision(open_rebuild):
    hands = open_rebuild()
    table = hands.open().start.table
    table.setCurrentIndex(table.rows.index(0, 2))
    assert hands.draft.recipe.base.weights == "4bit"
    assert "4 bits" in hands.wizard.start.trade_off.text()
