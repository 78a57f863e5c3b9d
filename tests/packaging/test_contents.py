"""What goes into the bundle, and what stops its build."""

import json
from pathlib import Path

import pytest

from tests.packaging.loading import packaging_module

contents = packaging_module("contents")
third_party = packaging_module("third_party")


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "bitsandbytes/libbitsandbytes_cpu.so",
        "resources/assets.toml",
        "libglib-2.0.so.0",
        "pyphen/dictionaries/hyph_en_US.dic",
        "libpython3.11.so.1.0",
    ],
)
def test_that_what_the_program_needs_goes_in(name):
    assert contents.belongs(name, "")


@pytest.mark.parametrize(
    "name",
    [
        "libreadline.so.8",
        "python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/QtWebEngineCore.abi3.so",
        "PySide6/QtPdf.abi3.so",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "unsloth/__init__.py",
        "torch/test/cpp/test_api",
        "bitsandbytes/libbitsandbytes_rocm72.so",
        "bitsandbytes/libbitsandbytes_cuda130.so",
        "hypothesis-6.1.dist-info/METADATA",
        "libcudart.so.13",
        "pyphen/dictionaries/hyph_de_DE.dic",
        "libQt6EglFSDeviceIntegration.so.6",
        "PySide6/Qt/lib/libQt6EglFsKmsSupport.so.6",
    ],
)
def test_that_what_must_not_be_shipped_or_is_not_needed_stays_out(name):
    assert not contents.belongs(name, "")


def test_that_a_bundle_for_cuda_keeps_the_libraries_of_its_version():
    assert contents.belongs("bitsandbytes/libbitsandbytes_cuda130.so", "13.0")
    assert not contents.belongs("bitsandbytes/libbitsandbytes_cuda128.so", "13.0")
    assert contents.belongs("libcudart.so.13", "13.0")


def test_that_a_file_that_must_not_be_shipped_is_found_wherever_it_came_from(tmp_path):
    for name in ("_internal/libreadline.so.8", "licences/readline-COPYING", "_internal/core.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert contents.refused(tmp_path) == ["_internal/libreadline.so.8"]


def test_that_the_records_of_pyinstaller_are_read(tmp_path):
    record = tmp_path / "COLLECT-00.toc"
    record.write_text("([('a.so', '/lib/a.so', 'BINARY')], 'x', [[('b', '/b', 'DATA')]], None, 3)", "utf-8")
    assert list(contents.collected(record)) == [("a.so", "/lib/a.so", "BINARY"), ("b", "/b", "DATA")]


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("MIT", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("AFL-2.1 OR GPL-2.0-or-later", True),
        ("GNU Lesser General Public License v2 (LGPLv2)", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        (third_party.UNKNOWN, False),
    ],
)
def test_that_a_part_is_shipped_only_under_a_licence_that_allows_it(licence, may):
    assert third_party.may_ship(third_party.Part("thing", "1", licence, "")) == may


@pytest.fixture
def build(tmp_path):
    """The records of a build that took one module of typer's, and whatever is written in."""
    folder = tmp_path / "build" / "pyinstaller" / "app"
    folder.mkdir(parents=True)
    (folder / "PYZ-00.toc").write_text("([('typer.main', '/x/typer/main.py', 'PYMODULE')],)", "utf-8")
    (folder / "COLLECT-00.toc").write_text("([],)", "utf-8")
    return tmp_path / "build"


def test_that_licences_and_a_bill_of_materials_are_written(build, tmp_path):
    app = tmp_path / "app"
    app.mkdir()
    third_party.write(app, build)
    table = (app / "licences" / "THIRD_PARTY.md").read_text("utf-8")
    assert "| typer |" in table
    assert "| Python |" in table
    assert "| hypothesis |" not in table
    bill = json.loads((app / "licences" / "sbom.cdx.json").read_bytes())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "vademecum")
    assert {"typer", "Python"} <= {part["name"] for part in bill["components"]}
    assert any(text.name.startswith("typer-") for text in (app / "licences").iterdir())


def test_that_a_system_library_nobody_has_looked_at_stops_the_build(build, tmp_path):
    library = tmp_path / "lib" / "libsurprise.so.1"
    library.parent.mkdir()
    library.touch()
    entry = ("libsurprise.so.1", str(library), "BINARY")
    (build / "pyinstaller" / "app" / "COLLECT-00.toc").write_text(f"([{entry!r}],)", "utf-8")
    if third_party.shutil.which("dpkg-query") is None:
        pytest.skip("system libraries are looked up with dpkg")
    with pytest.raises(SystemExit, match=r"libsurprise\.so\.1 \(not known"):
        third_party.write(tmp_path, build)


def test_that_every_excepted_part_says_which_exception_it_is_under():
    for licence in third_party._EXCEPTED.values():
        assert "WITH" in licence
    assert Path(third_party.__file__).parent == Path(contents.__file__).parent
