"""Settings of the administrator are shown, greyed, and cannot be changed."""

from dataclasses import replace

import pytest

from core.errors import PolicyForbids
from core.paths import Home
from core.policy import Policy
from core.settings import Settings, read_settings, settings_of
from desktop.settings.settings_file import SettingsFile
from desktop.settings.settings_page import SettingsPage

LOCKED = Policy(settings={"retrieval": {"passages": 7}})


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path, LOCKED)


def test_that_a_locked_setting_is_greyed_and_says_why(qtbot, home):
    page = SettingsPage(SettingsFile(home.settings, policy=home.policy), home)
    qtbot.addWidget(page)
    locked = page.editors["retrieval", "passages"]
    assert (locked.isEnabled(), locked.value()) == (False, 7)
    assert "Set by your administrator." in locked.accessibleDescription()
    assert page._resets["retrieval", "passages"].isHidden()
    free = page.editors["retrieval", "candidates"]
    assert free.isEnabled()
    assert "administrator" not in free.accessibleDescription()
    page.reset_all.click()
    assert settings_of(home).retrieval.passages == 7


def test_that_a_locked_setting_is_not_changed_by_another_way(qtbot, home):
    file = SettingsFile(home.settings, policy=home.policy)
    with pytest.raises(PolicyForbids, match=r"retrieval\.passages"):
        file.change(Settings())
    assert not home.settings.exists()
    home.settings.write_text("[retrieval]\npassages = 3\n")
    assert SettingsFile(home.settings, policy=home.policy).now.retrieval.passages == 7


def test_that_a_file_that_cannot_be_read_does_not_unlock_anything(qtbot, home):
    home.settings.write_text("[")
    file = SettingsFile(home.settings, policy=home.policy)
    assert (bool(file.trouble), file.now.retrieval.passages) == (True, 7)
    with pytest.raises(PolicyForbids):
        file.change(Settings())
    file.change(file.first)
    assert settings_of(home).retrieval.passages == 7


@pytest.mark.parametrize("own", [3, None])
def test_that_the_administrators_values_are_not_written_among_the_users(qtbot, home, own):
    if own:
        home.settings.write_text(f"[retrieval]\npassages = {own}\n")
    file = SettingsFile(home.settings, policy=home.policy)
    file.change(replace(file.now, appearance="dark"))
    written = read_settings(home.settings)
    assert written.appearance == "dark"
    assert written.retrieval.passages == (own or Settings().retrieval.passages)
    assert (file.now.retrieval.passages, settings_of(home).retrieval.passages) == (7, 7)
    file.reload()
    assert file.now.retrieval.passages == 7
