"""Hardening: gold labels are kept, shares are exact, fresh attacks ask the new model, and nothing is done twice."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reviews import reviews
from toys import Table
from turncoat import api
from turncoat.attacks.pwws import PWWS
from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.models.card import Card, read_card
from turncoat.models.loading import load_victim
from turncoat.studies.hardening.page import page, publish
from turncoat.studies.hardening.parts import Watch
from turncoat.studies.hardening.plan import Assault, Plan
from turncoat.studies.hardening.rows import CLEAN, OLD, QUESTIONS, STANDING, SUCCESS, measure
from turncoat.studies.hardening.run import PARTS, Hardened, harden
from turncoat.studies.page import Page, Section
from turncoat.text import Text
from turncoat.training.augment import augmented, drawn
from turncoat.training.origins import Origin, origin_of
from turncoat.training.recipes import Cnn, DocumentReader, FineTune, LanguageModel, LinearBaseline, Recipe
from turncoat.training.splits import Splits
from turncoat.training.storing import save
from turncoat.training.trainer import train

WORDS = {"good": ["decent"], "great": ["grand"], "fine": ["okay"], "bad": ["ill"], "dull": ["slow"], "poor": ["meagre"]}
RECIPE = Cnn(epochs=4, patience=4, batch=16, rate=1e-2, embedding=8, filters=8, max_words=20)
PLAN = Plan(share=0.5, assaults=(Assault("pwws"),), examples=16, encoder="none")


FILLERS = ("a", "the", "film", "movie", "<b>plot</b>", "is", "very")
SPLITS = Splits(*(reviews(split, size, FILLERS) for split, size in (("train", 96), ("dev", 32), ("test", 40))))


@dataclass
class Attacks:
    """PWWS with the words above; remembers whom it was asked to attack, and stops where it is told to."""

    stop: int | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, victim: Any, data: Dataset, method: str, **options: Any) -> Run:
        if len(self.asked) == self.stop:
            raise KeyboardInterrupt
        self.asked.append((victim.fingerprint, len(data)))
        options |= {"encoder": None, "candidates": None}
        return api.attack(victim, data, PWWS(substitutions=Table(WORDS)), **options)


@pytest.fixture(autouse=True)
def _no_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs' own reports take most of the time, and are tested elsewhere."""
    monkeypatch.setattr(api, "publish", lambda run: run.folder.write("summary.json", "{}"))


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("victims") / "victim"
    save(train(SPLITS.train, SPLITS.dev, RECIPE, seed=3), folder)
    return folder


Again = Callable[..., Hardened]


@pytest.fixture
def again(victim: Path, tmp_path: Path) -> Again:
    """Hardens into one folder."""

    def act(
        plan: Plan = PLAN, attacks: Attacks | None = None, folder: str = "out", watch: Watch | None = None
    ) -> Hardened:
        origin = origin_of(read_card(victim))
        model = load_victim(str(victim))
        return harden(model, SPLITS, origin, plan, tmp_path / folder, attacks or Attacks(), watch, "the command")

    return act


class TestAugment:
    @pytest.mark.parametrize(
        ("size", "share", "drawn_"), [(96, 0.1, 10), (95, 0.1, 10), (94, 0.1, 9), (3, 1.0, 3), (3, 0.01, 1)]
    )
    def test_share_is_exact(self, size: int, share: float, drawn_: int) -> None:
        assert len(drawn(reviews("train", size), share, 0)) == drawn_

    def test_larger_share_holds_the_smaller_one(self) -> None:
        few, half, every = ({e.id for e in drawn(SPLITS.train, share, 7)} for share in (0.1, 0.5, 1.0))
        assert few < half < every == {e.id for e in SPLITS.train}

    def test_gold_labels_are_kept(self) -> None:
        second = {"train-3": "a slow film", "train-0": "an okay film"}
        every = augmented(SPLITS.train, [{"train-5": "a meagre film"}, second])
        assert every.examples[:96] == SPLITS.train.examples
        assert [(e.id, e.text, e.label) for e in every.examples[96:]] == [
            ("train-5/adversarial-1", "a meagre film", 1),
            ("train-0/adversarial-2", "an okay film", 0),
            ("train-3/adversarial-2", "a slow film", 1),
        ]

    def test_refuses(self) -> None:
        with pytest.raises(UsageError, match="one of 'test-1'"):
            augmented(SPLITS.train, [{"test-1": "leaked"}])
        for share in (0.0, 1.1, -1.0):
            with pytest.raises(UsageError, match="share"):
                drawn(SPLITS.train, share, 0)


