"""Fifth page: the rebuild as it goes, live or read again from its run folder."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.note import Note
from desktop.icons import PrimaryButton
from desktop.rebuild.story import Story, state_words
from desktop.rebuild.trainer import Trainer
from desktop.theme import GRID, LARGE, set_role, sized
from desktop.wizard.page import Step, muted
from desktop.wizard.step_list import StepList
from desktop.words import duration, next_step, number, size

DRAW_EVERY_MS = 200


class RunPage(Step):
    """Charts, log and the buttons that pause, stop and go on."""

    def __init__(self, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_words(
            self.tr("Run"),
            self.tr("You may close this window: the rebuild goes on, and the Rebuild page brings it back."),
        )
        self._trainer = trainer
        self._lines = 0
        self.steps = StepList()
        self.headline = QLabel()
        sized(self.headline, LARGE, bold=True)
        self.counts = muted()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.note = Note()
        self.rooms = QVBoxLayout()
        self.log = QPlainTextEdit()
        self.pause = QPushButton(self.tr("Pause"))
        self.stop = QPushButton(self.tr("Stop"))
        self.resume = PrimaryButton(self.tr("Resume"))
        self._draw_timer = QTimer(self)
        self._draw_timer.setSingleShot(True)
        self._draw_timer.setInterval(DRAW_EVERY_MS)
        self._draw_timer.timeout.connect(self._draw)
        self._build()
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self._on_stop)
        self.resume.clicked.connect(self._on_resume)
        trainer.progressed.connect(self._on_progressed)
        trainer.changed.connect(self._on_changed)

    def initializePage(self) -> None:
        """Show what there is."""
        self._lines = 0
        self.log.clear()
        self._show()
        self._draw()

    def isComplete(self) -> bool:
        return not self._trainer.busy and self._trainer.has_result

    def _build(self) -> None:
        from desktop.wizard.plots import CurvePlot  # loads pyqtgraph

        self.loss = CurvePlot(self.tr("Loss"), (self.tr("training"), self.tr("held-out pairs")))
        self.rate = CurvePlot(
            self.tr("Learning rate, in millionths"), (self.tr("learning rate"),), exact=True
        )
        self.gpu = CurvePlot(self.tr("Graphics card, %"), (self.tr("used"), self.tr("memory")))
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.log.setReadOnly(True)
        self.log.setTabChangesFocus(True)
        self.log.document().setDocumentMargin(GRID)
        set_role(self.log, "text")
        self.log.setMaximumBlockCount(2000)
        self.log.setAccessibleName(self.tr("What has happened"))
        self.log.setMinimumHeight(10 * GRID)
        self.pause.setToolTip(
            self.tr("Saves and frees the graphics card. What comes after it waits for Resume.")
        )
        self.stop.setToolTip(self.tr("Saves and ends the rebuild. The run can still be resumed later."))
        self.rooms.setSpacing(GRID)
        self.note.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self.headline)
        text.addWidget(self.counts)
        buttons.addLayout(text, 1)
        for button in (self.resume, self.pause, self.stop):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        charts = QGridLayout()
        charts.setSpacing(GRID * 2)
        charts.addWidget(self.loss, 0, 0, 2, 1)
        charts.addWidget(self.rate, 0, 1)
        charts.addWidget(self.gpu, 1, 1)
        charts.setColumnStretch(0, 3)
        charts.setColumnStretch(1, 2)
        self._charts = QFrame()
        set_role(self._charts, "plain")
        self._charts.setLayout(charts)
        charts.setContentsMargins(0, 0, 0, 0)
        for widget in (self.steps,):
            self.body.addWidget(widget)
        self.body.addLayout(buttons)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.note)
        self.body.addLayout(self.rooms)
        self.body.addWidget(self._charts, 3)
        self.body.addWidget(self.log, 1)

    @Slot()
    def _on_progressed(self) -> None:
        if not self._draw_timer.isActive() and self.isVisible():
            self._draw_timer.start()  # a fast run tells more often than an eye can see

    @Slot()
    def _on_changed(self) -> None:
        self._show()
        self._draw()
        self.completeChanged.emit()

    @Slot()
    def _draw(self) -> None:
        story = self._trainer.story
        self.steps.show_steps(self._trainer.steps)
        self._show_words(story)
        self.loss.show_curves(story.curves["loss"], story.curves["eval_loss"])
        self.rate.show_curves({step: 1e6 * rate for step, rate in story.curves["learning_rate"].items()})
        total = self._trainer.gpu_memory
        memory = story.curves["gpu_memory"]
        share = {step: 100 * used / total for step, used in memory.items()} if total else {}
        used = {step: 100 * part for step, part in story.curves["gpu_utilisation"].items()}
        self.gpu.show_curves(used, share)
        self.gpu.setVisible(bool(used or share))
        self._show_log(story)

    def _show(self) -> None:
        trainer, story = self._trainer, self._trainer.story
        for button in (self.pause, self.stop):
            button.setVisible(trainer.busy)
            button.setEnabled(not trainer.ending)
        self.resume.setVisible(trainer.resumable)
        self.resume.setText(self.tr("Resume") if story.run else self.tr("Try again"))
        for part in (self._charts, self.bar, self.log):
            part.setVisible(bool(trainer.training or story.run))
        self._show_note(story)
        self._show_rooms(story)

    def _show_words(self, story: Story) -> None:
        trainer = self._trainer
        importing = trainer.busy and not trainer.training
        if importing:
            self.headline.setText(self.tr("Adding papers to the library"))
        elif trainer.ending:
            self.headline.setText(self.tr("Saving; what is done is kept"))
        elif trainer.busy:
            self.headline.setText(story.doing or self.tr("Training"))
        elif not story.run:
            self.headline.setText(self._words_without_run())
        else:
            self.headline.setText(state_words(story.state))
        self.bar.setRange(0, 0 if trainer.busy and not story.step else max(1, story.steps))
        self.bar.setValue(story.step)
        self.counts.setText(" · ".join(self._figures(story)))

    def _words_without_run(self) -> str:
        states = [step.state for step in self._trainer.steps]
        if "failed" in states:
            return self.tr("Could not begin")
        return self.tr("Stopped") if "stopped" in states else self.tr("Done") if states else ""

    def _figures(self, story: Story) -> list[str]:
        if not story.run:
            return []
        words = [self.tr("Step {0} of {1}").format(number(story.step), number(story.steps))]
        if story.curves["loss"]:
            words.append(self.tr("loss {0}").format(f"{story.curves['loss'][max(story.curves['loss'])]:.3f}"))
        if story.tokens_per_s:
            words.append(self.tr("{0} tokens/s").format(number(round(story.tokens_per_s))))
        if memory := story.curves["gpu_memory"]:
            words.append(self.tr("{0} on the graphics card").format(size(round(memory[max(memory)]))))
        if self._trainer.training and story.eta_s is not None and story.step < story.steps:
            words.append(self.tr("{0} left").format(duration(story.eta_s)))
        return words

    def _show_note(self, story: Story) -> None:
        trainer = self._trainer
        failed = next((step for step in trainer.steps if step.state == "failed"), None)
        message, hint = (failed.said, failed.hint) if failed else (story.message, story.hint)
        if trainer.busy or not message:
            self.note.hide()
        else:
            self.note.say("warning", "warning", message, next_step("", hint))

    def _show_rooms(self, story: Story) -> None:
        while item := self.rooms.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        if story.room is None or self._trainer.busy:
            return
        room = story.room
        for words, changes, keeps in zip(room.words, room.changes, room.keeps_progress, strict=True):
            how = (
                self.tr("goes on after step {0}").format(number(story.step))
                if keeps
                else self.tr("begins anew")
            )
            button = QPushButton(f"{words} ({how})")
            button.clicked.connect(lambda _=False, changes=changes: self._trainer.resume(story.run, changes))
            self.rooms.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_log(self, story: Story) -> None:
        if self._lines > len(story.log):
            self.log.clear()
            self._lines = 0
        bar = self.log.verticalScrollBar()
        following = bar.value() == bar.maximum() or not self._lines
        for line in story.log[self._lines :]:
            self.log.appendPlainText(line)
        self._lines = len(story.log)
        if following:
            bar.setValue(bar.maximum())

    @Slot()
    def _on_pause(self) -> None:
        self._trainer.pause()

    @Slot()
    def _on_stop(self) -> None:
        self._trainer.stop()

    @Slot()
    def _on_resume(self) -> None:
        self._trainer.go_on()
