"""The ``vademecum`` command: the window without arguments, everything that can be scripted with them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from core import __version__, offline
from core.bundles.parts import is_bundle
from core.cancel import Cancelled
from core.errors import AppError
from core.first_start import bring_libraries
from core.library.shelf import shelf_of
from core.paths import Home, default_home
from core.tuning.switching import settle
from core.updates.home_format import prepare
from desktop.commands import assets, bundle, evaluate, library, train
from desktop.commands.ask import ask
from desktop.commands.console import fail
from desktop.commands.doctor import doctor
from desktop.commands.retractions import reindex, retractions
from desktop.commands.search import search
from desktop.commands.setup import setup

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Vademecum: cited answers from your own medical library, fully offline. Not medical advice.",
)
app.command()(ask)
app.command()(search)
app.add_typer(library.app, name="library")
library.app.command()(retractions)
library.app.command()(reindex)
_OPEN_LIBRARIES = ("ask", "search", "library")
app.add_typer(assets.app, name="assets")
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(bundle.app, name="bundle")
app.command()(doctor)
app.command()(setup)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--self-check", help="Try every part of this installation, in a folder that is deleted again."
        ),
    ] = False,
    opened: Annotated[list[str] | None, typer.Option("--open", hidden=True)] = None,
) -> None:
    """Open the window when no command is given."""
    if version:
        print(f"vademecum {__version__}")
        raise typer.Exit
    context.obj = default_home()
    if check:
        from desktop.commands.self_check import self_check

        raise typer.Exit(self_check(context.obj))
    if context.invoked_subcommand != "bundle":  # which restores backups of data that are too new for us
        prepare(context.obj)
    bring_libraries(context.obj)
    settle(context.obj)
    if context.invoked_subcommand is not None:
        offline.arm("command", context.obj)
        if context.invoked_subcommand in _OPEN_LIBRARIES:
            _upgrade_libraries(context.obj)
        return
    if not has_display():
        fail(
            "There is no display to open a window on.", 'Ask from the terminal: vademecum ask "your question"'
        )
        raise typer.Exit(1)
    from desktop.app import run

    raise typer.Exit(run(context.obj, files=opened or ()))


def _upgrade_libraries(home: Home) -> None:
    from core.library.upgrade import settle as upgrade  # with NumPy, which other commands start without

    for failure in upgrade(shelf_of(home)):
        fail(str(failure), failure.hint)


def has_display() -> bool:
    """True if a window can be opened here: always on Windows and macOS."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def main() -> None:
    """Run the command line: exit status 0 done, 1 a failure the user can act on, 2 wrong usage."""
    if len(sys.argv) == 2 and is_bundle(sys.argv[1]):  # double-clicked
        sys.argv[1:] = ["--open", sys.argv[1]]
    try:
        app()
    except AppError as error:
        fail(str(error), error.hint)
        sys.exit(1)
    except Cancelled:
        fail("Stopped. What was finished is kept.")
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.exit(1)


if __name__ == "__main__":
    main()
