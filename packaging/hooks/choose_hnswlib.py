"""Runs first in the installed program: takes the build of hnswlib that this processor can run.

hnswlib chooses its vector instructions when it is compiled. The bundle holds a build for every processor and,
in a folder of its own, one for processors with AVX2 and FMA.
"""

import platform
import sys
from pathlib import Path


def _has_avx2() -> bool:
    if sys.platform == "linux":
        flags = Path("/proc/cpuinfo").read_text("ascii", "replace")
        return " avx2" in flags and " fma" in flags
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(40))  # PF_AVX2_INSTRUCTIONS_AVAILABLE
    return False  # on a Mac: Apple's own processors, which have none


_faster = Path(sys._MEIPASS) / "avx2"  # type: ignore[attr-defined]
try:
    if platform.machine().lower() in ("x86_64", "amd64") and _faster.is_dir() and _has_avx2():
        sys.path.insert(0, str(_faster))
except OSError:
    pass  # the build for every processor does
