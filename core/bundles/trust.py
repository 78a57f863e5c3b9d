"""Whose bundles are accepted: the public keys of the user and of the administrator."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.bundles.container import Opened
from core.bundles.signing import TrustedKey, key_id, read_public, trusted_keys
from core.errors import BundleRefused, InputUnreadable, PolicyForbids
from core.library.storage import storing
from core.paths import NAMES, Home, can_be_folder
from core.policy import Policy

_ASK = "Ask the person who looks after this computer."


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys in ``keys`` of the data folder, which the user adds, and in the policy's folders.

    Attributes:
        decided: an administrator has written a policy, so a user's own word does not count against it.
    """

    home: Home
    policy: Policy
    decided: bool

    @property
    def folder(self) -> Path:
        """Where the user's own keys lie."""
        return self.home.root / "keys"

    def keys(self) -> list[TrustedKey]:
        """Return all trusted keys, the administrator's first."""
        own = [self.folder] if self.policy.own_keys else []
        return trusted_keys([*map(Path, self.policy.keys), *own])

    def add(self, path: Path, name: str = "") -> TrustedKey:
        """Trust the public key in ``path`` from now on, and call it ``name`` (by default as the file is).

        Raises:
            InputUnreadable: it is no public key, or another key has that name.
            PolicyForbids: the keys of the policy alone count.
        """
        self.policy.must_allow("own_keys")
        key, name = read_public(path), name or path.stem
        if not can_be_folder(name):
            raise InputUnreadable(f"{name[:80]!r} cannot be the name of a key.", NAMES)
        for known in self.keys():
            if known.id == key_id(key):
                return known
        target = self.folder / f"{name}.pub"
        if target.exists():
            raise InputUnreadable(f"Another key is called {name}.", "Give it another name with --name.")
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        return TrustedKey(key_id(key), name, key)

    def remove(self, name: str) -> None:
        """Trust a key of the user's no more; what it has signed stays. Raises InputUnreadable."""
        target = self.folder / f"{name}.pub"
        if not can_be_folder(name) or not target.is_file():
            raise InputUnreadable(f"You have no key called {name[:80]}.", "List them: vademecum bundle keys")
        target.unlink()

    def admit(self, opened: Opened, unsigned: bool) -> None:
        """Raise unless this bundle may be installed as far as its signer goes.

        A program is never taken from a stranger on the user's word alone, since it runs.

        Args:
            unsigned: the user wants it although nobody trusted has signed it.

        Raises:
            BundleRefused, PolicyForbids: it may not.
        """
        if opened.signed_by is not None or self.policy.unsigned_bundles:
            return
        signer = opened.manifest.signer
        what = f"is signed by {signer}, whose key is not trusted here" if signer else "is not signed"
        if self.decided:
            raise PolicyForbids(f"The bundle {what}, and this computer takes no such bundles.", _ASK)
        if opened.manifest.kind == "app":
            raise BundleRefused(
                f"The bundle {what}, and it holds a program.",
                "Get the maker's public key, compare its id with them, and add it: "
                "vademecum bundle trust FILE.pub",
            )
        if not unsigned:
            raise BundleRefused(
                f"The bundle {what}.",
                "Add the maker's public key (vademecum bundle trust FILE.pub), "
                "or install it all the same with --allow-unsigned.",
            )
