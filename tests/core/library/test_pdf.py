"""PDFs: pages, headings, paragraphs, what is left out; files that are locked, scanned, damaged or hostile."""

import random
import sys
import time
import unicodedata

import pytest
from pypdfium2 import PdfDocument

from core.library.page_text import locate, page_spans, stored_page
from core.library.readers import pdf
from core.library.text import sentence_spans
from core.types import Document, Rejected
from tests.fakes.pdf_files import HEIGHT, Image, Text, column, make_pdf

PROSE = str.split(
    "patients with acute pain were treated by several doctors in a large hospital and then sent home again "
    "without any further medicine because nothing else was needed for them at that time of the long year"
)


def prose(count, words=9, seed=1, mark=""):
    """Return ``count`` lines of about the same length that say nothing."""
    chosen = random.Random(seed)
    return [f"{mark}{n} " * bool(mark) + " ".join(chosen.choices(PROSE, k=words)) for n in range(count)]


def read(tmp_path, *pages, **options):
    (document,) = pdf.read(make_pdf(tmp_path / "guideline.pdf", list(pages), **options))
    assert isinstance(document, Document)
    return document


def sections(document):
    return [(section.label, document.text[section.start : section.end]) for section in document.sections]


def page_texts(document):
    spans = [stored_page(document, number) for number in range(1, len(document.pages) + 1)]
    return [document.text[span.start : span.end] for span in spans]


def test_that_pages_begin_where_their_first_words_are(tmp_path):
    document = read(tmp_path, column(["First page."]), [], column(["Third page."]))
    assert document.text == "First page.\n\nThird page."
    assert document.pages == (0, 13, 13)
    assert document.original == str(tmp_path / "guideline.pdf")
    assert document.sources == ("guideline.pdf",)


def test_that_a_paragraph_goes_on_over_a_page_end_and_its_words_are_whole(tmp_path):
    long = prose(2)
    document = read(tmp_path, column([*long, "so that they were hospi-"]), column(["talised in the end."]))
    assert document.text.endswith("so that they were hospitalised in the end.")
    assert page_texts(document)[1] == "talised in the end."


def test_that_a_hyphen_stays_where_the_file_writes_the_word_with_it(tmp_path):
    lines = ["An evidence-based guideline says that one should be evidence-", "based and well-", "intended."]
    document = read(tmp_path, column([*lines, "It is well-intended."]))
    assert "should be evidence-based and well-intended." in document.text


def test_that_larger_and_bold_lines_are_headings_and_statements_in_bold_are_text(tmp_path):
    statement = ["Clinicians should offer patients with acute pain a medicine that does not", "do any harm."]
    page = [
        *column(["Methods"], y=700, size=16),
        *column(["Participants"], y=670, bold=True),
        *column(prose(3), y=650),
        *column(statement, y=590, bold=True),
        *column(prose(3, seed=2), y=550),
        *column(["Results"], y=480, size=16),
        *column(prose(2, seed=3), y=450),
    ]
    run_in = "This long line in bold print begins a sentence that then goes"
    page += [*column([run_in], y=400, bold=True), *column(["on in usual print."], y=386.6)]
    labels = [label for label, _ in sections(read(tmp_path, page, title="A guideline about pain"))]
    assert labels == ["Methods > Participants", "Results"]
    assert "Clinicians should offer" in read(tmp_path, page).text


def test_that_a_heading_with_nothing_below_is_kept_on_its_own_page(tmp_path):
    first = [*column(prose(3), y=700), *column(["Left alone"], y=600, size=16)]
    second = [*column(["Methods"], y=700, size=16), *column(prose(3), y=650)]
    document = read(tmp_path, first, second, title="A guideline about pain")
    assert page_texts(document)[0].endswith("Left alone\n\n")


def test_that_running_heads_and_page_numbers_are_left_out_and_other_lines_are_not(tmp_path):
    pages = []
    for number in range(1, 7):
        head = "Guideline of Pain 2022" if number % 2 else "A Society for Pain"
        body = column(prose(20, seed=number), y=690)
        pages.append(
            [Text(72, 760, head), *body, Text(300, 30, str(number)), Text(72, 45, f"Note {number * 7}x")]
        )
    text = read(tmp_path, *pages).text
    assert "Guideline of Pain" not in text
    assert "A Society" not in text
    assert not any(paragraph.isdigit() for paragraph in text.split("\n\n"))
    assert "Note" not in text  # the same words with another number on each page
    unlike = [[*page[1:-1], Text(72, 45, f"Foot {word}")] for word, page in zip(PROSE, pages, strict=False)]
    assert "Foot acute" in read(tmp_path, *unlike).text


