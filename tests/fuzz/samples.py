"""A whole file of each format that a library reads, of a few lines."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tests.fakes.office_files import make_docx, make_epub, paragraph

PUBMED = """<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">7</PMID>
<DateRevised><Year>2020</Year><Month>2</Month><Day>3</Day></DateRevised><Article><Journal><Title>J</Title>
<JournalIssue><PubDate><Year>2019</Year></PubDate></JournalIssue></Journal><ArticleTitle>T <i>i</i>
</ArticleTitle><Abstract><AbstractText Label="AIM" NlmCategory="OBJECTIVE">To see.
</AbstractText><AbstractText>It is &lt; 5.
</AbstractText></Abstract><AuthorList><Author><LastName>Doe</LastName><Initials>J</Initials></Author></AuthorList>
<PublicationTypeList><PublicationType>Review</PublicationType></PublicationTypeList></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><PMID>8</PMID></CommentsCorrections>
</CommentsCorrectionsList></MedlineCitation></PubmedArticle><DeleteCitation><PMID>9</PMID></DeleteCitation>
</PubmedArticleSet>"""
JATS = """<article xmlns:x="urn:x"><front><article-meta><article-id pub-id-type="pmid">7</article-id>
<title-group><article-title>T</article-title></title-group><pub-date><year>2020</year></pub-date></article-meta></front><body>
<sec><title>S</title><p>Text<sup>1</sup> and <x:y>more</x:y>.</p><table-wrap><table><tr><td>1</td></tr>
</table></table-wrap></sec></body></article>"""
PAGE = "<h1>H</h1><p>Text &amp; more</p><table><tr><td>1</td><td>2</td></tr></table><script>x</script>"
SNIPPET = {
    "document": "http://www.ncbi.nlm.nih.gov/pubmed/7",
    "text": "It rains.",
    "offsetInBeginSection": 0,
    "offsetInEndSection": 9,
    "beginSection": "abstract",
    "endSection": "abstract",
}
TEXTS = {
    "a.xml": PUBMED,
    "a.nxml": JATS,
    "a.html": f"<html><head><title>T</title></head><body>{PAGE}</body></html>",
    "a.md": "---\ntitle: T\nyear: 2020\n---\n# H\n\nText *a* [b](c)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    "```\nx\n```\n",
    "a.txt": "Title\n\nSome text in a paragraph.\n\n1. Methods\n\nMore.\n",
    "a.nbib": "PMID- 123\nTI  - A title\n      goes on\nAB  - METHODS: So. RESULTS: Well.\n"
    "DP  - 2019 Mar\nAU  - Doe J\n"
    "PT  - Review\nMH  - Aspirin/*adverse effects\n\nPMID- 124\nTI  - B\nAB  - C.\n",
    "a.ris": "TY  - JOUR\nTI  - A title\nAB  - Words.\nPY  - 2019/03/01/\nAU  - Doe, J\nDO  - 10.1/x\n"
    "ER  - \n"
    "TY  - BOOK\nT1  - B\nER  - \n",
    "a.enw": "%0 Journal Article\n%T A title\n%A Doe, J\n%X Words.\n%D 2019\n%R 10.1/x\n\n%0 Book\n%T B\n",
    "a.ciw": "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Doe, J\nTI A title\n"
    "   goes on\nAB Words.\nPY 2019\nER\n\nEF\n",
    "a.json": json.dumps({"questions": [{"body": "?", "type": "summary", "snippets": [SNIPPET]}]}, indent=1),
    "b.json": json.dumps(
        {"7": {"QUESTION": "?", "CONTEXTS": ["A.", "B."], "LABELS": ["AIM", "END"], "YEAR": "2019"}}
    ),
    "a.jsonl": '{"title": "T", "text": "x", "pmid": "7", "year": 2019, "authors": ["Doe J"], "mesh": []}\n'
    '{"title": "U"}\n',
    "a.csv": 'PMID,Title,Abstract,Year\n7,"A ""title""",Words.,2019\n8,B,"C\nD",\n',
    "a.tsv": "PT\tTI\tAB\tPY\tDI\nJ\tA title\tWords.\t2019\t10.1/x\n",
}


def of_office(make, *content):
    """Return what ``make`` writes to a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        make(path, *content)
        return path.read_bytes()


def as_tar(members):
    with io.BytesIO() as target:
        with tarfile.open(fileobj=target, mode="w") as archive:
            for name, content in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return target.getvalue()


def as_zip(members):
    with io.BytesIO() as target:
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return target.getvalue()


WHOLE = {name: text.encode() for name, text in TEXTS.items()}
WHOLE |= {
    "a.xml.gz": gzip.compress(WHOLE["a.xml"]),
    "u.csv": TEXTS["a.csv"].encode("utf-16"),
    "a.docx": of_office(make_docx, paragraph("Head", "U1") + paragraph("Text")),
    "a.epub": of_office(make_epub, {"a.xhtml": PAGE}),
    "a.zip": as_zip({"x/b.txt": WHOLE["a.txt"], "c.html": WHOLE["a.html"]}),
    "a.tar": as_tar({"x/b.nxml": WHOLE["a.nxml"], "c.ris": WHOLE["a.ris"]}),
}
