"""Content, whole and well signed, that is not what it says, could run, or takes a newer one's place."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from core.library import schema
from core.library.versions import SCHEMA
from tests.core.bundles.hostile_kit import CONTENT, Built, Case, Raw, file, kind, raw, sha256

_FACTS = {
    "schema": SCHEMA,
    "name": "evil",
    "embedder": "e",
    "dim": 4,
    "encoding": None,
    "documents": 0,
    "chunks": 0,
}


def in_parts(change: Callable[[dict[str, bytes]], None]) -> Callable[[], Built]:
    """A good bundle in parts, to which something has happened."""

    def build() -> Built:
        whole = Raw().encoded()
        pieces = {f"evil.vademecum.{n + 1:03}": whole[n * 2000 : (n + 1) * 2000] for n in range(3)}
        listed = [{"name": name, "size": len(data), "sha256": sha256(data)} for name, data in pieces.items()]
        made = {"evil.vademecum.parts": json.dumps({"format": 1, "parts": listed}).encode(), **pieces}
        change(made)
        return made

    return build


def _rename_second(made: dict[str, bytes]) -> None:
    listed = made["evil.vademecum.parts"].replace(b"evil.vademecum.002", b"../../etc/passwd")
    made["evil.vademecum.parts"] = listed


def _swap(made: dict[str, bytes]) -> None:
    first, other = "evil.vademecum.001", "evil.vademecum.002"
    made[first], made[other] = made[other], made[first]


def database(*statements: str, number: int | None = None) -> bytes:
    """The database of an empty library, with more in it than there should be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "documents.sqlite")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            schema.create(connection)
            for statement in statements:
                connection.execute(statement)
            if number is not None:
                connection.execute(f"PRAGMA user_version = {number}")
            connection.commit()
        return path.read_bytes()


def library(content: bytes, **facts: object) -> Callable[[], Built]:
    """A library whose database is ``content``."""
    described = _FACTS | facts
    return kind("library", {"library.json": json.dumps(described).encode(), "documents.sqlite": content})


