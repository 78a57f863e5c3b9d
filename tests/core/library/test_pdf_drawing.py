"""Pages drawn, and words found on them, by the process that may break."""

import subprocess
import sys
from contextlib import contextmanager

import msgspec
import pypdfium2
import pytest

from core.library.readers.pdf_pages import Opened, Refused
from core.library.readers.pdf_sight import LOOK, MAX_PIXELS, Draw, Drawn, Find, Found, Reply
from tests.fakes.pdf_files import HEIGHT, WIDTH, Text, column, make_bomb, make_pdf

LINES = ["Take one tablet after each meal.", "Take two tablets if one is not enough, but never three."]


class Looking:
    """The process, asked one thing after another."""

    def __init__(self, process):
        self._process = process
        self.opened = self._reply()

    def ask(self, request):
        self._process.stdin.write(msgspec.json.encode(request) + b"\n")
        self._process.stdin.flush()
        return self._reply()

    def picture(self, page, width):
        drawn = self.ask(Draw(page, width))
        assert isinstance(drawn, Drawn), drawn
        return drawn, self._process.stdout.read(drawn.bytes)

    def end(self):
        """Return its exit status once it has gone by itself."""
        return self._process.wait(timeout=20)

    def _reply(self):
        return msgspec.json.decode(self._process.stdout.readline(), type=Reply)


@contextmanager
def looking(path, memory=2 << 30):
    code = (
        f"from core.library.readers import pdf_worker as w; w.MEMORY = {memory}; raise SystemExit(w.main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, LOOK, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield Looking(process)
        finally:
            process.stdin.close()
            process.kill()


def make(tmp_path, *pages, **options):
    return make_pdf(tmp_path / "x.pdf", list(pages), **options)


def find(page, text, words):
    start = text.index(words)
    return Find(page, text, start, start + len(words))


def test_that_a_page_is_drawn_in_the_width_that_is_asked_and_black_on_white(tmp_path):
    with looking(make(tmp_path, [Text(100, 700, "Word", 40)], [])) as process:
        assert process.opened == Opened(2, "")
        drawn, pixels = process.picture(1, 306)
        assert (drawn.width, drawn.points, len(pixels)) == (306, WIDTH, 4 * 306 * drawn.height)
        assert abs(drawn.height - 396) <= 1
        ink = [place // 4 for place in range(0, len(pixels), 4) if pixels[place] < 100]
        assert ink
        assert min(place % 306 for place in ink) in range(49, 54)
        assert max(place // 306 for place in ink) in range(44, 48)
        assert set(process.picture(2, 50)[1][::4]) == {255}


def test_that_a_picture_never_has_more_pixels_than_allowed(tmp_path):
    with looking(make(tmp_path, column(LINES))) as process:
        drawn, pixels = process.picture(1, 1_000_000)
        assert 0.95 * MAX_PIXELS < drawn.width * drawn.height <= MAX_PIXELS
        assert len(pixels) == drawn.bytes
        assert process.picture(1, 0)[0].width == 1


def test_that_just_the_words_are_boxed_even_if_they_occur_twice(tmp_path):
    path, text = make(tmp_path, column(LINES)), " ".join(LINES)
    with looking(path) as process:
        second = find(1, text, "two tablets if one")
        found = process.ask(second)
    assert words_in(path, found) == "twotabletsifone"
    assert all(top > HEIGHT - 700 for _, top, _, _ in found.boxes), "it is on the second line"


def test_that_a_passage_over_two_lines_has_a_box_on_each(tmp_path):
    path, text = make(tmp_path, column(LINES)), " ".join(LINES)
    with looking(path) as process:
        found = process.ask(find(1, text, "each meal. Take two"))
    assert words_in(path, found) == "eachmeal.Taketwo"
    assert len({round(top) for _, top, _, _ in found.boxes}) >= 2


@pytest.mark.parametrize("extra", ["/Rotate 90", "/Rotate 180", "/CropBox [50 400 500 792]"])
def test_that_boxes_lie_on_the_ink_of_a_page_that_is_turned_or_cropped(tmp_path, extra):
    path = make(tmp_path, column(["Alone here."], x=200), extra=extra)
    with looking(path) as process:
        ((left, top, right, bottom),) = process.ask(find(1, "Alone here.", "Alone")).boxes[:1]
        drawn, pixels = process.picture(1, 800)
    scale = drawn.width / drawn.points
    ink = [(p % drawn.width, p // drawn.width) for p in range(len(pixels) // 4) if pixels[4 * p] < 100]
    inside = [1 for x, y in ink if left - 1 <= x / scale <= right + 1 and top - 1 <= y / scale <= bottom + 1]
    assert len(inside) > 10


def test_that_words_that_are_not_there_to_the_letter_are_not_found(tmp_path):
    with looking(make(tmp_path, column(LINES))) as process:
        assert process.ask(find(1, "Take one pill after each meal.", "one pill")) == Found(1, None)
        assert process.ask(Find(7, "Take one", 0, 4)) == Found(7, None)


def test_that_a_page_of_an_impossible_shape_or_none_at_all_is_refused_and_others_are_drawn(tmp_path):
    path = make(tmp_path, column(LINES), extra="/CropBox [0 0 600 2]")
    with looking(path) as process:
        assert process.ask(Draw(1, 800)) == Refused(1, "it has an impossible size")
        assert process.ask(Draw(2, 800)) == Refused(2, "it is damaged")


def test_that_a_bomb_ends_the_process_with_no_picture(tmp_path):
    with looking(make_bomb(tmp_path / "bomb.pdf"), memory=400 << 20) as process:
        with pytest.raises(msgspec.DecodeError):
            process.ask(Draw(1, 800))
        assert process.end() != 0


def test_that_what_is_no_pdf_is_refused(tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 and nothing else")
    with looking(path) as process:
        assert process.opened == Refused(0, "it is damaged, or no PDF")


def words_in(path, found):
    """The characters whose middle lies in the boxes, without white space."""
    page = pypdfium2.PdfDocument(path)[found.page - 1]
    text, height = page.get_textpage(), page.get_height()
    held = ""
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        x, y = (left + right) / 2, height - (bottom + top) / 2
        if any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in found.boxes):
            held += text.get_text_range(index, 1)
    return "".join(held.split())
