"""turncoat demo"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from turncoat.cli.screen import attack_progress, out, plain_errors, print_summary, tell, training_progress

ATTACKS = ("random", "pwws", "cea-min")
CANDIDATES = {"cea-min": "content-words(wordnet-inflected)"}  # instead of its own, which need a masked language model
BUDGET = 500


def demo(
    folder: Annotated[Path, Option("--out", "-o", help="Where the victim, the runs and the report go.")] = Path("demo"),
    examples: Annotated[int, Option("--examples", "-n", help="How many examples to attack.")] = 200,
    seed: Annotated[int, Option(help="Decides the victim's first weights, the examples and all attacks.")] = 0,
) -> None:
    """Train a real neural victim, attack it three ways, and write a report: the whole tool in a few minutes.

    Uses movie reviews (MR) if they are on this machine (see `turncoat doctor`), else `glosses`: WordNet definitions
    with their topic, which need no download. Running it again continues where it stopped.
    """
    from turncoat import api
    from turncoat.data.resources import is_here
    from turncoat.engine.meter import Meter
    from turncoat.evaluation.publishing import compare
    from turncoat.models.card import read_card
    from turncoat.training.recipes import Cnn
    from turncoat.training.splits import read_splits
    from turncoat.training.storing import save
    from turncoat.training.trainer import examine, train

    with plain_errors(f"what is finished is in {folder}; run the demo again to go on"):
        name = "mr" if is_here("mr") else "glosses"
        why = "found on this machine" if name == "mr" else "movie reviews are not on this machine"
        out.print(f"data: [bold]{name}[/] ({why})")
        splits = read_splits(name)
        place = folder / f"{name}-cnn-{seed}"
        if not place.exists():
            with training_progress() as progress:
                trained = train(splits.train, splits.dev, Cnn(), seed, progress, "turncoat demo")
            save(examine(trained, splits.test), place)
        victim = api.load(place)
        judged = read_card(place).accuracy["test"]
        out.print(f"victim: word-level CNN, right on {judged.share:.1%} of {judged.n} test texts  [dim]{place}[/]")
        runs = []
        for attack in ATTACKS:
            meter, run_folder = Meter(), folder / f"{name}-{attack}-{examples}-{seed}"
            with attack_progress(examples, meter) as progress:
                run = api.attack(
                    victim, splits.test, attack, candidates=CANDIDATES.get(attack), examples=examples, seed=seed,
                    budget=BUDGET, out=run_folder, meter=meter, on_outcome=progress,
                )  # fmt: skip
            runs.append(run)
        print_summary(runs)
        report = compare(runs, folder / "comparison.html")
        for path in (*(f"{run.name}/report.html" for run in runs), report):
            tell(f"report: {path}")
