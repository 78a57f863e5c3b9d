"""Reports of the last imports into a library: kept, listed, and written for others to read."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core.library.storage import write_atomically
from core.types import ImportReport

_KEPT = 20
_FORMAT = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A report and when the import ended: UTC, ISO 8601."""

    when: str
    report: ImportReport


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports in ``folder``, which need not exist yet: one JSON file each."""

    folder: Path

    def save(self, report: ImportReport) -> None:
        """Keep ``report``, and drop the oldest. The import is done: that it cannot be kept is no failure."""
        with suppress(OSError):
            if not self.folder.parent.is_dir():  # the import made no library
                return
            self.folder.mkdir(exist_ok=True)
            path = self.folder / f"{datetime.now(UTC):{_FORMAT}}.json"
            write_atomically(path, as_json(report))
            for old in sorted(self.folder.glob("*.json"))[:-_KEPT]:
                old.unlink()

    def all(self) -> list[SavedReport]:
        """Return those that can be read, the latest first."""
        found = []
        for path in sorted(self.folder.glob("*.json"), reverse=True):
            with suppress(OSError, ValueError, msgspec.MsgspecError):
                when = datetime.strptime(path.stem, _FORMAT).replace(tzinfo=UTC)
                report = msgspec.json.decode(path.read_bytes(), type=ImportReport)
                found.append(SavedReport(when.isoformat(timespec="seconds"), report))
        return found


def as_json(report: ImportReport) -> bytes:
    """Return ``report`` as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def as_csv(report: ImportReport) -> bytes:
    """Return ``report`` as a table in UTF-8 for spreadsheets: a line a file, then one a record left out."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(
        ("file", "record", "reason", "format", "added", "updated", "duplicates", "deleted", "failed")
    )
    for each in report.files:
        counts = (each.added, each.updated, each.duplicates, each.deleted, each.failed)
        table.writerow((plain_cell(each.file), "", "", each.format, *counts))
    for rejected in report.report:
        table.writerow((plain_cell(rejected.file), rejected.record, plain_cell(rejected.reason), *[""] * 6))
    return text.getvalue().encode("utf-8-sig", "replace")


def plain_cell(value: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def write_report(path: Path, report: ImportReport) -> None:
    """Write ``report`` to ``path``: CSV if it is named so, else JSON. Raises OSError."""
    write_atomically(path, as_csv(report) if path.suffix.lower() == ".csv" else as_json(report))
