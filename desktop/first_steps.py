"""What a new user needs: the models and libraries that are not there yet, and questions to try."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication

from core.decoding import UNDECODABLE
from core.paths import Home, resources
from core.settings import Settings

EXAMPLES = 3


def missing(home: Home, settings: Settings, libraries: Sequence[str]) -> list[str]:
    """Return in words what the settings name and is not there."""
    wanted = (
        (_tr("the language model {0}"), settings.model.language),
        (_tr("the search model {0}"), settings.model.embedder),
    )
    absent = [words.format(Path(name).name) for words, name in wanted if not home.model(name).is_dir()]
    for library in settings.libraries:
        if library not in libraries:
            absent.append(_tr("the library {0}").format(library))
    return absent


def example_questions() -> list[str]:
    """Return questions that the starter library can answer, or none when there is no list."""
    path = resources() / "starter_library" / "questions.json"
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[dict[str, object]])
    except (OSError, *UNDECODABLE):
        return []
    return [str(entry["question"]) for entry in entries if "question" in entry][:EXAMPLES]


def _tr(text: str) -> str:
    return QCoreApplication.translate("app", text)
