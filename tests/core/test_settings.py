"""Settings: kept exactly, refused when wrong, never half written."""

from dataclasses import replace

import pytest

from core.errors import SettingsInvalid
from core.settings import (
    ModelSettings,
    SamplingSettings,
    Settings,
    checked,
    read_settings,
    settings_hash,
    write_settings,
)


def test_that_settings_are_read_as_they_were_written(tmp_path):
    values = Settings(libraries=("mine", "other"), sampling=SamplingSettings(temperature=0.0, answers=3))
    write_settings(tmp_path / "new" / "settings.toml", values)
    assert read_settings(tmp_path / "new" / "settings.toml") == values


def test_that_no_file_means_the_defaults_of_the_talk(tmp_path):
    values = read_settings(tmp_path / "none.toml")
    assert (values.sampling.temperature, values.sampling.top_p) == (0.7, 0.9)
    assert (values.sampling.max_new_tokens, values.model.context, values.sampling.answers) == (200, 4096, 1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[sampling]\ntemperature = 9.0", "temperature"),
        ("[sampling]\ntemprature = 0.5", "temprature"),
        ("libary = 'x'", "libary"),
        ("library = 3", "library"),
        ("[retrieval]\nmode = 'magic'", "mode"),
        ("not toml", "toml"),
    ],
)
def test_that_a_wrong_setting_is_named_with_the_file(tmp_path, text, complaint):
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsInvalid, match=complaint) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert str(path) in caught.value.hint


def test_that_a_file_in_another_encoding_is_explained(tmp_path):
    (tmp_path / "settings.toml").write_bytes("library = 'übung'".encode("cp1252"))
    with pytest.raises(SettingsInvalid, match="Cannot read"):
        read_settings(tmp_path / "settings.toml")


def test_that_a_value_out_of_bounds_is_not_written(tmp_path):
    path = tmp_path / "settings.toml"
    write_settings(path, Settings())
    before = path.read_bytes()
    with pytest.raises(SettingsInvalid):
        write_settings(path, replace(Settings(), sampling=SamplingSettings(top_p=2.0)))
    assert path.read_bytes() == before


def test_that_checked_returns_good_settings_unchanged():
    assert checked(Settings()) == Settings()


def test_that_the_hash_follows_what_changes_an_answer_and_nothing_else():
    base = settings_hash(Settings(), "1")
    assert base == settings_hash(Settings(appearance="dark", libraries=("other",)), "1")
    assert base != settings_hash(Settings(model=ModelSettings(language="other")), "1")
    assert base != settings_hash(Settings(), "2")
