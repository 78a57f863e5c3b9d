"""The loaded parts of one process: models and open libraries, each loaded when first needed and then kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.assistant import Assistant
from core.cancel import CancelToken
from core.errors import IndexMismatch, LibraryEmpty
from core.generation.engine import Engine
from core.library.ingest import add
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.paths import Home
from core.registry import find_model
from core.retrieval.dense import DenseIndex
from core.retrieval.embedder import Embedder, fingerprint_of, load_embedder
from core.retrieval.lexical import LexicalIndex
from core.retrieval.retriever import OpenLibrary, Retriever
from core.settings import Settings
from core.types import ImportReport, LibraryRef

ProgressCallback = Callable[[str, int, int | None, str], None]


class Runtime:
    """What a worker or a command needs to answer, search and import, under one set of settings."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self.shelf = Shelf(home.libraries)
        self._embedder: Embedder | None = None
        self._engine: Engine | None = None
        self._retriever: Retriever | None = None

    def assistant(self) -> Assistant:
        """Return an assistant on this runtime's models."""
        return Assistant(self.engine, self.embedder, self.settings)

    def embedder(self) -> Embedder:
        """Return the embedder, loading it at the first call."""
        if self._embedder is None:
            self._embedder = load_embedder(self._embedder_folder())
        return self._embedder

    def engine(self) -> Engine:
        """Return the language model, loading it at the first call."""
        if self._engine is None:
            from core.generation.transformers_engine import TransformersEngine

            folder = find_model(self.home, self.settings.model.language, "language")
            self._engine = TransformersEngine.load(folder, self.settings.model, CancelToken())
        return self._engine

    def retriever(self, names: Sequence[str]) -> Retriever:
        """Return a retriever on the active versions of these libraries, opening those that are new.

        Raises:
            LibraryMissing, LibraryEmpty, IndexDamaged, IndexMismatch: with what to do about it.
        """
        (name,) = names
        folder, manifest = self.shelf.active_version(name)
        ref = LibraryRef(name, manifest.version)
        if self._retriever is None or self._retriever.library.ref != ref:
            if manifest.chunks == 0:
                raise LibraryEmpty(
                    f"The library \u201c{name}\u201d is empty.",
                    f'Add files: vademecum library add "{name}" FILE',
                )
            if manifest.embedder != (expected := fingerprint_of(self._embedder_folder())):
                raise IndexMismatch(
                    f"The library \u201c{name}\u201d was made with the embedder {manifest.embedder}, "
                    f"not {expected}.",
                    "Choose that embedder in the settings, or remove the library and add its files again.",
                )
            if self._retriever is not None:
                self._retriever.library.store.close()
            self._retriever = Retriever(_open(folder, ref, manifest.dim, manifest.chunks), self.embedder)
        return self._retriever

    def add(
        self,
        name: str,
        paths: Sequence[Path],
        cancel: CancelToken,
        progress: ProgressCallback,
        collection: str = "",
        columns: Mapping[str, str] | None = None,
    ) -> ImportReport:
        """Take ``paths`` into library ``name``; see ``core.library.ingest.add``."""
        embedder = self.embedder()
        return add(
            self.shelf, name, paths, embedder, cancel, progress, collection=collection, columns=columns
        )

    def _embedder_folder(self) -> Path:
        return find_model(self.home, self.settings.model.embedder, "embedder")


def _open(folder: Path, ref: LibraryRef, dim: int, chunks: int) -> OpenLibrary:
    return OpenLibrary(
        ref,
        DocumentStore.open(folder),
        DenseIndex.load(folder / "dense", dim, chunks),
        LexicalIndex.load(folder / "lexical"),
    )
