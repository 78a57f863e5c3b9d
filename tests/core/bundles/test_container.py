"""A bundle is read exactly as it was written, and not at all when anything in it differs."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bundles import container, parts
from core.bundles.container import open_bundle, verify
from core.bundles.incoming import take_out
from core.bundles.signing import trusted_keys
from core.cancel import Cancelled, CancelToken
from core.errors import BundleRefused, InputUnreadable
from tests.core.bundles.conftest import CONTENT, quiet


def opened(path, trusted):
    source = parts.open_file(path)
    return source, open_bundle(source, trusted)


def check(path, trusted):
    with parts.open_file(path) as source:
        bundle = open_bundle(source, trusted)
        verify(source, bundle.manifest, CancelToken(), quiet)
        return bundle


def files_in(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_that_what_was_put_in_is_taken_out(make, trusted, tmp_path):
    source, bundle = opened(make(), trusted)
    with source:
        folder = take_out(source, bundle, tmp_path / "in", CancelToken(), quiet)
    assert files_in(folder) == CONTENT
    assert bundle.signed_by is not None
    assert (bundle.signed_by.name, bundle.manifest.name, bundle.manifest.licence) == (
        "maker",
        "tiny",
        "CC0-1.0",
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_that_a_bundle_can_be_checked_by_hand_with_common_tools(make, keys, tmp_path):
    folder = tmp_path / "by hand"
    with tarfile.open(make()) as archive:
        archive.extractall(folder, filter="data")
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", keys / "maker.pub"]
    done = subprocess.run(
        [*command, "-in", folder / "manifest.json", "-sigfile", folder / "manifest.sig"], capture_output=True
    )
    assert b"Signature Verified Successfully" in done.stdout
    assert files_in(folder / "content") == CONTENT


@pytest.mark.parametrize("largest", [7_777, 1_000_000, 10_000_000])
def test_that_a_bundle_in_parts_is_read_as_one_from_any_of_them(make, trusted, largest):
    whole = make(largest=largest)
    pieces = sorted(whole.parent.glob("a.vademecum.[0-9]*"))
    assert sum(piece.stat().st_size for piece in pieces) > 3_000_000
    assert all(piece.stat().st_size <= largest for piece in pieces)
    for path in (pieces[0], pieces[-1], whole.with_name("a.vademecum.parts")):
        assert check(path, trusted).manifest.name == "tiny"


def test_that_a_missing_or_damaged_part_is_named(make, trusted):
    whole = make(largest=1_000_000)
    second = whole.with_name("a.vademecum.002")
    content = bytearray(second.read_bytes())
    content[10] ^= 1
    second.write_bytes(content)
    assert parts.damaged_parts(second, CancelToken()) == ["a.vademecum.002"]
    with pytest.raises(BundleRefused, match="is not the file"):
        check(second, trusted)
    second.unlink()
    with pytest.raises(BundleRefused, match=r"Part 2 of 4, a\.vademecum\.002, is missing"):
        check(whole.with_name("a.vademecum.001"), trusted)


def test_that_an_interrupted_unpacking_goes_on(make, trusted, tmp_path):
    content = {f"{n}.json": bytes([n]) * 2_000_000 for n in range(4)}
    path, cancel = make(content), CancelToken()
    seen = []

    def stop(step, done, total, unit):
        seen.append(done)
        if done > 5_000_000:
            cancel.cancel()

    source, bundle = opened(path, trusted)
    with source, pytest.raises(Cancelled):
        take_out(source, bundle, tmp_path / "in", cancel, stop)
    (first,) = (tmp_path / "in").glob("*/content/0.json")
    before = first.stat().st_mtime_ns
    source, bundle = opened(path, trusted)
    with source:
        folder = take_out(source, bundle, tmp_path / "in", CancelToken(), quiet)
    assert files_in(folder) == content
    assert first.stat().st_mtime_ns == before  # not written again


def test_that_any_changed_byte_is_noticed_and_nothing_else_happens(make, trusted):
    whole = make({"a.json": b"x" * 700, "b/c.txt": b"y" * 100}).read_bytes()

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, len(whole) - 1), st.integers(1, 255))
    def spoil(place, change):
        content = bytearray(whole)
        content[place] ^= change
        source = io.BytesIO(bytes(content))
        try:
            bundle = open_bundle(source, trusted)
            verify(source, bundle.manifest, CancelToken(), quiet)
        except BundleRefused:
            return
        if bundle.signed_by is None:  # the name of the signer was changed: nobody known here signed it
            return
        # only in what tar says of owner and date, which nobody reads, can a change pass
        assert hashlib.sha256(bundle.encoded).digest() == hashlib.sha256(opened_whole.encoded).digest()

    opened_whole = open_bundle(io.BytesIO(whole), trusted)
    spoil()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3000))
def test_that_any_bytes_are_refused_in_one_way(content):
    with pytest.raises(BundleRefused):
        open_bundle(io.BytesIO(content), [])


def test_that_every_cut_is_noticed(make, trusted):
    whole = make({"a.json": b"x" * 700}).read_bytes()
    for length in range(0, len(whole), 97):
        source = io.BytesIO(whole[:length])
        with pytest.raises(BundleRefused):
            verify(source, open_bundle(source, trusted).manifest, CancelToken(), quiet)
    source = io.BytesIO(whole + b"more")
    with pytest.raises(BundleRefused, match="does not end"):
        verify(source, open_bundle(source, trusted).manifest, CancelToken(), quiet)


def test_that_a_bundle_by_a_stranger_or_by_nobody_is_told_apart(make, trusted, tmp_path):
    assert check(make(file="b.vademecum", key=False), trusted).signature is False
    stranger = check(make(file="c.vademecum"), trusted_keys([tmp_path / "none"]))
    assert (stranger.signature, stranger.signed_by) == (True, None)


def test_that_a_signature_of_another_manifest_is_refused(make, trusted):
    one, other = make(file="d.vademecum").read_bytes(), make(file="e.vademecum", version="2").read_bytes()
    size = open_bundle(io.BytesIO(one), trusted)
    start = 512 + len(size.encoded) + (-len(size.encoded) % 512) + 512
    mixed = bytearray(one)
    mixed[start : start + 64] = other[start : start + 64]
    with pytest.raises(BundleRefused, match="not by maker"):
        open_bundle(io.BytesIO(bytes(mixed)), trusted)


def test_that_a_half_written_bundle_leaves_nothing(make, monkeypatch, tmp_path):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(container, "_padding", full)
    with pytest.raises(Exception, match="is full"):
        make()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_that_the_private_key_is_for_its_owner_alone(keys):
    modes = [(keys / name).stat().st_mode & 0o777 for name in ("maker.pem", "maker.pub")]
    assert modes == [0o600, 0o644]


def test_that_an_existing_file_is_not_overwritten(make):
    make()
    with pytest.raises(InputUnreadable, match="is there already"):
        make()
