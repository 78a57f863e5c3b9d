"""JATS: what is kept of an article, sets of articles, and files that are broken or hostile."""

import gzip
import time

import pytest

from core.library.readers import jats
from core.types import Document, Rejected

FRONT = """<front><journal-meta><journal-title-group><journal-title>Journal of Tests</journal-title>
</journal-title-group></journal-meta><article-meta><article-id pub-id-type="pmid">12</article-id>
<article-id pub-id-type="pmc">34</article-id><article-id pub-id-type="doi">10.1000/OWN</article-id>
<article-categories><subj-group subj-group-type="heading"><subject>Systematic Review</subject></subj-group>
</article-categories><title-group><article-title>Pain in <italic>E. coli</italic></article-title>
<subtitle>a trial</subtitle></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Doe</surname>
<given-names>Jane</given-names></name>
<xref ref-type="aff" rid="a">1</xref></contrib><contrib><collab>The Group</collab></contrib>
<contrib contrib-type="editor"><name><surname>Not</surname></name></contrib></contrib-group>
<pub-date pub-type="pmc-release"><year>2019</year></pub-date>
<pub-date pub-type="epub"><year>2012</year></pub-date>
<pub-date pub-type="ppub"><year>2013</year></pub-date>{related}
<abstract><sec><title>Aim</title><p>To see.</p></sec><sec><title>Results</title><p>Seen.</p></sec></abstract>
<abstract abstract-type="graphical"><p>Look!</p></abstract>
<kwd-group><kwd>pain</kwd><kwd>coli</kwd></kwd-group></article-meta></front>"""
BODY = """<body><sec><title>Methods</title><p>First<xref ref-type="bibr" rid="b1"><sup>1,2</sup></xref> part
[<xref ref-type="bibr" rid="b1">3</xref>], as <xref ref-type="bibr" rid="b">Doe 2010</xref> says
(<xref ref-type="fig" rid="f">Figure 1</xref>).</p><p>Counts of 10<sup>9</sup>/L.
<list><list-item><label>1.</label><p>One item.</p></list-item>
<list-item><p>Another.</p></list-item></list></p>
<sec><title>Participants</title><p>We saw 5&lt;6.</p>
<fig id="f"><label>Figure 1</label><caption><title>A plot</title><p>Of pain.</p></caption><graphic/></fig>
<table-wrap><label>Table 1</label><caption><p>Counts.</p></caption><table><tr><th/><th>Men</th></tr>
<tr><td>All</td><td>7</td></tr></table><table-wrap-foot><fn><p>A note.</p></fn></table-wrap-foot></table-wrap>
</sec></sec></body><back><ack><p>Thanks.</p></ack>
<ref-list><ref><mixed-citation>Cited work</mixed-citation></ref></ref-list></back>"""


def article(front=FRONT, body=BODY, related="", kind="research-article", attributes=""):
    head = f'<article article-type="{kind}" xml:lang="en" {attributes}>'
    return head + front.format(related=related) + body + "</article>"


def read(tmp_path, content, name="a.nxml", compress=False):
    path = tmp_path / name
    encoded = content.encode()
    path.write_bytes(gzip.compress(encoded) if compress else encoded)
    return list(jats.read(path))


def sections(document):
    return [(section.label, document.text[section.start : section.end]) for section in document.sections]


def test_that_what_identifies_an_article_is_kept(tmp_path):
    (document,) = read(tmp_path, article())
    assert document.title == "Pain in E. coli: a trial"
    assert (document.pmid, document.pmcid, document.doi) == ("12", "PMC34", "10.1000/own")
    assert document.authors == ("Doe, Jane", "The Group")
    assert (document.journal, document.year, document.language) == ("Journal of Tests", 2013, "eng")
    assert document.publication_types == ("Journal Article", "Systematic Review")
    assert document.keywords == ("pain", "coli")
    assert (document.retracted, document.concern, document.corrected) == (False, False, False)


def test_that_sections_carry_the_path_of_their_headings_and_references_are_left_out(tmp_path):
    (document,) = read(tmp_path, article())
    assert sections(document) == [
        ("Abstract > Aim", "To see."),
        ("Abstract > Results", "Seen."),
        (
            "Methods",
            "First part, as Doe 2010 says (Figure 1).\n\nCounts of 10^9/L.\n\n1. One item.\n\nAnother.",
        ),
        (
            "Methods > Participants",
            "We saw 5<6.\n\nFigure 1. A plot Of pain.\n\nTable 1. Counts.\n\n| Men\n\nAll | 7\n\nA note.",
        ),
        ("Acknowledgements", "Thanks."),
    ]


