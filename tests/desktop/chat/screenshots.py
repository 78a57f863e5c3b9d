"""Takes pictures of every kind of answer: ``python -m tests.desktop.chat.screenshots PREFIX``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.protocol import Answered, Done, Token
from core.settings import Settings
from tests.desktop.chat import answers
from tests.desktop.screenshots import PASSAGES, Studio, asked
from tests.desktop.window_fakes import answering, say

KINDS = {
    "checked": answering(answers.CHECKED, *PASSAGES),
    "evidence": answering(answers.EVIDENCE, *PASSAGES),
    "refused": say(Answered(answers.REFUSED), Done()),
    "disagreeing": answering(answers.DISAGREEING, *PASSAGES),
    "review": answering(answers.REVIEW, *PASSAGES),
    "leaflet": answering(answers.LEAFLET, *PASSAGES),
    "emergency": answering(answers.EMERGENCY, *PASSAGES),
}
STREAMING = (
    say(*[Token(word + " ") for word in answers.CHECKED.answer.split(" ")[:24]])
    + "heard()\n"
    + say(Done(True))
)
LOOKS = {"light": Settings(appearance="light"), "dark": Settings(appearance="dark")}
SIZES = ((1000, 700), (1440, 900))


def top(desktop):
    asked(desktop)
    desktop.ask.turns.verticalScrollBar().setValue(0)


def card(desktop):
    top(desktop)
    text = desktop.ask.turns.views[0].text
    text.verdict_activated.emit(2, text.mapToGlobal(QPoint(80, 90)))
    QTest.qWait(50)


def popup(desktop):
    return QApplication.activePopupWidget()


def main(prefix: Path) -> None:
    studio = Studio(prefix.parent)
    for look, settings in LOOKS.items():
        for size in SIZES:
            end = f"{look}-{size[0]}"

            def take(name, use, script, end=end, size=size, settings=settings, **more):
                studio.take(f"{prefix.name}{name}-{end}", use, script, size=size, settings=settings, **more)

            for kind, script in KINDS.items():
                take(kind, top, script)
                if kind in ("disagreeing", "review", "leaflet", "checked"):
                    take(f"{kind}-end", asked, script)
            take("streaming", lambda d: (d.ask.ask(answers.QUESTION), QTest.qWait(900)), STREAMING)
            take("card", card, KINDS["checked"], part=popup)
            take("modes", lambda d: (d.ask.composer.modes.open(), QTest.qWait(50)), "", part=popup)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
