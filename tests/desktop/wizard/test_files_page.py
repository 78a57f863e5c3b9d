"""Files as they land: read one by one, told what is wrong with them, weighed, mapped, removed."""

import json
from dataclasses import replace

import msgspec
from PySide6.QtWidgets import QLabel, QMessageBox

from core.tuning.collected import Collected
from core.tuning.recipe import Source
from desktop.columns_dialog import columns_of
from desktop.wizard.columns import training_columns


def on_files(hands):
    hands.open()
    hands.next()
    return hands.wizard.files


def test_that_the_empty_page_says_what_it_takes_and_does_not_go_on(open_rebuild):
    hands = open_rebuild()
    page = on_files(hands)
    assert any("PubMedQA" in label.text() for label in page.pairs.findChildren(QLabel))
    assert not hands.can_go_on()
    assert not page.collected.isEnabled()  # nothing was collected
    assert hands.wizard.focusWidget() is page.pairs.button


def test_that_a_file_shows_that_it_is_read_and_then_what_it_holds(open_rebuild, pairs):
    hands = open_rebuild(check_s=0.3)
    page = on_files(hands)
    hands.drop(page.pairs, pairs(count=30, bad=2))
    hands.wait(lambda: page.cards[0].found.text() == "Reading…")
    assert page.cards[0].busy.isVisible()
    assert not hands.can_go_on()
    hands.settle()
    assert page.cards[0].found.text() == "30 pairs · JSON Lines · 2 could not be read"
    assert not page.cards[0].busy.isVisible()
    assert hands.can_go_on()


