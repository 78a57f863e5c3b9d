"""Libraries from bundles: another version of the library of that name, beside the one in use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.bundles.manifest import Manifest
from core.bundles.places import Decide
from core.bundles.register import Entry, Register
from core.cancel import CancelToken
from core.errors import AppError, BundleRefused
from core.library.shelf import Shelf
from core.library.storage import storing
from core.library.versions import discard
from core.paths import Home
from core.progress import Progress
from core.registry import find_model
from core.retrieval.encoding import fingerprint_of
from core.settings import settings_of


class Libraries:
    """A library that the user has changed is neither replaced nor removed."""

    def __init__(self, home: Home, register: Register) -> None:
        self._home = home
        self._register = register
        self._shelf = Shelf(home.libraries, policy=home.policy)

    @property
    def incoming(self) -> Path:
        return self._home.libraries / ".incoming"

    def check(self, manifest: Manifest, name: str) -> Sequence[str]:
        """See ``Place``."""
        if name in self._shelf.names():
            self._must_be_as_installed(name)
        return ()

    def room(self, manifest: Manifest) -> int:
        """The indexes, which are made here, are about as large as what they are made from."""
        return manifest.size

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
        from core.library.transfer import stage  # with NumPy, which a listing does without

        versions = self._shelf.versions(name)
        with self._shelf.lock(name), storing(self._shelf.folder):
            try:
                version = stage(versions, name, content, cancel, progress)
                decide(f"{name}/{version}")
                versions.activate(version)
            except BaseException:
                discard(versions.staging if versions.active() else versions.folder)
                raise

    def is_there(self, entry: Entry) -> bool:
        """See ``Place``."""
        name, version = entry.place.split("/")
        return self._shelf.versions(name).has(version)

    def use(self, entry: Entry, others: Sequence[Entry]) -> str:
        """See ``Place``."""
        name, version = entry.place.split("/")
        if self._shelf.versions(name).active() != version:
            self._must_be_as_installed(name)
            self._shelf.rollback(name, version)
        return self._unlike(name)

    def must_leave(self, entry: Entry) -> None:
        """See ``Place``."""
        self._must_be_as_installed(entry.place.split("/")[0])

    def drop(self, entry: Entry) -> None:
        """See ``Place``."""
        name, version = entry.place.split("/")
        versions = self._shelf.versions(name)
        if versions.active() in (None, version):
            self._shelf.remove(name)
        else:
            with self._shelf.lock(name):
                discard(versions.path(version))

    def _must_be_as_installed(self, name: str) -> None:
        known = {entry.place for entry in self._register.of("library", name)}
        if f"{name}/{self._shelf.versions(name).active()}" not in known:
            raise BundleRefused(
                f"The library {name} holds what you have put in it yourself.",
                "Install this one under another name with --name; "
                "yours can be removed with 'vademecum library remove'.",
            )

    def _unlike(self, name: str) -> str:
        """Say what is to be done if the library was made with another search model than the one in use."""
        try:
            chosen = settings_of(self._home).model.embedder
            made_with = self._shelf.info(name).embedder
            if fingerprint_of(find_model(self._home, chosen, "embedder")) == made_with:
                return ""
        except (AppError, OSError, ValueError, KeyError, TypeError):
            return ""
        return (
            f"{name} was made with another search model ({made_with}). Embed it anew before asking it: "
            f"vademecum library reindex {name}"
        )
