"""The options of ``ask`` and ``search`` that say which documents count."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from core.errors import SettingsInvalid
from core.types import Filters, Grade


def filters_of(
    year: Annotated[
        str | None, typer.Option(metavar="YEARS", help="Such as 2015, 2015-2020, 2015- or >=2015.")
    ] = None,
    journal: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only from this journal; can be repeated.")
    ] = None,
    publication_type: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only of this publication type; can be repeated."),
    ] = None,
    min_grade: Annotated[
        Grade | None, typer.Option(help="Only this kind of evidence, or a stronger one.")
    ] = None,
    mesh: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADING", help="Only with this MeSH heading or keyword; can be repeated."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only in this language, such as eng; can be repeated."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Only from this file; can be repeated.")
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only from this collection; can be repeated.")
    ] = None,
    include_retracted: Annotated[
        bool,
        typer.Option("--include-retracted", help="Also what was retracted, which is left out otherwise."),
    ] = False,
) -> Filters:
    """Return the filters that these options say.

    Raises:
        SettingsInvalid: ``year`` is no range of years.
    """
    from core.retrieval.query import years_in

    years = None if year is None else years_in(year)
    if year is not None and years is None:
        raise SettingsInvalid(f"{year!r} is no range of years.", "Give 2015, 2015-2020, 2015- or >=2015.")
    return Filters(
        years.first if years else None,
        years.last if years else None,
        tuple(journal or ()),
        tuple(publication_type or ()),
        min_grade,
        tuple(mesh or ()),
        tuple(language or ()),
        tuple(source or ()),
        tuple(collection or ()),
        include_retracted,
    )


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command`` the options of ``filters_of`` in place of its parameter ``filters``."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())
    options = list(inspect.signature(filters_of, eval_str=True).parameters.values())
    place = [parameter.name for parameter in own].index("filters")

    @wraps(command)
    def run(**given: Any) -> None:
        chosen = {option.name: given.pop(option.name) for option in options}
        command(**given, filters=filters_of(**chosen))

    shown = [*own[:place], *options, *own[place + 1 :]]
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in shown]
    )
    return run
