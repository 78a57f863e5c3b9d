"""Manifests, well signed, that name what must not be."""

from __future__ import annotations

from tests.core.bundles.hostile_kit import Case, Raw, entry, file, files, raw, said

CASES = (
    # the manifest
    Case("not JSON", "a manifest that cannot be read", raw(manifest=b"<xml/>"), "cannot be read"),
    Case(
        "not UTF-8",
        "a manifest that cannot be read",
        raw(manifest=b'{"format": 1, "name": "\xff"}'),
        "cannot be read",
    ),
    Case(
        "deeply nested",
        "to exhaust the stack",
        raw(manifest=b'{"format": ' + b"[" * 100_000),
        "cannot be read",
    ),
    Case("newer format", "rules that this program does not know", said(format=2), "has format 2"),
    Case("older format", "rules that are given up", said(format=0), "has format 0"),
    Case("format as a word", "another type", said(format="1"), "has format '1'"),
    Case("unknown kind", "no place for it", said(kind="plugin"), "cannot be read"),
    Case("name that leaves the folder", "../ in the name", said(name="../../evil"), "cannot be the name"),
    Case("name of a device", "CON on Windows", said(name="CON"), "cannot be the name"),
    Case("hidden name", "begins with a dot", said(name=".ssh"), "cannot be the name"),
    Case("version that leaves the folder", "../ in the version", said(version="../1"), "cannot be a version"),
    Case("no files", "nothing to install", raw(entries=[], content=[]), "lists 0 files"),
    Case(
        "too many files",
        "100,001 of them",
        lambda: Raw(entries=[entry(f"{n}.json", b"") for n in range(100_001)]).encoded(),
        "lists 100,001 files",
    ),
    Case("needs a newer program", "this one would misread it", said(needs="99.0"), "needs Vademecum 99.0"),
    # names of files
    Case("path that leaves the folder", "../", file("../evil.json"), "names a file that cannot be"),
    Case("path out in the middle", "a/../../", file("a/../../evil.json"), "names a file that cannot be"),
    Case("absolute path", "/etc", file("/etc/evil.json"), "names a file that cannot be"),
    Case("path with a drive", "C:", file("C:/evil.json"), "names a file that cannot be"),
    Case("backslashes", "a path on Windows", file("..\\evil.json"), "names a file that cannot be"),
    Case("stream", "an alternate data stream on Windows", file("a.json:evil"), "names a file that cannot be"),
    Case("device in a path", "aux.json on Windows", file("deep/aux.json"), "names a file that cannot be"),
    Case("device in disguise", "COM with a raised 1", file("COM\u00b9.json"), "names a file that cannot be"),
    Case("dot at the end", "which Windows drops", file("evil.py."), "names a file that cannot be"),
    Case(
        "text that runs backwards", "to disguise an ending", file("evil\u202etxt.json"), "names a file that"
    ),
    Case("control character", "a line end in a name", file("evil\n.json"), "names a file that cannot be"),
    Case("half a character", "a lone surrogate", file("evil", path="evil\ud800"), "cannot"),
    Case("long path", "more than 200 bytes", file("/".join(["x" * 50] * 5)), "names a file that cannot be"),
    Case("twice the same", "the second would replace the first", files("a.json", "a.json"), "twice"),
    Case("twice but for capitals", "one file on Windows and macOS", files("a.json", "A.json"), "twice"),
    Case("twice but for accents", "one file on macOS", files("\u00e9.json", "e\u0301.json"), "twice"),
    Case("file and folder", "one name for both", files("a", "a/b.json"), "twice"),
    Case("negative file size", "to upset a sum", file("a.json", size=-1), "no size and hash"),
    Case("file size beyond numbers", "2 to the power of 70", file("a.json", size=2**70), "not enough room"),
    Case("larger than the disk", "an exabyte", file("a.json", size=10**18), "not enough room"),
    Case("no hash", "a word in its place", file("a.json", sha256="trust me"), "no size and hash"),
)
