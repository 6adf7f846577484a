"""Tables of rules and of what they did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from turncoat.cli.screen import out
from turncoat.notation import IN_PERCENT, MISSING, estimate, percent, told

if TYPE_CHECKING:
    from turncoat.data.example import Dataset
    from turncoat.evaluation.run import Run
    from turncoat.rules.pmi import Mode, WordCounts
    from turncoat.rules.rule import RuleBook


def print_rules(
    book: RuleBook,
    shown: Sequence[int],
    top: int,
    counts: WordCounts | None = None,
    mode: Mode = "paper",
    by_pmi: bool = False,
) -> None:
    """The best rules of some classes; with word counts, the PMI of word → replacement with each class."""
    from turncoat.rules.diagnosis import biases

    for label in shown:
        rules = [rule for rule in book.of(label) if rule.salience > 0]
        found = biases(rules, counts, mode, by_pmi)[:top] if counts else ()
        table = Table(title=escape(book.labels[label]), title_justify="left", box=box.SIMPLE_HEAD)
        for column in ("rule", "pos"):
            table.add_column(column, no_wrap=True)
        for column in ("salience", "count", *(f"PMI {name}" for name in (book.labels if counts else ()))):
            table.add_column(escape(column), justify="right")
        if counts:
            table.add_column("change", justify="right")
        for row, rule in enumerate([bias.rule for bias in found] if counts else rules[:top]):
            cells = [f"{rule.word} → {rule.replacement}", rule.pos or MISSING, f"{rule.salience:.3f}", str(rule.count)]
            if counts:
                bias = found[row]
                cells += [f"{a:.2f} → {b:.2f}" for a, b in zip(bias.before, bias.after, strict=True)]
                cells.append(f"{bias.change:+.2f}")
            table.add_row(*map(escape, cells))
        out.print(table)


def print_diagnosis(book: RuleBook, dataset: Dataset, counts: WordCounts, mode: Mode) -> None:
    """How far counts explain the rules, and how many texts these reach."""
    from turncoat.rules.applying import CAP
    from turncoat.rules.diagnosis import agreement, coverage

    found = agreement(book, counts, mode)
    out.print(
        f"salience and change of PMI over {found.rules:,} rules: Spearman {found.spearman:.2f}, "
        f"Pearson {found.pearson:.2f}",
        highlight=False,
    )
    reach = coverage(dataset, book)
    out.print(
        f"{reach.reached:,} of {reach.texts:,} texts have a word with a rule, "
        f"{reach.filled:,} of them enough for a cap of {CAP:.0%}; "
        f"{reach.words:.1%} of a text's words have one",
        highlight=False,
    )


def print_runs(runs: Sequence[Run]) -> None:
    """One row a run, with 95 % intervals."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("victim", "reading"):
        table.add_column(column, no_wrap=True)
    for column in ("turned, %", "of", "wrong, %", "changed, %", "in all, %"):
        table.add_column(column, justify="right", no_wrap=True)
    for run in runs:
        found, spread = run.summary, run.summary.changed_share
        attack = run.description["config"]["attack"]
        table.add_row(
            escape(run.victim),
            "incremental" if attack["incremental"] else "oblivious",
            told(found.success_rate, IN_PERCENT),
            f"{found.attacked:,}",
            told(found.adv_error, IN_PERCENT),
            *(estimate(each.mean if each else None, IN_PERCENT) for each in (spread.successes, spread.attacked)),
        )
    out.print(table)
    out.print(
        "turned: share of the texts that were read rightly; wrong: share of all texts, after the rules; changed: mean "
        "share of words in turned texts, and in all of the former; oblivious: as many rules as the cap allows; "
        "incremental: rule by rule until the victim turns; with 95 % intervals",
        style="dim",
    )


def print_universality(runs: Sequence[Run]) -> None:
    """How many victims one text turns, and up to three texts that turn them all."""
    from turncoat.evaluation.show import show_outcome
    from turncoat.evaluation.universality import LEVELS, universality

    found = universality(runs)
    for level, share in zip(LEVELS, found.shares, strict=True):
        whom = "all" if level == 1 else f"at least {level:.0%} of the"
        out.print(
            f"{told(share, percent)} of {found.texts} texts turn {whom} victims that read them rightly", highlight=False
        )
    for outcome in found.universal[:3]:
        out.print(show_outcome(outcome, runs[0].labels))
