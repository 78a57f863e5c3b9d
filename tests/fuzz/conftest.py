"""What all fuzz tests have in common."""

import pytest


def pytest_collection_modifyitems(items):
    """Let what was found be shown, though it is some 100 kB long."""
    for item in items:
        if "tests/fuzz" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("ignore:Generating overly large repr"))
