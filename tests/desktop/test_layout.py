"""Small parts that pages are put together from."""

import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.badges import Badge
from desktop.cards import DocumentRow
from desktop.flow_layout import FlowLayout


@pytest.fixture
def flow(qtbot):
    """Four labels of 100 x 20 pixels, the third of them hidden, in a layout with 10 pixels at its left."""
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = FlowLayout(holder, gap=8)
    layout.setContentsMargins(10, 0, 0, 5)
    for number in range(4):
        label = QLabel(str(number))
        label.setFixedSize(100, 20)
        layout.addWidget(label)
    layout.itemAt(2).widget().hide()
    layout.holder = holder
    return layout


@pytest.mark.parametrize(
    ("width", "places"),
    [
        (400, [(10, 0), (118, 0), (226, 0)]),
        (300, [(10, 0), (118, 0), (10, 28)]),
        (110, [(10, 0), (10, 28), (10, 56)]),
        (20, [(10, 0), (10, 28), (10, 56)]),
    ],
)
def test_that_widgets_flow_into_lines_and_hidden_ones_take_no_room(flow, width, places):
    flow.setGeometry(QRect(0, 0, width, 200))
    shown = [flow.itemAt(number).geometry() for number in (0, 1, 3)]
    assert [(box.x(), box.y()) for box in shown] == places
    assert flow.heightForWidth(width) == max(y for _, y in places) + 20 + 5


def test_that_a_row_opens_no_window_of_its_own(qtbot):
    class Spy(QObject):
        opened = 0

        def eventFilter(self, watched, event):
            Spy.opened += (
                event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
            )
            return False

    spy = Spy()
    QApplication.instance().installEventFilter(spy)
    row = DocumentRow("A title", "A journal, 2020", [Badge("Retracted", "badge-problem")])
    QApplication.instance().removeEventFilter(spy)
    qtbot.addWidget(row)
    assert Spy.opened == 0
    assert row.accessibleName() == "A title. A journal, 2020. Retracted"