def safetensors(said_bytes: int) -> bytes:
    """One tensor whose header says where ``said_bytes`` of it lie."""
    header = {"w": {"dtype": "F32", "shape": [said_bytes // 4], "data_offsets": [0, said_bytes]}}
    encoded = json.dumps(header).encode()
    return len(encoded).to_bytes(8, "little") + encoded + b"1234"


def model(**content: object) -> Callable[[], Built]:
    """A model folder with these JSON files besides tokenizer and weights."""
    encoded = {f"{name}.json": json.dumps(body).encode() for name, body in content.items()}
    return kind("model", {**encoded, "tokenizer.json": b"{}", "model.safetensors": safetensors(4)})


_SCRIPT = b"#!/bin/sh\necho vademecum 0.0.1\n"
_ROW = "INSERT INTO progress VALUES ('add', NULL, 'e', 0, 0, '{}')"
_LLAMA = {"architectures": ["LlamaForCausalLM"]}

CASES = (
    # content that could run, or is not what it should be
    Case("pickle", "runs code when it is loaded", file("pytorch_model.bin"), "could run code"),
    Case("pickle in capitals", "likewise", file("WEIGHTS.PKL"), "could run code"),
    Case("Python module", "runs when it is imported", file("modeling_evil.py"), "could run code"),
    Case("native library", "runs when it is loaded", file("lib/evil.so"), "could run code"),
    Case(
        "model with code",
        "auto_map in its configuration",
        model(config={**_LLAMA, "auto_map": {"AutoModel": "evil.Model"}}),
        "program code of its own",
    ),
    Case(
        "model with foreign modules",
        "a class of its own",
        model(config=_LLAMA, modules=[{"type": "evil.Module", "path": ""}]),
        "brings code of its own",
    ),
    Case(
        "model that points outside",
        "../ in modules.json",
        model(
            config=_LLAMA,
            modules=[{"type": "sentence_transformers.models.Transformer", "path": "../../other"}],
        ),
        "points outside itself",
    ),
    Case(
        "weights cut off",
        "a tensor beyond the end of its file",
        kind(
            "model",
            {
                "config.json": json.dumps(_LLAMA).encode(),
                "tokenizer.json": b"{}",
                "model.safetensors": safetensors(4000),
            },
        ),
        "no usable model",
    ),
    Case("no model", "other files", raw(), "no usable model"),
    Case(
        "adapter without base",
        "its base is not installed",
        kind("adapter", CONTENT, parents=["absent"]),
        "belongs to the model absent",
    ),
    Case("adapter of nothing", "no base is named", kind("adapter", CONTENT), "which model it belongs to"),
    Case(
        "adapter whose base is a path",
        "../ in its parent",
        kind("adapter", CONTENT, parents=["../../etc"]),
        "which is not installed",
    ),
    Case(
        "library of a newer format",
        "this program would misread it",
        library(b"", schema=SCHEMA + 1),
        f"has format {SCHEMA + 1}",
    ),
    Case("library of an older format", "to be exported again", library(b"", schema=1), "has format 1"),
    Case("library that is no database", "other bytes", library(b"no database" * 99), "cannot be read"),
    Case(
        "library with a trigger",
        "SQL that runs by itself",
        library(database("CREATE TRIGGER evil AFTER INSERT ON documents BEGIN DELETE FROM documents; END")),
        "other tables",
    ),
    Case(
        "library with a view",
        "in place of a table",
        library(database("CREATE VIEW evil AS SELECT 1")),
        "other tables",
    ),
    Case(
        "library that miscounts",
        "other numbers than it says",
        library(database(_ROW), documents=5),
        "other numbers",
    ),
    Case(
        "library with a stray file",
        "an index that native code would read",
        kind(
            "library",
            {
                "library.json": json.dumps(_FACTS).encode(),
                "documents.sqlite": database(),
                "dense/vectors.dat": b"x",
            },
        ),
        "The file holds dense/vectors.dat",
    ),
    Case(
        "several lists",
        "which one counts",
        kind("retractions", {"a.txt": b"PMID:1", "b.txt": b"PMID:2"}),
        "2 files, not one list",
    ),
    Case(
        "list of nothing",
        "no publication in it",
        kind("retractions", {"a.txt": b"hello"}),
        "names no retracted publication",
    ),
    Case(
        "unsigned program",
        "even if the user wants it",
        lambda: Raw(
            key=None,
            files={"vademecum": _SCRIPT},
            changes={"kind": "app", "name": "vademecum", "version": "9"},
        ).encoded(),
        "holds a program",
    ),
    Case(
        "older program",
        "with faults that were mended",
        kind("app", {"vademecum": _SCRIPT}, name="vademecum", version="0.0.1"),
        "is older than",
    ),
    Case(
        "other program",
        "not Vademecum",
        kind("app", {"vademecum": _SCRIPT}, version="9"),
        "the program evil, not Vademecum",
    ),
    Case(
        "program that is another version",
        "than it says",
        kind("app", {"vademecum": _SCRIPT}, name="vademecum", version="9"),
        "does not start here",
    ),
    Case(
        "library without a row",
        "tables as they should be, nothing in them",
        library(database()),
        "does not hold what a library does",
    ),
    # what is installed already
    Case(
        "older version",
        "of a list that is in use, well signed",
        kind("retractions", {"a.txt": b"PMID:1"}, name="watch", version="4"),
        "is older than 5",
    ),
    Case(
        "same version, other content",
        "well signed",
        kind("retractions", {"a.txt": b"PMID:1"}, name="watch", version="5"),
        "with other content",
    ),
    # parts
    Case(
        "missing part",
        "the second of three",
        in_parts(lambda made: made.pop("evil.vademecum.002") and None),
        "Part 2 of 3, evil.vademecum.002, is missing",
    ),
    Case("parts swapped", "under each other's names", in_parts(_swap), "no bundle of Vademecum"),
    Case("list that leaves the folder", "../ in a part's name", in_parts(_rename_second), "as part 2"),
    Case(
        "list of parts is no list",
        "other bytes",
        in_parts(lambda made: made.update({"evil.vademecum.parts": b"[]"})),
        "missing or damaged",
    ),
)
