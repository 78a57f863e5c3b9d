"""Whatever bytes a file has, a reader yields records or rejections, and raises nothing unexpected."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.library.readers import (
    bioasq,
    endnote,
    jsonl,
    medline,
    pubmed_xml,
    pubmedqa,
    ris,
    table,
    web_of_science,
)
from core.library.readers.streams import READ_ERRORS
from core.types import Deletion, Document, Rejected

FORMATS = (
    bioasq.FORMAT,
    endnote.FORMAT,
    jsonl.FORMAT,
    medline.FORMAT,
    pubmed_xml.FORMAT,
    pubmedqa.FORMAT,
    ris.FORMAT,
    table.FORMAT,
    web_of_science.FORMAT,
    web_of_science.TABLE,
)
# Pieces of real files, so that the parsers are reached, and what breaks them.
PIECES = st.sampled_from(
    [
        *(
            b"\n",
            b"\r\n",
            b"\r",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\x1f\x8b\x08\x00",
            b"\x00",
            b"\x81",
            b"\xed\xa0\x80",
        ),
        *(
            b"TY  - JOUR\n",
            b"TI  - A\n",
            b"ER  - \n",
            b"KW  - ",
            b"AN  - 7",
            b"DO  - 10.1000/a%2Fb%",
            b"PY  - 99999",
        ),
        *(
            b"%0 Book\n",
            b"%T A\n",
            b"%X B\n",
            b"PT J\n",
            b"TI A\n",
            b"ER\n",
            b"EF\n",
            b"   further\n",
            b"FN x\n",
        ),
        *(b"PMID- 1\n", b"AB  - AIM: b\n", b"SO  - c\n", b"OWN - NLM\n", b"LR  - 2024\n"),
        *(
            b"title,abstract,authors\n",
            b"PT\tAU\tTI\n",
            b'"',
            b",",
            b";",
            b"\t",
            b"['a', \"b\"]",
            b"[",
            b"]",
            b"A,B,C\n",
        ),
        *(
            b"{",
            b"}",
            b":",
            b'"questions":',
            b'{"title": "A"}\n',
            b'"snippets"',
            b'"text"',
            b"null",
            b"-1",
            b"1e999",
        ),
        *(
            b'"https://pubmed.ncbi.nlm.nih.gov/7"',
            b'"document"',
            b'"QUESTION"',
            b'"CONTEXTS"',
            b'"offsetInBeginSection"',
        ),
        *(
            b"<PubmedArticleSet>",
            b"<PubmedArticle>",
            b"</PubmedArticle>",
            b"<MedlineCitation>",
            b"</MedlineCitation>",
        ),
        *(
            b"<Article>",
            b"</Article>",
            b"<ArticleTitle>A</ArticleTitle>",
            b"<PMID Version='\xc2\xb2'>7</PMID>",
            b"&x;",
        ),
        *(
            b"<DeleteCitation>",
            b"</DeleteCitation>",
            b"<DateRevised><Year>1</Year><Month/><Day>\xd9\xa3</Day></DateRevised>",
        ),
        *(
            b"<MeshHeadingList><MeshHeading/></MeshHeadingList>",
            b"<AuthorList><Author>&y;</Author></AuthorList>",
        ),
    ]
)
CONTENT = st.one_of(
    st.binary(max_size=200), st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join)
)


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
@settings(max_examples=200, deadline=None)
@given(content=CONTENT)
def test_that_no_bytes_make_a_reader_fail(tmp_path_factory, known, content):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    try:
        found = list(known.read(path))
    except READ_ERRORS:
        return
    assert all(isinstance(record, Document | Rejected | Deletion) for record in found)
    for record in found:
        repr(record).encode("utf-8")
        if isinstance(record, Document):
            assert record.text
