"""Word importance: what each word and substitute is worth, how widely models spread it, and the files it leaves."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tiny_models import bert_folder, word_victim
from toys import Table
from turncoat.cli.app import app
from turncoat.errors import UsageError
from turncoat.models.forms import CharacterForm
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.transformer import load_transformer
from turncoat.models.victim import Victim
from turncoat.studies.importance import measures as importance_measures
from turncoat.studies.importance.claims import judge_texts
from turncoat.studies.importance.files import write_importance
from turncoat.studies.importance.measures import compare, correlations, entropies, unknown_substitutes, weightiest
from turncoat.studies.importance.plots import substitute_map, word_map
from turncoat.studies.importance.run import Importance, family_of, measure, proposals
from turncoat.text import Text

STRING = "Good film, bad end"
FACTORS = {"good": 1.0, "film": 1.0, "bad": 0.25, "end": 1.0}


class Product(Victim):
    """Class 0 has the product of its words' factors; 1/2 for a word that it does not know."""

    labels = ("praise", "scorn")

    def __init__(self, seen: int = 100, unknown: str = "[UNK]", labels: tuple[str, ...] = labels) -> None:
        self.name = self.fingerprint = "product"
        self.seen, self.unknown, self.labels = seen, unknown, labels
        self.asked: list[str] = []

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[Any]:
        self.asked += [str(text) for texts in batches for text in texts]
        others = len(self.labels) - 1
        return [
            np.array([[p := self._score(text)] + [(1 - p) / others] * others for text in texts]) for texts in batches
        ]

    def _score(self, text: Text) -> float:
        return math.prod(FACTORS.get(word.lower(), 0.5) for word in text.words[: self.seen])

    def visible(self, text: Text) -> int:
        return min(self.seen, len(text))


def found(words: Sequence[Sequence[float]], families: Sequence[str]) -> Importance:
    """Given numbers, of a text of as many words."""
    values = np.array(words, float)
    text = Text(" ".join(f"w{i}" for i in range(values.shape[1])))
    names, clean = tuple(f"m{i}" for i in range(len(values))), np.full(len(values), 0.5)
    return Importance(text, "praise", names, tuple(families), clean, values, None, (), np.zeros((len(values), 0)))


# --- measuring ---


def test_words_and_substitutes_by_hand() -> None:
    """F = 1 x 1 x 1/4 x 1. A word made unknown counts 1/2: without "bad" F = 1/2, without another F = 1/8.

    "good" for "bad" gives F = 1; "dire" is unknown to the model, as the unknown word itself.
    """
    victim = Product()
    result = measure([("product", victim)], Text(STRING), "praise", 2, ["good", "Bad", "dire", "GOOD"])
    assert victim.asked == [
        "Good film, bad end",
        "[UNK] film, bad end", "Good [UNK], bad end", "Good film, [UNK] end", "Good film, bad [UNK]",
        "Good film, good end", "Good film, dire end",
    ]  # fmt: skip
    two = math.log(2)
    np.testing.assert_allclose(result.words, [[two, two, -two, two]])
    assert result.substitutes == ("good", "dire")
    np.testing.assert_allclose(result.swaps, [[-2 * two, -two]])
    assert (result.models, result.label, result.clean.tolist()) == (("product",), "praise", [0.25])
    assert unknown_substitutes(result).tolist() == [1]
    np.testing.assert_allclose(entropies(result.words), math.log(3) / math.log(4))  # three words weigh the same


def test_a_character_model_is_shown_a_character_for_each_character() -> None:
    victim = Product(unknown="?")
    measure([("characters", victim)], Text(STRING))
    assert victim.asked[1:3] == ["???? film, bad end", "Good ????, bad end"]


