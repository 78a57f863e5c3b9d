"""Numbers, sizes and times as people write them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt


def number(value: int) -> str:
    """Return ``value`` with the thousands separators of the locale."""
    return _locale().toString(value)


def _locale() -> QLocale:
    """Return the user's locale; where none is set, one that parts thousands, which "C" does not."""
    return QLocale() if QLocale().language() != QLocale.Language.C else QLocale(QLocale.Language.English)


def size(count: int) -> str:
    """Return bytes as KB, MB or GB."""
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000)):
        if count >= factor:
            return f"{_locale().toString(count / factor, 'f', 1)} {unit}"
    return f"{number(max(1, count // 1000))} KB" if count else "0 KB"


def parameters(count: int) -> str:
    """Return how large a model is, as its field says it: 135 M, 8.0 B."""
    if count >= 1_000_000_000:
        return f"{_locale().toString(count / 1e9, 'f', 1)} B"
    return f"{number(round(count / 1e6))} M" if count >= 1_000_000 else number(count)


def day(moment: str) -> str:
    """Return an ISO 8601 time as a date and time of this place, or as it is when it is none."""
    found = QDateTime.fromString(moment, Qt.DateFormat.ISODate)
    if not found.isValid():
        return moment
    return _locale().toString(found.toLocalTime(), QLocale.FormatType.ShortFormat)


def duration(seconds: float) -> str:
    """Return a time that is still to come, roughly."""
    if seconds < 60:
        return _tr("about {0} s").format(max(5, round(seconds / 5) * 5))
    if seconds < 5400:
        return _tr("about {0} min").format(round(seconds / 60))
    return _tr("about {0} h").format(round(seconds / 3600))


def doing(status: str) -> str:
    """Return what a worker says it does in the words of the window, and as it is when it is new to it.

    What it says after a colon, such as the name of a mode, stays as it is.
    """
    words = {
        "Loading the embedder": _tr("Loading the search model"),
        "Loading the model": _tr("Loading the model"),
        "Opening the library": _tr("Opening the library"),
        "Searching the library": _tr("Searching the library"),
        "Reading the evidence": _tr("Reading the evidence"),
        "Checking the citations": _tr("Checking the citations"),
        "Writing": _tr("Writing"),
        "Switching the model": _tr("Switching the model"),
        "embed anew": _tr("Embedding the library anew"),
        "Asking the trained model for comparison": _tr("Asking the trained model for comparison"),
        "Checking": _tr("Checking"),
        "Counting tokens": _tr("Counting tokens"),
        "Loading the merged model again": _tr("Loading the merged model again"),
        "Loading the tokenizer": _tr("Loading the tokenizer"),
        "Looking for personal data": _tr("Looking for personal data"),
        "Making conversations": _tr("Making conversations"),
        "Merging the adapter into its base": _tr("Merging the adapter into its base"),
        "Training": _tr("Training"),
        "Reading the data": _tr("Reading the data"),
        "Looking for hard examples": _tr("Looking for hard examples"),
        "Embedding questions": _tr("Embedding the questions"),
        "Embedding passages": _tr("Embedding the passages"),
        "Loading the current model": _tr("Loading the current model"),
        "Loading the new model": _tr("Loading the new model"),
        "Measuring the current model": _tr("Measuring the current model"),
        "Measuring the new model": _tr("Measuring the new model"),
        "Preparing the evaluation": _tr("Preparing the evaluation"),
        "Answering": _tr("Answering"),
        "Asking": _tr("Asking"),
        "Judging": _tr("Judging"),
        "Searching": _tr("Searching"),
    }
    step, colon, of = status.partition(": ")
    return f"{words.get(step, step)}{colon}{of}"


def next_step(code: str, hint: str) -> str:
    """Return ``hint``, or what to do in the window where it names a command to type."""
    steps = {
        "asset_unavailable": _tr("Connect to the network for the set-up, and try again."),
        "index_damaged": _tr("Add its files again on the Library page, to a library of another name."),
        "library_empty": _tr("Add files to it on the Library page."),
        "library_missing": _tr("Choose another library above the conversation, or add files to a new one."),
        "model_unusable": _tr("Choose another model in the settings, or start a new question to set it up."),
    }
    return steps.get(code, hint) if "vademecum " in hint else hint


def _tr(text: str) -> str:
    return QCoreApplication.translate("words", text)
