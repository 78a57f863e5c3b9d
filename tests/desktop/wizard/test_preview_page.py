"""What the model will read, with what it learns marked, and the figures of the data."""

from PySide6.QtGui import QTextCursor


def on_preview(hands, path):
    hands.open()
    hands.next()
    hands.add(path)
    hands.next()
    return hands.wizard.preview


def test_that_what_is_learned_is_underlined_and_the_rest_is_not(open_rebuild, pairs):
    page = on_preview(open_rebuild(), pairs())
    report = page._check.report
    trained = report.previews[0].segments[1].text
    cursor = page.view.document().find(trained[:20])
    assert cursor.charFormat().fontUnderline()
    start = QTextCursor(page.view.document())
    start.setPosition(3)
    assert not start.charFormat().fontUnderline()


def test_that_conversations_are_walked_through_by_button_and_key(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_preview(hands, pairs())
    assert page.place.text() == "1 of 8"
    hands.click(page.after)
    assert "120 tokens of evidence cut" in page.counts.text()
    hands.qtbot.keyClicks(page.after, "kk")
    assert page.place.text() == "4 of 8"
    assert "held out" in page.counts.text()
    hands.qtbot.keyClicks(page.after, "jjjj")
    assert page.place.text() == "8 of 8"


def test_that_lengths_are_drawn_with_the_limit_on_whole_conversations(open_rebuild, pairs):
    page = on_preview(open_rebuild(), pairs())
    whole = page.figures.plots["conversation"]
    assert whole.spread == page._check.report.conversation
    assert len(whole.items) == 2  # bars and the line
    assert "than 2,048" in page.figures.limit.text()
    assert len(page.figures.plots["question"].items) == 1


def test_that_the_figures_are_said_in_words(open_rebuild, pairs):
    page = on_preview(open_rebuild(rich=True), pairs(count=90))
    assert page.figures.value("Balance") == "yes 45, no 30, maybe 10"
    assert page.figures.value("Left out, too long") == "1"
    assert page.figures.value("Learned tokens") == "5,400 of 99,000 (5.5 %)"
