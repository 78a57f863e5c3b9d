"""Bundles built by hand, byte for byte, so that anything in them can be wrong."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.bundles.signing import key_id

MAKER = Ed25519PrivateKey.from_private_bytes(b"m" * 32)  # trusted
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
END = bytes(1024)
CONTENT = {"config.json": b"{}", "weights.safetensors": b"w" * 700}


@dataclass(slots=True)
class Member:
    """One member of the archive; ``size`` is what its header says."""

    name: str
    data: bytes
    kind: bytes = tarfile.REGTYPE
    link: str = ""
    size: int | None = None
    padding: bytes | None = None

    def encoded(self) -> bytes:
        header = tarfile.TarInfo(self.name)
        header.type, header.linkname = self.kind, self.link
        header.size = len(self.data) if self.size is None else self.size
        encoded = header.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
        return encoded + self.data + (bytes(-len(self.data) % 512) if self.padding is None else self.padding)


@dataclass(slots=True)
class Raw:
    """A bundle that is as it should be until somebody changes one of its fields."""

    files: dict[str, bytes] = field(default_factory=lambda: dict(CONTENT))
    changes: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] | None = None
    manifest: bytes | None = None
    key: Ed25519PrivateKey | None = MAKER
    signer: str | None = None
    signature: bytes | None = None
    content: list[Member] | None = None
    before: list[Member] = field(default_factory=list)
    after: bytes = END

    def encoded_manifest(self) -> bytes:
        if self.manifest is not None:
            return self.manifest
        entries = self.entries
        if entries is None:
            entries = [entry(path, data) for path, data in self.files.items()]
        signer = key_id(self.key.public_key()) if self.key else ""
        made = {
            "format": 1,
            "kind": "model",
            "name": "evil",
            "version": "1",
            "created": "2026-01-01T00:00:00+00:00",
            "parents": [],
            "licence": "none",
            "needs": "0.1.0",
            "signer": signer if self.signer is None else self.signer,
            "about": "",
            "files": entries,
        }
        return json.dumps(made | self.changes).encode("utf-8", "surrogatepass")

    def encoded(self) -> bytes:
        manifest = self.encoded_manifest()
        signature = self.signature
        if signature is None:
            signature = self.key.sign(manifest) if self.key else b""
        content = self.content
        if content is None:
            content = [Member(f"content/{path}", data) for path, data in self.files.items()]
        members = [
            *self.before,
            Member("manifest.json", manifest),
            Member("manifest.sig", signature),
            *content,
        ]
        return b"".join(member.encoded() for member in members) + self.after


def entry(path: str, data: bytes, /, **changes: Any) -> dict[str, Any]:
    """What a manifest says of a file."""
    return {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} | changes


def public_key(path: Path) -> Path:
    """Write the public key of the maker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        MAKER.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return path


Built = bytes | dict[str, bytes]  # a file, or several by name, of which the first is installed


@dataclass(frozen=True, slots=True)
class Case:
    """An attack or accident, and words of the refusal."""

    name: str
    what: str
    build: Callable[[], Built]
    refusal: str


def raw(**changes: object) -> Callable[[], Built]:
    """A bundle with other fields than it should have; see ``Raw``."""
    return lambda: Raw(**changes).encoded()  # type: ignore[arg-type]


def said(**changes: object) -> Callable[[], Built]:
    """A bundle whose manifest says other things."""
    return raw(changes=changes)


def file(name: str, data: bytes = b"x", **changes: object) -> Callable[[], Built]:
    """A bundle with one file of this path, or of which this is said."""
    return raw(files={name: data}, entries=[entry(name, data, **changes)])


def files(*paths: str) -> Callable[[], Built]:
    """A bundle that names all these paths, each with the same content."""
    return raw(
        entries=[entry(path, b"x") for path in paths],
        content=[Member(f"content/{path}", b"x") for path in paths],
    )


def second(member: Member) -> Callable[[], Built]:
    """A bundle whose first file is another member of the archive than it should be."""
    return raw(content=[member, Member("content/weights.safetensors", CONTENT["weights.safetensors"])])


def kind(kind: str, content: dict[str, bytes], **changes: object) -> Callable[[], Built]:
    """A whole, well signed bundle of a kind, whose content is not what it should be."""
    return raw(files=content, changes={"kind": kind, **changes})


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
