"""What ``vademecum ask --export FILE`` writes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.errors import NotSigned, SettingsInvalid, StorageFull
from core.modes.export import studies_csv, studies_markdown
from core.modes.leaflet import patient_leaflet
from core.types import Answer, Mode

_KINDS: dict[Mode, tuple[str, ...]] = {"review": (".csv", ".md"), "patient": (".md",)}


def check_export(file: Path | None, mode: Mode, signed_by: str) -> None:
    """Refuse what could not be written, before an answer is waited for.

    Raises:
        SettingsInvalid: answers of this mode are not written, or not to such a file.
        NotSigned: it is for patients, and nobody is named.
    """
    if file is None:
        return
    if mode not in _KINDS:
        raise SettingsInvalid(
            "Only reviews and answers for patients are written to a file.",
            "Add --as review or --as patient, or use --json and redirect it.",
        )
    if file.suffix.lower() not in _KINDS[mode]:
        raise SettingsInvalid(
            f"{file.name} does not say what to write.", f"End its name in {' or '.join(_KINDS[mode])}."
        )
    if mode == "patient" and not signed_by.strip():
        raise NotSigned(
            "A text for patients needs the name of the clinician who checked it.", "Add --signed-by NAME."
        )


def write_export(file: Path, answer: Answer, signed_by: str) -> None:
    """Write the studies or the leaflet of ``answer`` to ``file``.

    Raises:
        NotSigned: there is no text for patients, or nobody has signed it.
        StorageFull: the file cannot be written.
    """
    if answer.mode == "patient":
        text = patient_leaflet(answer, signed_by, date.today())
    else:
        text = studies_csv(answer) if file.suffix.lower() == ".csv" else studies_markdown(answer)
    # a spreadsheet takes a file without this mark for one of its own system's encoding
    encoding = "utf-8-sig" if file.suffix.lower() == ".csv" else "utf-8"
    try:
        file.write_text(text, encoding, newline="")
    except OSError as error:
        raise StorageFull(f"Cannot write {file}: {error.strerror}.", "Choose another place.") from error