def test_that_rows_that_cannot_be_read_are_listed_with_the_reason(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_files(hands)
    hands.add(pairs(count=30, bad=2))
    notice = page._notices.itemAt(0).widget()
    assert notice.remark.text == "Rows that could not be read, left out: 2"
    assert not notice.table.isVisible()
    hands.click(notice.button)
    model = notice.table.model()
    cells = [model.index(0, column).data() for column in range(model.columnCount())]
    assert cells == ["pairs.jsonl", "31", "no answer"]


def test_that_a_file_without_pairs_says_so_and_does_not_stop_the_others(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_files(hands)
    hands.add(pairs("empty.jsonl", count=0, bad=3), pairs("good.jsonl"))
    assert "holds no pair" in page.cards[0].found.text()
    assert hands.check.usable == [Source(str(pairs("good.jsonl")))]
    assert hands.can_go_on()
    assert hands.draft.jobs(hands.check.usable)[0].recipe.data.sources == tuple(hands.check.usable)


def test_that_only_bad_files_do_not_go_on(open_rebuild, pairs):
    hands = open_rebuild()
    on_files(hands)
    hands.add(pairs("empty.jsonl", count=0, bad=3))
    assert not hands.can_go_on()


def test_that_a_file_that_is_removed_and_added_again_is_read_again(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_files(hands)
    path = pairs(count=0, bad=3)
    hands.add(path)
    hands.click(page.cards[0].remove)
    assert page.cards == []
    pairs(count=8)
    hands.add(path)
    assert page.cards[0].found.text().startswith("8 pairs")


def test_that_a_file_is_not_added_twice(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_files(hands)
    hands.add(pairs(), pairs())
    hands.add(pairs())
    assert len(page.cards) == 1


def test_that_a_weight_is_part_of_the_recipe(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_files(hands)
    hands.add(pairs())
    page.cards[0].weight.setValue(2.5)
    assert hands.draft.sources[0].weight == 2.5
    hands.settle()
    assert hands.check.report is not None


def test_that_a_table_is_mapped_by_its_columns(open_rebuild, tmp_path):
    path = tmp_path / "ward.csv"
    path.write_text("Frage;Antwort\nHelps it?;Yes\n", "utf-8")
    hands = open_rebuild()
    page = on_files(hands)
    hands.add(path)
    assert "no column for the question" in page.cards[0].found.text()
    assert page.cards[0].columns.isVisible()
    dialog = training_columns(page.cards[0].source, page)
    dialog.boxes["question"].setCurrentIndex(dialog.boxes["question"].findData("Frage"))
    dialog.boxes["answer"].setCurrentIndex(dialog.boxes["answer"].findData("Antwort"))
    assert dialog.boxes["answer"].currentText() == "Antwort: Yes"
    mapped = dialog.columns()
    dialog.deleteLater()
    assert mapped == {"question": "Frage", "answer": "Antwort"}
    page._change(page.cards[0], replace(page.cards[0].source, columns=mapped))
    hands.settle()
    assert page.cards[0].found.text().startswith("2 pairs · CSV")


def test_that_columns_of_json_lines_are_found_and_those_of_anything_else_are_none(tmp_path):
    lines = tmp_path / "pairs.jsonl"
    lines.write_text(json.dumps({"q": "Why?", "a": "So."}) + "\n", "utf-8")
    assert columns_of(lines) == (["q", "a"], {"q": "Why?", "a": "So."})
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"\x00\xff\xfe")
    assert columns_of(odd) == ([], {})
    assert columns_of(tmp_path / "missing.csv") == ([], {})


def test_that_pairs_collected_in_the_app_are_counted_and_taken_only_when_asked_for(open_rebuild, pairs, home):
    kept = [
        Collected(str(number), "corrected", "?", "Yes.", "No.", (), "", "2026-11-01T00:00:00Z")
        for number in range(3)
    ]
    (home.root / "collected.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, kept)))
    hands = open_rebuild()
    page = on_files(hands)
    assert page.collected.text().endswith("(3)")
    hands.add(pairs())
    hands.click(page.collected)
    hands.settle()
    assert page.cards[1].found.text() == "17 pairs · rated or corrected by you"
    hands.click(page.collected)
    hands.settle()
    assert len(page.cards) == 1


def test_that_personal_data_leaks_and_duplicates_are_told(open_rebuild, pairs):
    hands = open_rebuild(rich=True)
    page = on_files(hands)
    hands.add(pairs())
    texts = [page._notices.itemAt(place).widget().remark.text for place in range(page._notices.count())]
    assert [text.split(":")[0] for text in texts] == [
        "Places that look like personal data",
        "Pairs of a known test set, left out",
        "Pairs that are there twice, taken once",
    ]


def test_that_a_reading_process_that_dies_is_told_and_can_be_tried_again(open_rebuild, pairs):
    import os
    import signal

    hands = open_rebuild(check_s=5)
    page = on_files(hands)
    hands.drop(page.pairs, pairs())
    hands.wait(lambda: hands.check._worker.process_id is not None)
    os.kill(hands.check._worker.process_id, signal.SIGKILL)
    hands.settle()
    assert "Reading stopped unexpectedly" in page.cards[0].found.text()


def test_that_a_removed_file_is_no_longer_waited_for(open_rebuild, pairs):
    hands = open_rebuild(check_s=60)
    page = on_files(hands)
    hands.drop(page.pairs, pairs("slow.jsonl"))
    hands.wait(lambda: hands.check._worker.busy)
    hands.click(page.cards[0].remove)
    hands.wait(lambda: not hands.check._worker.busy)
    assert page.cards == []


def test_that_a_run_is_deleted_only_after_a_question(open_rebuild, pairs, monkeypatch):
    hands = open_rebuild()
    hands.start(pairs())
    hands.finish()
    hands.wizard.close()
    asked = []
    monkeypatch.setattr(QMessageBox, "open", lambda box: asked.append(box))
    hands.click(hands.page.delete)
    assert len(hands.part.runs.all()) == 1
    sure = next(button for button in asked[0].buttons() if button.text() == "Delete")
    sure.click()
    assert hands.part.runs.all() == []
    asked[0].deleteLater()
