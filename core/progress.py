"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

# step in a word, how much is done, of how much (None while unknown), and of what, as a plural noun
Progress = Callable[[str, int, int | None, str], None]
