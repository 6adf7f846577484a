"""Candidates from a masked language model, alone and in a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import turncoat
from tiny_masked_lm import wordpiece_folder
from toys import Table, ToyVictim, World, toy_dataset
from turncoat import api
from turncoat.attacks.pwws import PWWS
from turncoat.cli.app import app
from turncoat.config import from_table, to_table
from turncoat.engine.query import FILLS, Cloze, Fill, Predict, Weigh
from turncoat.engine.run import Task, run
from turncoat.errors import MissingResource, UsageError
from turncoat.models.filling import masked_lm_responders
from turncoat.models.masked_lm import MaskedLanguageModel
from turncoat.substitutions.expression import read_substitutions
from turncoat.substitutions.likely import Likely
from turncoat.substitutions.masked_lm import MaskedLM
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Options
from turncoat.text import Text


class ToyMaskedLM:
    """Fills every hole with the word and a letter, a to e; weighs a word by minus its length."""

    def __init__(self) -> None:
        self.filled: list[tuple[str, int]] = []
        self.weighed: list[tuple[int, str]] = []

    def responders(self) -> dict[Any, Any]:
        return {Fill: self.fill, Weigh: self.weigh}

    def fill(self, batches: Sequence[Sequence[Cloze]]) -> list[np.ndarray]:
        self.filled += [(str(cloze.text), cloze.position) for batch in batches for cloze in batch]
        empty = [""] * (FILLS - 5)
        rows = [[[c.text.words[c.position] + x for x in "abcde"] + empty for c in batch] for batch in batches]
        return [np.array(batch, dtype=object) for batch in rows]

    def weigh(self, batches: Sequence[Sequence[Cloze]]) -> list[np.ndarray]:
        self.weighed += [(cloze.position, cloze.word) for batch in batches for cloze in batch]
        return [-np.array([float(len(cloze.word)) for cloze in batch]) for batch in batches]


def answer(work: Any, responders: Any) -> Any:
    ((_, result),) = run([Task("toy", work)], responders)
    return result


def propose(source: Any, string: str, toy: ToyMaskedLM, where: Sequence[int] | None = None) -> Options:
    return answer(source.propose(Text(string), where), toy.responders())


def test_the_first_k_words_at_every_position() -> None:
    toy = ToyMaskedLM()
    assert propose(MaskedLM(k=2), "So good.", toy) == [["Soa", "Sob"], ["gooda", "goodb"]]
    assert toy.filled == [("So good.", 0), ("So good.", 1)]
    assert propose(MaskedLM(), "good", toy) == [["gooda", "goodb", "goodc", "goodd", "goode"]]


def test_only_the_positions_that_matter_are_asked_about() -> None:
    toy = ToyMaskedLM()
    assert propose(MaskedLM(k=1), "It is so good.", toy, [3, 1]) == [[], ["isa"], [], ["gooda"]]
    assert propose(MaskedLM(k=1), "It is so good.", toy, []) == [[], [], [], []]
    assert propose(MaskedLM(), "?!", toy) == []
    assert propose(WithoutStopWords(MaskedLM(k=1)), "the film", toy) == [(), ["filma"]]
    assert propose(MaskedLM(k=3) & Table({"plot": ["PLOTb", "plotz"]}), "good plot", toy) == [[], ["plotb"]]
    assert [position for _, position in toy.filled] == [1, 3, 1, 1]


@pytest.mark.parametrize("k", [0, FILLS + 1])
def test_k_has_bounds(k: int) -> None:
    with pytest.raises(UsageError, match=f"from 1 to {FILLS}, got {k}"):
        MaskedLM(k)


def test_candidates_are_asked_for_before_the_search_asks_the_victim() -> None:
    toy, world = ToyMaskedLM(), World(lambda string: 0.9)
    seen: list[int] = []

    async def work() -> None:
        options = await MaskedLM(k=1).propose(Text("so good"))
        seen.append(len(world.asked))
        await Predict([Text(words[0]) for words in options])

    answer(work(), {**world.responders(), **toy.responders()})
    assert (seen, len(toy.filled), world.asked) == ([0], 2, ["soa", "gooda"])


TABLE = Table({"good": ["magnificent", "fine", "ok", "nice", "so so", "GOOD"], "film": ["movie", "picture"]})


def test_the_likeliest_are_kept_in_their_order() -> None:
    toy = ToyMaskedLM()
    assert propose(Likely(TABLE, 2), "A Good film.", toy) == [(), ("Fine", "Ok"), ("movie", "picture")]
    # in the original's case, without what no text may hold, and only where there is a choice
    assert toy.weighed == [(1, "Magnificent"), (1, "Fine"), (1, "Ok"), (1, "Nice")]


def test_what_does_not_matter_is_not_weighed() -> None:
    toy = ToyMaskedLM()
    assert propose(Likely(TABLE, 1), "good film", toy, [1])[1] == ("movie",)
    assert propose(Likely(TABLE, 4), "good film", toy)[0] == ("magnificent", "fine", "ok", "nice")
    assert toy.weighed == [(1, "movie"), (1, "picture")]
    with pytest.raises(UsageError, match="keep >= 1"):
        Likely(TABLE, 0)


def test_sources_by_name() -> None:
    source = read_substitutions("content-words(masked-lm & likely(wordnet))")
    assert isinstance(source, WithoutStopWords)
    assert from_table(to_table(source)) == source
    assert from_table(to_table(MaskedLM(k=7))) == MaskedLM(k=7)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it."""
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path / "data"))
    return tmp_path


