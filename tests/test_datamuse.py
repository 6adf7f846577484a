"""Recorded answers of Datamuse, and a service on this machine that stands in for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import pytest

from turncoat.config import from_table, to_table
from turncoat.data.datamuse import Record
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.registry import SUBSTITUTIONS
from turncoat.substitutions import datamuse
from turncoat.substitutions.datamuse import Datamuse
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

ANSWERS = {"dull": ["boring", "dim", "not bright", "drab"], "the": []}


class FakeWordNet(Substitutions):
    def __init__(self, inflect: bool) -> None:
        assert inflect

    async def propose(self, text: Text, where: Where = None) -> Options:
        return [[word.lower() + "-like"] for word in text.words]


@pytest.fixture(autouse=True)
def no_wordnet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datamuse, "WordNet", FakeWordNet)
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def record(tmp_path: Path) -> str:
    path = tmp_path / "record.jsonl"
    lines = [json.dumps({"relation": "ml", "word": word, "answer": answer}) for word, answer in ANSWERS.items()]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def service() -> Iterator[tuple[str, list[str]]]:
    """Its address, and the words it has been asked about."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ((relation, word),) = parse_qsl(urlsplit(self.path).query)
            assert relation == "ml"
            asked.append(word)
            self.send_response(500 if word == "broken" else 200)
            self.end_headers()
            found = [{"word": w, "score": 9} for w in ANSWERS.get(word, [f"{word}-ish"])]
            self.wfile.write(b"<html>" if word == "strange" else json.dumps(found).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/words", asked
    server.shutdown()
    thread.join()
    server.server_close()


def propose(source: Datamuse, string: str, where: Where = None) -> list[list[str]]:
    try:
        source.propose(Text(string), where).send(None)
    except StopIteration as end:
        options: Sequence[Sequence[str]] = end.value
        return [list(words) for words in options]
    raise AssertionError("asked a model")


def test_recorded_answers_and_wordnet_for_the_rest(record: str) -> None:
    source = Datamuse(path=record)
    assert propose(source, "The Dull plot") == [[], ["boring", "dim", "drab"], ["plot-like"]]
    assert propose(replace(source, k=2), "dull") == [["boring", "dim"]]
    assert propose(replace(source, relation="rel_syn"), "dull") == [["dull-like"]]


def test_every_candidate_has_an_origin(record: str) -> None:
    source = Datamuse(path=record)
    assert source.origin("Dull", "Boring") == "datamuse-recorded"
    assert source.origin("plot", "plot-like") == "wordnet"


def test_without_a_record_there_is_wordnet() -> None:
    assert propose(Datamuse(), "dull") == [["dull-like"]]


def test_online_asks_once_and_only_where_it_matters(service: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = service
    path = tmp_path / "new" / "record.jsonl"
    source = Datamuse(online=True, url=url, path=str(path))
    assert propose(source, "Dull plot, 42 dull", where=[0, 2, 3]) == [
        ["boring", "dim", "drab"],
        ["plot-like"],
        ["42-like"],
        ["boring", "dim", "drab"],
    ]
    assert asked == ["dull"]
    assert propose(source, "dull plot") == [["boring", "dim", "drab"], ["plot-ish"]]
    assert asked == ["dull", "plot"]
    assert Record(path).find("ml", "dull") == tuple(ANSWERS["dull"])  # as a new process reads it
    assert source.origin("plot", "plot-ish") == "datamuse-recorded"
    assert propose(replace(source, online=False, url="http://127.0.0.1:1/"), "plot") == [["plot-ish"]]


def test_a_service_that_fails(service: tuple[str, list[str]], tmp_path: Path) -> None:
    url, _ = service
    source = Datamuse(online=True, url=url, path=str(tmp_path / "record.jsonl"))
    with pytest.raises(MissingResource, match=r"ml=broken: HTTP Error 500.*what was answered is kept"):
        propose(source, "dull broken")
    assert propose(replace(source, online=False), "dull") == [["boring", "dim", "drab"]]
    with pytest.raises(BrokenData, match="expected a list of words in JSON, got b'<html>'"):
        propose(source, "strange")


def test_a_broken_record_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"relation": "ml", "word": "a", "answer": []}\n{"word": 3}\n')
    with pytest.raises(BrokenData, match=r"broken\.jsonl:2: .*delete the line"):
        propose(Datamuse(path=str(path)), "a")


def test_wrong_settings() -> None:
    with pytest.raises(UsageError, match="expected relation to be one of ml, rel_syn, got 'sl'"):
        Datamuse(relation="sl")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="begins with https:// or http://, got 'file:///etc/passwd'"):
        Datamuse(url="file:///etc/passwd")
    with pytest.raises(UsageError, match="expected k >= 1"):
        Datamuse(k=0)


def test_it_has_a_name_and_survives_a_config_file() -> None:
    assert SUBSTITUTIONS.get("datamuse")() == Datamuse()
    assert not Datamuse().online
    assert from_table(to_table(Datamuse(k=3, online=True))) == Datamuse(k=3, online=True)
