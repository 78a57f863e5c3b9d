"""What the administrator of this computer has decided for all its users: ``policy.toml``.

It lies where only an administrator can write: see ``places``. Without one, everything is allowed.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from core.decoding import UNDECODABLE
from core.errors import PolicyForbids, SettingsInvalid
from core.settings import Settings, read_settings, with_locked, write_settings

FILE = "policy.toml"
ASK = "Ask the person who looks after this computer."
Permission = Literal["imports", "training", "bundles", "own_keys"]
_FORBIDDEN: dict[Permission, str] = {
    "imports": "Libraries cannot be changed",
    "training": "Models cannot be trained",
    "bundles": "Bundles cannot be installed or removed",
    "own_keys": "Keys cannot be added or removed",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Attributes:
    imports: users may add to, change and delete libraries, and import lists of retractions.
    training: users may fine-tune models, and take what came of it into use.
    bundles: users may install, go back from and remove bundles.
    unsigned_bundles: bundles that nobody trusted has signed may be installed.
    own_keys: users may trust further keys of makers of bundles; else those in ``keys`` alone count.
    content: folders with ``models/`` and ``libraries/`` that are used in place and never written, such as a
        share on a server. Absolute paths.
    keys: folders with public keys (``*.pub``) whose bundles are trusted. Absolute paths.
    settings: values of ``settings.toml`` that users cannot change, in its layout.
    file: where it was read from; empty where nobody has decided anything.
    """

    imports: bool = True
    training: bool = True
    bundles: bool = True
    unsigned_bundles: bool = False
    own_keys: bool = True
    content: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    file: str = ""

    def must_allow(self, what: Permission) -> None:
        """Raise PolicyForbids unless ``what`` is allowed."""
        if not getattr(self, what):
            raise PolicyForbids(f"{_FORBIDDEN[what]} on this computer.", ASK)

    def locks(self, *path: str) -> bool:
        """True if the setting at ``path``, such as "model", "language", is the administrator's."""
        found: Any = self.settings
        for name in path:
            if not isinstance(found, Mapping) or name not in found:
                return False
            found = found[name]
        return True

    def write_own(self, path: Path, settings: Settings) -> None:
        """Write ``settings`` into the user's file at ``path``, but what the administrator has set as it says.

        Once nothing is locked any more, the user's own values hold again. Raises SettingsInvalid as
        ``read_settings``, and OSError where the file cannot be written.
        """
        own = msgspec.to_builtins(read_settings(path))
        kept = {
            name: {key: own[name][key] for key in value} if isinstance(value, Mapping) else own[name]
            for name, value in self.settings.items()
        }
        write_settings(path, with_locked(settings, kept))

    def must_leave(self, *path: str) -> None:
        """Raise PolicyForbids if users cannot change the setting at ``path``."""
        if self.locks(*path):
            raise PolicyForbids(f"The setting {'.'.join(path)} is set by your administrator.", ASK)

    def must_keep(self, settings: Settings) -> None:
        """Raise PolicyForbids unless ``settings`` are what the administrator has set, as far as that goes."""
        kept = with_locked(settings, self.settings)
        for name, value in self.settings.items():
            inner = [(name, key) for key in value] if isinstance(value, Mapping) else [(name,)]
            for path in inner:
                if _at(settings, path) != _at(kept, path):
                    self.must_leave(*path)


def _at(settings: Settings, path: Sequence[str]) -> Any:
    return functools.reduce(getattr, path, settings)


UNDECIDED = Policy()  # of a computer without a policy


def places(program: Path | None = None) -> list[Path]:
    """Return where a policy may lie, the first that exists counts: the system's, then the program's."""
    if sys.platform == "win32":
        from platformdirs.windows import get_win_folder_via_ctypes

        # asked of the system: a user could set the variable PROGRAMDATA to a folder without a policy
        system = Path(get_win_folder_via_ctypes("CSIDL_COMMON_APPDATA")) / "Vademecum" / FILE
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
            raise SettingsInvalid(f"{path} cannot be read: {error.strerror}.", ASK) from error
        try:
            return msgspec.toml.decode(text, type=_Strict).as_policy(path)
        except UNDECODABLE as error:
            raise SettingsInvalid(f"{path}: {error}.", ASK) from error
    return UNDECIDED


class _Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file, in which an unknown name is a mistake."""

    imports: bool = True
    training: bool = True
    bundles: bool = True
    unsigned_bundles: bool = False
    own_keys: bool = True
    content: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    settings: dict[str, Any] = msgspec.field(default_factory=dict)

    def as_policy(self, path: Path) -> Policy:
        for folder in (*self.content, *self.keys):
            if "\0" in folder or not Path(folder).is_absolute():
                raise SettingsInvalid(f"{path}: {folder[:80]!r} is no absolute path.", ASK)
        try:
            with_locked(Settings(), self.settings)
        except SettingsInvalid as error:
            raise SettingsInvalid(f"{path}, settings: {error}", ASK) from error
        return Policy(**msgspec.structs.asdict(self), file=str(path))
