"""Names: own entries, suggestions, and plug-ins found through the entry points of a real distribution."""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import turncoat
from turncoat import registry
from turncoat.config import from_table
from turncoat.errors import MissingResource, UnknownName, UsageError
from turncoat.evaluation.publishing import read_run
from turncoat.registry import ATTACKS, CONFIGURABLE, DATASETS, SUBSTITUTIONS, VICTIMS, Registry

PLUGIN = Path(__file__).parent / "plugin"


def colours(**entries: Any) -> Registry[Any]:
    return Registry("colour", "turncoat.test_colours", entries)


def install(folder: Path, package: str, groups: dict[str, dict[str, str]]) -> None:
    """Write what an installer writes, so that `importlib.metadata` sees a distribution in `folder`."""
    info = folder / f"{package.replace('-', '_')}-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.1\n")
    lines = [f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in entries.items()) for group, entries in groups.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """tests/plugin, as if `pip install` had put it into `tmp_path`."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]
    install(tmp_path, project["name"], project["entry-points"])
    shutil.copy(PLUGIN / "turncoat_moods.py", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "turncoat_moods", raising=False)


def test_own_entries() -> None:
    known = colours(red=1, blue=5)
    assert known.get("blue") == 5
    assert known.names() == ("blue", "red")


def test_strings_are_imported_when_asked_for() -> None:
    known = colours(path="pathlib:Path", missing="no_such_module:thing")
    assert known.get("path") is Path
    assert known.names() == ("missing", "path")


def test_unknown_name_gets_suggestions_and_the_whole_list() -> None:
    with pytest.raises(UnknownName, match=r"no colour is named 'gren'; did you mean 'green'\? \(known: blue, green\)"):
        colours(green=1, blue=2).get("gren")
    with pytest.raises(UnknownName, match=r"^no colour is named 'xyz' \(known: blue\)$"):
        colours(blue=2).get("xyz")
    with pytest.raises(UnknownName, match="known: none"):
        colours().get("red")


def test_own_entries_need_no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda **_: pytest.fail("read the metadata of all packages"))
    assert colours(red=1).get("red") == 1


@pytest.mark.parametrize(
    "names", [ATTACKS, VICTIMS, DATASETS, SUBSTITUTIONS, CONFIGURABLE], ids=lambda names: names.kind
)
def test_every_own_entry_can_be_had(names: Registry[Any]) -> None:
    for name in names.names():
        assert callable(names.get(name))


@pytest.mark.usefixtures("plugin")
def test_plugin_is_listed_without_being_imported() -> None:
    assert "one-swap" in ATTACKS.names()
    assert "moods" in VICTIMS.names()
    assert "moods" in DATASETS.names()
    assert "cooler" in SUBSTITUTIONS.names()
    assert "turncoat_moods" not in sys.modules
    with pytest.raises(UnknownName, match="did you mean 'one-swap'"):
        ATTACKS.get("one_swap")


@pytest.mark.usefixtures("plugin")
def test_plugin_attacks_its_victim_on_its_data(tmp_path: Path) -> None:
    run = turncoat.attack("moods", turncoat.load_dataset("moods"), "one-swap", encoder=None, out=tmp_path / "run")
    first, second = run.outcomes
    assert (first.adversarial, first.reason, first.status) == ("A fine day.", "flipped", "success")
    assert (second.adversarial, second.reason, second.status) == ("Fair cast; I loved it!", "exhausted", "failed")
    config = read_run(tmp_path / "run").description["config"]["attack"]
    assert config.pop("name") == "one-swap"
    assert from_table(config) == ATTACKS.get("one-swap")()


def test_a_plugin_that_cannot_be_imported_breaks_only_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_colours.py").write_text("import a_library_that_nobody_has\nteal = 7\n")
    (tmp_path / "whole_colours.py").write_text("pink = 8\n")
    install(tmp_path, "broken-colours", {"turncoat.test_colours": {"teal": "broken_colours:teal"}})
    install(tmp_path, "whole-colours", {"turncoat.test_colours": {"pink": "whole_colours:pink"}})
    monkeypatch.syspath_prepend(tmp_path)

    known = colours(red=1)
    assert known.names() == ("pink", "red", "teal")
    assert (known.get("red"), known.get("pink")) == (1, 8)
    message = r"package broken-colours, .*a_library_that_nobody_has.*pip uninstall broken-colours"
    with pytest.raises(MissingResource, match=message) as raised:
        known.get("teal")
    assert isinstance(raised.value.__cause__, ModuleNotFoundError)


def test_own_entries_win_over_plugins_and_plugins_must_not_clash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("first-colours", "second-colours"):
        install(tmp_path, package, {"turncoat.test_colours": {"red": "pathlib:Path", "teal": "pathlib:Path"}})
    monkeypatch.syspath_prepend(tmp_path)

    assert colours(red=1).get("red") == 1
    with pytest.raises(UsageError, match="colour 'teal': first-colours, second-colours"):
        colours().get("teal")