def test_what_is_cut_off_is_missing_and_not_nought() -> None:
    result = measure([("short", Product(seen=2)), ("all", Product())], Text(STRING), "0", 2, ["good"])
    np.testing.assert_array_equal(np.isnan(result.words), [[False, False, True, True], [False] * 4])
    np.testing.assert_array_equal(np.isnan(result.swaps), [[True], [False]])
    assert compare(result).words == 2
    assert "×" not in word_map(result)
    assert "not seen by the model" in word_map(result)


def test_a_probability_of_nought_counts_as_very_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FACTORS, "film", 0.0)
    result = measure([("product", Product())], Text(STRING), "praise")
    np.testing.assert_allclose(result.words[0, 1], math.log(1e-12) - math.log(1 / 8))
    np.testing.assert_allclose(result.words[0, 0], 0)


def test_without_a_label_the_likeliest_on_average_is_taken() -> None:
    assert measure([("product", Product())], Text(STRING)).label == "scorn"
    assert measure([("product", Product())], Text("good good")).label == "praise"
    assert measure([("product", Product())], Text(STRING), "PRAISE").label == "praise"


@pytest.mark.parametrize(
    ("victims", "text", "label", "position", "why"),
    [
        ([], STRING, None, None, "at least one victim"),
        ([("a", Product()), ("a", Product())], STRING, None, None, "got a twice"),
        ([("a", Product())], "...", None, None, "a text with words"),
        ([("a", Product())], STRING, "2", None, "praise, scorn .*got '2'"),
        ([("a", Product())], STRING, "joy", None, "praise, scorn .*got 'joy'"),
        ([("a", Product())], STRING, None, 4, "from 0 to 3, got 4"),
        (
            [("a", Product()), ("b", Product(labels=("scorn", "praise")))], STRING, None, None,
            "classes of a and of b differ: praise, scorn and scorn, praise",
        ),
    ],
)  # fmt: skip
def test_what_cannot_work(victims: Any, text: str, label: str | None, position: int | None, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        measure(victims, Text(text), label, position)


def test_families_by_what_a_model_reads(tmp_path: Path) -> None:
    characters = NetworkVictim.__new__(NetworkVictim)
    characters.form = CharacterForm(20)
    assert family_of(characters) == "Character"
    assert family_of(word_victim("cnn")) == "Word"
    assert family_of(load_transformer(bert_folder(tmp_path))) == "BERT"
    assert family_of(Product()) == "Other"


def test_families_stand_together_and_word_models_show_what_they_do_not_know() -> None:
    words = word_victim("cnn")
    victims = [("p", Product(labels=words.labels)), ("w", words), ("q", Product(labels=words.labels))]
    result = measure(victims, Text("a good film"), position=1, substitutes=["fine", "mawkish", "tepid"])
    assert result.models == ("w", "p", "q")
    assert result.families == ("Word", "Other", "Other")
    assert unknown_substitutes(result)[0] == 2


def test_substitutes_from_a_source() -> None:
    assert proposals(Table({"film": ["movie", "picture"]}), Text(STRING), 1) == ("movie", "picture")


# --- measures ---


def test_entropy_and_the_weightiest_words_by_hand() -> None:
    words = np.array([[1, 1, 1, 1], [3, 0, -5, 0], [-1, -2, 0, 0], [1, 3, np.nan, np.nan]])
    shares = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75)) / math.log(2)
    np.testing.assert_allclose(entropies(words), [1, 0, np.nan, shares])
    np.testing.assert_allclose(weightiest(words), [0.75, 1, np.nan, 1])
    np.testing.assert_allclose(weightiest(words, 1), [0.25, 1, np.nan, 0.75])
    assert np.isnan(entropies(np.array([[2.0]]))).all()  # one word cannot be spread over


