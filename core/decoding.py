"""What msgspec raises for bytes that are not what they should be."""

from __future__ import annotations

import msgspec

# Strings that are not UTF-8 are found late, and what nests too deeply exhausts the stack.
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
