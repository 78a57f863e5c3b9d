"""Second page: what is learned from, and what goes into the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from core.tuning.recipe import Source
from desktop.chat.note import Note
from desktop.theme import GRID, set_role
from desktop.wizard.columns import training_columns
from desktop.wizard.data_check import DataCheck
from desktop.wizard.draft import COLLECTED, Draft
from desktop.wizard.drop_area import DropArea
from desktop.wizard.file_card import FileCard
from desktop.wizard.notices import Notice, Remark, remarks
from desktop.wizard.page import Step, scrolled
from desktop.wizard.papers_part import PapersPart
from desktop.words import next_step, number


class FilesPage(Step):
    """Cards of files that fill in as they are read; remarks on the data below."""

    def __init__(
        self, draft: Draft, check: DataCheck, kept: Callable[[], int], parent: QWidget | None = None
    ) -> None:
        """``kept`` counts what the user has rated, corrected or opened in the app."""
        super().__init__(parent)
        self.set_words(
            self.tr("Files"), self.tr("Each file is read as it lands. Nothing leaves this computer.")
        )
        self._draft, self._check, self._kept = draft, check, kept
        self.cards: list[FileCard] = []
        self._remarks: list[Remark] = []
        self.pairs = DropArea(
            self.tr("Drop questions with answers here"),
            self.tr("PubMedQA, BioASQ, JSON Lines, or CSV with a column for the question and the answer."),
            self.tr("Pairs (*.json *.jsonl *.csv *.tsv *.gz);;All files (*)"),
        )
        self.collected = QCheckBox()
        self.found = Note()
        self.papers = PapersPart(draft)
        self._pairs_part = QWidget()
        self._cards = QVBoxLayout()
        self._notices = QVBoxLayout()
        self._total = QLabel()
        self._build()
        self.pairs.landed.connect(draft.add_files)
        self.collected.toggled.connect(self._on_collected)
        draft.changed.connect(self._show)
        check.changed.connect(self._show)

    def initializePage(self) -> None:
        """Read what has not been read."""
        count = self._kept()
        none = self.tr("Answers that you rate or correct can be learned from, once the settings allow it")
        some = self.tr("Also what I rated, corrected or opened in this app ({0})").format(number(count))
        self.collected.setText(some if count else none)
        self.collected.setEnabled(count > 0)
        self._show()
        self._check.refresh()

    def first(self) -> QWidget:
        return self.pairs.button if self._draft.tuning else self.papers.area.button

    def isComplete(self) -> bool:
        pairs = not self._draft.tuning or (bool(self._check.usable) and not self._check.busy)
        ready = not self._draft.tuning or self._check.report is not None
        papers = not self._draft.library or bool(self._draft.documents)
        return pairs and ready and papers

    def _build(self) -> None:
        self._cards.setSpacing(GRID)
        self._notices.setSpacing(GRID)
        set_role(self._total, "muted")
        inner = QVBoxLayout(self._pairs_part)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GRID)
        inner.addWidget(self.pairs)
        inner.addLayout(self._cards)
        inner.addWidget(self.collected)
        inner.addWidget(self._total)
        inner.addWidget(self.found)
        inner.addLayout(self._notices)
        self.found.hide()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID * 2)
        column.addWidget(self._pairs_part)
        column.addWidget(self.papers)
        column.addStretch()
        self.body.addWidget(scrolled(content), 1)

    @Slot()
    def _show(self) -> None:
        """Show the draft, and what is known of its files."""
        self._pairs_part.setVisible(self._draft.tuning)
        self.papers.setVisible(self._draft.library)
        self.papers.refresh()
        self.collected.blockSignals(True)
        self.collected.setChecked(COLLECTED in [replace(one, weight=1.0) for one in self._draft.sources])
        self.collected.blockSignals(False)
        names = [(one.path, one.format) for one in self._draft.sources]
        if names != [(card.source.path, card.source.format) for card in self.cards]:
            self._make_cards()
        results = [self._check.result(source) for source in self._draft.sources]
        for card, source, result in zip(self.cards, self._draft.sources, results, strict=True):
            card.source = source
            card.show_result(result)
        rejected = [one for result in results if result.report for one in result.report.rejected]
        self._show_remarks(remarks(self._check.report, rejected))
        self._show_total()
        self.completeChanged.emit()

    def _make_cards(self) -> None:
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [FileCard(source) for source in self._draft.sources]
        for card in self.cards:
            self._cards.addWidget(card)
            card.weighed.connect(
                lambda weight, card=card: self._change(card, replace(card.source, weight=weight))
            )
            card.columns_wanted.connect(lambda card=card: self._on_columns(card))
            card.removed.connect(lambda card=card: self._change(card, None))

    def _change(self, card: FileCard, source: Source | None) -> None:
        sources = list(self._draft.sources)
        place = self.cards.index(card)
        sources[place : place + 1] = [source] if source else []
        self._draft.set_sources(sources)

    def _show_total(self) -> None:
        report, failure = self._check.report, self._check.failure
        self._total.setVisible(report is not None)
        if report:
            words = self.tr("{0} pairs will be used: {1} to learn from, {2} held out to check.")
            held = min(report.validation, report.used)
            self._total.setText(words.format(number(report.used), number(report.used - held), number(held)))
        self.found.setVisible(failure is not None)
        if failure:
            self.found.say("warning", "problem", failure.message, next_step("", failure.hint))

    def _show_remarks(self, found: Sequence[Remark]) -> None:
        if list(found) == self._remarks:
            return  # what is open stays open
        self._remarks = list(found)
        while item := self._notices.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for remark in found:
            self._notices.addWidget(Notice(remark))

    @Slot(bool)
    def _on_collected(self, on: bool) -> None:
        others = [one for one in self._draft.sources if one.format != "collected" or one.path]
        self._draft.set_sources([*others, COLLECTED] if on else others)

    def _on_columns(self, card: FileCard) -> None:
        dialog = training_columns(card.source, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._change(card, replace(card.source, columns=dialog.columns()))
        dialog.deleteLater()