def test_agreement_by_hand() -> None:
    """Ranks 1234 and 2134: 1 - 6 x 2 / 60 = 0.8; 4321 is -1 to the first and 1 - 6 x 18 / 60 = -0.8 to the second."""
    result = found([[1, 2, 3, 9], [5, 1, 7, 8], [4, 3, 2, 1]], ["Word", "Word", "BERT"])
    np.testing.assert_allclose(correlations(result.words), [[1, 0.8, -1], [0.8, 1, -0.8], [-1, -0.8, 1]])
    comparison = compare(result)
    assert comparison.words == 4
    ends = [comparison.within, comparison.across, comparison.difference]
    assert [each and each.estimate for each in ends] == pytest.approx([0.8, -0.9, 1.7])
    assert all(each and each.low is not None and each.low <= each.estimate <= (each.high or 0) + 1e-9 for each in ends)
    word, bert = comparison.families
    assert (word.family, word.models, bert.family, bert.models) == ("Word", 2, "BERT", 1)
    assert word.agreement is not None
    assert word.agreement.estimate == pytest.approx(0.8)
    assert bert.agreement is None
    assert bert.unknown is None  # no substitute was tried


def test_a_model_that_no_word_moves_has_no_correlation() -> None:
    result = found([[1, 2, 3, 4], [0, 0, 0, 0], [1, 2, 4, 3]], ["Word", "Word", "Word"])
    assert np.isnan(correlations(result.words)[1]).all()
    comparison = compare(result)
    assert comparison.within is not None
    assert comparison.within.estimate == pytest.approx(0.8)
    assert comparison.across is None
    assert comparison.difference is None


def test_too_few_words_to_compare_ranks() -> None:
    assert compare(found([[1, 2, 3], [1, 2, 3]], ["Word", "Word"])).within is None


def test_resampling_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    result = found(np.random.default_rng(0).random((3, 9)).tolist(), ["Word", "Word", "BERT"])
    whole = compare(result)
    monkeypatch.setattr(importance_measures, "NUMBERS_AT_ONCE", 100)
    assert compare(result) == whole


# --- files ---


def test_files_and_page(tmp_path: Path) -> None:
    text = Text("Good <b>film</b> bad\u202e end")
    result = measure([("one & all", Product()), ("two", Product(seen=1))], text, "praise", 0, ["grand", "<i>"])
    page = write_importance(result, compare(result), tmp_path).read_text()
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "one &amp; all" in page
    rows = list(csv.reader((tmp_path / "words.csv").open()))
    assert rows[0] == ["model", "family", "0:Good", "1:b", "2:film", "3:b", "4:bad", "5:end"]
    assert rows[2][:4] == ["two", "Other", str(round(math.log(2), 6)), ""]
    rows = list(csv.reader((tmp_path / "substitutes.csv").open()))
    assert rows[0] == ["model", "family", "(unknown)", *result.substitutes]
    models = list(csv.DictReader((tmp_path / "models.csv").open()))
    assert models[0]["unknown_substitutes"] == models[0]["substitutes"] == "2"
    assert (tmp_path / "correlations.csv").is_file()
    assert (tmp_path / "substitutes.svg").read_text() == substitute_map(result)
    assert (tmp_path / "words.svg").read_text() == word_map(result)


def test_without_a_word_to_replace_there_is_one_map(tmp_path: Path) -> None:
    result = measure([("product", Product())], Text(STRING))
    page = write_importance(result, compare(result), tmp_path).read_text()
    assert not (tmp_path / "substitutes.svg").exists()
    assert 'id="substitutes"' not in page
    with pytest.raises(ValueError, match="substitutes of a word"):
        substitute_map(result)


def test_maps_show_two_decimals_and_no_negative_nought() -> None:
    result = replace(measure([("product", Product())], Text(STRING)), words=np.array([[-0.001, 0.004, -1.239, 2]]))
    svg = word_map(result)
    assert all(f">{number}<" in svg.replace(" ", "") for number in ("0.00", "-1.24", "2.00"))
    assert "-0.00" not in svg


# --- command ---

