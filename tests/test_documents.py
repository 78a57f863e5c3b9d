"""The guides for administrators say what is so: tests they name are there, what they tell to type works."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from core.bundles.making import Label, create
from core.bundles.signing import make_keys, read_private
from core.cancel import CancelToken
from core.policy import Policy, read_policy
from core.settings import Settings
from desktop.cli import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def block(language: str) -> str:
    """Return the block of the administrator's guide that is marked as checked here."""
    marked = re.compile(rf"<!-- checked by tests/test_documents\.py -->\n```{language}\n(.*?)```", re.DOTALL)
    (found,) = marked.findall((DOCS / "ADMIN.md").read_text("utf-8"))
    return found


def test_that_every_test_that_the_security_page_names_is_there():
    text = (DOCS / "SECURITY.md").read_text("utf-8")
    named = NAMED.findall(text)
    assert len(named) > 40
    assert len(named) == text.count("::test_")
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or f"def {name}(" not in (ROOT / file).read_text("utf-8")
    ]
    assert missing == []


def test_that_the_policy_of_the_guide_is_one_and_names_every_line(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(block("toml"))
    policy = read_policy([path])
    assert policy == Policy(
        content=("/srv/vademecum",),
        keys=("/etc/vademecum/keys",),
        settings={
            "libraries": ["cardiology"],
            "model": {"language": Settings().model.language, "embedder": Settings().model.embedder},
        },
        file=str(path),
    )
    lines = re.findall(r"^\[?(\w+)", block("toml"), re.MULTILINE)
    assert {*Policy.__slots__} - {"file"} <= {*lines}


@pytest.mark.skipif(not all(map(shutil.which, ("openssl", "tar", "sha256sum"))), reason="a tool is missing")
def test_that_a_bundle_can_be_verified_by_hand_as_the_guide_says(tmp_path):
    content = {"config.json": b"{}", "deep/list of ä.txt": b"12345678\n" * 100_000}
    for name, body in content.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    identity = make_keys(tmp_path / "maker.pem", tmp_path / "maker.pub")
    bundle = tmp_path / "x.vademecum"
    label = Label("model", "x", "1", "CC0-1.0", (), "0.1.0", "")
    files = [(name, tmp_path / name) for name in content]
    create(bundle, label, files, read_private(tmp_path / "maker.pem"), None, CancelToken(), lambda *_: None)
    script = block("sh")
    good = by_hand(script, bundle, tmp_path / "good")
    assert good.returncode == 0, good.stderr
    lines = good.stdout.splitlines()
    assert lines[0] == "Signature Verified Successfully"
    assert lines[1] == identity
    assert lines[2:] == ["content/config.json: OK", "content/deep/list of ä.txt: OK", "2", "2"]
    spoilt = bytearray(bundle.read_bytes())
    spoilt[-5000] ^= 1
    (tmp_path / "spoilt.vademecum").write_bytes(spoilt)
    assert by_hand(script, tmp_path / "spoilt.vademecum", tmp_path / "bad").returncode != 0


def by_hand(script: str, bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    variables = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "BUNDLE": str(bundle)}
    variables["KEY"] = str(bundle.with_name("maker.pub"))
    return subprocess.run(["sh", "-c", script], cwd=folder, env=variables, capture_output=True, text=True)


def test_that_commands_the_guide_names_are_there():
    known = get_command(app)
    text = (DOCS / "ADMIN.md").read_text("utf-8")
    for first, second in re.findall(r"vademecum (library|bundle|assets|train) (\w+)", text):
        assert second in known.commands[first].commands, f"vademecum {first} {second}"
