"""Lists of retracted publications from bundles: every version is kept, one of each name counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.bundles.manifest import Manifest
from core.bundles.places import Decide, rename_into
from core.bundles.register import Entry, Register
from core.cancel import CancelToken
from core.errors import BundleRefused, InputUnreadable
from core.library.retractions import import_list
from core.library.storage import storing
from core.library.versions import discard
from core.paths import Home
from core.progress import Progress


class Lists:
    """``bundles/lists/VERSION/NAME.txt`` is kept; ``retractions/NAME.txt`` is what counts."""

    def __init__(self, home: Home, register: Register) -> None:
        self._home = home
        self._register = register
        self._folder = home.root / "bundles" / "lists"

    @property
    def incoming(self) -> Path:
        return self._folder / ".incoming"

    def check(self, manifest: Manifest, name: str) -> Sequence[str]:
        """See ``Place``."""
        if len(manifest.files) != 1:
            raise BundleRefused(
                f"The bundle holds {len(manifest.files)} files, not one list.", "Ask for another."
            )
        if (self._home.retractions / f"{name}.txt").exists() and not self._register.of("retractions", name):
            raise BundleRefused(
                f"You have imported a list named {name} yourself.", "Give this one another name with --name."
            )
        return ()

    def room(self, manifest: Manifest) -> int:
        """Two more copies of the list."""
        return 2 * manifest.size

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
        (given,) = manifest.files
        source = (content / given.path).rename(content.parent / f"{name}.txt")
        checked = content.with_name("checked")
        try:
            import_list(checked, source)  # kept as we write it, not as it came
        except InputUnreadable as error:
            raise BundleRefused("The bundle names no retracted publication.", "Ask for another.") from error
        place = f"{manifest.version}/{name}.txt"
        decide(place)
        discard(self._folder / place)
        rename_into(checked / f"{name}.txt", self._folder / place)

    def is_there(self, entry: Entry) -> bool:
        """See ``Place``."""
        return (self._folder / entry.place).is_file()

    def use(self, entry: Entry, others: Sequence[Entry]) -> str:
        """See ``Place``."""
        import_list(self._home.retractions, self._folder / entry.place)
        return ""

    def must_leave(self, entry: Entry) -> None:
        """A list can always go."""

    def drop(self, entry: Entry) -> None:
        """See ``Place``."""
        with storing(self._home.retractions):
            if self._register.used("retractions", entry.name) == entry.version:
                (self._home.retractions / f"{entry.name}.txt").unlink(missing_ok=True)
            (self._folder / entry.place).unlink(missing_ok=True)