class TestOrigin:
    @pytest.mark.parametrize(
        "recipe",
        [
            replace(RECIPE, objective="at", epsilon=2.0, widths=(2,)),
            LinearBaseline(longest=1),
            FineTune(warm_up=None, backbone="bert"),
            DocumentReader(language_model=LanguageModel(steps=7)),
        ],
    )
    def test_card_gives_the_recipe_back(self, recipe: Recipe, victim: Path) -> None:
        from dataclasses import asdict

        table = {key: value for key, value in asdict(recipe).items() if value is not None}
        training = {"data": "mr/train:rest", "rows": 50, "seed": 5, "recipe": type(recipe).__name__, **_as_toml(table)}
        origin = origin_of(replace(read_card(victim), training=training))
        assert origin == Origin(recipe, 5, "mr/train:rest", 50)
        assert origin.source() == "mr"

    def test_part_that_was_learned_from(self) -> None:
        origin = Origin(RECIPE, 5, "reviews/train", 50)
        assert origin.train_set(SPLITS.train) == SPLITS.train.sample(50, 5)
        assert origin.train_set(SPLITS.test) is SPLITS.test  # other data is taken whole

    def test_says_what_is_missing(self) -> None:
        with pytest.raises(UsageError, match="--recipe"):
            origin_of(Card("cnn", ("a", "b"), training={"recipe": "Perceptron"}))
        with pytest.raises(UsageError, match=r"films.csv:rest:rest.*DATA"):
            Origin(RECIPE, data="films.csv:rest:rest").source()
        with pytest.raises(UsageError, match="nothing says"):
            Origin(RECIPE).source()


def _as_toml(table: Any) -> Any:
    import tomli_w

    return tomllib.loads(tomli_w.dumps(table))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"method": "pray"}, "expected a method"),
        ({"method": "at+at"}, "expected a method"),
        ({"share": 0.0}, "share in"),
        ({"rounds": 0}, "at least 1 round"),
        ({"method": "at", "rounds": 2}, "rounds are of adversarial texts"),
        ({"assaults": ()}, "got none"),
        ({"assaults": (Assault("pwws"), Assault("pwws", budget=3))}, "each once"),
        ({"epsilon": 1.0}, "has none; use at or vat"),
    ],
)
def test_plans_that_cannot_work(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Plan(**settings)


def test_method_decides_the_recipe() -> None:
    assert Plan().recipe(RECIPE) == RECIPE
    assert Plan(method="augment+at", epsilon=2.0).recipe(RECIPE) == replace(RECIPE, objective="at", epsilon=2.0)
    assert Plan(method="at+vat").recipe(RECIPE) == replace(RECIPE, objective="at+vat")
    with pytest.raises(UsageError, match="LinearBaseline has not"):
        Plan(method="vat").recipe(LinearBaseline())


def test_hardened_by_its_own_adversarial_texts(again: Again, victim: Path, tmp_path: Path) -> None:
    attacks = Attacks()
    done = again(attacks=attacks)
    parent, folder = load_victim(str(victim)), tmp_path / "out"
    hardened, control = load_victim(str(folder)), load_victim(str(folder / PARTS / "control"))
    assert len({parent.fingerprint, hardened.fingerprint, control.fingerprint}) == 3
    # the victim on the test texts, the victim on half of the training texts, then both new models, afresh
    assert attacks.asked == [
        (parent.fingerprint, 16), (parent.fingerprint, 48), (hardened.fingerprint, 16), (control.fingerprint, 16),
    ]  # fmt: skip
    for model, asked in (("before", parent), ("hardened", hardened), ("control", control)):
        run = tomllib.loads((folder / PARTS / "runs" / f"{model}-pwws" / "run.toml").read_text())["config"]
        assert (run["victim"]["fingerprint"], run["data"]["examples"], run["seed"]) == (asked.fingerprint, 16, 0)

    turned = [
        outcome for outcome in map(json.loads, (folder / PARTS / "texts/1/outcomes.jsonl").open())
        if outcome["status"] == "success"
    ]  # fmt: skip
    card = read_card(folder).training
    assert (card["rows"], card["hardening"]["texts_added"], card["command"]) == (96, len(turned), "the command")
    assert card["hardening"]["parent"]["fingerprint"] == parent.fingerprint
    assert card["hardening"]["questions"] == sum(outcome["queries"] for outcome in _lines(folder, "texts/1"))
    texts = augmented(SPLITS.train, [{outcome["id"]: outcome["adversarial"] for outcome in turned}])
    assert hardened.fingerprint == train(texts, SPLITS.dev, RECIPE, seed=3).victim.fingerprint
    # the control is the victim's training with the next seed, and nothing else
    assert control.fingerprint == train(SPLITS.train, SPLITS.dev, RECIPE, seed=4).victim.fingerprint
    assert read_card(folder / PARTS / "control").training["control_for"]["fingerprint"] == parent.fingerprint

    standing = next(row for row in done.rows if row.measure == STANDING)
    assert standing.cells["hardened"].estimate > standing.cells["before"].estimate
    assert [contrast.other for contrast in standing.contrasts] == ["before", "control"]
    assert not list((folder / PARTS).glob("unfinished"))


def _lines(folder: Path, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / PARTS / part / "outcomes.jsonl").open()]


