"""How quick PubMed's own files become documents, and in how much memory.

The files are generated: gzip, records with abstracts of four sections and 1,500 characters, six authors
with their affiliations, twelve MeSH headings, and the dates and numbers that real ones have. Beside ours:
lxml alone, which builds each record and drops it, and Biopython where it is installed, which makes
dictionaries of all that is there. Rates are records a second of processor time, so that whatever else the
machine does counts little; each file is read in a process of its own, whose peak memory is told.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from core.paths import resources
from tests.benchmarks import common

SIZES = (10_000, 100_000)
FULL = 1_000_000
WANTED = 7_000  # records a second of ours, on one core
FLAT = 1.1  # peak memory of the largest file, at most so many times that of the smallest
_BODIES = 2_000  # different records, which then come again under other numbers
_PEER = 10_000  # records of the file that Biopython reads
_LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
_HEAD = b"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN"
"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd">
<PubmedArticleSet>
"""
_PLACE = "Department of Medicine, University Hospital of {0}, {0} 10{1:03d}, Country. name{1}@example.org."


def main() -> int:
    """Generate the files, read each, print the table."""
    parser = common.options_of(__doc__)
    parser.add_argument("--full", action="store_true", help=f"read {FULL:,} records as well (10 minutes)")
    parser.add_argument(
        "--read", nargs=2, metavar=("READER", "FILE"), help="read one file, print what it took"
    )
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_measure(READERS[options.read[0]], Path(options.read[1]))))
        return 0
    report = common.Report("pubmed_reading")
    with tempfile.TemporaryDirectory(prefix="vademecum-bench-") as folder:
        _compare(report, Path(folder), (*SIZES, FULL) if options.full else SIZES)
    return report.finish(options.json)


def _compare(report: common.Report, folder: Path, sizes: tuple[int, ...]) -> None:
    rows, ours = [], []
    for size in sizes:
        common.say(f"Generating and reading {size:,} records")
        path = folder / f"{size}.xml.gz"
        write_records(path, size)
        for reader in READERS:
            if reader == "Biopython" and (size > _PEER or not find_spec("Bio")):
                continue
            found = _in_process(reader, path)
            megabytes = path.stat().st_size / 1e6
            rows.append(
                (reader, size, megabytes, found["records"] / found["cpu"], found["wall"], found["peak"])
            )
            assert found["records"] == size, f"{reader} read {found['records']} of {size} records"
            if reader == "Vademecum":
                ours.append(found)
        path.unlink()
    columns = ("reader", "records", "MB gzip", "records/s", "seconds", "peak memory, MB")
    report.table("Reading PubMed XML", columns, rows)
    slowest = min(found["records"] / found["cpu"] for found in ours)
    report.must(slowest >= WANTED, f"reading {slowest:,.0f} records/s, wanted {WANTED:,}")
    growth = ours[-1]["peak"] / ours[0]["peak"]
    report.must(growth <= FLAT, f"memory grew {growth:.2f} times from {sizes[0]:,} to {sizes[-1]:,} records")


