"""A library version with a spoilt file is searched, or told; native code ends its own process at most."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.shelf import Shelf
from tests.fakes.tiny_home import make_tiny_home
from tests.fuzz.index_process import outcome
from tests.fuzz.kit import SECONDS, fuzzed, soon, spoilt

SPOILT_AT_ONCE = 12  # a process takes a second or two to begin
KINDS = ("dense/vectors.bin", "lexical/meta.json", "records/meta.json")
KINDS += tuple(
    f"{index}/*.{kind}" for index in ("lexical", "records") for kind in ("term", "idx", "fast", "store")
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, tiny_llama, tiny_embedder):
    """The folder of one version."""
    home = make_tiny_home(tmp_path_factory.mktemp("whole") / "home", tiny_llama, tiny_embedder)
    folder, _ = Shelf(home.libraries).active_version("starter")
    return folder


@pytest.fixture
def version(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "version")


def test_that_the_whole_one_is_searched(version):
    assert outcome(version) == "searched"


@pytest.mark.parametrize("name", ["manifest.json", "documents.sqlite"])
def test_that_a_spoilt_library_is_searched_or_told(version, name):
    path = version / name
    content = path.read_bytes()

    @fuzzed(40)
    @given(spoilt(content))
    def check(spoilt_content):
        path.write_bytes(spoilt_content)
        with soon():
            outcome(version)

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_spoilt_file_of_native_code_ends_its_process_at_most(version, kind):
    path = next(version.glob(kind))
    whole = path.read_bytes()

    @fuzzed(1)
    @given(st.lists(spoilt(whole), min_size=SPOILT_AT_ONCE, max_size=SPOILT_AT_ONCE))
    def check(contents):
        lines = [json.dumps([path.relative_to(version).as_posix(), each.hex()]) for each in contents]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.index_process", str(version)],
            input="\n".join(lines),
            capture_output=True,
            text=True,
            timeout=SPOILT_AT_ONCE * SECONDS,
        )
        path.write_bytes(whole)
        ended_by = signal.Signals(-done.returncode).name if done.returncode < 0 else done.returncode
        assert ended_by in (0, "SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE"), done.stderr[-3000:]

    check()