def test_goes_on_where_it_stopped_and_ends_the_same(again: Again, tmp_path: Path) -> None:
    whole = again()
    report = publish(whole)[0]
    for stop in (1, 2, 3):
        with pytest.raises(KeyboardInterrupt):
            again(attacks=Attacks(stop), folder="piecemeal")
    pieces = again(folder="piecemeal")
    assert pieces.rows == whole.rows
    assert read_card(tmp_path / "piecemeal").sha256 == read_card(tmp_path / "out").sha256
    weights = tmp_path / "out" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    trained: list[str] = []
    watch = replace(Watch(), training=lambda what: trained.append(what) or Watch().training(what))  # type: ignore[func-returns-value]
    assert again(watch=watch).rows == whole.rows
    assert (weights.stat().st_mtime_ns, trained) == (before, [])
    with pytest.raises(UsageError, match=r"plan.share: 0.5 there, 0.25 asked for"):
        again(replace(PLAN, share=0.25))
    assert Path(report).exists()


def test_killed_while_the_model_is_moved_up(again: Again, tmp_path: Path) -> None:
    again()
    folder = tmp_path / "out"
    sha256 = read_card(folder).sha256
    half = folder / PARTS / "hardened"
    half.mkdir(exist_ok=True)
    (folder / "card.toml").rename(half / "card.toml")  # the card is moved last
    again()
    assert read_card(folder).sha256 == sha256
    assert not half.exists()


def test_rounds_ask_the_model_of_the_round_before(again: Again, tmp_path: Path) -> None:
    attacks = Attacks()
    again(replace(PLAN, rounds=2), attacks)
    first = load_victim(str(tmp_path / "out" / PARTS / "round-1"))
    assert attacks.asked[2] == (first.fingerprint, 48)
    turned = [sum(line["status"] == "success" for line in _lines(tmp_path / "out", f"texts/{i}")) for i in (1, 2)]
    assert read_card(tmp_path / "out").training["hardening"]["texts_added"] == sum(turned)


def test_perturbed_word_vectors(again: Again, tmp_path: Path) -> None:
    attacks = Attacks()
    done = again(replace(PLAN, method="at", epsilon=1.0), attacks)
    card = read_card(tmp_path / "out").training
    assert (card["objective"], card["epsilon"], card["hardening"]["method"]) == ("at", 1.0, "at")
    assert "source" not in card["hardening"]
    assert len(attacks.asked) == 3  # no training text was attacked
    assert read_card(tmp_path / "out" / PARTS / "control").training["objective"] == "clean"
    assert [cost.part for cost in done.costs] == ["training, hardened", "training, control"]


