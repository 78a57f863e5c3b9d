"""A library that can only be read is listed as such."""

from core.library.shelf import LibraryInfo
from desktop.library.library_table import LibraryTable
from tests.desktop.window_fakes import FakeLibraries


class Shared(FakeLibraries):
    def names(self):
        return ["hospital", "mine"]

    def info(self, name):
        return LibraryInfo(name, "1", 3, 9, 4000, "2026-01-01T00:00:00", "e", shared=name == "hospital")


def test_that_a_shared_library_is_listed_as_read_only_and_still_chosen_by_its_name(qtbot, documents):
    table = LibraryTable(Shared(documents))
    qtbot.addWidget(table)
    table.refresh(["mine"])
    shown = [table.model().index(row, 1).data() for row in range(2)]
    assert shown == ["hospital (read-only)", "mine"]
    table.choose("hospital")
    assert table.current == "hospital"
