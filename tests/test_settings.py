"""Settings from the environment and a file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import SettingsError, days, load_settings


def test_defaults_need_nothing() -> None:
    """With nothing set, all companies are served on SQLite under ./var."""
    settings = load_settings({})
    assert settings.controllers == ()
    assert settings.database == Path("var/assistant.db")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """The same names in lower case in a TOML file; lists may be lists."""
    file = tmp_path / "a.toml"
    file.write_text('operator_name = "File Oy"\ncontrollers = ["a", "b"]\n[company.a]\ninbox = "x@example.com"\n')
    settings = load_settings({"PRIVACY_ASSISTANT_CONFIG": str(file), "OPERATOR_NAME": "Environment Oy"})
    assert settings.operator_name == "Environment Oy"
    assert settings.controllers == ("a", "b")
    assert settings.origins["CONTROLLERS"] == str(file)


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """Which file, and what is wrong with it."""
    file = tmp_path / "a.toml"
    file.write_text("operator_name = ")
    with pytest.raises(SettingsError, match="is not TOML"):
        load_settings({"PRIVACY_ASSISTANT_CONFIG": str(file)})


@given(st.integers(0, 9), st.integers(0, 11), st.integers(0, 30))
def test_days_of_a_duration(years: int, months: int, rest: int) -> None:
    """Years as 365 days and months as 30: how long something is kept, not a legal deadline."""
    assert days(f"P{years}Y{months}M{rest}D") == years * 365 + months * 30 + rest
