"""What is the same wherever the content of a bundle goes; see ``models``, ``libraries``, ``lists``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from core.bundles.manifest import Manifest
from core.bundles.register import Entry
from core.cancel import CancelToken
from core.library.storage import flush
from core.progress import Progress

Decide = Callable[[str], None]  # told the place, just before what belongs there appears


class Place(Protocol):
    """How one kind of content is put in place, switched to and taken away."""

    @property
    def incoming(self) -> Path:
        """Where the files are taken out to: on the disk that they will stay on."""

    def check(self, manifest: Manifest, name: str) -> Sequence[str]:
        """Return what the user should know before; raise BundleRefused if it cannot be put in place."""

    def room(self, manifest: Manifest) -> int:
        """Return the bytes that are needed besides the files themselves."""

    def put(
        self,
        content: Path,
        manifest: Manifest,
        name: str,
        decide: Decide,
        cancel: CancelToken,
        progress: Progress,
    ) -> None:
        """Put in place what lies in ``content``, whole or not at all, beside what is in use."""

    def is_there(self, entry: Entry) -> bool:
        """True if what ``entry`` describes is whole and in its place."""

    def use(self, entry: Entry, others: Sequence[Entry]) -> str:
        """Take ``entry`` into use instead of ``others``, of the same name; return what is left to do."""

    def must_leave(self, entry: Entry) -> None:
        """Raise BundleRefused unless ``entry`` may be removed."""

    def drop(self, entry: Entry) -> None:
        """Remove ``entry``."""


def rename_into(source: Path, target: Path) -> None:
    """Rename a folder or file, flushed, to ``target``, which does not exist."""
    flush([path for path in (source, *source.rglob("*")) if path.is_file()])
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    flush([target.parent])
