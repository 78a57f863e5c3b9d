"""How files are spoilt, and how long that is tried: shortly in every run, for longer by ``make fuzz``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

LONGER = 5  # times as many examples in a round of ``make fuzz``, which goes round until its time is over
SECONDS = 20.0  # that one example may take on a busy machine; what hangs takes for ever

_PLACE = st.floats(0, 1, exclude_max=True)  # of the length of the content
# What parsers stumble over: ends, signs, numbers that are too large, half characters, deep nesting.
_TRAPS = st.sampled_from(
    [
        *(
            b"",
            b"\0",
            b"\n",
            b"\r",
            b"\xff",
            b"\xed\xa0\x80",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\x1a",
            b"\xe2\x80\xae",
        ),
        *(
            b"-1",
            b"1e999",
            b"NaN",
            b"9" * 30,
            b"9" * 5000,
            b"0x",
            b"null",
            b"true",
            b"\xff\xff\xff\xff\xff\xff\xff\x7f",
        ),
        *(
            b'"',
            b"'",
            b"\\",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"<",
            b">",
            b"&",
            b"&#0;",
            b"&#x110000;",
            b"</",
            b"%0 ",
        ),
        *(
            b"[" * 20_000,
            b'{"a":' * 20_000,
            b"<p>" * 3000,
            b"../",
            b"/etc/passwd",
            b"\t",
            b"  - ",
            b"]]>",
            b"<!--",
            b"<![",
        ),
        *(b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"%PDF-1.7", b"SQLite format 3\0"),
    ]
)
_CHANGE = st.tuples(
    st.sampled_from(["replace", "insert", "delete", "double", "cut", "move"]),
    _PLACE,
    _PLACE,
    _TRAPS | st.binary(max_size=12),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Return the settings of a fuzz test: ``examples`` in every run, more by ``make fuzz``.

    What was found is not made smaller: with processes and large files that takes longer than finding it. The
    examples of every run are the same ones, so that a run fails only for what was changed.
    """
    factor = LONGER if "FUZZ_SECONDS" in os.environ else 1
    phases = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)]
    return settings(
        max_examples=examples * factor,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=phases,
        derandomize="FUZZ_SECONDS" not in os.environ,
    )


def spoilt(content: bytes) -> st.SearchStrategy[bytes]:
    """Draw ``content`` with one to five changes."""
    return st.lists(_CHANGE, min_size=1, max_size=5).map(lambda changes: spoil(content, changes))


def spoil(content: bytes, changes: list[tuple[str, float, float, bytes]]) -> bytes:
    """Return ``content`` with ``changes``: kind, place, length or other place, bytes."""
    for kind, first, second, trap in changes:
        start = int(first * len(content))
        end = start + int(second * second * (len(content) - start))  # short ones are likelier
        piece = content[start:end]
        if kind == "replace":
            content = content[:start] + trap + content[start + len(trap) :]
        elif kind == "insert":
            content = content[:start] + trap + content[start:]
        elif kind == "delete":
            content = content[:start] + content[end:]
        elif kind == "double":
            content = content[:end] + piece + content[end:]
        elif kind == "cut":
            content = content[:start]
        else:
            rest = content[:start] + content[end:]
            place = int(second * len(rest))
            content = rest[:place] + piece + rest[place:]
    return content


@contextmanager
def soon() -> Iterator[None]:
    """Fail if what is done takes longer than any of this should."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS
