"""The fields of each kind of evaluation, and the options that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from core.evaluation.plans import Setting
from core.protocol import EvaluationKind
from core.types import SearchMode
from desktop.evaluate.controls import model_box, none_ticked, number_box, stacked, tick_boxes, ticked
from desktop.evaluate.evaluation_words import FORMATS, SETTINGS, format_words, setting_words
from desktop.evaluate.file_field import FileField
from desktop.theme import GRID


class Fields(QWidget):
    """What a kind needs; ``missing`` says what is not filled in, ``options`` returns it all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(GRID)
        self.files: dict[str, FileField] = {}
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        self.form.setVerticalSpacing(GRID)
        self.limit = number_box(self.tr("Number of items"))
        self.limit.setSpecialValueText(self.tr("all"))
        self.seed = number_box(self.tr("Seed"))
        self.seed.setToolTip(self.tr("The same number draws the same items and writes the same answers."))

    def missing(self) -> str:
        """Return what has to be filled in first, or an empty string."""
        for name, field in self.files.items():
            if not field.paths and name not in ("corpus_more", "templates"):
                return self.tr("Choose a file first: {0}.").format(field.title)
        return ""

    def options(self) -> dict[str, Any]:
        """Return the options of the plan (``core.evaluation.plans``)."""
        found: dict[str, Any] = {"limit": self.limit.value() or None, "seed": self.seed.value()}
        for name, field in self.files.items():
            if name == "corpus_more":
                found["corpus"] = list(field.paths)
            else:
                found[name] = field.paths[0] if field.paths else ""
        return found

    def add_file(self, name: str, title: str, words: str, *, several: bool = False) -> None:
        """Ask for the file of the option ``name``."""
        field = FileField(title, words, several=several)
        field.landed.connect(self._on_landed)
        self.files[name] = field
        self.column.addWidget(field)

    def finish(self) -> None:
        """Put the number fields at the end."""
        self.form.addRow(self.limit.accessibleName(), self.limit)
        self.form.addRow(self.seed.accessibleName(), self.seed)
        self.column.addLayout(self.form)

    @Slot(list)
    def _on_landed(self, paths: list[str]) -> None:
        """Put files that were dropped together where their names belong."""
        for path in paths:
            for name, field in self.files.items():
                if name in Path(path).name.lower():
                    field.set_paths([path])


class SearchFields(Fields):
    """Of ``RetrievalPlan``."""

    def __init__(self) -> None:
        super().__init__()
        self.add_file("corpus", self.tr("Documents"), self.tr("corpus.jsonl, with _id, title and text"))
        self.add_file("queries", self.tr("Queries"), self.tr("queries.jsonl, with _id and text"))
        self.add_file("qrels", self.tr("Right documents"), self.tr("qrels.tsv: query, document, relevance"))
        words = {"hybrid": self.tr("Both"), "dense": self.tr("By meaning"), "lexical": self.tr("By words")}
        self.modes = tick_boxes(get_args(SearchMode), words.__getitem__)
        for box in self.modes.values():
            box.setChecked(True)
        self.form.addRow(self.tr("Search"), stacked(list(self.modes.values())))
        self.finish()

    def missing(self) -> str:
        return super().missing() or none_ticked(self.modes, self.tr("Tick at least one way to search."))

    def options(self) -> dict[str, Any]:
        return {**super().options(), "modes": ticked(self.modes)}


class AnswerFields(Fields):
    """Of ``AnswersPlan``."""

    def __init__(self, models: Sequence[str]) -> None:
        super().__init__()
        self.add_file("dataset", self.tr("Questions with answers"), self.tr("PubMedQA, BioASQ or JSON lines"))
        self.add_file(
            "corpus_more",
            self.tr("More documents"),
            self.tr("If you like: files among which the right passages have to be found"),
            several=True,
        )
        self.format = QComboBox()
        for kind in FORMATS:
            self.format.addItem(format_words(kind), kind)
        self.settings = tick_boxes(SETTINGS, _setting)
        self.settings["gold"].setChecked(True)
        self.model = model_box(models)
        self.form.addRow(self.tr("Format"), self.format)
        self.form.addRow(self.tr("Asked with"), stacked(list(self.settings.values())))
        self.form.addRow(self.tr("Language model"), self.model)
        self.finish()
        self.files["dataset"].changed.connect(self._guess)

    def missing(self) -> str:
        return super().missing() or none_ticked(
            self.settings, self.tr("Tick at least one way to ask the questions.")
        )

    def options(self) -> dict[str, Any]:
        return {
            **super().options(),
            "format": self.format.currentData(),
            "settings": ticked(self.settings),
            "model": self.model.currentData(),
        }

    @Slot()
    def _guess(self) -> None:
        """Guess the format from the name; the worker says if it is another one."""
        name = Path((self.files["dataset"].paths or ("",))[0]).name.lower()
        for place, kind in enumerate(FORMATS):
            if kind in name or (kind == "pubmedqa" and name.startswith("ori_pqa")):
                self.format.setCurrentIndex(place)
                return


class CitationFields(Fields):
    """Of ``CitationsPlan``; what is measured are the rules, likeness, and the check of the settings."""

    def __init__(self) -> None:
        super().__init__()
        self.add_file(
            "claims", self.tr("Claims"), self.tr("claims_dev.jsonl of SciFact; corpus.jsonl lies beside it")
        )
        self.finish()


class BiasFields(Fields):
    """Of ``BiasPlan``."""

    def __init__(self, models: Sequence[str]) -> None:
        super().__init__()
        self.add_file(
            "templates",
            self.tr("Vignettes"),
            self.tr("If you like your own; else those of Vademecum are asked"),
        )
        self.model = model_box(models)
        self.form.addRow(self.tr("Language model"), self.model)
        self.finish()

    def options(self) -> dict[str, Any]:
        return {**super().options(), "model": self.model.currentData()}


def fields_of(kind: EvaluationKind, models: Sequence[str]) -> Fields:
    """Return empty fields for ``kind``."""
    match kind:
        case "retrieval":
            return SearchFields()
        case "answers":
            return AnswerFields(models)
        case "citations":
            return CitationFields()
        case "bias":
            return BiasFields(models)


def _setting(setting: Setting) -> str:
    words = setting_words(setting)
    return f"{words.name}: {words.help[0].lower()}{words.help[1:].rstrip('.')}"
