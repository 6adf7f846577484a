"""Distorting translations: the goal by hand, and the attacks on a translator that is a dictionary."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from dictionary_translator import SENTENCE, Dictionary, distort, german
from test_contract import ATTACKS
from toys import Table
from turncoat.attacks.cross_entropy import CrossEntropy, cea_min
from turncoat.attacks.inflections import Morpheus
from turncoat.attacks.random_substitution import RandomSubstitution
from turncoat.data.parallel import read_translations
from turncoat.engine.query import Translate
from turncoat.engine.run import Task, run
from turncoat.errors import BrokenData, MissingResource, UnknownName, UsageError, VictimError
from turncoat.goals.likeness import CharacterGrams, Likeness, SentenceVectors
from turncoat.goals.translation import Distort
from turncoat.models.translator import FunctionTranslator, translate
from turncoat.substitutions.constraints import MaxChanged
from turncoat.substitutions.inflections import Inflections
from turncoat.text import Text

OPTIONS = {"old": ["aged", "ancient"], "dog": ["hound", "puppy"]}

# f = 1 - BLEU with likeness 1, by hand, of six words of which are others:
SECOND = round(1 - (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25, 6)  # 0.462715
LAST = round(1 - (5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** 0.25, 6)  # 0.240164
BOTH = round(1 - (4 / 6 * 2 / 5 * 1 / 4 * 0.1 / 3) ** 0.25, 6)  # 0.782881


def scores(strings: list[str], goal: Distort, dictionary: Dictionary | None = None) -> list[float]:
    async def work() -> list[float]:
        return list((await goal.judge([Text(string) for string in strings])).scores)

    ((_, found),) = run([Task("goal", work())], (dictionary or Dictionary()).responders())
    return found


def goal(string: str = SENTENCE, **parameters: object) -> Distort:
    return Distort(original=Text(string), clean=german([" ".join(string.split())])[0], **parameters)  # type: ignore[arg-type]


class TestGoal:
    def test_scores_by_hand(self) -> None:
        texts = [SENTENCE, "The aged man sees a dog", "The old man sees a puppy", "The aged man sees a puppy"]
        assert scores(texts, goal()) == [0.0, SECOND, LAST, BOTH]
        assert (SECOND, LAST, BOTH) == (0.462715, 0.240164, 0.782881)

    def test_likeness_multiplies_bleu_and_is_never_negative(self) -> None:
        def vector(string: str) -> tuple[float, float]:
            return {"W": (0.6, 0.8), "b": (-1.0, 0.0)}.get(next((c for c in "Wb" if c in string), ""), (1.0, 0.0))

        texts = ["The old man sees a puppy", "The aged man sees a dog", SENTENCE]
        expected = [round(1 - 0.6 * (1 / 3) ** 0.25, 6), 1.0, 0.0]
        assert scores(texts, goal(), Dictionary(vector)) == expected

    def test_a_success_is_a_score_of_eta(self) -> None:
        for eta, reached in ((BOTH, True), (BOTH + 1e-6, False)):
            found, _ = distort(Morpheus(substitutions=Table()), OPTIONS, eta=eta)
            assert (found.reason == "flipped") == reached

    @pytest.mark.parametrize("likeness", [SentenceVectors(), CharacterGrams()])
    @pytest.mark.parametrize("string", [SENTENCE, "dog", "a dog", "  The  OLD\tman. ", "...", ""])
    def test_an_unchanged_source_scores_zero(self, likeness: Likeness, string: str) -> None:
        """Of any length, with any blanks; blanks and what is translated alike cost nothing either."""
        vectors = Dictionary(lambda s: (0.6, 0.7999999))  # a cosine of 0.99999984
        same = [string, f" {string}\n", "  ".join(string.split(" "))]
        assert scores(same, goal(string, likeness=likeness), vectors) == [0.0, 0.0, 0.0]
        assert scores([SENTENCE.replace("dog", "hound")], goal(likeness=likeness)) == [0.0]

    def test_nothing_is_embedded_where_no_word_is_left(self) -> None:
        dictionary = Dictionary()
        assert scores(["puppy", "The puppy"], goal(), dictionary)[0] == 1.0
        assert dictionary.embedded == ["der alte Mann sieht einen Hund", "der Welpen"]

    def test_forbidden_texts_are_not_asked_about(self) -> None:
        dictionary = Dictionary()
        strict = goal(constraints=(MaxChanged(0.2),))
        assert scores(["The aged man sees a dog", "The aged man sees a puppy"], strict, dictionary) == [SECOND, -np.inf]
        assert dictionary.asked == ["The aged man sees a dog"]

    @pytest.mark.parametrize("eta", [0.0, 1.1])
    def test_eta_is_a_share(self, eta: float) -> None:
        with pytest.raises(UsageError, match=r"expected eta in \(0, 1\]"):
            goal(eta=eta)


class TestCrossEntropy:
    """Only "puppy" changes the last word of the translation, so that f reaches 0.5."""

    @staticmethod
    def vector(string: str) -> tuple[float, float]:
        return (0.8, 0.6) if "aged" in string else (1.0, 0.0)

    @pytest.mark.parametrize("seed", range(5))
    def test_eta_is_reached_with_the_more_similar_word(self, seed: int) -> None:
        found, spending = distort(
            CrossEntropy(substitutions=Table(), samples=20), OPTIONS, Dictionary(self.vector), seed=seed
        )
        assert (str(found.text), found.reason) == ("The ancient man sees a puppy", "flipped")
        assert found.trace["best"] == [BOTH]
        assert spending.unique == 5  # the clean text, and all four that can be drawn

    def test_without_the_source_s_similarity_the_translation_alone_counts(self) -> None:
        """Both old words weigh the same then; the source is not embedded at all."""
        dictionary = Dictionary(self.vector)
        blind = CrossEntropy(substitutions=Table(), samples=20, source_similarity=False)
        found, _ = distort(blind, OPTIONS, dictionary)
        assert found.trace["best"] == [BOTH]
        assert not any("man" in string.split() for string in dictionary.embedded)

    def test_similarity_is_counted_once(self) -> None:
        """One iteration of every text, none of which reaches the goal: the best f is 0.8 x 0.782881."""
        one = CrossEntropy(substitutions=Table(), samples=20, iterations=1)
        found, _ = distort(one, {"old": ["aged"], "dog": ["puppy"]}, Dictionary(self.vector), eta=0.9)
        assert found.trace["best"] == [round(0.8 * BOTH, 6)]
        assert (str(found.text), found.reason) == ("The aged man sees a puppy", "converged")

    def test_cea_min_changes_fewer_words(self) -> None:
        """f is multiplied by the share of unchanged words: two changes of six leave 0.897331 x 4/6."""
        words = {**OPTIONS, "the": ["this"], "man": ["man2"], "a": ["b"]}
        found, _ = distort(cea_min(), words, eta=0.4, seed=1)
        assert (found.reason, found.trace["best"]) == ("flipped", [0.598221])
        assert len(Text(SENTENCE).diff(found.text)) == 2


def test_the_random_control_runs_on_translations() -> None:
    found, _ = distort(RandomSubstitution(substitutions=Table()), OPTIONS)
    assert (found.reason, str(found.text)[-5:]) == ("flipped", "puppy")


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"gradient"}))  # that one needs a classifier's gradients
def test_every_search_runs_on_translations_unchanged(name: str) -> None:
    attack = replace(ATTACKS[name], substitutions=Table())
    found, _ = distort(attack, {**OPTIONS, "man": ["men"], "sees": ["saw"]})
    changes = Text(SENTENCE).diff(found.text)
    assert found.reason == "flipped"
    assert {change.position for change in changes} & {1, 2, 3}  # the last word alone does not reach eta


class TestMorpheus:
    FORMS: ClassVar = {"old": ["older"], "man": ["men"], "sees": ["saw", "see", "seen"], "dog": ["dogs"]}

    def test_transcript_by_hand(self) -> None:
        """From the left: older (0.462715), older men: 4/6, 2/5, 1/4, 0.1/3: 0.782881."""
        dictionary = Dictionary()
        found, spending = distort(Morpheus(substitutions=Table()), self.FORMS, dictionary)
        assert dictionary.asked == [SENTENCE, "The older man sees a dog", "The older men sees a dog"]
        assert (str(found.text), found.reason, spending.unique) == ("The older men sees a dog", "flipped", 3)

    def test_the_second_pass_starts_anew_from_the_right(self) -> None:
        """No text of these reaches 0.99, so every form is asked about, and the better pass wins.

        First pass: older 0.462715; older men 0.782881 stays; of saw, see and seen the first of equals, which leaves
        "der", "einen" and "Hund": 3/6, 1/5, 0.1/4, 0.1/3: 0.904463; dogs: 2/6, 0.1/5, 0.1/4, 0.1/3: 0.951448.
        Second pass, from "dogs" (0.240164): saw 4/6, 2/5, 1/4, 0.1/3: 0.782881; men 3/6, 1/5, 0.1/4, 0.1/3: 0.904463;
        then older, which is the text that the first pass ended in, except that it need not be asked about again.
        """
        dictionary = Dictionary()
        found, spending = distort(Morpheus(substitutions=Table()), self.FORMS, dictionary, eta=0.99)
        assert dictionary.asked[1:] == [
            "The older man sees a dog", "The older men sees a dog",
            "The older men saw a dog", "The older men see a dog", "The older men seen a dog",
            "The older men saw a dogs",
            "The old man sees a dogs",
            "The old man saw a dogs", "The old man see a dogs", "The old man seen a dogs",
            "The old men saw a dogs",
        ]  # fmt: skip
        assert (str(found.text), found.reason) == ("The older men saw a dogs", "exhausted")
        assert (spending.unique, spending.logical) == (12, 13)

    def test_without_the_second_pass(self) -> None:
        dictionary = Dictionary()
        distort(Morpheus(substitutions=Table(), backward=False), self.FORMS, dictionary, eta=0.99)
        assert len(dictionary.asked) == 7

    def test_the_budget_ends_it_with_the_best_text_so_far(self) -> None:
        found, spending = distort(Morpheus(substitutions=Table()), self.FORMS, eta=0.99, budget=5)
        assert (str(found.text), found.reason, spending.unique) == ("The older men saw a dog", "budget", 5)

    def test_a_text_without_inflected_words(self) -> None:
        found, spending = distort(Morpheus(substitutions=Table()), {})
        assert (str(found.text), found.reason, spending.unique) == (SENTENCE, "no_candidates", 1)


def proposed(string: str, source: Inflections | None = None) -> dict[str, tuple[str, ...]]:
    text = Text(string)
    with pytest.raises(StopIteration) as end:
        (source or Inflections()).propose(text).send(None)
    return {word: tuple(words) for word, words in zip(text.words, end.value.value, strict=True) if words}


class TestInflections:
    def test_forms_of_nouns_verbs_and_adjectives(self) -> None:
        assert proposed("The young dogs quickly chased two cats.") == {
            "young": ("young", "younger", "youngest"),
            "dogs": ("dog", "dogs"),
            "chased": ("chase", "chased", "chasing", "chases"),
            "cats": ("cat", "cats"),
        }

    def test_parts_of_speech_can_be_chosen(self) -> None:
        assert set(proposed("Dogs chased cats.", Inflections(("v",)))) == {"chased"}
        with pytest.raises(UsageError, match="expected parts of speech among n, v, a, got r"):
            Inflections(("r",))


class TestTranslators:
    def test_answers_are_checked(self) -> None:
        batch = [[Text("a"), Text("b")]]
        with pytest.raises(VictimError, match="expected 2 translations, got 1"):
            translate(FunctionTranslator(lambda strings: strings[:1], "short"), batch)
        with pytest.raises(VictimError, match="expected a string as the translation of 'a', got int"):
            translate(FunctionTranslator(lambda strings: [1 for _ in strings], "odd"), batch)  # type: ignore[misc]

    def test_blanks_are_single_on_both_sides(self) -> None:
        seen: list[str] = []

        def shout(strings: list[str]) -> list[str]:
            seen.extend(strings)
            return [f" {string.upper()}  ! " for string in strings]

        answers = translate(FunctionTranslator(shout), [[Text(" a  b"), Text("a b ")], [Text("c")]])
        assert [answer.tolist() for answer in answers] == [["A B !", "A B !"], ["C !"]]
        assert seen == ["a b", "c"]

    def test_translations_come_through_the_engine(self) -> None:
        async def work() -> list[str]:
            return list(await Translate([Text(SENTENCE)]))

        ((_, found),) = run([Task("a", work())], Dictionary().responders())
        assert found == ["der alte Mann sieht einen Hund"]


class TestData:
    def test_two_files(self, tmp_path) -> None:  # type: ignore[no-untyped-def]
        (tmp_path / "pairs.en").write_text("A dog. \r\n\nTwo dogs.\n", "utf-8")
        (tmp_path / "pairs.de").write_text("Ein Hund.\nEtwas.\nZwei Hunde.", "utf-8")
        found = read_translations(f"{tmp_path / 'pairs.en'},{tmp_path / 'pairs.de'}")
        assert [(e.id, e.text, e.reference) for e in found] == [
            ("pairs-00001", "A dog.", "Ein Hund."), ("pairs-00003", "Two dogs.", "Zwei Hunde."),
        ]  # fmt: skip
        assert list(map(str, found.faults)) == ["pairs.en:2: the text is empty"]
        assert [e.id for e in found.sample(1, 0)] in (["pairs-00001"], ["pairs-00003"])
        with pytest.raises(BrokenData, match=r"broken row at pairs\.en:2"):
            read_translations(f"{tmp_path / 'pairs.en'},{tmp_path / 'pairs.de'}", strict=True)

    def test_files_of_other_lengths_are_refused(self, tmp_path) -> None:  # type: ignore[no-untyped-def]
        (tmp_path / "a").write_text("x\ny\n", "utf-8")
        (tmp_path / "b").write_text("x\n", "utf-8")
        with pytest.raises(BrokenData, match=r"as many lines in both files, got 2 in .* and 1 in"):
            read_translations(f"{tmp_path / 'a'},{tmp_path / 'b'}")

    def test_a_table(self, tmp_path) -> None:  # type: ignore[no-untyped-def]
        (tmp_path / "pairs.tsv").write_text("en\tde\nA dog\tEin Hund\nTwo\t\nb\n", "utf-8")
        found = read_translations(str(tmp_path / "pairs.tsv"), text_column="en", reference_column="de")
        assert [(e.text, e.reference) for e in found] == [("A dog", "Ein Hund")]
        assert [fault.why for fault in found.faults] == ["the reference is empty", "expected 2 cells, got 1"]
        with pytest.raises(UsageError, match=r"no column 'text' \(it has: 'en', 'de'\)"):
            read_translations(str(tmp_path / "pairs.tsv"))

    def test_wrong_names(self, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
        monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
        with pytest.raises(UnknownName, match="did you mean 'multi30k_en_de'"):
            read_translations("multi30k_de")
        with pytest.raises(UsageError, match="no split 'val'"):
            read_translations("multi30k_en_de", "val")
        with pytest.raises(MissingResource, match="Multi30k"):
            read_translations("multi30k_en_fr")
        with pytest.raises(UsageError, match="expected a text file at"):
            read_translations("no.en,no.de")

    @pytest.mark.shared
    @pytest.mark.parametrize(("name", "word"), [("multi30k_en_de", "Männer"), ("multi30k_en_fr", "hommes")])
    def test_multi30k(self, name: str, word: str) -> None:
        sizes = {"train": 29000, "dev": 1014, "test": 1000, "test2017": 1000}
        found = {split: read_translations(name, split) for split in sizes}
        assert {split: len(dataset) for split, dataset in found.items()} == sizes
        assert found["train"][0].text == "Two young, White males are outside near many bushes."
        assert found["test"].name == f"{name}/test"
        assert sum(word in example.reference for example in found["train"]) > 500
