"""Every judge on seven substitutions in three turned texts, worked out by hand (see `judged.OUTCOMES`).

a  good -> bad, film -> movie      b  love -> like, the -> a, slow -> quick      c  great -> terrible, fun -> amusing
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from judged import OUTCOMES, ended, lexicon, mini_wordnet, turned
from turncoat.errors import MissingResource, UsageError
from turncoat.evaluation.judging import grammar, wording
from turncoat.evaluation.judging.fluency import Perplexity, PseudoPerplexity
from turncoat.evaluation.judging.grammar import Grammar, local_version
from turncoat.evaluation.judging.judge import Judge, hear
from turncoat.evaluation.judging.opposition import Flips, Opposites
from turncoat.evaluation.judging.similarity import SimilarBy
from turncoat.evaluation.judging.wording import PartsOfSpeech, StopWords, Unknown
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric
from turncoat.intervals import mean, median, proportion
from turncoat.models.encoding import Encoder
from turncoat.models.vocabulary import Vocabulary
from turncoat.text import Change, Text


def said(judge: Judge, outcomes: Sequence[Outcome] = OUTCOMES) -> dict[str, Metric]:
    """What one judge says, by name."""
    return {metric.name: metric for metric in hear([judge], outcomes)}


def is_share(metric: Metric, hits: int, of: int, what: str) -> None:
    wilson = proportion(hits, of)
    assert metric.interval is not None
    assert wilson is not None
    assert (metric.interval.estimate, metric.interval.low, metric.interval.high) == (
        wilson.estimate,
        wilson.low,
        wilson.high,
    )
    assert (metric.n, metric.of, metric.unit) == (of, what, "share")
    assert metric.source is not None


class ToyEncoder(Encoder):
    """cos with the original: 0.8 for texts with "bad", 0.96 with "like", 0.6 with "terrible"."""

    name, fingerprint = "models/toy-encoder", "0123456789abcdef"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, batches: Sequence[Sequence[Text]]) -> list[Any]:
        self.asked += [str(text) for texts in batches for text in texts]
        return [np.array([self.vector(text.words) for text in texts], np.float32) for texts in batches]

    def vector(self, words: Sequence[str]) -> tuple[float, float]:
        for word, vector in {"bad": (0.8, 0.6), "like": (0.96, 0.28), "terrible": (0.6, 0.8)}.items():
            if word in words:
                return vector
        return 1.0, 0.0


def test_antonyms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    found = said(Opposites(mini_wordnet(tmp_path)))
    is_share(found["antonyms, direct"], 1, 7, "substitutions")  # good -> bad
    is_share(found["antonyms, direct or of a similar adjective"], 3, 7, "substitutions")  # slow -> quick, great -> ...
    is_share(found["texts with an antonym"], 3, 3, "texts")
    assert all("WARNING" in metric.provenance for metric in found.values())
    harmless = said(Opposites(tmp_path), [turned("x", "A film.", {1: "movie"})])
    is_share(harmless["texts with an antonym"], 0, 1, "texts")
    assert not any("WARNING" in metric.provenance for metric in harmless.values())


def test_polarity_flips(tmp_path: Path) -> None:
    found = said(Flips(lexicon(tmp_path)))
    is_share(found["polarity flips"], 2, 7, "substitutions")  # good -> bad, great -> terrible; "amusing" has no valence
    is_share(found["texts with a polarity flip"], 2, 3, "texts")
    assert "WARNING: the true class" in found["polarity flips"].provenance
    assert "as if a text's substitutions were independent" in found["polarity flips"].provenance


def test_stop_words() -> None:
    is_share(said(StopWords())["replaced words that are stop words"], 1, 7, "substitutions")  # the


def test_words_that_the_victim_does_not_know() -> None:
    vocabulary = Vocabulary(["good", "film", "love", "the", "slow", "great", "fun", "bad", "movie", "a"])
    found = said(Unknown(lambda: ("toy-cnn", vocabulary)))
    is_share(found["substitutes unknown to the victim"], 4, 7, "substitutions")  # like, quick, terrible, amusing
    is_share(found["replaced words unknown to the victim"], 0, 7, "substitutions")
    assert "vocabulary of toy-cnn (12 words)" in found["substitutes unknown to the victim"].provenance


def test_parts_of_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = {
        "film": "NN",
        "movie": "NNS",
        "good": "JJ",
        "bad": "JJ",
        "the": "DT",
        "a": "PRP",
        "fun": "NN",
        "amusing": "JJ",
    }
    monkeypatch.setattr(wording, "tag", lambda words, gaps: tuple(tags.get(word.lower(), "VB") for word in words))
    found = said(PartsOfSpeech())["substitutes with the part of speech of the word"]
    # good film love slow great agree (nouns whatever their number); the/a differ in Penn tag, fun/amusing in kind.
    is_share(found, 5, 7, "substitutions")


def test_parts_of_speech_are_found_again_after_an_insertion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        wording, "tag", lambda words, gaps: tuple("NN" if w in ("film", "movie") else "X" for w in words)
    )
    inserted = ended("x", "one film today", "really one movie today")
    is_share(
        said(PartsOfSpeech(), [inserted])["substitutes with the part of speech of the word"], 1, 1, "substitutions"
    )
    two_words = Change(1, "film", "motion picture")  # read again, the text has a word more
    in_two = replace(turned("y", "one film today", {1: "motion picture"}), changes=(two_words,))
    lost = said(PartsOfSpeech(), [in_two])["substitutes with the part of speech of the word"]
    assert lost.not_run == "there is no substitution to count"


def test_similarity(tmp_path: Path) -> None:
    found = said(SimilarBy(ToyEncoder, "all-MiniLM-L6-v2 that is not here", 0.8, lexicon(tmp_path)))
    whole = found["similarity (toy-encoder), mean"]
    assert whole.values == pytest.approx({"a": 0.8, "b": 0.96, "c": 0.6})
    assert whole.interval == mean([0.8, 0.96, 0.6])
    assert found["similarity (toy-encoder), median"].interval == median([0.8, 0.96, 0.6])
    assert (whole.n, whole.of, whole.unit) == (3, "texts", "cosine")
    near = found["similarity (toy-encoder) of the 15 words around each change, mean"]
    assert near.values == pytest.approx({"a": 0.8, "b": 0.96, "c": 0.6})  # the texts are shorter than the window
    is_share(found["semantic drift: similarity (toy-encoder) below 0.8"], 1, 3, "texts")  # c; 0.8 is not below
    unseen = found["texts with a polarity flip among those of similarity (toy-encoder) 0.9 or more"]
    is_share(unseen, 0, 1, "texts")  # b flips nothing
    assert "models/toy-encoder (sha256 0123456789ab), standing in for the Universal" in whole.provenance
    assert "WARNING" not in whole.provenance


def test_the_encoder_of_the_run_itself_is_warned_of() -> None:
    found = said(SimilarBy(ToyEncoder, "models/toy-encoder"))
    assert "WARNING: the run itself used this encoder" in found["similarity (toy-encoder), mean"].provenance


def test_windows_around_changes() -> None:
    words = [f"w{i}" for i in range(40)]
    encoder = ToyEncoder()
    long = turned("x", " ".join(words), {20: "bad", 39: "like"})
    found = said(SimilarBy(lambda: encoder), [long])
    near = found["similarity (toy-encoder) of the 15 words around each change, mean"]
    assert near.values == pytest.approx({"x": (0.8 + 0.96) / 2})
    assert " ".join([*words[13:20], "bad", *words[21:28]]) in encoder.asked
    assert " ".join([*words[32:39], "like"]) in encoder.asked
    shifted = ended("y", "one film", "one bad film")
    found = said(SimilarBy(ToyEncoder), [shifted])
    assert found["similarity (toy-encoder), mean"].values == pytest.approx({"y": 0.8})
    assert "not run" in found["similarity (toy-encoder) of the 15 words around each change"].provenance


def language_model(perplexities: dict[str, float]) -> Any:
    return SimpleNamespace(
        name="toy-lm", fingerprint="f" * 64, perplexities=lambda texts: np.array([perplexities[t] for t in texts])
    )


def test_perplexity() -> None:
    a, b, c = OUTCOMES[:3]
    before = {a.original: 10.0, b.original: 20.0, c.original: 40.0}
    after = {a.adversarial: 20.0, b.adversarial: 20.0, c.adversarial: 20.0}
    found = said(Perplexity(lambda: language_model(before | after)))
    estimates = {name: metric.interval.estimate for name, metric in found.items() if metric.interval}
    assert estimates == pytest.approx(
        {
            "perplexity of the original text, mean": 70 / 3,
            "perplexity of the original text, median": 20,
            "perplexity of the adversarial text, mean": 20,
            "perplexity of the adversarial text, median": 20,
            "perplexity, adversarial / original, mean": 3.5 / 3,
            "perplexity, adversarial / original, median": 1,
        }
    )
    assert found["perplexity, adversarial / original, mean"].values == {"a": 2, "b": 1, "c": 0.5}
    provenance = found["perplexity of the original text, mean"].provenance
    assert "toy-lm (sha256 ffffffffffff), standing in for GPT-2 small" in provenance


def test_a_text_without_perplexity_is_left_out() -> None:
    a, b = OUTCOMES[:2]
    values = {a.original: 10.0, a.adversarial: 30.0, b.original: math.nan, b.adversarial: 5.0}
    found = said(Perplexity(lambda: language_model(values)), [a, b])
    assert found["perplexity of the adversarial text, mean"].values == {"a": 30.0}
    assert found["perplexity of the adversarial text, mean"].n == 1


def test_pseudo_perplexity() -> None:
    def weigh(batches: Sequence[Sequence[Any]]) -> list[Any]:
        """-1 for a word that stood in an original, -2 for a substitute."""
        assert all(cloze.word == cloze.text.words[cloze.position] for clozes in batches for cloze in clozes)
        old = {word for outcome in OUTCOMES for word in Text(outcome.original).words}
        return [np.array([-1.0 if cloze.word in old else -2.0 for cloze in clozes]) for clozes in batches]

    found = said(PseudoPerplexity(lambda: ("masked language model toy", weigh)))
    assert found["pseudo-perplexity a word of the original text, mean"].values == pytest.approx(
        {"a": math.e, "b": math.e, "c": math.e}
    )
    assert found["pseudo-perplexity a word of the adversarial text, mean"].values == pytest.approx(
        {"a": math.exp(7 / 5), "b": math.exp(8 / 5), "c": math.exp(6 / 4)}  # 2 of 5, 3 of 5, 2 of 4 words are new
    )
    assert "masked language model toy" in found["pseudo-perplexity a word, adversarial / original, mean"].provenance


class FakeLanguageTool:
    """One match of grammar for each "bad", one of casing for each capital."""

    def __init__(self, language: str, language_tool_download_version: str) -> None:
        assert (language, language_tool_download_version) == ("en-US", "6.10")

    def __enter__(self) -> FakeLanguageTool:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def check(self, text: str) -> Iterable[object]:
        matches = ["GRAMMAR"] * text.count("bad") + ["CASING"] * sum(map(str.isupper, text))
        return [SimpleNamespace(category=category) for category in matches]


@pytest.fixture
def languagetool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = ModuleType("language_tool_python")
    package.__spec__ = ModuleSpec("language_tool_python", None)
    package.LanguageTool = FakeLanguageTool  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "language_tool_python", package)
    monkeypatch.setattr(grammar.shutil, "which", lambda name: "/usr/bin/java")
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    for version in ("6.9", "6.10"):
        (tmp_path / f"LanguageTool-{version}").mkdir()
    return tmp_path


def test_grammar(languagetool: Path) -> None:
    found = said(Grammar())
    assert found["grammar errors added a text, mean"].values == {"a": 1, "b": 0, "c": 0}
    assert found["grammar errors added per 100 words, mean"].values == {"a": 20, "b": 0, "c": 0}
    assert "LanguageTool 6.10, en-US, categories COLLOCATIONS" in found["grammar errors added a text, mean"].provenance


def test_grammar_says_what_is_missing(languagetool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(languagetool / "elsewhere"))
    assert "no LanguageTool in" in said(Grammar())["grammar errors added"].not_run
    monkeypatch.setattr(grammar.shutil, "which", lambda name: None)
    assert "needs Java" in said(Grammar())["grammar errors added"].not_run
    monkeypatch.setattr(grammar, "find_spec", lambda name: None)
    with pytest.raises(MissingResource, match="pip install language-tool-python"):
        local_version()


def test_nothing_turned_and_nothing_substituted() -> None:
    assert said(StopWords(), OUTCOMES[3:])["replaced words that are stop words"].not_run == "no text was turned"
    inserted = ended("x", "one film", "one bad film")
    assert (
        said(StopWords(), [inserted])["replaced words that are stop words"].not_run
        == "there is no substitution to count"
    )


def test_a_judge_that_lacks_something_says_so_in_one_line() -> None:
    def load() -> Encoder:
        raise MissingResource("not here; pip install it\nLooked for it at: nowhere")

    assert said(SimilarBy(load))["similarity"].provenance == "not run: not here; pip install it"


def test_a_broken_request_is_an_error() -> None:
    def load() -> Encoder:
        raise UsageError("no encoder")

    with pytest.raises(UsageError, match="no encoder"):
        said(SimilarBy(load))
    with pytest.raises(UsageError, match="cosine in"):
        SimilarBy(ToyEncoder, drift=80)
