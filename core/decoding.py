"""What msgspec raises for bytes that are not what they should be."""

from __future__ import annotations

import msgspec

# Strings that are not UTF-8 are found late, numbers can have too many digits, and what nests too deeply exhausts
# the stack.
UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)