@pytest.mark.parametrize(
    ("kind", "related", "flags"),
    [
        ("research-article", "retraction-forward", (True, False, False)),
        ("research-article", "concern-forward", (False, True, False)),
        ("research-article", "correction-forward", (False, False, True)),
        ("research-article", "companion", (False, False, False)),
        ("retraction", "retracted-article", (False, False, False)),
        ("retraction", "retraction", (False, False, False)),
    ],
)
def test_that_notices_about_an_article_are_seen_and_a_notice_is_none_about_itself(
    tmp_path, kind, related, flags
):
    link = f'<related-article related-article-type="{related}"/>'
    (document,) = read(tmp_path, article(kind=kind, related=link))
    assert (document.retracted, document.concern, document.corrected) == flags


def test_that_a_set_of_articles_in_a_namespace_is_read_one_by_one(tmp_path):
    spaced = article(attributes='xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/"')
    content = f"<pmc-articleset>{spaced}<article><body><p>x</p></body></article>{article()}</pmc-articleset>"
    first, second, third = read(tmp_path, content, compress=True, name="set.xml.gz")
    assert first.id == third.id
    assert second == Rejected(str(tmp_path / "set.xml.gz"), 2, "it has no front matter with article-meta")


def test_that_comments_of_reviewers_are_left_out_and_other_parts_are_read(tmp_path):
    parts = "".join(
        f'<sub-article article-type="{kind}"><front-stub><title-group><article-title>{kind}</article-title>'
        f"</title-group></front-stub><body><p>Text of {kind}.</p></body></sub-article>"
        for kind in ("decision-letter", "case-report")
    )
    (document,) = read(tmp_path, article(body=BODY + parts))
    assert sections(document)[-1] == ("case-report", "Text of case-report.")
    assert "decision" not in document.text


def test_that_words_in_an_element_that_we_do_not_know_are_read(tmp_path):
    body = "<statement><p>One.</p></statement><preformat>Two <b>three</b></preformat><x><y/>four</x>"
    (document,) = read(tmp_path, article(body=f"<body>{body}</body>"))
    assert document.text.endswith("One.\n\nTwo three\n\nfour")


def test_that_formulas_are_read_once(tmp_path):
    body = """<body><p>With <inline-formula><alternatives><tex-math>\\alpha</tex-math><mml:math
    xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>a</mml:mi><mml:mo>=</mml:mo><mml:mn>5</mml:mn></mml:math>
    </alternatives></inline-formula> it holds.</p></body>"""
    (document,) = read(tmp_path, article(body=body))
    assert document.text.endswith("With a = 5 it holds.")


def test_that_articles_before_a_break_are_kept(tmp_path):
    first, rest = read(tmp_path, f"<set>{article()}{article()[:900]}")
    assert isinstance(first, Document)
    assert (rest.record, "breaks off" in rest.reason) == (2, True)


def test_that_entities_are_not_expanded(tmp_path):
    head = '<!DOCTYPE article [<!ENTITY e "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    (document,) = read(tmp_path, head + article(body="<body><p>Say &e;&f; now &#8805; 5.</p></body>"))
    assert document.text.endswith("Say now \u2265 5.")


def test_that_a_bomb_of_entities_does_not_go_off(tmp_path):
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE article [<!ENTITY e0 "boom">{bomb}]>'
    began = time.monotonic()
    (record,) = read(tmp_path, head + article(body="<body><p>Say &e11;.</p></body>"))
    assert isinstance(record, Rejected) or len(record.text) < 200
    assert time.monotonic() - began < 2


def test_that_an_article_too_large_for_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.library.readers.xml_records.MAX_RECORD", 1 << 20)
    big = article(body=f"<body><p>{'<b>x</b>' * 400_000}</p></body>")
    (rejected,) = read(tmp_path, big, compress=True)
    assert "larger than 1 MB" in rejected.reason


def test_that_nested_to_the_limit_is_survived(tmp_path):
    deep = (
        f"<body>{'<sec>' * 200}<p>Deep.</p>{'</sec>' * 200}<p>{'<bold>' * 200}In{'</bold>' * 200}</p></body>"
    )
    (document,) = read(tmp_path, article(body=deep))
    assert "Deep." in document.text
    assert document.text.endswith("In")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "labels", "characters"),
    [
        ("mds526.nxml", {"Methods > Analysis", "Results"}, 35_000),
        ("pone.0046493.nxml", {"Discussion"}, 39_000),
    ],
)
def test_that_real_articles_are_read_whole(shared, name, labels, characters):
    (document,) = jats.read(shared / "jats" / name)
    assert labels < {section.label for section in document.sections}
    assert len(document.text) > characters
    assert document.pmid
    assert document.authors
