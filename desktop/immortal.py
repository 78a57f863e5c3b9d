"""A guard against a fault of PySide6 6.12 on Python 3.11: it gives back references that it does not own.

Each ``Signal.emit`` and ``disconnect`` takes one from True, and each ``QTimer.singleShot`` with a context one
from None.
After some hundred tokens none would be left, and the interpreter ends with "deallocating True or False".
From Python 3.12 on the constants are immortal and nothing has to be done.
"""

from __future__ import annotations

import ctypes
import sys

_PLENTY = 1 << 40  # a thousand emits a second would need 34 years


def keep_constants() -> None:
    """Give True, False and None more references than can be lost. Call it before the first signal."""
    if sys.version_info < (3, 12):
        for constant in (True, False, None):
            # the count is the first field of every object in a release build of CPython
            ctypes.c_ssize_t.from_address(id(constant)).value += _PLENTY
