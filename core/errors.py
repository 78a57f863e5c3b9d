"""Failures we expect and can explain; anything else is a bug and goes to the crash dialog."""

from __future__ import annotations


class AppError(Exception):
    """A failure the user can act on.

    Attributes:
        code: stable identifier, for logs and tests; never shown.
        hint: the next step the user can take, as one sentence; may be empty.
    """

    code = "app"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class AssetRefused(AppError):
    """A downloaded file is not the file we named: wrong hash, size or content."""

    code = "asset_refused"


class AssetUnavailable(AppError):
    """A default model could not be fetched (no package index in reach)."""

    code = "asset_unavailable"


class BundleRefused(AppError):
    """A content bundle is damaged, unsafe, not signed by anyone trusted, or not for this program."""

    code = "bundle_refused"


class DataNewer(AppError):
    """The data folder was opened by a newer Vademecum, whose formats this one does not know."""

    code = "data_newer"


class DataUnusable(AppError):
    """A file of training data holds nothing that could be learned from, and why."""

    code = "data_unusable"


class IndexDamaged(AppError):
    """The files of an index or library version are missing or unreadable."""

    code = "index_damaged"


class IndexMismatch(AppError):
    """An index was built by another embedder than the one in use."""

    code = "index_mismatch"


class InputUnreadable(AppError):
    """A file the user gave cannot be read at all (missing, not a known format, empty)."""

    code = "input_unreadable"


class LibraryBusy(AppError):
    """Another process is writing this library."""

    code = "library_busy"


class LibraryEmpty(AppError):
    """The library holds no documents."""

    code = "library_empty"


class LibraryMissing(AppError):
    """There is no library, or no document, of that name."""

    code = "library_missing"


class ModelUnusable(AppError):
    """A model folder is missing, incomplete, unsafe (pickle) or does not fit this computer."""

    code = "model_unusable"


class NotRepeatable(AppError):
    """The training came to an operation that may give another result each time, and was to do without."""

    code = "not_repeatable"


class NotSigned(AppError):
    """A text for patients would leave the program though no clinician has signed it."""

    code = "not_signed"


class OfflineViolation(AppError, ConnectionError):
    """Something in this process tried to reach the network. Also a ConnectionError, so libraries that can do
    without the network go on without it."""

    code = "offline_violation"


class OutOfMemory(AppError):
    """The model needs more memory than there is."""

    code = "out_of_memory"


class PolicyForbids(AppError):
    """The administrator of this computer does not allow it."""

    code = "policy_forbids"


class ProtocolError(AppError):
    """A worker wrote a line that is not an event, or the window one that is not a request."""

    code = "protocol"


class QuestionRejected(AppError):
    """The question cannot be asked as it is: empty, or longer than the model can read."""

    code = "question_rejected"


class RecipeInvalid(AppError):
    """A field of a fine-tuning recipe is unknown, of the wrong type, out of bounds, or cannot be had here."""

    code = "recipe_invalid"


class RunUnusable(AppError):
    """There is no such run or evaluation, or it is not in a state for what was asked."""

    code = "run_unusable"


class SettingsInvalid(AppError):
    """A setting is unknown, of the wrong type or out of bounds."""

    code = "settings_invalid"


class StorageFull(AppError):
    """The disk is full, or the folder cannot be written."""

    code = "storage_full"
