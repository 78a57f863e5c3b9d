"""What a person does with the window, and sees in it."""

from PySide6.QtCore import Qt

from desktop.chat.flow_text import ROOM


def shown(view):
    """Return the words of an answer as they stand on the screen, without the room that is left for signs."""
    view.text.flush()
    return view.text.toPlainText().replace(ROOM, "")


def click_on(qtbot, view, mark):
    """Click the middle of ``mark`` in the answer."""
    cursor = view.text.document().find(mark)
    cursor.setPosition(cursor.selectionStart() + 1)
    place = view.text.cursorRect(cursor).center()
    place.setX(place.x() + 3)
    qtbot.mouseClick(view.text.viewport(), Qt.MouseButton.LeftButton, pos=place)
