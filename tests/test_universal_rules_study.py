"""The study of universal rules as a whole: every text asked once, answers kept on disk, books those of mining."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toys import TOY_WORDS, Table, ToyVictim, toy_dataset
from turncoat import api
from turncoat.errors import BrokenData, UsageError
from turncoat.models.ensemble import Ensemble
from turncoat.models.victim import Victim, checked
from turncoat.rules.attack import RuleWords, UniversalRules
from turncoat.rules.instances import find_instances
from turncoat.rules.mining import Mining, mine
from turncoat.rules.pmi import pmi_rules
from turncoat.rules.storing import write_book
from turncoat.rules.trial import Recorded, ask, choose, pool
from turncoat.studies.rules import victims as rule_victims
from turncoat.studies.rules.rates import READINGS
from turncoat.studies.rules.run import PMI, STANDARD, RuleStudy, uawr
from turncoat.studies.rules.victims import Members, load, members
from turncoat.studies.stored_answers import StoredAnswers
from turncoat.text import Text

LABELS = ("dull", "lively")


class Weighing(Victim):
    """A toy that counts what it was asked; each has a bias of its own."""

    labels, unknown = LABELS, "[UNK]"

    def __init__(self, name: str, bias: float) -> None:
        self.name, self.bias, self.fingerprint = name, bias, f"{name}{bias}"
        self.asked: list[str] = []
        self.objects: list[int] = []
        self.fails_after = 10**9

    def visible(self, text: Text) -> int:
        return len(text)

    def predict(self, batches: Any) -> list[Any]:
        answers = ToyVictim().predict(batches)
        self.asked += [str(text) for texts in batches for text in texts]
        self.objects += [id(text) for texts in batches for text in texts if isinstance(texts, tuple)]
        if len(self.asked) > self.fails_after:
            raise RuntimeError("out of memory")
        return [(a + np.array([self.bias, 0])) / (1 + self.bias) for a in answers]


def test_answers_are_asked_once_and_kept_part_by_part(tmp_path: Path) -> None:
    batches = [[Text(f"rain{i} sun{j}") for j in range(3)] for i in range(7)]
    stored = StoredAnswers(tmp_path, "q", part=6)
    victim = Weighing("one", 0.1)
    victim.fails_after = 12
    with pytest.raises(RuntimeError):
        stored.ask(victim, batches)
    victim.fails_after, victim.asked = 10**9, []
    done: list[int] = []
    answers = stored.ask(victim, batches, done.append)
    assert victim.asked == [str(text) for texts in batches[4:] for text in texts]  # two parts of six were kept
    assert done == [6, 12, 18, 21]
    np.testing.assert_array_equal(answers, np.concatenate(Weighing("one", 0.1).predict(batches)))
    assert len(stored.ask(victim, batches)) == 21
    assert len(victim.asked) == 9
    assert not [*tmp_path.rglob("*.partial")]
    for other, same in ((StoredAnswers(tmp_path, "r", part=6), victim), (stored, Weighing("one", 0.2))):
        same.asked = []
        other.ask(same, batches)
        assert len(same.asked) == 21
    with pytest.raises(BrokenData, match="expected answers to 2 texts, got 6"):
        stored.ask(victim, [batches[0][:2]])
    for path in tmp_path.glob("one/q-*"):
        path.write_bytes(b"")
    with pytest.raises(BrokenData, match="cannot be read"):
        stored.ask(victim, batches)


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Weighing]:
    """A zoo folder of toys, by model and instance."""
    toys: dict[str, Weighing] = {}
    names = ("CNN-W-Random-1", "LSTM-W-Random-1", "CNN-C-Random-1", "MiniLM", "mine")
    for i, name in enumerate(f"{model}/{instance}" for model in names for instance in "ab"):
        if name not in ("MiniLM/b", "mine/b"):
            (tmp_path / "zoo" / name).mkdir(parents=True)
            (tmp_path / "zoo" / name / "card.toml").touch()
            toys[name] = Weighing("weights", i / 50)

    def load_toy(folder: str) -> Victim:
        return toys["/".join(Path(folder).parts[-2:])]

    monkeypatch.setattr(rule_victims, "load_victim", load_toy)
    return toys


def study(tmp_path: Path, **settings: Any) -> RuleStudy:
    texts = toy_dataset(60)
    cut = [replace(texts, examples=texts.examples[:40]), replace(texts, examples=texts.examples[40:])]
    here = rule_victims.models_here(tmp_path / "zoo")
    made = {
        "train": cut[0], "test": cut[1], "zoo": tmp_path / "zoo", "models": here, "work": tmp_path / "work",
        "sizes": (2, 3), "members": members(here, instead={"BERT": "MiniLM"}), "caps": (0.1, 0.3),
        "mining": Mining(substitutions=Table(TOY_WORDS), min_count=1, most_instances=3), **settings,
    }  # fmt: skip
    return RuleStudy(**made)


def test_books_are_those_of_mining_with_each_ensemble(tmp_path: Path, zoo: dict[str, Weighing]) -> None:
    whole = study(tmp_path)
    assert list(whole.books) == [PMI, STANDARD, uawr(2), uawr(3)]
    assert str(whole.members) == (
        "LSTM-W-Random-1, CNN-C-Random-1, MiniLM, CNN-W-Random-1; MiniLM stands for BERT; "
        "LSTM-WC-ELMo-1 is left out: not here; LSTM-C-Random-1 is left out: not here; "
        "CNN-WC-ELMo-1 is left out: not here"
    )
    asked = {name: list(toy.asked) for name, toy in zoo.items() if toy.asked}
    assert set(asked) == {"LSTM-W-Random-1/a", "CNN-C-Random-1/a", "MiniLM/a"}  # the first three, once for all sizes
    assert len({tuple(texts) for texts in asked.values()}) == 1
    pair = [zoo["LSTM-W-Random-1/a"], zoo["CNN-C-Random-1/a"]]
    assert mine(whole.train, Ensemble(pair), whole.mining) == whole.books[uawr(2)]
    assert whole.books[uawr(2)].rules != whole.books[uawr(3)].rules
    assert pmi_rules(whole.train, "paper", Table(TOY_WORDS), 1) == whole.books[PMI]
    assert [name for name, _ in whole.books[uawr(3)].provenance.victims] == [
        "LSTM-W-Random-1/a", "CNN-C-Random-1/a", "MiniLM/a"
    ]  # fmt: skip


def test_every_target_is_shown_each_text_once(tmp_path: Path, zoo: dict[str, Weighing]) -> None:
    whole = study(tmp_path)
    whole.books  # noqa: B018  (members are asked)
    for toy in zoo.values():
        toy.asked = []
    tried = whole.tried
    texts = [str(text) for texts in whole.prefixes.texts for text in texts]
    folders = {f"{target.name}/{target.instance}": target for target in whole.targets}
    assert {name for name, toy in zoo.items() if toy.asked} == set(folders) == {
        "LSTM-W-Random-1/b", "CNN-C-Random-1/b", "CNN-W-Random-1/a", "MiniLM/a", "mine/a"
    }  # fmt: skip
    assert folders["MiniLM/a"].same_weights
    assert not folders["LSTM-W-Random-1/b"].same_weights
    for i, name in enumerate(folders):
        assert zoo[name].asked == texts
        assert zoo[name].objects == zoo["mine/a"].objects  # the very same objects: read once by those who can
        gold = np.repeat(whole.prefixes.labels, [len(some) for some in whole.prefixes.texts])
        np.testing.assert_array_equal(
            tried.wrong[i], np.concatenate(zoo[name].predict([[*map(Text, texts)]])).argmax(1) != gold
        )
    again = study(tmp_path)
    for toy in zoo.values():
        toy.asked = []
    np.testing.assert_array_equal(again.tried.wrong, tried.wrong)
    assert not any(toy.asked for toy in zoo.values())  # all of it was on disk


def test_rates_are_those_of_the_attack(tmp_path: Path, zoo: dict[str, Weighing]) -> None:
    whole = study(tmp_path)
    write_book(whole.books[uawr(2)], tmp_path / "book.json")
    for reading in READINGS:
        attack = UniversalRules(
            substitutions=RuleWords(str(tmp_path / "book.json")), cap=0.3, incremental=reading == "incremental"
        )
        found = whole.tried.turns(uawr(2), 0.3, reading)
        for i, target in enumerate(whole.targets[:2]):
            victim = zoo[f"{target.name}/{target.instance}"]
            outcomes = {o.id: o for o in api.attack(victim, whole.test, attack, encoder=None, masked_lm=None).outcomes}
            status = [outcomes[example.id].status for example in whole.test]
            assert [s != "skipped" for s in status] == found.right[i].tolist()
            assert [s == "success" for s in status] == (found.wrong & found.right)[i].tolist()


def test_what_cannot_be_studied(tmp_path: Path, zoo: dict[str, Weighing]) -> None:
    whole = study(tmp_path)
    with pytest.raises(UsageError, match="other texts to try rules on"):
        study(tmp_path, test=whole.train)
    with pytest.raises(UsageError, match="at least one model"):
        study(tmp_path, members=Members(()))
    with pytest.raises(UsageError, match=r"the classes of the data and of .* differ: lively, dull and dull, lively"):
        load(tmp_path / "zoo" / "MiniLM" / "a", ("lively", "dull"))
    with pytest.raises(UsageError, match="found none"):
        rule_victims.models_here(tmp_path / "work")
    for instead in ({"BERT": "ALBERT"}, {"BERT": "CNN-W-Random-1"}, {"MiniLM": "mine"}):
        with pytest.raises(UsageError, match="expected to replace missing models"):
            members(rule_victims.models_here(tmp_path / "zoo"), instead=instead)
    small = study(tmp_path, members=Members(("MiniLM",)))
    assert (small.sizes_here, small.headline) == ((1,), uawr(1))


def test_questions_of_a_trial_are_the_swaps() -> None:
    rows = toy_dataset(30)
    instances = find_instances(rows, Table(TOY_WORDS))
    trial = choose(rows, instances, 1, 2, 0)
    assert trial.size == sum(map(len, trial.questions())) - len(trial.tried) == len(trial.numbers()) > 20
    for i in trial.tried:
        space, swaps = instances.spaces[i], trial.chosen[i]
        np.testing.assert_array_equal(trial.question(i).choices[1:], space.swaps().choices[swaps])
        assert not trial.question(i).choices[0].any()
    both = [Weighing("one", 0.1), Weighing("two", 0.7)]
    recorded = [Recorded(each.name, each.fingerprint, LABELS, checked(each, trial.questions())) for each in both]
    for ours, theirs in zip(pool(trial, recorded), ask(trial, Ensemble(both)), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert trial.fingerprint == choose(rows, instances, 1, 2, 0).fingerprint
    assert trial.fingerprint != choose(rows, instances, 1, 2, 1).fingerprint