MODULE = """
def predict(strings):
    return [[0.9 - 0.1 * len(s.split("[UNK]")) , 0.1 + 0.1 * len(s.split("[UNK]"))] for s in strings]
predict.labels = ("praise", "scorn")
def other(strings):
    return [[0.5, 0.5] for s in strings]
other.labels = ("good", "bad")
"""


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "importance_victims.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    out = tmp_path / "out"

    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["importance", *arguments, "--out", str(out)])

    victim = "importance_victims:predict"
    done = invoke("the good, the bad", victim, "--label", "praise", "--word", "good", "--substitutes", "fine, great")
    assert done.exit_code == 0, done.output
    assert "Other" in done.output
    header = (out / "substitutes.csv").read_text().split("\n")[0]
    assert header == "model,family,(unknown),fine,great"
    assert invoke("the good, the bad", victim, "--word", "2", "--substitutes", "a").exit_code == 0
    for arguments, why in [
        (["the good, the bad", victim, "--word", "the"], "name one by its number: 0, 2"),
        (["the good, the bad", victim, "--word", "ugly"], "got 'ugly'"),
        (["the good, the bad", victim, "--substitutes", "a"], "--word"),
        (["the good, the bad", victim, "--word", "good", "--substitutes", " ,"], "no substitutes for 'good'"),
        (["the good, the bad", victim, "importance_victims:other"], "classes of"),
        (["the good, the bad", victim, victim], "twice"),
    ]:
        refused = invoke(*arguments)
        assert refused.exit_code == 2, refused.output
        assert why in refused.output


def test_names_are_as_short_as_they_can_be() -> None:
    from turncoat.cli.importance import _names

    assert _names(["zoo/mr/X/a", "zoo/mr/Y/a", "models/cnn"]) == ["X/a", "Y/a", "cnn"]
    assert _names(["models/cnn"]) == ["cnn"]
    assert _names(["a/cnn", "b/cnn"]) == ["a/cnn", "b/cnn"]


class TestClaims:
    FAMILIES = ("Word", "Word", "ELMo", "Character", "BERT")

    def test_by_hand(self) -> None:
        """Entropies: 0 where one word has all, 1 where four words share. Word models agree fully, and rank the words as
        the character model does from behind: correlations 1 and -1."""
        first = found([[4, 3, 2, 1], [8, 6, 4, 2], [1, 0, 0, 0], [1, 2, 3, 4], [1, 1, 1, 1]], self.FAMILIES)
        entropy = -sum(share * math.log(share) for share in (0.1, 0.2, 0.3, 0.4)) / math.log(4)
        spread, few, others = judge_texts([first, first], draws=20)
        narrow = (2 * entropy + 0) / 3
        assert spread.effect.estimate == pytest.approx(1 - narrow)
        assert few.effect.estimate == pytest.approx(entropy - narrow)
        assert others.effect.estimate == pytest.approx(2)
        assert {each.verdict for each in (spread, few, others)} == {"supported"}

    def test_effects_are_averaged_over_texts(self) -> None:
        wide = found([[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0]], self.FAMILIES)
        narrow = found([[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]], self.FAMILIES)
        spread, few, _ = judge_texts([wide, narrow, narrow], draws=200)
        assert spread.effect.estimate == pytest.approx((-1 + 1 + 1) / 3)
        assert (spread.verdict, few.effect.estimate) == ("undecided", pytest.approx(-1 / 3))

    def test_without_a_family_nothing_is_tested(self) -> None:
        only = found([[1, 0, 2, 0], [1, 0, 1, 0]], ["Word", "Word"])
        assert [each.verdict for each in judge_texts([only], draws=20)] == ["not tested"] * 3

    def test_other_models_are_refused(self) -> None:
        with pytest.raises(UsageError, match="the same models"):
            judge_texts([found([[1, 0]], ["Word"]), found([[1, 0]], ["ELMo"])])
        with pytest.raises(UsageError, match="at least one text"):
            judge_texts([])
