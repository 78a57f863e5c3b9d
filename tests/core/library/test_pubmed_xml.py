"""PubMed XML: what is kept of a record, and files that are broken or hostile."""

import gzip

import pytest
from lxml import etree

from core.library.readers import pubmed_xml, xml_records
from core.types import Deletion, Document, Rejected

ARTICLE = """<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>
<Journal><JournalIssue><PubDate><MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate></JournalIssue>
<Title>Journal of Tests</Title></Journal>
<ArticleTitle>H<sub>2</sub>O and <i>E. coli</i>: a trial.</ArticleTitle>
<ELocationID EIdType="doi" ValidYN="Y">10.1000/FROM.LOCATION</ELocationID>
<Abstract><AbstractText Label="AIM">To <b>see</b> more.</AbstractText>
<AbstractText Label="UNLABELLED">Seen.</AbstractText></Abstract>
<AuthorList><Author><LastName>Doe</LastName><ForeName>Jane A</ForeName></Author>
<Author><CollectiveName>The Group</CollectiveName></Author></AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType>{type}</PublicationType></PublicationTypeList></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="{link}"><PMID>7</PMID></CommentsCorrections>
</CommentsCorrectionsList><MeshHeadingList><MeshHeading><DescriptorName>Water</DescriptorName>
<QualifierName>analysis</QualifierName></MeshHeading></MeshHeadingList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pmc">PMC5</ArticleId></ArticleIdList>
<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList>
</Reference></ReferenceList></PubmedData></PubmedArticle>"""
BOOK = """<PubmedBookArticle><BookDocument><PMID>20301295</PMID><Book><BookTitle>GeneReviews</BookTitle>
<PubDate><Year>1993</Year></PubDate></Book><ArticleTitle>A chapter</ArticleTitle><Language>eng</Language>
<Abstract><AbstractText>About genes.</AbstractText></Abstract></BookDocument></PubmedBookArticle>"""


def article(pmid=1, type="Journal Article", link="Cites"):
    return ARTICLE.format(pmid=pmid, type=type, link=link)


def read(tmp_path, *records, end="</PubmedArticleSet>", head="", compress=False):
    path = tmp_path / "export.xml"
    content = f'<?xml version="1.0"?>{head}<PubmedArticleSet>{"".join(records)}{end}'.encode()
    path.write_bytes(gzip.compress(content) if compress else content)
    return list(pubmed_xml.read(path))


def test_that_every_field_is_kept(tmp_path):
    (document,) = read(tmp_path, article())
    assert document.title == "H2O and E. coli: a trial."
    assert (document.pmid, document.doi, document.pmcid) == ("1", "10.1000/from.location", "PMC5")
    assert (document.journal, document.year, document.language) == ("Journal of Tests", 1998, "eng")
    assert document.authors == ("Doe, Jane A", "The Group")
    assert (document.publication_types, document.mesh) == (("Journal Article",), ("Water",))
    assert document.text == "To see more.\n\nSeen."
    assert [section.label for section in document.sections] == ["AIM", ""]
    assert not document.retracted


def test_that_the_identifiers_are_the_article_s_own_and_not_those_of_what_it_cites(tmp_path):
    own = '<ArticleId IdType="pmc">PMC5</ArticleId>'
    (given,) = read(tmp_path, article().replace(own, '<ArticleId IdType="doi">10.1000/own</ArticleId>'))
    (none,) = read(tmp_path, article().replace(f"<ArticleIdList>{own}</ArticleIdList>", ""))
    assert given.doi == "10.1000/own"
    assert (none.doi, none.pmcid) == ("10.1000/from.location", None)


@pytest.mark.parametrize(
    ("change", "retracted"),
    [
        ({"type": "Retracted Publication"}, True),
        ({"link": "RetractionIn"}, True),
        ({"link": "RetractionOf"}, False),  # the notice itself
    ],
)
def test_that_a_retraction_is_seen_and_its_notice_is_not_one(tmp_path, change, retracted):
    (document,) = read(tmp_path, article(**change))
    assert document.retracted is retracted


def test_that_a_book_chapter_is_read(tmp_path):
    (document,) = read(tmp_path, BOOK)
    assert (document.pmid, document.title, document.journal) == ("20301295", "A chapter", "GeneReviews")
    assert (document.year, document.text) == (1993, "About genes.")


def test_that_compressed_files_are_read(tmp_path):
    assert [d.pmid for d in read(tmp_path, article(1), article(2), compress=True)] == ["1", "2"]


def test_that_a_truncated_file_gives_what_was_complete_and_a_report(tmp_path):
    found = read(tmp_path, article(1), article(2), article(3)[:400], end="")
    assert [type(record) for record in found] == [Document, Document, Rejected]
    assert found[2].record == 3
    assert "breaks off" in found[2].reason


def test_that_a_truncated_compressed_file_gives_what_was_complete_and_a_report(tmp_path):
    records = [article(number) for number in range(1, 400)]
    read(tmp_path, *records, compress=True)
    path = tmp_path / "export.xml"
    path.write_bytes(path.read_bytes()[:-2000])
    found = list(pubmed_xml.read(path))
    assert isinstance(found[0], Document)
    assert isinstance(found[-1], Rejected)
    assert sum(isinstance(record, Rejected) for record in found) == 1


def test_that_a_record_without_title_and_text_is_reported_and_the_next_is_read(tmp_path):
    empty = "<PubmedArticle><MedlineCitation><PMID>4</PMID><Article/></MedlineCitation></PubmedArticle>"
    found = read(tmp_path, empty, "<PubmedArticle/>", article(5))
    assert [type(record) for record in found] == [Rejected, Rejected, Document]
    assert [record.record for record in found[:2]] == [1, 2]


