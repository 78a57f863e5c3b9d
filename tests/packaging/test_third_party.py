"""Whose work is in the program: nothing goes out without its licence."""

from pathlib import Path

from tests.packaging.loading import packaging_module

third_party = packaging_module("third_party")


def test_that_a_library_within_a_package_is_named_with_its_licence():
    found = {part.name: part for part in third_party._python_parts([("isal/igzip_lib.so", "", "EXTENSION")])}
    assert found["isal"].licence == "PSF-2.0"
    within = found["ISA-L"]
    assert "Intel Corporation" in within.texts[0].read_text("utf-8")
    assert third_party.may_ship(within)


def test_that_a_part_under_the_gpl_or_of_no_known_licence_may_not_ship():
    def part(licence):
        return third_party.Part("a", "1", licence, "", (Path("x"),))

    refused = ("GPL-3.0-only", "AGPLv3", third_party.UNKNOWN, "GNU General Public License v2")
    assert not any(third_party.may_ship(part(licence)) for licence in refused)
    assert all(third_party.may_ship(part(licence)) for licence in ("MIT", "MIT OR GPL-2.0-only", "LGPL-3.0"))