def _in_process(reader: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.pubmed_reading", "--read", reader, str(path)]
    output = subprocess.run(command, cwd=common.ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def _measure(reader: Callable[[Path], int], path: Path) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    records = reader(path)
    took = {"records": records, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    return took | {"peak": peak_memory() / 1e6}


def peak_memory() -> int:
    """Return the most bytes that this process ever held."""
    if sys.platform == "linux":  # elsewhere the figure below; here that one counts the parent's as well
        status = Path("/proc/self/status").read_text("ascii")
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read_ours(path: Path) -> int:
    """Make a document of each record, as an import does."""
    from core.library.readers.pubmed_xml import read
    from core.types import Document

    return sum(isinstance(record, Document) for record in read(path))


def read_lxml(path: Path) -> int:
    """Build and drop each record."""
    from lxml import etree

    count = 0
    with gzip.open(path) as file:
        for _, element in etree.iterparse(file, tag="PubmedArticle"):
            count += 1
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return count


def read_biopython(path: Path) -> int:
    """Make dictionaries of all records; it cannot do so one by one."""
    from Bio import Entrez

    with gzip.open(path) as file:
        return len(Entrez.read(file, validate=False)["PubmedArticle"])


READERS: dict[str, Callable[[Path], int]] = {
    "Vademecum": read_ours,
    "lxml, nothing kept": read_lxml,
    "Biopython": read_biopython,
}


def write_records(path: Path, count: int, seed: int = 0) -> None:
    """Write ``count`` different records as PubMed publishes them."""
    bodies = list(_bodies(min(count, _BODIES), seed))
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(_HEAD)
        for number in range(count):
            body = bodies[number % len(bodies)]
            file.write(body.replace("{NUMBER}", str(10_000_000 + number)).encode())
        file.write(b"</PubmedArticleSet>\n")


def _bodies(count: int, seed: int) -> Iterator[str]:
    cards = (resources() / "starter_library" / "cards.jsonl").read_text("utf-8").splitlines()
    entries: list[dict[str, Any]] = [json.loads(line) for line in cards]
    sentences = [part + "." for entry in entries for part in entry["abstract"].rstrip(".").split(". ")]
    headings = sorted({heading for entry in entries for heading in entry["mesh"]})
    chance = random.Random(seed)
    for _ in range(count):
        yield _article(chance, entries, sentences, headings)


def _article(
    chance: random.Random, entries: list[dict[str, Any]], sentences: list[str], headings: list[str]
) -> str:
    entry = chance.choice(entries)
    year, month, day = chance.randint(1990, 2024), chance.randint(1, 12), chance.randint(1, 28)
    date = f"<Year>{year}</Year><Month>{month:02d}</Month><Day>{day:02d}</Day>"
    parts = "".join(
        f'<AbstractText Label="{label}" NlmCategory="{label}">{_section(chance, sentences)}</AbstractText>'
        for label in _LABELS
    )
    terms = chance.sample(headings, 12)
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM" IndexingMethod="Automated">
<PMID Version="1">{{NUMBER}}</PMID><DateCompleted>{date}</DateCompleted><DateRevised>{date}</DateRevised>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1234-5678</ISSN>
<JournalIssue CitedMedium="Internet"><Volume>{chance.randint(1, 400)}</Volume><Issue>{month}</Issue>
<PubDate><Year>{year}</Year><Month>Mar</Month></PubDate></JournalIssue>
<Title>{escape(entry["journal"])}</Title><ISOAbbreviation>J Gen</ISOAbbreviation></Journal>
<ArticleTitle>{escape(entry["title"])} ({{NUMBER}})</ArticleTitle>
<Pagination><StartPage>1</StartPage><EndPage>9</EndPage><MedlinePgn>1-9</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.1000/made.{{NUMBER}}</ELocationID>
<Abstract>{parts}<CopyrightInformation>Nobody's.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y">{"".join(_author(chance) for _ in range(6))}</AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType>
<PublicationType UI="D016449">Randomized Controlled Trial</PublicationType></PublicationTypeList>
<ArticleDate DateType="Electronic">{date}</ArticleDate></Article>
<MedlineJournalInfo><Country>England</Country><MedlineTA>J Gen</MedlineTA><NlmUniqueID>1</NlmUniqueID>
<ISSNLinking>1234-5678</ISSNLinking></MedlineJournalInfo><CitationSubset>IM</CitationSubset>
<MeshHeadingList>{"".join(map(_heading, terms))}</MeshHeadingList>
<KeywordList Owner="NOTNLM">{"".join(f"<Keyword>{escape(term)}</Keyword>" for term in terms[:4])}
</KeywordList></MedlineCitation><PubmedData><History>{_history(date)}</History>
<PublicationStatus>ppublish</PublicationStatus>
<ArticleIdList><ArticleId IdType="pubmed">{{NUMBER}}</ArticleId>
<ArticleId IdType="doi">10.1000/made.{{NUMBER}}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
"""


def _section(chance: random.Random, sentences: list[str]) -> str:
    """Return 375 characters of sentences, cut at a word."""
    text = " ".join(chance.sample(sentences, 8))
    return escape(text[: text.index(" ", 370)] if len(text) > 380 else text)


def _author(chance: random.Random) -> str:
    family = chance.choice(
        ("Garc\u00eda", "M\u00fcller", "Smith", "Okafor", "Ivanova", "Tanaka", "Nguyen", "Rossi")
    )
    place = _PLACE.format(chance.choice(("Lima", "Oslo", "Perth", "Basel")), chance.randint(1, 999))
    return (
        f'<Author ValidYN="Y"><LastName>{family}</LastName><ForeName>Alex B</ForeName><Initials>AB</Initials>'
        f"<AffiliationInfo><Affiliation>{place}</Affiliation></AffiliationInfo></Author>"
    )


def _heading(name: str) -> str:
    return (
        f'<MeshHeading><DescriptorName UI="D000001" MajorTopicYN="N">{escape(name)}</DescriptorName>'
        '<QualifierName UI="Q000001" MajorTopicYN="Y">therapy</QualifierName></MeshHeading>\n'
    )


def _history(date: str) -> str:
    kinds = ("received", "accepted", "pubmed", "medline", "entrez")
    return "".join(f'<PubMedPubDate PubStatus="{kind}">{date}</PubMedPubDate>' for kind in kinds)


if __name__ == "__main__":
    sys.exit(main())
