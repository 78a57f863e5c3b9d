"""How quick files become a library: reading records, and embedding their chunks.

The files to read are generated from the starter library's cards; PubMedQA is real, where the shared folder
has it. Beside each reader: the bare parser under it on the same file. Beside the import: ``encode`` of
sentence-transformers on the same texts sorted by length, which does nothing but embed; both in processor
time, so that whatever else the machine does counts little.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from core.cancel import CancelToken
from core.library.chunking import passage_text
from core.library.readers.detect import find_format
from core.library.store import DocumentStore
from core.paths import resources
from core.runtime import Runtime
from core.types import Document
from tests.benchmarks import common

RECORDS = 5000  # to read
EMBEDDED = 1200  # records to embed: some 1,500 passages
REPEATS = 5
_IMPORTS = 2
_WANTED = 1.10  # times what embedding alone takes

Record = dict[str, Any]
Parser = Callable[[Path], object]


def main() -> int:
    """Measure reading, then importing."""
    options = common.options_of(__doc__).parse_args()
    report = common.Report("ingest")
    with common.runtime() as runtime:
        runtime.home.root.mkdir(exist_ok=True)
        _reading(report, runtime.home.root)
        _importing(report, runtime)
    return report.finish(options.json)


def made_up(count: int, seed: int = 0) -> list[Record]:
    """Return ``count`` different records: sentences of the starter library's cards, drawn anew for each."""
    cards = (resources() / "starter_library" / "cards.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in cards]
    sentences = [part + "." for entry in entries for part in entry["abstract"].rstrip(".").split(". ")]
    chance = random.Random(seed)
    return [
        {
            **chance.choice(entries),
            "id": f"made-up-{number}",
            "pmid": str(10_000_000 + number),
            "doi": None,
            "title": f"{chance.choice(entries)['title']} ({number})",
            "abstract": " ".join(chance.sample(sentences, chance.randint(5, 14))),
        }
        for number in range(count)
    ]


def as_jsonl(records: Iterable[Record]) -> str:
    """Return ``records`` as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def as_medline(records: Iterable[Record]) -> str:
    """Return ``records`` as PubMed saves them under "PubMed format"."""
    return "\n".join("".join(_tagged(*field) for field in _fields(record)) for record in records)


def _fields(record: Record) -> list[tuple[str, str]]:
    """Return the tags and values of ``record``, many of which PubMed has and we do not read."""
    fields = [("PMID", record["pmid"]), ("OWN", "NLM"), ("STAT", "MEDLINE"), ("DP", str(record["year"]))]
    fields += [("TI", record["title"]), ("AB", record["abstract"])]
    fields += [("AU", author) for author in record["authors"]]
    fields += [("PT", kind) for kind in record["publication_types"]]
    fields += [("MH", heading) for heading in record["mesh"]]
    return [*fields, ("JT", record["journal"]), ("SO", f"{record['journal']}. {record['year']}.")]


def _tagged(tag: str, value: str, width: int = 80) -> str:
    lines, line = [], ""
    for word in value.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return f"{tag:4}- " + "\n      ".join([*lines, line]) + "\n"


def as_xml(records: Iterable[Record]) -> str:
    """Return ``records`` as PubMed exports XML."""
    return f"<PubmedArticleSet>{''.join(map(_article, records))}</PubmedArticleSet>"


def _article(record: Record) -> str:
    headings = [_tag("DescriptorName", name) for name in record["mesh"]]
    article = [
        f"<Journal><JournalIssue><PubDate>{_tag('Year', str(record['year']))}</PubDate></JournalIssue>",
        f"{_tag('Title', record['journal'])}</Journal>{_tag('ArticleTitle', record['title'])}",
        f"<Abstract>{_tag('AbstractText', record['abstract'])}</Abstract><AuthorList>",
        *(f"<Author>{_tag('CollectiveName', author)}</Author>" for author in record["authors"]),
        "</AuthorList><PublicationTypeList>",
        *(_tag("PublicationType", kind) for kind in record["publication_types"]),
        "</PublicationTypeList>",
    ]
    return (
        f"<PubmedArticle><MedlineCitation>{_tag('PMID', record['pmid'])}<Article>{''.join(article)}</Article>"
        f"<MeshHeadingList>{''.join(f'<MeshHeading>{heading}</MeshHeading>' for heading in headings)}"
        "</MeshHeadingList></MedlineCitation></PubmedArticle>\n"
    )


def _tag(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def parse_json_lines(path: Path) -> None:
    """Decode every line, with the standard library."""
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def parse_lines(path: Path) -> None:
    """Decode every line as text, and no more."""
    with path.open(encoding="utf-8") as file:
        for _ in file:
            pass


def parse_xml(path: Path) -> None:
    """Build and drop every article, with lxml."""
    for _, element in etree.iterparse(str(path), tag="PubmedArticle"):
        element.clear()


def parse_json(path: Path) -> None:
    """Decode the file, with the standard library."""
    json.loads(path.read_bytes())


def _reading(report: common.Report, folder: Path) -> None:
    records = made_up(RECORDS)
    files: list[tuple[str, str, Parser]] = [
        ("records.jsonl", as_jsonl(records), parse_json_lines),
        ("records.nbib", as_medline(records), parse_lines),
        ("records.xml", as_xml(records), parse_xml),
    ]
    rows = []
    for name, content, parser in files:
        (folder / name).write_text(content, "utf-8")
        rows.append(_read(folder / name, parser, f"{name} (generated)"))
    data = common.shared_data()
    if data and (real := data / "pubmedqa" / "ori_pqal.json").is_file():
        rows.append(_read(real, parse_json, "PubMedQA ori_pqal.json"))
    report.table(
        f"Reading, median of {REPEATS}",
        ("file", "MB", "records", "records/s", "MB/s", "bare parser", "records/s, parser alone"),
        rows,
    )


def _read(path: Path, parser: Parser, name: str) -> Sequence[object]:
    read = find_format(path).read
    size, records = path.stat().st_size / 1e6, list(read(path))
    assert all(isinstance(record, Document) for record in records), f"{path} has rejected records"
    ours, bare = [], []
    for _ in range(REPEATS):
        ours.append(common.seconds(lambda: [None for _ in read(path)]))
        bare.append(common.seconds(lambda: parser(path)))
    took, alone = statistics.median(ours), statistics.median(bare)
    label = parser.__name__.removeprefix("parse_").replace("_", " ")
    return name, size, len(records), len(records) / took, size / took, label, len(records) / alone


def _cpu(action: Callable[[], object]) -> float:
    """Return the processor time that ``action`` takes in this process, all threads together."""
    start = time.process_time()
    action()
    return time.process_time() - start


def _importing(report: common.Report, runtime: Runtime) -> None:
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(runtime.settings.model.embedder, device="cpu", local_files_only=True)
    runtime.embedder()
    ours, bare, texts = [], [], []
    for number in range(_IMPORTS):
        common.say(f"Importing {EMBEDDED} records, {number + 1} of {_IMPORTS}")
        source = runtime.home.root / f"import-{number}.jsonl"
        source.write_text(as_jsonl(made_up(EMBEDDED)), "utf-8")
        name = f"import-{number}"
        ours.append(_cpu(lambda: runtime.add(name, [source], CancelToken(), lambda *step: None)))  # noqa: B023
        with DocumentStore.open(runtime.shelf.active_version(name)[0]) as store:
            texts = sorted((passage_text(title, text) for _, title, text in store.texts()), key=len)
        bare.append(_cpu(lambda: peer.encode(texts, batch_size=32, show_progress_bar=False)))  # noqa: B023
    best, alone, count = min(ours), min(bare), len(texts)
    report.table(
        f"Importing {EMBEDDED} generated records ({count} chunks), best of {_IMPORTS}",
        ("what", "processor seconds", "chunks/s", "ratio"),
        [
            ("import: read, embed, store, both indexes", best, count / best, best / alone),
            ("peer: sentence-transformers encode alone", alone, count / alone, 1.0),
        ],
    )
    report.must(best / alone <= _WANTED, f"the import takes {best / alone:.2f} times the embedding alone")


if __name__ == "__main__":
    sys.exit(main())
