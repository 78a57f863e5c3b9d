"""Models and adapters from bundles: a folder a version under ``models``; the settings say which is in use.

A folder never changes once it is there, so a running model is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from core.bundles.manifest import Manifest
from core.bundles.places import Decide, rename_into
from core.bundles.register import Entry, Register
from core.cancel import CancelToken
from core.errors import BundleRefused, ModelUnusable
from core.library.versions import discard
from core.paths import Home
from core.progress import Progress
from core.registry import ModelInfo, inspect_model
from core.settings import settings_of
from core.tuning.switching import switching

_Role = Literal["language", "embedder", "reranker", "verifier"]
_ROLES: tuple[_Role, ...] = ("language", "embedder", "reranker", "verifier")
_SHOWN: dict[_Role, str] = {
    "language": "the language model",
    "embedder": "the search model",
    "reranker": "the reranker",
    "verifier": "the model that checks citations",
}


class Models:
    """Whole models."""

    def __init__(self, home: Home, register: Register) -> None:
        self._home = home
        self._register = register

    @property
    def incoming(self) -> Path:
        return self._home.models / ".incoming"

    def check(self, manifest: Manifest, name: str) -> Sequence[str]:
        """Nothing has to be there before a model."""
        return ()

    def room(self, manifest: Manifest) -> int:
        """A model is renamed to its place, which takes none."""
        return 0

    def put(
        self,
        content: Path,
        manifest: Manifest,
        name: str,
        decide: Decide,
        cancel: CancelToken,
        progress: Progress,
    ) -> None:
        """See ``Place``."""
        usable(content)
        folder = self._folder(name, manifest.version)
        decide(folder)
        rename_into(content, self._home.models / folder)

    def is_there(self, entry: Entry) -> bool:
        """See ``Place``."""
        return (self._home.models / entry.place).is_dir()

    def use(self, entry: Entry, others: Sequence[Entry]) -> str:
        """Let the settings name this version where they named another; see ``Place``.

        A search model is not switched: the libraries have to be embedded anew, which the user decides.
        """
        before = {other.place for other in others} - {entry.place}
        with switching(self._home, []):
            settings = settings_of(self._home)
            named = [role for role in _ROLES if getattr(settings.model, role) in before]
            named = [role for role in named if not self._home.policy.locks("model", role)]
            if wanted := {role: entry.place for role in named if role != "embedder"}:
                model = replace(settings.model, **wanted)  # type: ignore[arg-type]
                self._home.policy.write_own(self._home.settings, replace(settings, model=model))
        if "embedder" in named:
            return (
                f"The search model in use is still {settings.model.embedder}. Choose {entry.place} in the "
                "settings, and embed the libraries anew: vademecum library reindex NAME"
            )
        if not named and not self._names(entry):
            return f"Choose {entry.place} in the settings to use it."
        return ""

    def must_leave(self, entry: Entry) -> None:
        """See ``Place``."""
        if roles := self._names(entry):
            raise BundleRefused(
                f"{entry.place} is {_SHOWN[roles[0]]} in use.", "Choose another in the settings first."
            )

    def drop(self, entry: Entry) -> None:
        """See ``Place``."""
        discard(self._home.models / entry.place)
        if self.is_there(entry):
            raise BundleRefused(f"{entry.place} is open in a program.", "Close it, and remove it again.")

    def _names(self, entry: Entry) -> list[_Role]:
        model = settings_of(self._home).model
        return [role for role in _ROLES if getattr(model, role) == entry.place]

    def _folder(self, name: str, version: str) -> str:
        """Return the folder of a version: the name alone if nothing has it, also no model of the program."""
        for entry in self._register.entries():  # decided by an installation that was killed
            same = (entry.name, entry.version) == (name, version) and entry.kind in ("model", "adapter")
            if same and not self.is_there(entry):
                return entry.place
        numbered = (f"{name}-{version}-{number}" for number in range(2, 1000))
        return next(each for each in (name, f"{name}-{version}", *numbered) if not self._taken(each))

    def _taken(self, name: str) -> bool:
        places = {entry.place for entry in self._register.entries() if entry.kind in ("model", "adapter")}
        return name in places or self._home.model(name).exists()


def usable(folder: Path) -> ModelInfo:
    """Return what the model in ``folder`` is. Raises BundleRefused if it is none."""
    try:
        return inspect_model(folder)
    except ModelUnusable as error:
        said = str(error).replace(f"{folder}/", "").replace(str(folder), "it")
        raise BundleRefused(f"The bundle holds no usable model: {said}", "Ask for another bundle.") from error
