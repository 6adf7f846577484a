"""Files that are whole or not there, locks between processes, and tables for TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from turncoat.disk import locked, plain, whole, write_file
from turncoat.errors import UsageError


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new/numbers.txt"
    write_file("old", path)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(path)
    assert [each.name for each in path.parent.iterdir()] == ["numbers.txt"]
    assert path.read_text() == "old"


def test_text_is_kept_as_it_is_and_bytes_too(tmp_path: Path) -> None:
    write_file("é\r\n\udcff", tmp_path / "text")
    write_file(b"\x00\xff", tmp_path / "bytes")
    assert (tmp_path / "text").read_bytes() == "é\r\n\udcff".encode("utf-8", "surrogatepass")
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"


def test_where_nothing_can_be_written_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot write .*file/below"):
        write_file("", tmp_path / "file/below")


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "new/.lock"
    with locked(path, wait=True) as first, locked(path, wait=False) as second:
        assert (first, second) == (True, False)
    with locked(path, wait=False) as third:
        assert third


def test_what_toml_cannot_keep_is_left_out_at_every_depth() -> None:
    table = {"a": None, "b": (1, (2,)), "c": {"d": None, "e": 0}, "f": [{"g": None}]}
    assert plain(table) == {"b": [1, [2]], "c": {"e": 0}, "f": [{}]}


def _interrupted(path: Path) -> None:
    with whole(path) as partial:
        partial.write_text("ne")
        raise KeyboardInterrupt
