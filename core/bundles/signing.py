"""Who made a bundle: Ed25519 signatures, and the keys that are trusted here.

A private key is a PKCS #8 PEM file, a public one a PEM file; both can be used with openssl.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BundleRefused, InputUnreadable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE = 64  # bytes
_LARGEST_KEY = 64 * 1024  # bytes of a key file


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key that bundles are accepted from; ``name`` is what the user or administrator calls it."""

    id: str
    name: str
    key: Ed25519PublicKey


def make_keys(private: Path, public: Path, password: bytes | None = None) -> str:
    """Write a new pair of keys, which must not exist yet, the private one for its owner alone; return its id.

    Raises:
        InputUnreadable: a file of that name exists, or cannot be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    sealed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)
    shown = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    try:
        for path, content, mode in ((private, secret, 0o600), (public, shown, 0o644)):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(content)
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error
    return key_id(key.public_key())


def read_private(path: Path, password: bytes | None = None) -> Ed25519PrivateKey:
    """Read a private key. Raises InputUnreadable: it is none, or the password is wrong or missing."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        key = serialization.load_pem_private_key(_read(path), password)
    except (ValueError, TypeError) as error:
        raise InputUnreadable(
            f"{path} is no private key, or its password is another one.", "Name the file `keygen` wrote."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputUnreadable(f"{path} is not an Ed25519 key.", "Make one: vademecum bundle keygen")
    return key


def read_public(path: Path) -> Ed25519PublicKey:
    """Read a public key. Raises InputUnreadable: it is none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = serialization.load_pem_public_key(_read(path))
    except ValueError as error:
        raise InputUnreadable(f"{path} is no public key.", "Name the file `keygen` wrote.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputUnreadable(f"{path} is not an Ed25519 key.", "Make one: vademecum bundle keygen")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the key's 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def trusted_keys(folders: Sequence[Path]) -> list[TrustedKey]:
    """Return the public keys in ``folders`` (files ``*.pub``); unreadable ones are left out."""
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*.pub")) if folder.is_dir() else []:
            try:
                key = read_public(path)
            except InputUnreadable:
                continue
            found.append(TrustedKey(key_id(key), path.stem, key))
    return found


def check_signature(
    manifest: bytes, signer: str, signature: bytes, trusted: Sequence[TrustedKey]
) -> TrustedKey | None:
    """Return the trusted key that signed ``manifest``; None if it is unsigned or its signer is unknown here.

    Raises:
        BundleRefused: it claims a key that is trusted here, and the signature is not of that key.
    """
    from cryptography.exceptions import InvalidSignature

    if not signer and not signature:
        return None
    for known in trusted:
        if known.id == signer:
            try:
                known.key.verify(signature, manifest)
            except InvalidSignature:
                raise BundleRefused(
                    f"The bundle's signature is not by {known.name}, as it claims.", "Do not install it."
                ) from None
            return known
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_KEY)
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
