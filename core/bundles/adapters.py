"""Adapters from bundles: merged into their base, they become models like any other."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from core.bundles.manifest import Manifest
from core.bundles.models import Models, usable
from core.bundles.places import Decide
from core.bundles.register import Entry, Register
from core.cancel import CancelToken
from core.errors import BundleRefused, ModelUnusable, RecipeInvalid
from core.generation.merging import ADAPTER
from core.paths import Home
from core.progress import Progress
from core.registry import ModelInfo, find_model, inspect_model

CONFIG = "adapter_config.json"
_BYTES = 4  # of a number of the merged model


class Adapters:
    """Needs the base, which its bundle names as its first parent; afterwards the base may go."""

    def __init__(self, home: Home, register: Register, models: Models) -> None:
        self._home = home
        self._register = register
        self._models = models

    @property
    def incoming(self) -> Path:
        return self._models.incoming

    def check(self, manifest: Manifest, name: str) -> Sequence[str]:
        """See ``Place``."""
        self._base(manifest)
        return ()

    def room(self, manifest: Manifest) -> int:
        """Return about the size of the merged model."""
        return self._base(manifest).parameters * _BYTES

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
        if not all((content / each).is_file() for each in (CONFIG, ADAPTER)):
            raise BundleRefused("The bundle holds no adapter.", "Ask for another bundle.")
        base = self._base(manifest)
        merged = content.with_name("merged")
        shutil.rmtree(merged, ignore_errors=True)  # of an attempt that was killed
        progress("merge", 0, None, "files")
        from core.assets.merge import merge_into

        try:
            merge_into(base.path, content, merged, cancel)
        except RecipeInvalid as error:
            raise BundleRefused(
                f"The adapter does not fit {base.name}.",
                f"Install the {manifest.parents[0]} it was made from.",
            ) from error
        usable(merged)
        self._models.put(merged, manifest, name, decide, cancel, progress)

    def is_there(self, entry: Entry) -> bool:
        """See ``Place``."""
        return self._models.is_there(entry)

    def use(self, entry: Entry, others: Sequence[Entry]) -> str:
        """See ``Place``."""
        return self._models.use(entry, others)

    def must_leave(self, entry: Entry) -> None:
        """See ``Place``."""
        self._models.must_leave(entry)

    def drop(self, entry: Entry) -> None:
        """See ``Place``."""
        self._models.drop(entry)

    def _base(self, manifest: Manifest) -> ModelInfo:
        if not manifest.parents:
            raise BundleRefused(
                "The adapter does not say which model it belongs to.", "Ask for another bundle."
            )
        name = manifest.parents[0]
        used = self._register.used("model", name)
        places = [each.place for each in self._register.of("model", name) if each.version == used]
        try:
            if not Path(name).name == name:
                raise ModelUnusable(f"{name} is no name of a model.")
            return inspect_model(find_model(self._home, (places or [name])[0], "language"))
        except ModelUnusable as error:
            raise BundleRefused(
                f"The adapter belongs to the model {name[:80]}, which is not installed.",
                f"Install {name[:80]} first, then this bundle.",
            ) from error