def test_that_each_pmid_to_be_deleted_is_a_record(tmp_path):
    asked = "<DeleteCitation><PMID>9</PMID><PMID>x</PMID><PMID>010</PMID></DeleteCitation>"
    found = read(tmp_path, article(1), asked, article(2)[:300], end="")
    assert [(type(record).__name__, getattr(record, "record", 1)) for record in found] == [
        ("Document", 1),
        ("Deletion", 2),
        ("Rejected", 3),
        ("Deletion", 4),
        ("Rejected", 5),
    ]
    assert [record.pmid for record in found if isinstance(record, Deletion)] == ["9", "10"]


DATE = "<DateRevised><Year>{}</Year><Month>{}</Month><Day>{}</Day></DateRevised>"


@pytest.mark.parametrize(
    ("version", "date", "revised"),
    [
        ("1", ("2024", "3", "01"), "2024-03-01"),
        ("2", ("2024", "03", "01"), "2024-03-01 v02"),
        ("1", ("2024", "", "01"), ""),
        ("x", ("2024", "10", "11"), "2024-10-11"),
    ],
)
def test_that_date_and_version_say_which_record_is_newer(tmp_path, version, date, revised):
    record = article(1).replace("<Article>", DATE.format(*date) + "<Article>")
    (document,) = read(tmp_path, record.replace('Version="1"', f'Version="{version}"'))
    assert document.revised == revised


def test_that_a_later_version_or_date_is_greater():
    def revised(*date, version="1"):
        marked = etree.fromstring(DATE.format(*date)), etree.fromstring(f'<PMID Version="{version}"/>')
        return pubmed_xml._revised(*marked)

    dates = [
        revised("2023", "12", "31", version="9"),
        revised("2024", "1", "2"),
        revised("2024", "1", "2", version="2"),
        revised("2024", "1", "2", version="10"),
        revised("2024", "10", "1"),
    ]
    assert dates == sorted(dates)


@pytest.mark.parametrize(
    ("link", "concern", "corrected"),
    [
        ("ExpressionOfConcernIn", True, False),
        ("ErratumIn", False, True),
        ("ExpressionOfConcernFor", False, False),
        ("ErratumFor", False, False),
    ],
)
def test_that_concern_and_erratum_are_seen_and_their_notices_are_none(tmp_path, link, concern, corrected):
    (document,) = read(tmp_path, article(link=link))
    assert (document.retracted, document.concern, document.corrected) == (False, concern, corrected)


def test_that_the_notice_of_a_retraction_is_not_retracted(tmp_path):
    (document,) = read(tmp_path, article(type="Retraction of Publication", link="RetractionOf"))
    assert not document.retracted


def test_that_the_keywords_of_all_lists_are_kept(tmp_path):
    lists = "".join(
        f'<KeywordList Owner="{owner}"><Keyword>{word}</Keyword>'
        "<Keyword>of <i>all</i></Keyword></KeywordList>"
        for owner, word in (("NOTNLM", "care"), ("KIE", "law"))
    )
    (document,) = read(tmp_path, article().replace("</MedlineCitation>", f"{lists}</MedlineCitation>"))
    assert document.keywords == ("care", "of all", "law")


def test_that_a_huge_text_is_refused_and_what_came_before_is_kept(tmp_path):
    huge = article(2).replace("Seen.", "x" * 11_000_000)
    found = read(tmp_path, article(1), huge, article(3))
    assert [type(record) for record in found] == [Document, Rejected]
    assert found[1].record == 2


def test_that_a_record_without_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(xml_records, "MAX_RECORD", 100_000)
    endless = "<PubmedArticle><MedlineCitation>" + "<Note>x</Note>" * 100_000
    found = read(tmp_path, article(1), endless, end="")
    assert [type(record) for record in found] == [Document, Rejected]
    assert "larger than" in found[1].reason


def test_that_an_entity_bomb_does_not_go_off(tmp_path):
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE PubmedArticleSet [<!ENTITY e0 "{"ha" * 50}">{levels}]>'
    found = read(tmp_path, article(1).replace("To <b>see</b> more.", "To &e9; see."), head=bomb)
    assert len(found) == 1
    assert isinstance(found[0], Rejected) or len(found[0].text) < 100


def test_that_a_file_outside_is_not_read_by_an_entity(tmp_path):
    (tmp_path / "secret").write_text("hunter2")
    entity = f'<!DOCTYPE PubmedArticleSet [<!ENTITY s SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    found = read(tmp_path, article(1).replace("To <b>see</b> more.", "To &s; see."), head=entity)
    assert len(found) == 1
    assert "hunter2" not in repr(found)


def test_that_a_named_character_survives_without_the_dtd(tmp_path):
    head = (
        '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://example.invalid/p.dtd">'
    )
    (document,) = read(tmp_path, article(1).replace("To <b>see</b> more.", "TNF-&alpha; fell."), head=head)
    assert document.text.startswith("TNF-\u03b1 fell.")


@pytest.mark.shared
def test_that_all_records_of_the_real_exports_are_read(shared):
    files = sorted((shared / "pubmed").glob("*.xml"))
    records = [record for path in files for record in pubmed_xml.read(path)]
    assert len(records) == 8
    assert all(
        isinstance(record, Document) and record.pmid and record.journal and record.year for record in records
    )
    asthma = next(record for record in records if record.pmid == "29768149")
    assert asthma.doi == "10.1056/nejmoa1715274"
    assert [section.label for section in asthma.sections] == [
        "BACKGROUND",
        "METHODS",
        "RESULTS",
        "CONCLUSIONS",
    ]
