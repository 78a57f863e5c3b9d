"""stub"""

from collections.abc import Iterator
from pathlib import Path
from core.types import Document, Rejected


def read(path: Path) -> Iterator[Document | Rejected]:
    raise NotImplementedError
