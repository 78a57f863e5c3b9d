"""The loaded parts of one process: models and open libraries, each loaded when first needed and then kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.assistant import Assistant
from core.cancel import CancelToken
from core.citations.support import RuledVerifier, SimilarityVerifier, Verifier
from core.citations.verifiers import load_verifier
from core.errors import IndexMismatch, LibraryEmpty, ModelUnusable, PolicyForbids
from core.generation.engine import Engine
from core.library.ingest import add
from core.library.retractions import read_lists, state_of
from core.library.shelf import shelf_of
from core.paths import Home, resources
from core.progress import Progress
from core.registry import find_model
from core.retrieval.embedder import Embedder, fingerprint_of, load_embedder
from core.retrieval.library import OpenLibrary, open_library
from core.retrieval.rerank import CrossEncoder, Reranker
from core.retrieval.retriever import Retriever
from core.settings import RULES_ALONE, Settings
from core.types import ImportReport


class Runtime:
    """What a worker or a command needs to answer, search and import, under one set of settings."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self.shelf = shelf_of(home)
        self._embedder: Embedder | None = None
        self._engine: Engine | None = None
        self._reranker: Reranker | None = None
        self._verifier: Verifier | None = None
        self._open: dict[str, OpenLibrary] = {}
        self._retractions: tuple[tuple[str, int], ...] = ()

    def assistant(
        self, engine: Callable[[], Engine] | None = None, settings: Settings | None = None
    ) -> Assistant:
        """Return an assistant on this runtime's models and settings, or others where they are given."""
        verifier = RuledVerifier(self.verifier)
        return Assistant(engine or self.engine, self.embedder, settings or self.settings, verifier)

    def embedder(self) -> Embedder:
        """Return the embedder, loading it at the first call."""
        if self._embedder is None:
            self._embedder = load_embedder(self._embedder_folder(), self._device())
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
            LibraryMissing, LibraryEmpty, IndexDamaged, IndexMismatch, PolicyForbids: and what to do.
        """
        if self.home.policy.locks("libraries"):
            self._must_be_locked_ones(names)
        reranker = self.reranker if self.settings.model.reranker else None
        if (state := state_of(self.home.retractions)) != self._retractions:
            self._close(list(self._open))
            self._retractions = state
        libraries = [self._library(name) for name in dict.fromkeys(names)]
        return Retriever(libraries, self.embedder, reranker)

    def reranker(self) -> Reranker:
        """Return the reranker, loading it at the first call."""
        if self._reranker is None:
            folder = find_model(self.home, self.settings.model.reranker, "reranker")
            self._reranker = CrossEncoder.load(folder, self._device())
        return self._reranker

    def verifier(self) -> Verifier:
        """Return the model that judges what the rules leave open, loading it at the first call.

        Raises:
            ModelUnusable: there is none of this name, or it cannot be used.
        """
        if self._verifier is None:
            folder = self._verifier_folder()
            self._verifier = (
                load_verifier(folder, self._device()) if folder else SimilarityVerifier(self.embedder)
            )
        return self._verifier

    def _verifier_folder(self) -> Path | None:
        """Return where the verifier lies; None for the rules and likeness alone."""
        named = self.settings.model.verifier
        if named == RULES_ALONE:
            return None
        if not named:
            ours = resources() / "verifiers" / "minilm-scifact"
            return ours if ours.is_dir() else None
        for folder in (self.home.model(named), Path(named).expanduser()):
            if folder.is_dir():
                return folder
        raise ModelUnusable(
            f"There is no verifier {named}: neither in {self.home.models} nor as a folder.",
            "Choose another verifier in the settings, or none.",
        )

    def _must_be_locked_ones(self, names: Sequence[str]) -> None:
        if others := set(names) - set(self.settings.libraries):
            allowed = ", ".join(self.settings.libraries)
            raise PolicyForbids(
                f"The library \u201c{min(others)}\u201d is not one of those set by your administrator.",
                f"Choose among them: {allowed}.",
            )

    def _library(self, name: str) -> OpenLibrary:
        folder, manifest = self.shelf.active_version(name)
        known = self._open.get(name)
        if known is not None and known.ref.version == manifest.version:
            return known
        if manifest.chunks == 0:
            raise LibraryEmpty(
                f"The library \u201c{name}\u201d is empty.",
                f'Add files: vademecum library add "{name}" FILE',
            )
        if manifest.embedder != (expected := fingerprint_of(self._embedder_folder())):
            raise IndexMismatch(
                f"The library \u201c{name}\u201d was made with the embedder {manifest.embedder}, "
                f"not {expected}.",
                f'Choose that embedder in the settings, or run: vademecum library reindex "{name}"',
            )
        self._close([name])
        self._open[name] = open_library(folder, name, manifest, read_lists(self.home.retractions))
        return self._open[name]

    def _close(self, names: Sequence[str]) -> None:
        for name in names:
            if library := self._open.pop(name, None):
                library.close()

    def add(
        self,
        name: str,
        paths: Sequence[Path],
        cancel: CancelToken,
        progress: Progress,
        collection: str = "",
        columns: Mapping[str, str] | None = None,
    ) -> ImportReport:
        """Take ``paths`` into library ``name``; see ``core.library.ingest.add``."""
        self.shelf.must_be_writable(name)  # before the model is loaded
        embedder = self.embedder()
        return add(
            self.shelf, name, paths, embedder, cancel, progress, collection=collection, columns=columns
        )

    def _embedder_folder(self) -> Path:
        return find_model(self.home, self.settings.model.embedder, "embedder")

    def _device(self) -> str:
        """Return where the small models run: on the graphics card if there is one and it is wanted."""
        import torch

        wanted = self.settings.model.device
        return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"
