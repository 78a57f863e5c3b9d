"""What the administrator of this computer has decided for all its users: ``policy.toml``.

It lies where only an administrator can write: see ``places``. Without one, everything is allowed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from core.errors import PolicyForbids, SettingsInvalid

FILE = "policy.toml"


@dataclass(frozen=True, slots=True)
class Policy:
    """Attributes:
    imports: users may add to, change and delete libraries.
    training: users may fine-tune models.
    unsigned_bundles: bundles that nobody trusted has signed may be installed.
    content: folders with ``models/`` and ``libraries/`` that are used in place and never written, such as a
        share on a server.
    keys: folders with public keys (``*.pub``) whose bundles are trusted, besides the user's own.
    settings: values of ``settings.toml`` that users cannot change, in its layout.
    """

    imports: bool = True
    training: bool = True
    unsigned_bundles: bool = False
    content: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    def must_allow(self, what: str) -> None:
        """Raise PolicyForbids unless ``what``, "imports" or "training", is allowed."""
        if not getattr(self, what):
            words = {"imports": "Libraries cannot be changed", "training": "Models cannot be trained"}[what]
            raise PolicyForbids(f"{words} on this computer.", "Ask the person who looks after it.")


def places(program: Path | None = None) -> list[Path]:
    """Return where a policy may lie, the first that exists counts: the system's, then the program's."""
    if sys.platform == "win32":
        system = Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Vademecum" / FILE
    elif sys.platform == "darwin":
        system = Path("/Library/Application Support/Vademecum") / FILE
    else:
        system = Path("/etc/vademecum") / FILE
    return [system, *([program / FILE] if program else [])]


def read_policy(files: Sequence[Path]) -> Policy:
    """Return the policy in the first of ``files`` that exists; the default where none does.

    Raises:
        SettingsInvalid: it cannot be read or says something unknown. Nothing is allowed then, since nobody
            knows what was to be forbidden.
    """
    for path in files:
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SettingsInvalid(f"{path} cannot be read: {error.strerror}.", _ASK) from error
        try:
            return msgspec.toml.decode(text, type=_Strict).as_policy()
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise SettingsInvalid(f"{path}: {error}.", _ASK) from error
    return Policy()


_ASK = "Ask the person who looks after this computer."


class _Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file, in which an unknown name is a mistake."""

    imports: bool = True
    training: bool = True
    unsigned_bundles: bool = False
    content: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    settings: dict[str, Any] = msgspec.field(default_factory=dict)

    def as_policy(self) -> Policy:
        return Policy(
            self.imports, self.training, self.unsigned_bundles, self.content, self.keys, dict(self.settings)
        )
