"""From token ids to text, piece by piece, and never half a character."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

UNFINISHED = "\ufffd"  # what a decoder writes for bytes that are no character, or not yet


class TextDecoder:
    """Collects the tokens of one answer and gives out text as soon as it is certain."""

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._start = 0  # decoding begins here: one settled piece earlier, since spaces depend on it
        self._settled = 0  # tokens before this have been given out

    def push(self, token: int) -> str:
        """Return the text that ``token`` completes; empty while a character is unfinished."""
        self._ids.append(token)
        return self._take(final=False)

    def flush(self) -> str:
        """Return what is left at the end, an unfinished character as U+FFFD."""
        return self._take(final=True)

    def _take(self, *, final: bool) -> str:
        given = self._decode(self._ids[self._start : self._settled])
        text = self._decode(self._ids[self._start :])
        if not final and text.endswith(UNFINISHED):
            return ""
        self._start, self._settled = self._settled, len(self._ids)
        return text[len(given) :]


def until(pieces: Iterable[str], stop: str) -> Iterator[str]:
    """Pass ``pieces`` on up to the first ``stop``, holding back what could be its beginning."""
    held = ""
    for piece in pieces:
        before, found, _ = (held + piece).partition(stop)
        if found:
            yield before
            return
        keep = next(n for n in range(len(stop) - 1, -1, -1) if before.endswith(stop[:n]))
        held = before[len(before) - keep :]
        if out := before[: len(before) - keep]:
            yield out
    yield held
