"""What belongs in the bundle, and what must never be in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePath

Entry = tuple[str, str, str]  # target in the bundle, source, kind: as PyInstaller writes them down
# Must not be shipped: under the GPL, or able to reach the network by itself.
REFUSED = re.compile(
    r"unsloth|webengine|libreadline|(?:^|/)readline\.|libgdbm|libqgtk3|libgtk-|libgdk-|libqvnc|libqtuiotouch",
    re.IGNORECASE,
)
# Collected because something could use it; nothing of ours does.
_NEEDLESS = re.compile(
    r"^torch/(?:test|include|share)/|^torch/bin/(?!torch_shm_manager)"
    r"|/plugins/(?:tls|networkinformation|egldeviceintegrations|generic)/"
    r"|/plugins/platforms/libq(?:eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc)\."
    r"|/platformthemes/libqgtk3|/imageformats/libqpdf|^(?:PySide6/QtPdf|libQt6Pdf|PySide6/Qt/lib/libQt6Pdf)"
    r"|^(?:PySide6/Qt/lib/)?libQt6EglF[sS]"
    r"|^pyphen/dictionaries/(?!__|(?:README_)?hyph_en_US)"  # others are under the GPL
    # GTK's look for Qt needed these, and readline the Python prompt
    r"|^lib(?:gtk-|gdk-|gdk_|atk|atspi|epoxy|readline|gdbm|cairo|pango|thai|datrie|pixman|gio-|gmodule-)"
    r"|^(?:pytest|hypothesis)[^/]*dist-info/|^libcudart\."
)
_BITSANDBYTES = re.compile(r"libbitsandbytes_(\w+)\.\w+$")


def belongs(target: str, cuda: str) -> bool:
    """True if a file that was collected as ``target`` goes into the bundle.

    Args:
        cuda: the version of CUDA that the collected torch was built for, such as "13.0"; empty for none.
    """
    name = PurePath(target).as_posix()
    if REFUSED.search(name) or _NEEDLESS.search(name):
        return bool(cuda) and name.startswith("libcudart.")
    if built := _BITSANDBYTES.search(name):  # one library for each kind of graphics card there is
        return built[1] in ("cpu", f"cuda{cuda.replace('.', '')}")
    return True


def refused(app: Path) -> list[str]:
    """Return the files of the bundle ``app`` that must not be shipped."""
    names = (file.relative_to(app).as_posix() for file in app.rglob("*") if file.is_file())
    return sorted(name for name in names if REFUSED.search(name) and not name.startswith("licences/"))


def collected(record: Path) -> Iterator[Entry]:
    """Yield target, source and kind of all files that PyInstaller's ``record`` (a TOC file) names."""
    yield from _entries(ast.literal_eval(record.read_text("utf-8")))


def _entries(value: object) -> Iterator[Entry]:
    match value:
        case (str(target), str(source), str(kind)):
            yield target, source, kind
        case list() | tuple():
            for part in value:
                yield from _entries(part)
