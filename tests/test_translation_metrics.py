"""The metrics of translation runs: by hand, with their intervals and what stood in for what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from turncoat.errors import MissingResource, UsageError
from turncoat.evaluation import translation_metrics as metrics
from turncoat.evaluation.quality import Metric
from turncoat.evaluation.translation_metrics import Translated, translation_metrics
from turncoat.models.encoding import Encoder

REFERENCE = "der alte Mann sieht einen Hund"


class Letters(Encoder):
    """Vectors from a table, by the first letter."""

    fingerprint = "0123456789abcdef"

    def __init__(self, name: str) -> None:
        self.name = name

    def embed(self, batches: Any) -> list[Any]:
        table = {"d": (1.0, 0.0), "X": (0.6, 0.8), "T": (1.0, 0.0), "t": (0.8, 0.6)}
        return [np.array([table[str(text)[0]] for text in texts], np.float32) for texts in batches]


def case(number: int, success: bool) -> Translated:
    """A success changes one word of five and spoils the translation; a failure changes nothing."""
    return Translated(
        id=f"s-{number}", reference=REFERENCE, original="The man sees a dog",
        adversarial="the men sees a dog" if success else "The man sees a dog",
        before=REFERENCE, after="X alte Kerl sieht keine Katze" if success else REFERENCE, success=success,
    )  # fmt: skip


CASES = [case(number, number % 4 == 0) for number in range(40)]


def measured(cases: list[Translated] = CASES, **options: Any) -> dict[str, Metric]:
    options = {"source_encoder": Letters("letters"), "target_encoder": Letters("LaBSE"), **options}
    return {metric.name: metric for metric in translation_metrics(cases, **options)}


def test_numbers_by_hand() -> None:
    """Ten of forty: their translations have a cosine of 0.6 with the reference, their sources of 0.8."""
    found = measured()
    estimates = {name: metric.interval.estimate for name, metric in found.items() if metric.interval}
    assert estimates["success rate"] == 0.25
    assert estimates["BLEU before"] == pytest.approx(100)
    assert estimates["BLEU drop (BD), points"] == pytest.approx(100 - estimates["BLEU after"])
    assert estimates["BLEU drop, relative"] == pytest.approx(1 - estimates["BLEU after"] / 100)
    # Of 40 x 6 words 32 x 6 + ... match: 30 sentences wholly, 10 in 2 words of 6 and in no longer run.
    assert estimates["BLEU after"] == pytest.approx(100 * (200 / 240 * 150 / 200 * 120 / 160 * 90 / 120) ** 0.25)
    assert estimates["semantic drop (SD), points"] == pytest.approx(0.25 * 40, abs=1e-3)
    assert estimates["source similarity"] == pytest.approx(0.95, abs=1e-6)
    assert estimates["source similarity of successes"] == pytest.approx(0.8, abs=1e-6)
    assert (estimates["changed words"], estimates["changed words of successes"]) == (0.5, 2.0)
    assert estimates["changed words, share of successes"] == pytest.approx(0.4)


def test_every_number_has_an_interval_and_its_size() -> None:
    for name, metric in measured().items():
        assert metric.interval is not None
        assert metric.n == (10 if name.endswith("of successes") else 40)
        if "of successes" not in name and name != "BLEU before":  # these are all equal
            low, high = metric.interval.low, metric.interval.high
            assert low is not None
            assert high is not None
            assert low < metric.interval.estimate < high


def test_the_drop_is_resampled_in_pairs() -> None:
    """Two systems that lose the same words of every sentence: BLEU varies from resample to resample, the drop less."""
    rng = np.random.default_rng(0)
    cases = []
    for number in range(60):
        words = [str(word) for word in rng.choice(list("abcdefgh"), 9)]
        before = words[: rng.integers(4, 10)]
        cases.append(
            Translated(
                id=str(number),
                reference=" ".join(words),
                original="a",
                adversarial="a",
                before=" ".join(before),
                after=" ".join(["z", *before[1:]]),
                success=False,
            )
        )
    found = measured(cases, source_encoder=None, target_encoder=None)
    widths = {name: found[name].interval.high - found[name].interval.low for name in list(found)[1:4]}  # type: ignore
    assert widths["BLEU drop (BD), points"] < 0.5 * widths["BLEU after"]
    assert found["BLEU drop (BD), points"].interval.method.startswith("percentile bootstrap over sentences, paired")  # type: ignore


def test_stand_ins_are_declared() -> None:
    known = measured(source_encoder=Letters("universal-sentence-encoder"))
    assert known["semantic drop (SD), points"].provenance.startswith("LaBSE (sha256 0123456789ab) (")
    assert "standing in" not in known["source similarity"].provenance
    english = measured(target_encoder=Letters("all-MiniLM-L6-v2"), of_run="all-MiniLM-L6-v2")
    provenance = english["semantic drop (SD), points"].provenance
    assert "standing in for a multilingual sentence encoder; WARNING: it may not know the language" in provenance
    assert "the run itself used this encoder" in provenance
    assert "standing in for the Universal Sentence Encoder" in english["source similarity"].provenance


def test_a_nameless_encoder_is_refused() -> None:
    nameless = Letters("")
    nameless.fingerprint = ""
    with pytest.raises(UsageError, match="undeclared stand-in"):
        measured(target_encoder=nameless)


def test_what_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(source_encoder=None, target_encoder=None)
    assert found["semantic drop (SD), points"].provenance == "not run: no sentence encoder of the target language"
    assert found["source similarity"].not_run
    assert measured([case(1, False)])["source similarity of successes"].not_run == "there are no distorted sentences"
    assert translation_metrics([])[0].not_run == "no sentence was attacked"

    def missing(*arguments: Any) -> Any:
        raise MissingResource("corpus BLEU needs sacreBLEU")

    monkeypatch.setattr(metrics, "measure_bleu", missing)
    assert measured()["BLEU drop (BD)"].not_run == "corpus BLEU needs sacreBLEU"


def test_bleu_of_nothing_in_common_has_no_relative_drop() -> None:
    lost = [Translated(id="a", reference="a", original="x", adversarial="x", before="b", after="c", success=False)]
    found = measured(lost, source_encoder=None, target_encoder=None)
    assert "BLEU drop, relative" not in found
    assert found["BLEU drop (BD), points"].interval.estimate == 0  # type: ignore[union-attr]


def test_two_runs_put_together_are_refused() -> None:
    with pytest.raises(UsageError, match="distinct ids"):
        translation_metrics([*CASES, CASES[0]])
