"""Installing bundles, going back to an earlier version, removing them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core import __version__
from core.bundles.adapters import Adapters
from core.bundles.container import Opened, open_bundle
from core.bundles.incoming import missing, take_out
from core.bundles.libraries import Libraries
from core.bundles.lists import Lists
from core.bundles.manifest import Kind, Manifest, check_name
from core.bundles.models import Models
from core.bundles.ordering import version_key
from core.bundles.parts import open_file
from core.bundles.places import Place
from core.bundles.register import Entry, Register
from core.bundles.trust import Keyring
from core.cancel import CancelToken
from core.errors import BundleRefused
from core.library.storage import check_space, storing
from core.library.versions import discard, sweep
from core.paths import Home
from core.progress import Progress
from core.updates.programs import Programs

_CHANGES_LIBRARIES = ("library", "retractions")


@dataclass(frozen=True, slots=True)
class Installed:
    """What came of installing or going back: what is in use now, and what is left to do for the user."""

    entry: Entry
    note: str = ""
    already: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """How the user wants a bundle installed.

    Attributes:
        unsigned: although nobody who is trusted has signed it.
        name: under another name; empty for its own.
        programs: folder for the versions of the program; None for the data folder.
    """

    unsigned: bool = False
    name: str = ""
    programs: Path | None = None


class Bundles:
    """The bundles of one user."""

    def __init__(self, home: Home, keyring: Keyring) -> None:
        self.keyring = keyring
        self.register = Register(home)
        self._home = home
        self._models = Models(home, self.register)

    def installed(self) -> list[Entry]:
        """Return what is there, by kind, name and version."""
        there = [entry for entry in self.register.entries() if self._place(entry.kind).is_there(entry)]
        return sorted(there, key=lambda each: (each.kind, each.name.casefold(), version_key(each.version)))

    def check(self, opened: Opened, wish: Wish) -> list[str]:
        """Return what the user should know before installing.

        Raises:
            BundleRefused, PolicyForbids: it will not be installed, and why.
        """
        manifest, name = opened.manifest, wish.name or opened.manifest.name
        check_name(name)
        self.keyring.policy.must_allow("bundles")
        self.keyring.admit(opened, wish.unsigned)
        if manifest.kind in _CHANGES_LIBRARIES:
            self.keyring.policy.must_allow("imports")
        if version_key(manifest.needs) > version_key(__version__):
            raise BundleRefused(
                f"The bundle needs Vademecum {manifest.needs}; this is {__version__}.", "Update Vademecum."
            )
        warnings = [*self._place(manifest.kind, wish).check(manifest, name)]
        known = [each for each in self.installed() if (each.kind, each.name) == (manifest.kind, name)]
        self._must_not_be_older(manifest, name, known)
        if known and known[-1].signer != manifest.signer:
            was = known[-1].signed_by or known[-1].signer or "nobody"
            warnings.append(f"The version that is installed was signed by someone else ({was}).")
        return warnings

    def install(self, path: Path, wish: Wish, cancel: CancelToken, progress: Progress) -> Installed:
        """Install the bundle at ``path``, whole or in parts, and take it into use where its name was in use.

        Stopped or killed, the next call goes on.

        Raises:
            BundleRefused, PolicyForbids, InputUnreadable: it is not installed, and why.
            LibraryBusy, StorageFull, Cancelled: likewise; nothing in use has changed.
        """
        with self.register.lock(), open_file(path) as source:
            opened = open_bundle(source, self.keyring.keys())
            self.check(opened, wish)
            entry = _entry(opened, wish)
            same = self._same(entry)
            place = self._place(entry.kind, wish)
            if same is None:
                with storing(place.incoming):
                    check_space(place.incoming, place.room(opened.manifest) + missing(opened, place.incoming))
                    self._put(place, source, opened, entry, cancel, progress)
                same = self._same(entry)
                assert same is not None
                return Installed(same, self._use(same))
            if self.register.used(same.kind, same.name) == same.version:
                return Installed(same, "", already=True)
            return Installed(same, self._use(same), already=True)

    def rollback(self, name: str, version: str = "", kind: Kind | None = None) -> Installed:
        """Take an earlier version of ``name`` into use, by default the one before; nothing is removed.

        Raises:
            BundleRefused, PolicyForbids: there is no such bundle or version, or it may not be done.
        """
        self.keyring.policy.must_allow("bundles")
        with self.register.lock():
            known = self._known(name, kind)
            used = self.register.used(known[0].kind, known[0].name)
            if version:
                found = [each for each in known if each.version == version]
            else:
                found = [each for each in known if version_key(each.version) < version_key(used)]
            if not found:
                there = ", ".join(each.version for each in known)
                what = f"no version {version}" if version else f"no version before {used or 'this one'}"
                raise BundleRefused(f"{name} has {what} here.", f"Installed are: {there}.")
            return Installed(found[-1], self._use(found[-1]))

    def remove(self, name: str, version: str = "", kind: Kind | None = None) -> list[Entry]:
        """Remove one version of ``name`` that is not in use, or all; return what was removed.

        Raises:
            BundleRefused, PolicyForbids: there is none, it is in use, or it may not be done.
        """
        self.keyring.policy.must_allow("bundles")
        with self.register.lock():
            known = self._known(name, kind)
            chosen = [each for each in known if version in ("", each.version)]
            if not chosen:
                raise BundleRefused(f"{name} has no version {version} here.", "vademecum bundle list")
            used = self.register.used(chosen[0].kind, name)
            if len(chosen) < len(known) and used in {each.version for each in chosen}:
                raise BundleRefused(
                    f"{name} {used} is in use.",
                    f"Take another version first: vademecum bundle rollback {name}",
                )
            place = self._place(chosen[0].kind)
            for entry in chosen:
                place.must_leave(entry)
            for entry in sorted(chosen, key=lambda each: each.version == used):  # the one in use last
                place.drop(entry)
                self.register.drop(entry)
            return chosen

    def _put(
        self,
        place: Place,
        source: object,
        opened: Opened,
        entry: Entry,
        cancel: CancelToken,
        progress: Progress,
    ) -> None:
        incoming = place.incoming
        try:
            content = take_out(source, opened, incoming, cancel, progress)  # type: ignore[arg-type]
            decide = lambda where: self.register.put(replace(entry, place=where))  # noqa: E731
            place.put(content, opened.manifest, entry.name, decide, cancel, progress)
        except BundleRefused:
            discard(incoming)  # nothing of it can be used
            raise
        discard(incoming)  # with what others have left that were never finished
        sweep(incoming.parent)

    def _use(self, entry: Entry) -> str:
        others = [each for each in self.register.of(entry.kind, entry.name) if each != entry]
        note = self._place(entry.kind).use(entry, others)
        self.register.use(entry)
        return note

    def _same(self, entry: Entry) -> Entry | None:
        """Return the entry of a bundle with this content that is there already."""
        for each in self.register.of(entry.kind, entry.name):
            if each.identity == entry.identity and self._place(each.kind).is_there(each):
                return each
        return None

    def _known(self, name: str, kind: Kind | None) -> list[Entry]:
        known = [each for each in self.installed() if each.name == name and kind in (None, each.kind)]
        if not known:
            raise BundleRefused(
                f"No bundle named {name[:80]} is installed.", "See what is: vademecum bundle list"
            )
        if len({each.kind for each in known}) > 1:
            raise BundleRefused(f"Several bundles are named {name}.", "Say which with --kind.")
        return known

    def _must_not_be_older(self, manifest: Manifest, name: str, known: list[Entry]) -> None:
        used = self.register.used(manifest.kind, name)
        for entry in known:
            if entry.version == manifest.version and entry.identity != identity(manifest):
                raise BundleRefused(
                    f"Another {name} {entry.version} is installed, with other content.",
                    "Ask for a version of its own, or remove the installed one first.",
                )
        there = {each.version for each in known}
        older = used in there and version_key(manifest.version) < version_key(used)
        if older and manifest.version not in there:
            raise BundleRefused(
                f"{name} {manifest.version} is older than {used}, which is in use.",
                f"Go back with 'vademecum bundle rollback {name}', or remove it first.",
            )

    def _place(self, kind: Kind, wish: Wish = Wish()) -> Place:
        places: Mapping[Kind, Place] = {
            "model": self._models,
            "adapter": Adapters(self._home, self.register, self._models),
            "library": Libraries(self._home, self.register),
            "retractions": Lists(self._home, self.register),
            "app": Programs(wish.programs or self._programs()),
        }
        return places[kind]

    def _programs(self) -> Path:
        """Return where the program was installed to the last time; in the data folder if never."""
        places = [Path(entry.place) for entry in self.register.entries() if entry.kind == "app"]
        return places[-1].parents[1] if places else self._home.root / "program"


def bundles_of(home: Home) -> Bundles:
    """Return the bundles of ``home`` under its policy."""
    return Bundles(home, Keyring(home, home.policy, bool(home.policy.file)))


def identity(manifest: Manifest) -> str:
    """Return what tells contents apart: SHA-256 of kind, version and every file's path and hash."""
    files = sorted((file.path, file.sha256) for file in manifest.files)
    return hashlib.sha256(msgspec.json.encode([manifest.kind, manifest.version, files])).hexdigest()


def _entry(opened: Opened, wish: Wish) -> Entry:
    manifest = opened.manifest
    return Entry(
        manifest.kind,
        wish.name or manifest.name,
        manifest.version,
        "",
        identity(manifest),
        manifest.signer,
        opened.signed_by.name if opened.signed_by else "",
        datetime.now(UTC).isoformat(timespec="seconds"),
        manifest.size,
        manifest.licence,
        manifest.parents,
        manifest.about,
    )
