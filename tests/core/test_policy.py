"""What the administrator decides holds, and a policy that cannot be read allows nothing."""

import pytest

from core.errors import PolicyForbids, SettingsInvalid
from core.policy import Policy, places, read_policy


def test_that_without_a_policy_everything_is_allowed_but_bundles_by_nobody(tmp_path):
    policy = read_policy([tmp_path / "none.toml"])
    assert policy == Policy()
    policy.must_allow("imports")
    policy.must_allow("training")
    assert not policy.unsigned_bundles


def test_that_the_first_policy_counts_and_says_what_is_forbidden(tmp_path):
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('imports = false\ncontent = ["/srv/vademecum"]\n[settings.model]\nlanguage = "big"\n')
    second.write_text("training = false\n")
    policy = read_policy([tmp_path / "none.toml", first, second])
    assert policy.content == ("/srv/vademecum",)
    assert policy.settings == {"model": {"language": "big"}}
    policy.must_allow("training")
    with pytest.raises(PolicyForbids, match="Libraries cannot be changed"):
        policy.must_allow("imports")


@pytest.mark.parametrize("text", ["import = false", "imports = 0", "imports = ", "\xff", "settings = 3"])
def test_that_a_policy_with_a_mistake_stops_the_program(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsInvalid, match=r"policy\.toml"):
        read_policy([path])


def test_that_a_policy_of_the_system_comes_before_one_beside_the_program(tmp_path):
    assert places(tmp_path)[-1] == tmp_path / "policy.toml"
    assert len(places(tmp_path)) == 2
    assert tmp_path not in places()[0].parents
