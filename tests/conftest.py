"""What all tests share: quick, repeatable property tests, and a skip where TURNCOAT_DATA is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from turncoat.data.wordnet_files import wordnet_folder
from turncoat.errors import MissingResource

settings.register_profile(
    "turncoat",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("turncoat")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests marked `shared` on a machine that has no TURNCOAT_DATA."""
    if item.get_closest_marker("shared") and not _folder().is_dir():
        pytest.skip("needs the folder TURNCOAT_DATA (data sets, models, specifications)")


@pytest.fixture
def shared() -> Path:
    """The folder TURNCOAT_DATA; a test that uses it must be marked `shared`."""
    return _folder()


def _folder() -> Path:
    return Path(os.environ.get("TURNCOAT_DATA", "no-such-folder"))


@pytest.fixture
def wordnet() -> None:
    """Skips the test where WordNet is not installed."""
    try:
        wordnet_folder()
    except MissingResource:
        pytest.skip("needs WordNet 3.0")