def test_that_the_line_numbers_of_a_draft_are_left_out_and_numbers_of_the_text_are_not(tmp_path):
    lines = prose(12)
    lines[4] = "17 " + lines[4]
    pages = []
    for first in (1, 13):
        numbers = column([str(n) for n in range(first, first + 12)], x=40)
        pages.append([item for pair in zip(numbers, column(lines), strict=True) for item in pair])
    pages.append([*column(["25"], x=40), *column(["and this is the end."])])
    text = read(tmp_path, *pages).text
    assert [word for word in text.split() if word.isdigit()] == ["17", "17"]


def test_that_columns_are_read_one_after_the_other_even_if_the_file_goes_to_and_fro(tmp_path):
    left = column(prose(30, 5, 1, "L"), x=50, size=9)
    right = column(prose(30, 5, 2, "R"), x=330, size=9)
    across = [Text(50, 740, "This line reaches across both of the columns of this page, as a title does", 9)]
    mixed = [*across, *(line for pair in zip(left, right, strict=True) for line in pair)]
    for page in (mixed, [*across, *left, *right]):
        found = [word for word in read(tmp_path, page).text.split() if word[0] in "LR" and word[1:].isdigit()]
        assert found == [f"{side}{number}" for side in "LR" for number in range(30)]


def test_that_rows_of_a_table_stay_rows(tmp_path):
    rows = [("Codeine", "0.15"), ("Morphine", "1"), ("Methadone", "4.7")]
    page = column(prose(4), y=700)
    for number, (drug, factor) in enumerate(rows):
        page += [Text(72, 600 - 16 * number, drug), Text(320, 600 - 16 * number, factor)]
    assert read(tmp_path, page).text.split("\n\n")[-3:] == ["Codeine 0.15", "Morphine 1", "Methadone 4.7"]


def test_that_entries_of_a_table_of_contents_are_lines_and_no_headings(tmp_path):
    entries = ["Introduction . . . . . . . . . . . . . 1", "Methods ...................... 2"]
    page = [
        *column(["Contents"], y=700, size=16),
        *column(entries, y=670, bold=True),
        *column(prose(3), y=600),
    ]
    ((label, text),) = sections(read(tmp_path, page, title="A guideline about pain"))
    assert (label, text.split("\n\n")[:2]) == ("Contents", entries)


def test_that_a_page_on_its_side_is_read_like_others(tmp_path):
    lines = [f"{line}." for line in prose(8)]
    side = [Text(100 + 13.4 * number, 80, line, turn=True) for number, line in enumerate(lines)]
    upright = read(tmp_path, column(lines)).text
    assert read(tmp_path, side).text == upright
    assert upright.count("\n\n") < len(lines) - 1  # or each line would be on its own either way
    stamp = Text(20, 300, "A stamp beside the text.", turn=True)
    assert read(tmp_path, [stamp, *column(lines)]).text == upright + "\n\nA stamp beside the text."


def test_that_list_items_and_indented_lines_begin_paragraphs(tmp_path):
    lines = [*prose(2), "- one thing that is", "and goes on", "- another thing that is"]
    assert read(tmp_path, column(lines)).text.split("\n\n")[1:] == [
        "- one thing that is and goes on",
        "- another thing that is",
    ]
    first, second = [*prose(3)[:2], "That was all."], prose(3, seed=2)
    indented = [
        *column(first),
        *column(second[:1], x=90, y=700 - 3 * 13.4),
        *column(second[1:], y=700 - 4 * 13.4),
    ]
    assert read(tmp_path, indented).text.split("\n\n") == [" ".join(first), " ".join(second)]


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Guideline for acute pain", "Guideline for acute pain"),
        ("Microsoft Word - draft7.docx", "Pain and its Treatment in Hospitals"),
        ("", "Pain and its Treatment in Hospitals"),
        ("x.indd", "Pain and its Treatment in Hospitals"),
    ],
)
def test_that_the_title_is_the_file_s_own_if_it_is_one_and_else_the_largest_print(tmp_path, given, title):
    page = [
        *column(["Pain and its Treatment", "in Hospitals"], y=720, size=20, pitch=24),
        *column(prose(9), y=600),
    ]
    document = read(tmp_path, page, title=given)
    assert document.title == title


