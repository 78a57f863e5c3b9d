"""The rebuild that is being put together: kept while the window is open, whether the wizard is or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.protocol import AddToLibrary, Train, TuneEmbedder
from core.tuning.recipe import EmbedderRecipe, Recipe, Source

COLLECTED = Source(format="collected")


class Draft(QObject):
    """What the pages of the wizard change and show.

    Attributes:
        assistant, search, library: which parts are to be rebuilt.
        recipe, embedder: of assistant and search model; both learn from ``sources``.
        target: the library that ``documents`` (files or folders) are added to.
    """

    changed = Signal()

    def __init__(self, model: str, embedder: str, library: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.assistant, self.search, self.library = True, False, False
        first = Recipe()
        self.recipe = replace(first, base=replace(first.base, model=model))
        self.embedder = EmbedderRecipe(base=embedder)
        self.target = library
        self.documents: tuple[str, ...] = ()

    @property
    def tuning(self) -> bool:
        """True if a model is to be tuned, so that pairs are needed."""
        return self.assistant or self.search

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files of pairs, in the order in which they came."""
        return self.recipe.data.sources

    def set_parts(self, assistant: bool, search: bool, library: bool) -> None:
        """Choose what is rebuilt."""
        self.assistant, self.search, self.library = assistant, search, library
        self.changed.emit()

    def set_recipe(self, recipe: Recipe) -> None:
        """Take another recipe for the assistant."""
        if recipe != self.recipe:
            self.recipe = recipe
            self.embedder = replace(self.embedder, sources=recipe.data.sources)
            self.changed.emit()

    def set_embedder(self, recipe: EmbedderRecipe) -> None:
        """Take another recipe for the search model."""
        if recipe != self.embedder:
            self.embedder = recipe
            self.changed.emit()

    def set_base(self, model: str, weights: str) -> None:
        """Choose what is tuned, and how it is held in memory."""
        base = replace(self.recipe.base, model=model, weights=weights)  # type: ignore[arg-type]
        self.set_recipe(replace(self.recipe, base=base))

    def set_sources(self, sources: Sequence[Source]) -> None:
        """Learn from ``sources``."""
        self.set_recipe(replace(self.recipe, data=replace(self.recipe.data, sources=tuple(sources))))

    def add_files(self, paths: Sequence[str]) -> None:
        """Learn from these files too; one that is there already is not added twice."""
        known = {source.path for source in self.sources}
        self.set_sources(
            [*self.sources, *(Source(path) for path in dict.fromkeys(paths) if path not in known)]
        )

    def set_documents(self, target: str, documents: Sequence[str]) -> None:
        """Add these files or folders to the library ``target``."""
        self.target, self.documents = target, tuple(dict.fromkeys(documents))
        self.changed.emit()

    def jobs(self, sources: Sequence[Source]) -> list[AddToLibrary | Train | TuneEmbedder]:
        """Return what is to be done, in order, learning from ``sources``."""
        data = replace(self.recipe.data, sources=tuple(sources))
        jobs: list[AddToLibrary | Train | TuneEmbedder] = []
        if self.library and self.documents:
            jobs.append(AddToLibrary(self.target, self.documents))
        if self.search:
            jobs.append(TuneEmbedder(replace(self.embedder, sources=tuple(sources))))
        if self.assistant:
            jobs.append(Train(replace(self.recipe, data=data)))
        return jobs


def source_name(source: Source) -> str:
    """Return the name of a source's file without its folder; empty for the pairs collected in the app."""
    return Path(source.path).name
