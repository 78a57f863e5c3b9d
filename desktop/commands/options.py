"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from core.types import SearchMode

QuestionArgument = Annotated[
    str, typer.Argument(metavar="QUESTION", help="In plain language; - reads standard input.")
]
LibraryOption = Annotated[
    list[str] | None,
    typer.Option("--library", metavar="NAME", help="Which library to search; repeat it for several."),
]
ModeOption = Annotated[
    SearchMode | None, typer.Option("--mode", help="Search by words, by vectors, or by both.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
EventsOption = Annotated[bool, typer.Option("--events", hidden=True)]  # progress for the window
