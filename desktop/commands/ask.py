"""``vademecum ask`` and ``vademecum search``."""

from __future__ import annotations

import secrets
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from core.errors import SettingsInvalid
from core.paths import Home
from core.protocol import Answered, Status, Token
from core.settings import Settings, checked, read_settings
from core.types import Answer, Citation, DocumentRef, Filters, Grade, SearchMode, SearchResult
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt

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
YearOption = Annotated[
    str | None, typer.Option("--year", metavar="YEARS", help="Such as 2015, 2015-2020, 2015- or >=2015.")
]
JournalOption = Annotated[
    list[str] | None,
    typer.Option("--journal", metavar="NAME", help="Only from this journal; can be repeated."),
]
TypeOption = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Only of this publication type; can be repeated."),
]
GradeOption = Annotated[
    Grade | None, typer.Option("--min-grade", help="Only this kind of evidence, or a stronger one.")
]
MeshOption = Annotated[
    list[str] | None,
    typer.Option(
        "--mesh", metavar="HEADING", help="Only with this MeSH heading or keyword; can be repeated."
    ),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help="Only in this language, such as eng; can be repeated."),
]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", metavar="FILE", help="Only from this file; can be repeated.")
]
CollectionOption = Annotated[
    list[str] | None,
    typer.Option("--collection", metavar="NAME", help="Only from this collection; can be repeated."),
]
RetractedOption = Annotated[
    bool, typer.Option("--include-retracted", help="Also what was retracted, which is left out otherwise.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def ask(
    context: typer.Context,
    question: QuestionArgument,
    library: LibraryOption = None,
    no_retrieval: Annotated[
        bool, typer.Option("--no-retrieval", help="Ask the model alone, without sources.")
    ] = False,
    mode: ModeOption = None,
    temperature: Annotated[
        float | None, typer.Option(min=0.0, max=2.0, help="0 always takes the likeliest word.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(min=0.001, max=1.0, help="Share of probability kept.")
    ] = None,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, max=8192, help="Longest answer.")] = None,
    answers: Annotated[int | None, typer.Option(min=1, max=8, help="How many answers to write.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Makes the answer repeatable.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Name or folder of the language model.")
    ] = None,
    year: YearOption = None,
    journal: JournalOption = None,
    publication_type: TypeOption = None,
    min_grade: GradeOption = None,
    mesh: MeshOption = None,
    language: LanguageOption = None,
    source: SourceOption = None,
    collection: CollectionOption = None,
    include_retracted: RetractedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from a library, with citations."""
    output, home = Output(), _home(context)
    settings = _with_options(
        read_settings(home.settings), mode, temperature, top_p, max_new_tokens, answers, model
    )
    text = sys.stdin.read() if question == "-" else question
    names = () if no_retrieval else tuple(library or ()) or settings.libraries
    filters = _filters(
        year,
        journal,
        publication_type,
        min_grade,
        mesh,
        language,
        source,
        collection,
        include_retracted,
    )
    answer = _answer(home, settings, text, names, seed, filters)
    if as_json:
        output.json(answer)
    else:
        output.text(as_text(answer))


def search(
    context: typer.Context,
    query: QuestionArgument,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 10,
    offset: Annotated[int, typer.Option(min=0, max=100_000, help="Leave out the first ones.")] = 0,
    mode: ModeOption = None,
    library: LibraryOption = None,
    year: YearOption = None,
    journal: JournalOption = None,
    publication_type: TypeOption = None,
    min_grade: GradeOption = None,
    mesh: MeshOption = None,
    language: LanguageOption = None,
    source: SourceOption = None,
    collection: CollectionOption = None,
    include_retracted: RetractedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the passages nearest to a question, or what meets title:asthma AND NOT children and the like."""
    from core.generation.packing import checked_question
    from core.retrieval.retriever import search_result
    from core.runtime import Runtime

    output, home = Output(), _home(context)
    settings = _with_options(read_settings(home.settings), mode)
    text = checked_question(sys.stdin.read() if query == "-" else query, settings.model.context)
    retriever = Runtime(home, settings).retriever(tuple(library or ()) or settings.libraries)
    filters = _filters(
        year,
        journal,
        publication_type,
        min_grade,
        mesh,
        language,
        source,
        collection,
        include_retracted,
    )
    result = search_result(retriever, text, settings.retrieval, k, filters, offset)
    if as_json:
        output.json(result)
    else:
        output.text(_hits_as_text(result))


def _home(context: typer.Context) -> Home:
    home = context.obj
    assert isinstance(home, Home)
    return home


def _with_options(
    settings: Settings,
    mode: SearchMode | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_new_tokens: int | None = None,
    answers: int | None = None,
    model: str | None = None,
) -> Settings:
    sampling = {
        "temperature": temperature,
        "top_p": top_p,
        "max_new_tokens": max_new_tokens,
        "answers": answers,
    }
    given = {name: value for name, value in sampling.items() if value is not None}
    changed = replace(
        settings,
        sampling=replace(settings.sampling, **given),  # type: ignore[arg-type]
        retrieval=replace(settings.retrieval, mode=mode or settings.retrieval.mode),
        model=replace(settings.model, language=model or settings.model.language),
    )
    return checked(changed)


def _filters(
    year: str | None,
    journals: Sequence[str] | None,
    types: Sequence[str] | None,
    minimum_grade: Grade | None,
    subjects: Sequence[str] | None,
    languages: Sequence[str] | None,
    sources: Sequence[str] | None,
    collections: Sequence[str] | None,
    retracted: bool,
) -> Filters:
    from core.retrieval.query import years_in

    years = None if year is None else years_in(year)
    if year is not None and years is None:
        raise SettingsInvalid(f"{year!r} is no range of years.", "Give 2015, 2015-2020, 2015- or >=2015.")
    given = (tuple(values or ()) for values in (journals, types, subjects, languages, sources, collections))
    journals, types, subjects, languages, sources, collections = given
    return Filters(
        years.first if years else None,
        years.last if years else None,
        journals,
        types,
        minimum_grade,
        subjects,
        languages,
        sources,
        collections,
        retracted,
    )


def _answer(
    home: Home,
    settings: Settings,
    question: str,
    libraries: Sequence[str],
    seed: int | None,
    filters: Filters,
) -> Answer:
    """Run the assistant, showing its progress and its words on standard error when somebody is watching."""
    from core.assistant import Question
    from core.runtime import Runtime

    runtime = Runtime(home, settings)
    retriever = runtime.retriever(libraries) if libraries else None
    asked = Question(question, (), secrets.randbelow(2**31) if seed is None else seed, filters)
    watched = sys.stderr.isatty()
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        for event in runtime.assistant().answer(asked, retriever, cancel):
            match event:
                case Status(text) if watched:
                    line.say(f"{text} ...")
                case Token(text) if watched:
                    print(text, end="", flush=True, file=sys.stderr)
                case Answered(answer):
                    if watched:
                        print("\n", file=sys.stderr)
                    return answer
    raise SettingsInvalid("The model gave no answer.")  # pragma: no cover: the assistant always answers


def as_text(answer: Answer) -> str:
    """Return ``answer`` for a terminal: text, sources with their quotes, and the notice."""
    lines = [_wrapped(_marked(answer), "")]
    lines += [
        f"Answer {number}\n" + _wrapped(text, "") for number, text in enumerate(answer.alternatives, start=2)
    ]
    if answer.counted and answer.counted.documents:
        newest = (f"  - {_reference(document)}" for document in answer.counted.documents)
        lines.append("The newest of them:\n" + "\n".join(newest))
    if answer.refused and answer.nearest:
        lines.append("Nearest documents:\n" + "\n".join(f"  - {_reference(ref)}" for ref in answer.nearest))
    if answer.closest:
        lacking = "" if answer.refused else "No sentence of this answer has a source. "
        lines.append(f"{lacking}What the library says that comes closest:")
        lines.append("\n".join(_sources(answer.closest)))
    if answer.citations:
        lines.append("\n".join(_sources(answer.citations)))
    if any(citation.origin == "search" for citation in answer.citations):
        lines.append("\u00b0 found by search, not cited by the model")
    return "\n\n".join([*lines, answer.notice])


def _marked(answer: Answer) -> str:
    """Return the text with \u00b0 in the markers that search found, and sentences without source marked."""
    found = {citation.sentence for citation in answer.citations if citation.origin == "search"}
    text = answer.answer
    for index, sentence in reversed(list(enumerate(answer.sentences))):
        part = text[sentence.start : sentence.end]
        if index in found:
            for marker in sentence.citations:
                part = part.replace(f"[{marker}]", f"[{marker}\u00b0]")
        elif answer.libraries and not sentence.citations:
            part += " (no source found)"
        text = text[: sentence.start] + part + text[sentence.end :]
    return text


def _sources(citations: tuple[Citation, ...]) -> Iterator[str]:
    for marker in sorted({citation.marker for citation in citations}):
        of_marker = [citation for citation in citations if citation.marker == marker]
        yield f"[{marker}] {_reference(of_marker[0].document)}"
        for quote in dict.fromkeys(citation.quote for citation in of_marker):
            yield _wrapped(f"\u201c{quote}\u201d", "    ")


def _reference(document: DocumentRef) -> str:
    year = str(document.year) if document.year else ""
    place = ", ".join(part for part in (document.journal, year) if part)
    number = (
        f"PMID {document.pmid}" if document.pmid else (f"doi {document.doi}" if document.doi else document.id)
    )
    retracted = " RETRACTED." if document.retracted else ""
    retracted += " EXPRESSION OF CONCERN." if document.concern else ""
    return (
        " ".join(
            part for part in (f"{document.title.rstrip('.')}.", f"{place}." if place else "", number) if part
        )
        + retracted
    )


def _hits_as_text(result: SearchResult) -> str:
    blocks = [
        f"{hit.rank}. {_reference(hit.document)}\n{_wrapped(textwrap.shorten(hit.quote, 300), '   ')}"
        for hit in result.hits
    ]
    closing = f"{len(result.hits)} of {result.searched:,} passages, {result.seconds:.2f} s"
    if result.matched is not None:
        closing += f"\n{result.matched:,} documents match {result.understood}"
    return "\n\n".join([*blocks, closing])


def _wrapped(text: str, indent: str) -> str:
    return "\n".join(
        textwrap.fill(line, 88, initial_indent=indent, subsequent_indent=indent) for line in text.splitlines()
    )
