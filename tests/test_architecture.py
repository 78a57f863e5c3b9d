"""The dependency rules of docs/ARCHITECTURE.md, checked on the source itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {
    "torch", "transformers", "sentence_transformers", "hnswlib", "tantivy", "datasets", "trl", "peft",
    "accelerate", "bitsandbytes",
}  # fmt: skip
FORBIDDEN = {
    "core": {"desktop", "training", "PySide6"},
    "training": {"desktop", "PySide6"},
    "desktop": {"training"} | HEAVY,
}
NETWORK = {"requests", "httpx", "urllib3", "aiohttp", "ftplib", "smtplib", "telnetlib", "http"}
SOURCES = sorted(path for package in FORBIDDEN for path in (ROOT / package).rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of all modules imported in ``tree``."""
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


def imported_when_loaded(tree: ast.Module) -> set[str]:
    """Top-level names of what is imported as soon as the module is, functions left out."""
    outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return imported(ast.Module([n for n in outside if not _for_types_only(n)], []))


def _for_types_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def calls(tree: ast.AST) -> set[str]:
    """Names of everything called in ``tree``, such as "pickle.load"."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_that_no_module_imports_what_its_package_must_not_know(package):
    for path in (ROOT / package).rglob("*.py"):
        assert not imported(ast.parse(path.read_text("utf-8"))) & FORBIDDEN[package], path


def test_that_heavy_libraries_are_imported_inside_functions():
    for path in SOURCES:
        assert not imported_when_loaded(ast.parse(path.read_text("utf-8"))) & HEAVY, path


def test_that_the_window_starts_without_the_machine_learning_stack():
    code = "import sys, desktop.app, desktop.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(loaded.stdout.split()) & (HEAVY | {"numpy", "pyqtgraph"})


def test_that_nothing_of_ours_speaks_to_a_network_or_unpickles():
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        assert not imported(tree) & NETWORK, path
        assert not imported(tree) & {"pickle", "shelve", "marshal", "joblib", "dill"}, path
        assert not calls(tree) & {"torch.load", "eval", "exec"}, path


def test_that_no_code_of_a_model_is_ever_trusted():
    for path in SOURCES:
        assert "trust_remote_code=True" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("folder", ["packaging", "resources", "tests"])
def test_that_folders_without_a_package_stay_so(folder):
    """But for the one that keeps ``tests`` ours: a distribution installs a package of that name."""
    assert set((ROOT / folder).rglob("__init__.py")) <= {ROOT / "tests" / "__init__.py"}
