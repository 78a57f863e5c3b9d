"""Files that are no bundle, archives that are no tar archive of ours, and signatures."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile

from tests.core.bundles.hostile_kit import END, MAKER, STRANGER, Case, Member, Raw, raw, second


def archive(*names: str) -> bytes:
    """A plain tar archive."""
    return b"".join(Member(name, b"x").encoded() for name in names) + END


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("../../evil.txt", "x")
    return target.getvalue()


_GOOD = Raw()
_WHOLE = _GOOD.encoded()
_SIGNATURE_OF_OTHER = MAKER.sign(Raw(changes={"version": "2"}).encoded_manifest())
_OTHER_IN_PLACE = "where content/config.json"

CASES = (
    # not a bundle at all
    Case("empty file", "nothing in it", lambda: b"", "no bundle of Vademecum"),
    Case("random bytes", "no format", lambda: hashlib.sha256(b"r").digest() * 64, "no bundle of Vademecum"),
    Case("endless zeros", "a disk image or /dev/zero", lambda: bytes(1_000_000), "no bundle of Vademecum"),
    Case("zip archive", "another archive, which leaves its folder", zipped, "no bundle of Vademecum"),
    Case(
        "compressed", "a bomb could be behind gzip", lambda: gzip.compress(_WHOLE), "no bundle of Vademecum"
    ),
    Case(
        "other tar archive", "no manifest", lambda: archive("../evil"), "holds something else where manifest"
    ),
    Case("spoilt header", "a wrong checksum", lambda: b"n" + _WHOLE[1:], "no bundle of Vademecum"),
    # the archive
    Case("manifest second", "a file before it", raw(before=[Member("readme", b"x")]), "where manifest.json"),
    Case(
        "two manifests",
        "which one counts",
        raw(before=[Member("manifest.json", b"{}")]),
        "where manifest.sig",
    ),
    Case(
        "symbolic link",
        "leads out of the folder",
        second(Member("content/config.json", b"", tarfile.SYMTYPE, "/etc/passwd")),
        _OTHER_IN_PLACE,
    ),
    Case(
        "hard link",
        "to a file of this computer",
        second(Member("content/config.json", b"", tarfile.LNKTYPE, "/etc/passwd")),
        _OTHER_IN_PLACE,
    ),
    Case(
        "device",
        "reading it could hang",
        second(Member("content/config.json", b"", tarfile.CHRTYPE)),
        _OTHER_IN_PLACE,
    ),
    Case(
        "pipe",
        "reading it would hang",
        second(Member("content/config.json", b"", tarfile.FIFOTYPE)),
        _OTHER_IN_PLACE,
    ),
    Case(
        "folder",
        "in place of a file",
        second(Member("content/config.json", b"", tarfile.DIRTYPE)),
        _OTHER_IN_PLACE,
    ),
    Case(
        "sparse file",
        "larger than it looks",
        second(Member("content/config.json", b"{}", tarfile.GNUTYPE_SPARSE)),
        _OTHER_IN_PLACE,
    ),
    Case(
        "second name",
        "a GNU header that renames the next file",
        second(Member("content/config.json", b"../../evil\0", tarfile.GNUTYPE_LONGNAME)),
        _OTHER_IN_PLACE,
    ),
    Case(
        "extended header",
        "a PAX header that renames the next file",
        second(Member("content/config.json", b"20 path=../../evil\n", tarfile.XHDTYPE)),
        _OTHER_IN_PLACE,
    ),
    Case(
        "other member",
        "not named in the manifest",
        second(Member("content/other.json", b"{}")),
        _OTHER_IN_PLACE,
    ),
    Case(
        "file left out",
        "named in the manifest",
        raw(content=[Member("content/config.json", b"{}")]),
        "damaged",
    ),
    Case(
        "file too many",
        "after the last one",
        lambda: _WHOLE[:-1024] + Member("more", b"x").encoded() + END,
        "does not end where it should",
    ),
    Case("bytes after the end", "hidden from what was hashed", raw(after=END + b"more"), "does not end"),
    Case(
        "oversized member",
        "larger than the manifest says",
        second(Member("content/config.json", b"{}" * 400)),
        "another size than it says",
    ),
    Case(
        "undersized member",
        "smaller than the manifest says",
        second(Member("content/config.json", b"{")),
        "another size than it says",
    ),
    Case(
        "other content",
        "another file of the same size",
        second(Member("content/config.json", b"[]")),
        "not the file that the bundle names",
    ),
    Case("cut off", "half copied", lambda: _WHOLE[:-1600], "cut off"),
    Case("cut off in the manifest", "half copied", lambda: _WHOLE[:700], "cut off"),
    Case(
        "hidden between files",
        "bytes that no hash covers",
        second(Member("content/config.json", b"{}", padding=b"h" * 510)),
        "damaged between two files",
    ),
    Case(
        "huge manifest",
        "33 GB, to fill the memory",
        lambda: Member("manifest.json", b"", size=33 * 10**9).encoded(),
        "has 33,000,000,000 bytes",
    ),
    Case(
        "huge signature",
        "to fill the memory",
        lambda: Member("manifest.json", b"{}").encoded() + Member("manifest.sig", b"", size=10**12).encoded(),
        "has 1,000,000,000,000 bytes",
    ),
    Case(
        "negative size",
        "of the manifest",
        lambda: Member("manifest.json", b"", size=-5).encoded(),
        "holds something else where manifest",
    ),
    # who signed
    Case("unsigned", "by nobody", raw(key=None), "is not signed"),
    Case("signed by a stranger", "a key that is not trusted here", raw(key=STRANGER), "not trusted here"),
    Case("forged signature", "claims the key of the maker", raw(signature=b"f" * 64), "not by maker"),
    Case(
        "stranger as the maker",
        "a stranger's signature under the maker's id",
        lambda: Raw(signature=STRANGER.sign(_GOOD.encoded_manifest())).encoded(),
        "not by maker",
    ),
    Case("signature of another bundle", "by the maker", raw(signature=_SIGNATURE_OF_OTHER), "not by maker"),
    Case("signature removed", "the signer is still named", raw(signature=b""), "missing or cut off"),
    Case("signature cut off", "63 of 64 bytes", raw(signature=b"f" * 63), "missing or cut off"),
    Case(
        "changed after signing",
        "one letter of the manifest",
        lambda: _WHOLE.replace(b'"none"', b'"nine"'),
        "not by maker",
    ),
    Case(
        "signer renamed",
        "so that it counts as unknown",
        lambda: _WHOLE.replace(Raw().encoded_manifest().split(b'"signer": "')[1][:16], b"0" * 16),
        "not trusted here",
    ),
)
