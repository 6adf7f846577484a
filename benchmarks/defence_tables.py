"""The tables of `defences.py`: costs, attacks, what adapting gains, explanations. Not a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from study import number, percent
from turncoat.data.example import Dataset
from turncoat.evaluation.defences import ask_again, clean_cost, flags
from turncoat.evaluation.run import Run
from turncoat.evaluation.significance import mcnemar
from turncoat.intervals import proportion
from turncoat.models.frequency_guard import FrequencyGuard
from turncoat.models.random_masking import RandomMasking
from turncoat.models.victim import Victim
from turncoat.text import Text

SHOWN = 8
Row = Mapping[str, str]
Turned = Mapping[str, bool]  # by the example's id, of those attacked


@dataclass(frozen=True)
class Trial:
    """An attack against a defence ("none", "fgws", "ranmask")."""

    defence: str
    method: str
    run: Run


def told(defended: FrequencyGuard | RandomMasking) -> str:
    if isinstance(defended, FrequencyGuard):
        return f"fgws (at least {defended.least_count} in training, gamma {defended.gamma:.2f})"
    return f"ranmask ({defended.rate:.0%} masked, {defended.copies} copies)"


def costs(name: str, defences: Sequence[FrequencyGuard | RandomMasking], clean: Dataset) -> list[Row]:
    """What each defence costs where nobody attacks."""
    rows = []
    for defended in defences:
        cost = clean_cost(defended, clean)
        rows.append({
            "victim": f"{name}-cnn", "defence": told(defended), "clean texts": str(cost.n),
            "before": percent(cost.before), "after": percent(cost.after), "broken": str(cost.broken),
            "repaired": str(cost.repaired), "McNemar p": f"{cost.p:.2g}",
        })  # fmt: skip
    return rows


def trial_row(name: str, trial: Trial, guard: FrequencyGuard, masking: RandomMasking, clean: Dataset) -> Row:
    """What one attack achieves."""
    found = trial.run.summary
    shares = found.changed_share.successes
    row = {
        "victim": f"{name}-cnn", "defence": trial.defence, "attack": trial.method, "attacked": str(found.attacked),
        "success": percent(found.success_rate), "share changed": percent(shares.mean if shares else None),
        "questions, median": number(found.questions.attacked.median if found.questions.attacked else None),
    }  # fmt: skip
    if trial.defence == "none":
        seen = flags(guard, trial.run.outcomes, clean)
        row |= {"flagged by the guard": percent(seen.found), "false alarms": percent(seen.false_alarms)}
        row["still turned under the guard"] = percent(ask_again(trial.run.outcomes, guard).rate)
    if trial.defence == "fgws":
        row["turned and not flagged"] = percent(flags(guard, trial.run.outcomes, clean).unseen)
    if trial.defence == "ranmask":
        row["still turned under new masks"] = percent(ask_again(trial.run.outcomes, masking.redrawn(7)).rate)
    return row


def adapting(trials: Sequence[Trial], guard: FrequencyGuard, masking: RandomMasking) -> list[Row]:
    """Blind (made for the bare victim) and aware (the defence answers) against adapted, each on the texts of both."""
    blind = next(t for t in trials if (t.defence, t.method) == ("none", "cea-min"))
    rows = []
    for name, judge in (("fgws", guard), ("ranmask", masking)):
        aware, adapted = (t for t in trials if t.defence == name and t.method.startswith("cea-min"))
        for label, other in (("blind: made for the bare victim", blind), ("aware: made for the defence", aware)):
            first, second = (_turned(t.run, judge) for t in (other, adapted))
            rows.append(_against(name, "turned under the defence", label, adapted.method, first, second))
            if name == "fgws":
                first, second = (_unseen(t.run, guard) for t in (other, adapted))
                rows.append(_against(name, "turned and not flagged", label, adapted.method, first, second))
    return rows


def _against(defence: str, measure: str, label: str, method: str, first: Turned, second: Turned) -> Row:
    both = [id for id in first if id in second]
    only_first = sum(first[id] and not second[id] for id in both)
    only_second = sum(second[id] and not first[id] for id in both)
    return {
        "defence": defence, "measure": measure, "first": label, "second": method, "attacked in both": str(len(both)),
        "first turns": percent(proportion(sum(first[id] for id in both), len(both))),
        "second turns": percent(proportion(sum(second[id] for id in both), len(both))),
        "first alone": str(only_first), "second alone": str(only_second),
        "McNemar p": f"{mcnemar(only_first, only_second):.2g}",
    }  # fmt: skip


def _turned(run: Run, judge: Victim) -> Turned:
    turned = set(ask_again(run.outcomes, judge).turned)
    return {o.id: o.id in turned for o in run.outcomes if o.status != "skipped"}


def _unseen(run: Run, guard: FrequencyGuard) -> Turned:
    """Whether a text turns the verdict and passes the guard unseen."""
    return {
        o.id: o.status == "success" and not guard.inspect([[Text(o.adversarial)]])[0].flagged[0]
        for o in run.outcomes
        if o.status != "skipped"
    }


def explained(run: Run, guard: FrequencyGuard, labels: Sequence[str]) -> list[Row]:
    """The first flagged texts of a run, and what the guard reads for each flagged word; the last row counts."""
    rows, own, words, texts = [], 0, 0, 0
    for outcome in run.outcomes:
        text = Text(outcome.adversarial)
        if outcome.status != "success" or not (changes := guard.flagged_words(text)):
            continue
        (seen,) = guard.inspect([[text]])
        placed = {change.position for change in outcome.changes}
        read = {c: f"{c.old} → {c.new}" for c in changes}
        put = [read[c] for c in changes if c.position in placed]
        others = [read[c] for c in changes if c.position not in placed]
        texts, words, own = texts + 1, words + len(changes), own + len(put)
        rows.append({
            "adversarial text": outcome.adversarial.strip(), "flagged words of the attack": ", ".join(put) or "-",
            "flagged words of the author": ", ".join(others) or "-",
            "verdict": f"{labels[int(seen.raw[0].argmax())]} → {labels[int(seen.mended[0].argmax())]}",
            "gold": labels[outcome.label],
            "drop": f"{seen.drops[0]:.2f}",
        })  # fmt: skip
    share = percent(proportion(own, words))
    total = f"all {texts} flagged texts: {share} % of {words} flagged words are the attack's"
    return [*rows[:SHOWN], {"adversarial text": total}]
