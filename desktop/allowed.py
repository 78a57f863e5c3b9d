"""What the administrator does not allow: why, in a sentence, and the buttons for it greyed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from core.policy import UNDECIDED, Policy
from desktop.icons import IconLabel
from desktop.theme import GRID, set_role


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why something cannot be done on this computer, a sentence each; empty where it can.

    ``language`` and ``embedder``: take another model into use.
    """

    imports: str = ""
    training: str = ""
    bundles: str = ""
    own_keys: str = ""
    language: str = ""
    embedder: str = ""

    def to_use(self, kind: str) -> str:
        """Return why the model of a run ("adapter" or "embedder") cannot be taken into use."""
        return self.training or (self.language if kind == "adapter" else self.embedder)


ALLOWED = WhyNot()


def why_not(policy: Policy = UNDECIDED) -> WhyNot:
    """Return what ``policy`` forbids, in the words of the window."""

    def locked(role: str) -> bool:
        return policy.locks("model", role)

    return WhyNot(
        imports="" if policy.imports else _tr("Your administrator does not allow changes of libraries here."),
        training="" if policy.training else _tr("Your administrator does not allow training here."),
        bundles="" if policy.bundles else _tr("Your administrator does not allow changes of bundles here."),
        own_keys="" if policy.own_keys else _tr("Your administrator alone decides whom to trust here."),
        language=_tr("Your administrator has chosen the assistant here.") if locked("language") else "",
        embedder=_tr("Your administrator has chosen the search model here.") if locked("embedder") else "",
    )


def grey(why: str, *widgets: QWidget) -> None:
    """Grey ``widgets`` for good where there is a reason, which the mouse and a screen reader find on them."""
    if why:
        for widget in widgets:
            _Greyed(widget, why)


def explain(widget: QWidget, why: str) -> None:
    """Let the mouse and a screen reader find ``why`` on ``widget``; nothing where it is empty."""
    widget.setToolTip(why)
    widget.setAccessibleDescription(why)


class _Greyed(QObject):
    """Keeps a widget as it is, whatever its page does with it: pages free their buttons when work is done."""

    def __init__(self, widget: QWidget, why: str) -> None:
        super().__init__(widget)
        self._widget, self._why = widget, why
        widget.installEventFilter(self)
        widget.setAcceptDrops(False)
        self._keep()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.EnabledChange, QEvent.Type.ToolTipChange):
            self._keep()
        return False

    def _keep(self) -> None:
        widget = self._widget
        if not widget.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled):
            widget.setEnabled(False)
        if widget.toolTip() != self._why:
            explain(widget, self._why)


class Forbidden(QWidget):
    """The reason as a line of its page; hidden where there is none."""

    def __init__(self, why: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel(why)
        self.words.setWordWrap(True)
        set_role(self.words, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("lock"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.setVisible(bool(why))


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyNot", text)