DATA = toy_dataset(6)


def attack(method: Any, **options: Any) -> Any:
    return turncoat.attack(ToyVictim(), DATA, method, encoder=None, **options)


def test_a_run_with_words_that_fit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(wordpiece_folder(home / "lm"))
    first = attack(PWWS(substitutions=MaskedLM(k=5)), masked_lm=folder, out=home / "run")
    assert first.description["config"]["masked_lm"] == folder
    assert any(outcome.changes for outcome in first)
    monkeypatch.setattr(MaskedLanguageModel, "__init__", lambda *_: pytest.fail("loaded again"))
    again = attack(PWWS(substitutions=MaskedLM(k=5)), masked_lm=folder)
    assert list(again) == list(first)
    assert (home / "cache" / "answers.sqlite").is_file()


def test_the_store_and_the_model_agree_to_the_bit(home: Path) -> None:
    folder = str(wordpiece_folder(home / "lm"))
    text = Text("it was a very good film")
    model, clozes = MaskedLanguageModel(folder), [Cloze(text, i, "movies") for i in range(len(text))]
    for _ in range(2):
        kept = masked_lm_responders(folder)
        np.testing.assert_array_equal(kept[Fill]([clozes])[0], model.fill([clozes])[0])
        np.testing.assert_array_equal(kept[Weigh]([clozes])[0], model.weigh([clozes])[0])


def test_a_machine_that_keeps_nothing_still_answers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(wordpiece_folder(home / "lm"))
    (home / "file").write_text("")
    monkeypatch.setenv("TURNCOAT_CACHE", str(home / "file"))
    assert masked_lm_responders(folder)[Fill]([[Cloze(Text("good film"), 0)]])[0].shape == (1, FILLS)


def test_only_attacks_that_may_ask_it_name_it(home: Path) -> None:
    run = attack(PWWS(substitutions=TABLE))
    assert run.description["config"]["masked_lm"] is None
    assert not (home / "cache").exists()


def test_no_model_on_this_machine(home: Path) -> None:
    with pytest.raises(MissingResource, match=r"example toy-\d+: (.|\n)*models/minilm-mlm(.|\n)*--candidates wordnet"):
        attack(PWWS(substitutions=MaskedLM()))
    with pytest.raises(UsageError, match="asks a masked language model for words; name one"):
        attack(PWWS(substitutions=MaskedLM()), masked_lm=None)


def test_the_command_line_takes_a_model_by_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(api, "attack_text", lambda *_, **options: asked.update(options) or sys.exit(0))
    monkeypatch.setattr("turncoat.tasks.classification.load_victim", lambda *_: ToyVictim())
    for name, expected in (("roberta-large", "roberta-large"), ("none", None)):
        CliRunner().invoke(app, ["attack", "toy", "--text", "rain1", "--masked-lm", name])
        assert asked["masked_lm"] == expected
    CliRunner().invoke(app, ["attack", "toy", "--text", "rain1"])
    assert asked["masked_lm"] == api.AUTO
