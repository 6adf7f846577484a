from __future__ import annotations

import json
from dataclasses import replace

import pytest

from turncoat.errors import UsageError
from turncoat.evaluation.frame import to_frame
from turncoat.evaluation.metrics import Turned, summarise
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.substitution_table import substitutions
from turncoat.text import Change

LABELS = ("negative", "positive")

# Ten words in each text; "Fine , really ." style marks make tokens differ from words.
TEXT = "one two three four five six seven eight nine ten !"


def outcome(id: str, status: str, changed: int = 0, queries: int = 1, **fields: object) -> Outcome:
    changes = tuple(Change(i, TEXT.split()[i], f"new{i}") for i in range(changed))
    adversarial = " ".join([f"new{i}" for i in range(changed)] + TEXT.split()[changed:])
    label, skipped = 1, status == "skipped"
    made = Outcome(
        id=id,
        label=label,
        status=status,  # type: ignore[arg-type]
        reason={"success": "flipped", "failed": "exhausted", "skipped": "misclassified"}[status],
        original=TEXT,
        adversarial=adversarial,
        changes=changes,
        words=10,
        queries=queries,
        queries_logical=2 * queries,
        before=0 if skipped else 1,
        after=None if skipped else 0 if status == "success" else 1,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


RUN = [
    outcome("a", "success", 1, 40, similarity=0.9),
    outcome("b", "success", 2, 100, similarity=0.8),
    outcome("c", "success", 3, 700, similarity=0.6),
    outcome("d", "failed", 4, 2000),
    outcome("e", "failed", 0, 160, reason="budget"),
    outcome("f", "failed", 0, 30, reason="budget"),
    outcome("g", "skipped"),
    outcome("h", "skipped"),
]


def test_counts_and_shares_by_hand() -> None:
    summary = summarise(RUN, LABELS, "encoder")
    assert (summary.n, summary.skipped, summary.attacked, summary.successes) == (8, 2, 6, 3)
    assert summary.clean_accuracy is not None
    assert summary.clean_accuracy.estimate == 6 / 8
    assert summary.after_attack_accuracy is not None
    assert summary.after_attack_accuracy.estimate == 3 / 8
    assert summary.adv_error is not None
    assert summary.adv_error.estimate == 5 / 8
    assert summary.success_rate is not None
    assert summary.success_rate.estimate == 3 / 6
    assert summary.success_rate.low == pytest.approx(0.18762, abs=1e-5)  # Wilson, 3 of 6, by hand
    assert summary.success_rate.high == pytest.approx(0.81238, abs=1e-5)


def test_modification_by_hand() -> None:
    summary = summarise(RUN, LABELS)
    words, share = summary.words_changed, summary.changed_share
    assert words.successes is not None
    assert words.attacked is not None
    assert share.successes is not None
    assert share.attacked is not None
    assert (words.successes.mean.estimate, words.successes.median.estimate) == (2, 2)
    assert (words.attacked.mean.estimate, words.attacked.median.estimate) == (pytest.approx(10 / 6), 1.5)
    assert share.successes.mean.estimate == pytest.approx(0.2)
    assert share.attacked.mean.estimate == pytest.approx(1 / 6)
    assert summary.sub_rate is not None
    assert summary.sub_rate.estimate == pytest.approx(2 / 11)  # ten words and one mark


def test_questions_by_hand() -> None:
    summary = summarise(RUN, LABELS)
    unique, logical = summary.questions, summary.questions_logical
    assert unique.successes is not None
    assert unique.attacked is not None
    assert logical.attacked is not None
    assert (unique.successes.mean.estimate, unique.successes.median.estimate) == (280, 100)
    assert (unique.attacked.mean.estimate, unique.attacked.median.estimate) == (505, 130)
    assert (logical.attacked.mean.estimate, logical.attacked.median.estimate) == (1010, 260)
    shares = {budget: share.estimate for budget, share in summary.success_at_budget.items() if share}
    assert shares == {50: 1 / 6, 100: 2 / 6, 500: 2 / 6, 1000: 3 / 6, 5000: 3 / 6}


def test_similarity_by_hand() -> None:
    similarity = summarise(RUN, LABELS, "MiniLM").similarity
    assert (similarity.encoder, similarity.measured, similarity.missing) == ("MiniLM", 3, "")
    assert similarity.mean is not None
    assert similarity.median is not None
    assert similarity.mean.estimate == pytest.approx(2.3 / 3)
    assert (similarity.median.estimate, similarity.min) == (0.8, 0.6)


def test_missing_similarity_says_why() -> None:
    unmeasured = [replace(entry, similarity=None) for entry in RUN]
    assert summarise(unmeasured, LABELS).similarity.missing == "no sentence encoder measured it"
    assert summarise(RUN[3:], LABELS, "MiniLM").similarity.missing == "no example was turned"


def test_where_they_went_and_why_they_stopped() -> None:
    summary = summarise(RUN, LABELS)
    assert summary.turned == (Turned("positive", "negative", 3),)
    assert list(summary.stopped.items()) == [("budget", 2), ("exhausted", 1)]


def test_targeted_leaves_those_at_the_target_out_of_the_rate_but_not_out_of_accuracy() -> None:
    at_target = outcome("t", "skipped", label=0, before=0, reason="already_target")
    third = outcome("u", "failed", 1, 9, after=2)  # turned, but not to the target: no success
    summary = summarise([RUN[0], third, at_target, RUN[6]], ("negative", "positive", "other"))
    assert summary.success_rate is not None
    assert summary.clean_accuracy is not None
    assert summary.after_attack_accuracy is not None
    assert (summary.attacked, summary.success_rate.estimate) == (2, 1 / 2)
    assert summary.clean_accuracy.estimate == 3 / 4
    assert summary.after_attack_accuracy.estimate == 2 / 4  # (N_c - N_s) / N


def test_nothing_at_all() -> None:
    summary = summarise([], LABELS)
    assert summary.n == 0
    assert summary.clean_accuracy is None
    assert summary.success_rate is None
    assert summary.questions.attacked is None
    assert set(summary.success_at_budget.values()) == {None}


def test_all_skipped() -> None:
    summary = summarise(RUN[6:], LABELS)
    assert summary.clean_accuracy is not None
    assert summary.clean_accuracy.estimate == 0
    assert summary.success_rate is None
    assert summary.words_changed.attacked is None
    assert summary.stopped == {}


def test_no_success() -> None:
    summary = summarise(RUN[3:6], LABELS)
    assert summary.success_rate is not None
    assert (summary.success_rate.estimate, summary.success_rate.low) == (0, 0)
    assert summary.words_changed.successes is None
    assert summary.words_changed.attacked is not None
    assert summary.turned == ()


@pytest.mark.parametrize("outcomes", [RUN, [], RUN[6:], RUN[:1]])
def test_to_dict_survives_json(outcomes: list[Outcome]) -> None:
    table = summarise(outcomes, LABELS, "MiniLM").to_dict()
    assert json.loads(json.dumps(table, allow_nan=False)) == table


def test_unknown_label_is_refused() -> None:
    with pytest.raises(UsageError, match=r"labels from 0 to 1 \(negative, positive\), got 7"):
        summarise([outcome("a", "success", after=7)], LABELS)


def test_substitutions_are_counted_and_ordered() -> None:
    table = substitutions([*RUN, outcome("i", "success", 1, changes=(Change(0, "ONE", "New0"),))])
    assert [(s.old, s.new, s.used, s.in_successes) for s in table] == [
        ("one", "new0", 5, 4),
        ("two", "new1", 3, 2),
        ("three", "new2", 2, 1),
    ]
    assert table[0].ids == ("a", "b", "c")
    assert table[0].share == 4 / 5
    assert substitutions(RUN, most=1) == substitutions(list(RUN))[:1]
    assert substitutions(RUN[3:]) == ()


def test_frame_has_a_row_an_outcome_and_the_same_columns_when_empty() -> None:
    frame = to_frame(RUN)
    assert list(frame["id"]) == list("abcdefgh")
    assert frame.loc[1, "changed_share"] == pytest.approx(0.2)
    assert frame[frame.status == "success"]["queries"].sum() == 840
    assert list(to_frame([]).columns) == list(frame.columns)
