"""Taking the model of a fine-tuning run into use, and going back to what was used before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from core.cancel import CancelToken
from core.errors import RunUnusable
from core.library.shelf import Shelf
from core.paths import Home
from core.progress import Progress
from core.registry import find_model
from core.settings import settings_of
from core.tuning.installing import install
from core.tuning.runs import Run, Runs
from core.tuning.switching import (
    Activation,
    LibrarySwitch,
    Log,
    ModelRole,
    Target,
    apply,
    read_log,
    settle,
    switching,
    write_log,
)


def activate(
    home: Home,
    run_id: str,
    insist: bool = False,
    cancel: CancelToken | None = None,
    progress: Progress = lambda *_: None,
) -> Activation:
    """Take the model of a run into use; what was in use before is kept, for ``revert``.

    A search model first embeds every library anew, beside the versions in use, which takes as long as
    importing them. Killed at any point, either the old model and libraries are in use or the new ones.

    Args:
        insist: take it even if it is worse than the current model, or was never compared with it.

    Raises:
        RunUnusable: there is no such run, it has no finished model, or the comparison speaks against it.
        PolicyForbids: the administrator has chosen the model, or forbidden training.
        LibraryBusy, IndexDamaged, StorageFull: a library cannot be embedded anew, and why.
        Cancelled: nothing has changed; the next call goes on with the libraries where this one stopped.
    """
    home.policy.must_allow("training")
    settle(home)
    run = Runs(home.runs).get(run_id)
    _must_be_good_enough(run, insist)
    role: ModelRole = "language" if run.recipe().kind == "adapter" else "embedder"
    home.policy.must_leave("model", role)
    with _all_libraries(home, role):
        model = install(home, run)
        find_model(home, model, role)  # says what is wrong with the folder, if anything
        previous = in_role(home, role)
        if previous == model and (known := _standing(read_log(home), role, model)):
            return known
        libraries = _prepared(home, role, model, {}, cancel, progress)
        made = Activation(run.id, role, model, previous, _now(), libraries)
        target = Target(role, model, {library.name: library.after for library in libraries})
        log = read_log(home)
        write_log(home, replace(log, activations=(*log.activations, made), pending=target))
        apply(home)
    return made


def revert(
    home: Home,
    role: ModelRole | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = lambda *_: None,
) -> Activation:
    """Go back to what was in use before the last activation that still stands; return that activation.

    Libraries go back to the version they had, unless they have been added to since: those are embedded anew
    with the earlier search model.

    Args:
        role: revert the language model or the search model; None reverts whichever was activated last.

    Raises:
        RunUnusable: no activated model is in use, or the one before it is no longer there.
        LibraryBusy, IndexDamaged, StorageFull, Cancelled: as in ``activate``.
    """
    settle(home)
    last = next((each for each in reversed(active(home)) if role in (None, each.role)), None)
    if last is None:
        raise RunUnusable("No tuned model is in use.", "Choose a model in the settings.")
    home.policy.must_leave("model", last.role)
    with _all_libraries(home, last.role):
        find_model(home, last.previous, last.role)
        known = {library.name: library for library in last.libraries}
        libraries = _prepared(home, last.role, last.previous, known, cancel, progress)
        target = Target(last.role, last.previous, {library.name: library.after for library in libraries})
        log, done = read_log(home), replace(last, reverted=_now())
        entries = tuple(done if each == last else each for each in log.activations)
        write_log(home, replace(log, activations=entries, pending=target))
        apply(home)
    return done


def history(home: Home) -> tuple[Activation, ...]:
    """Return every activation, oldest first. Raises RunUnusable if the log cannot be read."""
    return read_log(home).activations


def active(home: Home) -> tuple[Activation, ...]:
    """Return the activations whose model is in use now, oldest first: at most one for each role."""
    log = read_log(home)
    standing = [_standing(log, role, in_role(home, role)) for role in ("language", "embedder")]
    return tuple(sorted((each for each in standing if each), key=lambda each: each.when))


def in_use(home: Home, run_id: str) -> bool:
    """True if the model of this run is the language or the search model in use."""
    return any(each.run == run_id for each in active(home))


def in_role(home: Home, role: ModelRole) -> str:
    """Return the model that the settings name for ``role``."""
    model = settings_of(home).model
    return model.language if role == "language" else model.embedder


def _must_be_good_enough(run: Run, insist: bool) -> None:
    report = run.report()
    if insist:
        return
    if report is None:
        raise RunUnusable(
            f"The run {run.id} has not been compared with the model in use.",
            f"Go on with `vademecum train run --resume {run.id}`, or insist.",
        )
    if report.verdict == "worse":
        raise RunUnusable(
            f"{report.candidate} is worse than {report.current}: {report.reason}",
            "The old model stays in use. Insist if you want the new one all the same.",
        )


def _prepared(
    home: Home,
    role: ModelRole,
    model: str,
    known: dict[str, LibrarySwitch],
    cancel: CancelToken | None,
    progress: Progress,
) -> tuple[LibrarySwitch, ...]:
    """Make sure that every library has a version for the search model ``model``; none is taken into use."""
    if role == "language":
        return ()
    from core.library.reindex import embed_anew  # with NumPy, which the window starts without
    from core.retrieval.embedder import fingerprint_of, load_embedder

    folder = find_model(home, model, "embedder")
    wanted, embedder, switches = fingerprint_of(folder), None, []
    shelf = Shelf(home.libraries)
    for name in shelf.names():
        path, manifest = shelf.active_version(name)
        versions, earlier = shelf.versions(name), known.get(name)
        if earlier and earlier.after == path.name and versions.has(earlier.before):
            switches.append(LibrarySwitch(name, path.name, earlier.before))
        elif manifest.embedder != wanted:
            embedder = embedder or load_embedder(folder)
            version = embed_anew(shelf.versions(name), embedder, cancel or CancelToken(), progress)
            switches.append(LibrarySwitch(name, path.name, version))
    return tuple(switches)


@contextmanager
def _all_libraries(home: Home, role: ModelRole) -> Iterator[None]:
    names = Shelf(home.libraries).names() if role == "embedder" else []
    with switching(home, names):
        yield


def _standing(log: Log, role: ModelRole, model: str) -> Activation | None:
    """Return the last activation of ``model`` in ``role`` that was not reverted."""
    found = (each for each in reversed(log.activations) if (each.role, each.model) == (role, model))
    return next((each for each in found if not each.reverted), None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