def test_refuses_a_folder_with_another_model(again: Again, victim: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/card.toml").write_bytes((victim / "card.toml").read_bytes())
    with pytest.raises(UsageError, match="not hardened here"):
        again()


def test_nothing_to_learn_from(victim: Path, tmp_path: Path) -> None:
    class Harmless(Attacks):
        def __call__(self, victim: Any, data: Dataset, method: str, **options: Any) -> Run:
            options |= {"encoder": None, "candidates": None}
            return api.attack(victim, data, PWWS(substitutions=Table({})), **options)

    with pytest.raises(UsageError, match="turned none of 48"):
        harden(load_victim(str(victim)), SPLITS, Origin(RECIPE), PLAN, tmp_path / "out", Harmless())


def outcome(id: str, status: str, gold: int = 1, queries: int = 4) -> Outcome:
    before = gold if status != "skipped" else 1 - gold
    return Outcome(id, gold, status, "", id, f"{id} turned", (), 3, queries, queries, before)  # type: ignore[arg-type]


class Fixed:
    """A victim that reads these texts as class 1, and all others as class 0."""

    labels, name, unknown, fingerprint = ("bad", "good"), "fixed", "[UNK]", "fixed"

    def __init__(self, *good: str) -> None:
        self.good = good

    def predict(self, batches: Any) -> list[Any]:
        return [np.array([[0.0, 1.0] if str(text) in self.good else [1.0, 0.0] for text in texts]) for texts in batches]

    def visible(self, text: Text) -> int:
        return len(text)


def test_rows_by_hand() -> None:
    """Six texts of class 1, a to f.

    Before: a, b, c, d turned, e stood, f was wrong from the start. Hardened: a turned, f wrong. Control: a, b turned,
    d and f wrong. Standing: before {e}, hardened {b, c, d, e}, control {c, e}. Old texts whose originals both new
    models read rightly: a, b, c; the hardened one says "bad" to "a turned" alone, the control to "a turned" and
    "b turned". McNemar: 3 : 0 gives p = 2 * 0.5**3 = 0.25, 2 : 0 gives 0.5, 1 : 0 gives 1.
    """
    ids = "abcdef"
    statuses = {
        "before": ["success"] * 4 + ["failed", "skipped"],
        "hardened": ["success"] + ["failed"] * 4 + ["skipped"],
        "control": ["success", "success", "failed", "skipped", "failed", "skipped"],
    }
    description = {"config": {"attack": {"name": "pwws", "kind": "PWWS"}}}
    runs = {
        model: [Run(model, description, ("bad", "good"), [outcome(i, s) for i, s in zip(ids, told, strict=True)])]
        for model, told in statuses.items()
    }
    models = {
        "before": Fixed(*"abcde"),
        "hardened": Fixed(*"abcde", "b turned", "c turned", "d turned"),
        "control": Fixed(*"abce", "c turned"),
    }
    test_set = Dataset("letters", tuple(Example(i, i, 1) for i in ids), ("bad", "good"))
    rows = {row.measure: row for row in measure(models, test_set, runs)}  # type: ignore[arg-type]

    def estimates(name: str) -> dict[str, float]:
        return {model: round(cell.estimate, 4) for model, cell in rows[name].cells.items() if cell}

    assert estimates(CLEAN) == {"before": 0.8333, "hardened": 0.8333, "control": 0.6667}
    assert estimates(SUCCESS) == {"before": 0.8, "hardened": 0.2, "control": 0.5}
    assert estimates(STANDING) == {"before": 0.1667, "hardened": 0.6667, "control": 0.3333}
    assert estimates(OLD) == {"hardened": 0.3333, "control": 0.6667}
    assert estimates(QUESTIONS) == {"before": 4.0, "hardened": 4.0, "control": 4.0}
    assert {c.other: c.p for c in rows[STANDING].contrasts} == {"before": 0.25, "control": 0.5}
    assert rows[STANDING].contrasts[0].difference.estimate == pytest.approx(0.5)
    assert {c.other: c.p for c in rows[OLD].contrasts} == {"control": 1.0}
    # five tests in the table: the smallest p, 0.25, becomes 1 by Holm
    assert rows[STANDING].verdict("before") == "undecided"
    assert rows[SUCCESS].verdict("before") == ""


def test_report_says_it_all_and_escapes_it(again: Again, tmp_path: Path) -> None:
    done = again()
    html, markdown = (Path(path).read_text() for path in publish(done))
    for text in (html, markdown):
        assert "<b>plot" not in text  # texts show as text
        assert all(
            word in text for word in ("control", "accuracy under attack", "McNemar", "adversarial texts, round 1")
        )
    assert "&lt;b&gt;plot" in html
    assert "<svg" in html
    numbers = json.loads((tmp_path / "out/hardening.json").read_text())
    assert {row["measure"] for row in numbers["rows"]} == {CLEAN, SUCCESS, STANDING, OLD, QUESTIONS}
    assert page(done).headline.startswith("Under PWWS")


def test_pages_escape() -> None:
    made = Page("a<b", "x | y", (Section("s", [{"k": "<i>|*\u202e"}], "n"),))
    assert made.markdown() == "# a&lt;b\n\nx \\| y\n\n## s\n\nn\n\n| k |\n| --- |\n| &lt;i>\\|\\*\\[U+202E\\] |\n"
    assert "<td>&lt;i&gt;|*[U+202E]</td>" in made.html()
    assert "default-src &#39;none&#39;" in made.html()