def test_that_a_file_without_any_title_is_called_by_its_name(tmp_path):
    assert read(tmp_path, column(prose(5))).title == "guideline"


def test_that_identifiers_and_year_are_taken_from_page_1_if_there_is_one_of_each(tmp_path):
    first = column(
        ["https://doi.org/10.1000/ABC.7. PMID: 1234567", "Copyright Society of Pain 2022", *prose(3)]
    )
    document = read(tmp_path, first, column(["doi:10.1000/other"]))
    assert (document.doi, document.pmid, document.year) == ("10.1000/abc.7", "1234567", 2022)
    several = read(tmp_path, [*first, *column(["doi:10.1000/second. Published 2019."], y=500)])
    assert (several.doi, several.year) == (None, None)


def test_that_a_locked_file_is_refused(tmp_path):
    path = make_pdf(tmp_path / "locked.pdf", [column(prose(3))], encrypt=True)
    assert list(pdf.read(path)) == [Rejected(str(path), 0, "it is protected with a password")]


def test_that_a_scanned_file_needs_ocr(tmp_path):
    (rejected,) = pdf.read(make_pdf(tmp_path / "scan.pdf", [[Image()], [Image(), Text(20, 20, "12")]]))
    assert rejected.record == 0
    assert "OCR" in rejected.reason


def test_that_scanned_pages_are_reported_and_the_others_taken(tmp_path):
    pages = [column(prose(3)), [Image()], [Image()], column(prose(3, seed=2)), [Image()], []]
    document, *rejected = pdf.read(make_pdf(tmp_path / "part.pdf", pages))
    assert len(document.pages) == 6
    assert [line.record for line in rejected] == [2, 5]
    assert "pages 2 to 3" in rejected[0].reason
    assert all("OCR" in line.reason for line in rejected)


def test_that_a_picture_beside_text_is_no_scan(tmp_path):
    assert list(map(type, pdf.read(make_pdf(tmp_path / "x.pdf", [[Image(), *column(prose(9))]])))) == [
        Document
    ]


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n", b"%PDF-1.4\n" + b"\xff" * 5000, b"%PDF-1.4\n1 0 obj\n<<" * 400]
)
def test_that_a_damaged_file_is_refused_with_a_reason(tmp_path, content):
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)
    assert list(pdf.read(path)) == [Rejected(str(path), 0, "it is damaged, or no PDF")]


OPENED = '{"type":"Opened","pages":3,"title":"A long enough title"}'
LINE = '["Some words.",72,700,140,711,11,false]'
PAGE = '{"type":"Page","number":1,"bottom":0,"top":792,"drawn":false,"lines":[' + LINE + "]}"


def as_program(*statements):
    return [sys.executable, "-c", "\n".join(statements)]


@pytest.mark.parametrize(
    "end", ["import os; os.kill(os.getpid(), 9)", "print('{\"type\":\"Pa', end='')", "raise SystemExit"]
)
def test_that_the_pages_before_a_crash_are_kept_and_the_rest_is_reported(tmp_path, end):
    command = as_program(f"print('''{OPENED}\n{PAGE}''', flush=True)", end)
    document, rejected = pdf.read(tmp_path / "x.pdf", command)
    assert (document.text, len(document.pages)) == ("Some words.", 3)
    assert rejected.record == 2
    assert "damaged" in rejected.reason


def test_that_a_process_that_says_nothing_is_a_reason_too(tmp_path):
    (rejected,) = pdf.read(tmp_path / "x.pdf", as_program("raise SystemExit(1)"))
    assert (rejected.record, "damaged" in rejected.reason) == (0, True)


