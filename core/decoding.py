"""What msgspec raises for bytes that are not what they should be."""

from __future__ import annotations

import msgspec

# Text that is no UTF-8 is found late, numbers can have too many digits, deep nesting exhausts the stack.
UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)
