"""Bundles in the words of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.bundles.container import SUFFIX
from core.bundles.parts import LIST
from desktop.words import next_step

PATTERNS = f"*{SUFFIX} *{SUFFIX}{LIST} *{SUFFIX}.001"


def kind_words(kind: str) -> str:
    """Return what kind of content it is."""
    words = {
        "model": _tr("Model"),
        "adapter": _tr("Adapter"),
        "library": _tr("Library"),
        "retractions": _tr("List of retractions"),
        "app": _tr("Vademecum"),
    }
    return words.get(kind, kind)


def step_words(step: str) -> str:
    """Return what an installation is doing."""
    words = {
        "unpack": _tr("copying and checking"),
        "merge": _tr("merging the adapter into its base"),
        "try": _tr("trying the new version"),
        "check": _tr("checking"),
        "index words": _tr("building the index"),
        "index records": _tr("building the index"),
        "index vectors": _tr("building the index"),
    }
    return words.get(step, step)


def window_hint(hint: str) -> str:
    """Return a hint as it fits the window, where it names a command to type."""
    if "bundle trust" in hint:
        return _tr("Get the maker's public key, compare its id with them, and add it under “Signers…”.")
    if "bundle rollback" in hint:
        return _tr("Use “Go back” to take an earlier version into use, or remove it first.")
    if "--name" in hint:
        return _tr("Rename or remove yours first.")
    return next_step("", hint)


def signer_words(signed_by: str, signer: str) -> str:
    """Return who signed a bundle."""
    if signed_by:
        return signed_by
    return _tr("{0}, not trusted here").format(signer) if signer else _tr("Nobody")


def _tr(text: str) -> str:
    return QCoreApplication.translate("bundles", text)