def test_that_a_page_that_hangs_ends_its_process(tmp_path, monkeypatch):
    """The limit holds in native code: a C thread ends the process."""
    code = (
        "from core.library.readers import pdf_worker as w",
        "import time",
        "w.PAGE_SECONDS = 0.3",
        "page, calls = w._page, []",
        "def slow(*given):",
        "    calls.append(1)",
        "    return page(*given) if len(calls) == 1 else time.sleep(60)",
        "w._page = slow",
        "w.main()",
    )
    path = make_pdf(tmp_path / "x.pdf", [column(prose(3)), column(prose(3)), column(prose(3))])
    began = time.monotonic()
    document, rejected = pdf.read(path, as_program(*code))
    assert document.text.split() == " ".join(prose(3)).split()
    assert rejected.record == 2
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such a limit")
def test_that_a_file_that_fills_the_memory_ends_its_process(tmp_path):
    code = (
        "from core.library.readers import pdf_worker as w",
        "w.MEMORY = 600 << 20",
        "w._page = lambda *given: [bytearray(900 << 20)]",
        "w.main()",
    )
    path = make_pdf(tmp_path / "x.pdf", [column(prose(3))])
    (rejected,) = pdf.read(path, as_program(*code))
    assert rejected.reason == "it takes more memory than a file may"


def test_that_a_file_that_fills_the_memory_ends_its_process_where_the_system_keeps_no_limit(tmp_path):
    code = (
        "from core.library.readers import pdf_worker as w",
        "import threading, time",
        "w.MEMORY = 300 << 20",
        "w._limit_memory = lambda: threading.Thread(target=w._watch_memory, daemon=True).start()",
        "page, calls, held = w._page, [], []",
        "def filling(*given):",
        "    calls.append(1)",
        "    if len(calls) > 1:",
        "        held.append(b'x' * (400 << 20)); time.sleep(60)",
        "    return page(*given)",
        "w._page = filling",
        "w.main()",
    )
    path = make_pdf(tmp_path / "x.pdf", [column(prose(3)), column(prose(3))])
    began = time.monotonic()
    document, rejected = pdf.read(path, as_program(*code))
    assert document.text.split() == " ".join(prose(3)).split()
    assert rejected.record == 2
    assert time.monotonic() - began < 20


def test_that_the_process_ends_when_nobody_wants_the_rest(tmp_path):
    records = pdf.read(make_pdf(tmp_path / "x.pdf", [column(prose(3)), [Image()]]))
    next(records)
    records.close()


def test_that_sentences_are_found_on_their_page(tmp_path):
    body = [f"{line}." for line in prose(18)]
    numbers = column([str(n) for n in range(5, 23)], x=40)
    page = [
        Text(72, HEIGHT - 30, "Head"),
        *(x for pair in zip(numbers, column(body), strict=True) for x in pair),
    ]
    path = make_pdf(tmp_path / "x.pdf", [page, page])
    (document,) = pdf.read(path)
    pages = [page.get_textpage().get_text_range() for page in PdfDocument(path)]
    assert all(found == wanted for found, wanted in _on_pages(document, pages))


@pytest.mark.shared
def test_that_a_real_guideline_is_one_document_whose_sentences_are_found_on_their_pages(shared):
    path = shared / "guidelines" / "CDC-2022-0024-0002_content.pdf"
    (document,) = pdf.read(path)
    assert len(document.pages) == 211
    assert len(document.sections) > 80
    assert 480_000 < len(document.text) < 530_000
    assert not [p for p in document.text.split("\n\n") if p.isdigit()]
    file = PdfDocument(path)
    texts = {}
    for number in random.Random(4).sample(range(1, 212), 4):
        texts[number] = file[number - 1].get_textpage().get_text_range()
    spelt = list(_on_pages(document, [texts.get(number, "") for number in range(1, 212)], texts))
    assert len(spelt) > 30
    assert [found == wanted for found, wanted in spelt].count(False) == 0


def _on_pages(document, page_texts, only=None):
    """Yield for each sentence on a page what is marked there and what it says, without white space."""
    for sentence in sentence_spans(document.text):
        for number, part in page_spans(document, sentence.start, sentence.end):
            if only is None or number in only:
                home = stored_page(document, number)
                text = page_texts[number - 1]
                ranges = locate(
                    document.text[home.start : home.end], part.start - home.start, part.end - home.start, text
                )
                marked = "".join(text[span.start : span.end] for span in ranges or ())
                yield _letters(marked), _letters(document.text[part.start : part.end])


def _letters(text):
    return "".join(character for character in unicodedata.normalize("NFC", text) if character.isalnum())
