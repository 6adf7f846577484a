"""turncoat harden"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich import box
from rich.markup import escape
from rich.table import Table
from typer import Argument, Option

from turncoat.cli.options import LabelColumn, Online, Strict, TextColumn
from turncoat.cli.screen import attack_progress, err, out, plain_errors, tell, training_progress
from turncoat.errors import UsageError
from turncoat.evaluation.environment import command_line
from turncoat.notation import IN_PERCENT, decimal, told

if TYPE_CHECKING:
    from turncoat.engine.meter import Meter
    from turncoat.evaluation.execution import OnOutcome
    from turncoat.models.victim import Victim
    from turncoat.studies.hardening.plan import Assault
    from turncoat.studies.hardening.rows import Row
    from turncoat.training.origins import Origin
    from turncoat.training.splits import Splits
    from turncoat.training.trainer import Progress


def harden(
    victim: Annotated[str, Argument(help="A victim that `turncoat train` made; any other needs --recipe and DATA.")],
    data: Annotated[
        str | None, Argument(help="What it was trained on: a data set or a file; default: what its card says.")
    ] = None,
    folder: Annotated[
        Path, Option("--out", "-o", help="Where the hardened victim goes; an interrupted hardening goes on there.")
    ] = Path("hardened"),
    method: Annotated[
        str, Option("--method", "-m", help="augment, at, vat, or several: at+vat, augment+at.")
    ] = "augment",
    source: Annotated[str, Option("--from", help="With augment: the attack that makes the texts to learn.")] = "pwws",
    share: Annotated[float, Option(help="With augment: share of the training examples that it attacks.")] = 0.5,
    rounds: Annotated[int, Option(help="With augment: make texts and train so many times, each on the last.")] = 1,
    epsilon: Annotated[
        float | None,
        Option(help="With at or vat: size of a text's perturbation; 5 suits hundreds of words, 0.7 to 1 one sentence."),
    ] = None,
    attacks: Annotated[
        list[str] | None,
        Option(
            "--attack",
            "-a",
            help="Attack the models by this; repeat for more. Default: pwws, cea-min and, for a white box, gradient.",
        ),
    ] = None,
    candidates: Annotated[
        str | None, Option(help='Word source of all attacks instead of their own: "content-words(sememes)".')
    ] = None,
    budget: Annotated[int, Option(help="Most unique questions an example, of every attack.")] = 500,
    examples: Annotated[int, Option("--examples", "-n", help="Attack so many test examples.")] = 200,
    seed: Annotated[int, Option(help="Decides the drawn examples and the attacks; not the training.")] = 0,
    kind: Annotated[
        str | None, Option("--recipe", help="Train the new models as cnn, lstm, transformer or linear.")
    ] = None,
    settings: Annotated[list[str] | None, Option("--set", help="Change the recipe: epochs=3, filters=50.")] = None,
    encoder: Annotated[str, Option(help="Sentence encoder of the searches: a folder or hub name, or auto.")] = "auto",
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    strict: Strict = False,
    online: Online = False,
) -> None:
    """Train a victim anew so that it is harder to turn, and attack what came of it afresh.

    Writes the hardened victim, its card, and a report: accuracy, success of the attacks on the new model, what became
    of the texts that turned the old one, and the cost, each beside a control that is only trained again.

    Examples:

    - `turncoat harden demo/glosses-cnn-0 --from pwws --share 0.5 --examples 100 --out models/hardened`

    - `turncoat harden models/mr-cnn mr --method augment+at --share 1 -a pwws -a cea-min --out models/mr-hard`

    - `turncoat harden my_model:predict reviews.csv --recipe cnn --out models/mine`

    The same command continues a hardening that was interrupted. Exit codes: 0 done, 1 the victim or the data failed,
    2 the request cannot work, 3 something must be installed first, 130 interrupted with everything saved.
    """
    from turncoat import api
    from turncoat.config import with_settings
    from turncoat.models.victim import WhiteBox
    from turncoat.studies.hardening.page import publish
    from turncoat.studies.hardening.parts import Watch
    from turncoat.studies.hardening.plan import Plan
    from turncoat.studies.hardening.run import harden as harden_victim
    from turncoat.training.splits import read_splits

    with plain_errors(f"what is finished is in {folder}; the same command continues"):
        with err.status(f"loading {escape(victim)}"):
            model = api.load(victim, online)
        origin = _origin(victim, kind)
        origin = replace(origin, recipe=with_settings(origin.recipe, settings or []))
        splits = read_splits(data or origin.source(), text_column, label_column, strict=strict, online=online)
        names = attacks or ["pwws", "cea-min", *(["gradient"] if isinstance(model, WhiteBox) and not kind else [])]
        plan = Plan(
            method=method, source=_assault(source, candidates, budget), share=share, rounds=rounds, epsilon=epsilon,
            assaults=tuple(_assault(name, candidates, budget) for name in names), examples=examples, seed=seed,
            encoder=encoder,
        )  # fmt: skip
        done = harden_victim(
            model, _aligned(splits, model), origin, plan, folder, api.attack, Watch(_training, _attacking),
            command_line(),
        )  # fmt: skip
        with err.status("writing the report"):
            report, _ = publish(done)
        print_rows(done.rows)
        tell(f"hardened victim: {folder}")
        tell(f"report: {report}")


def _origin(victim: str, kind: str | None) -> Origin:
    """How the victim was trained: by its card, or as the user says."""
    from turncoat.models.card import FILE, read_card
    from turncoat.training.origins import Origin, origin_of
    from turncoat.training.recipes import named_recipe

    has_card = (Path(victim) / FILE).is_file()
    if kind is not None:
        known = origin_of(read_card(Path(victim))) if has_card else Origin(named_recipe(kind))
        return replace(known, recipe=named_recipe(kind))
    if not has_card:
        raise UsageError(
            f"{victim} has no card.toml that says how it was trained: say how to train the new models with --recipe "
            "(cnn, lstm, transformer, linear), and on what with DATA"
        )
    return origin_of(read_card(Path(victim)))


def _assault(name: str, candidates: str | None, budget: int) -> Assault:
    """An attack, with candidates that need no masked language model where its own would."""
    from turncoat.registry import ATTACKS
    from turncoat.studies.hardening.plan import WIDE, Assault

    ATTACKS.get(name)
    return Assault(name, candidates or (WIDE if name.startswith("cea") else None), budget)


def _aligned(splits: Splits, victim: Victim) -> Splits:
    from turncoat.api import align
    from turncoat.training.splits import Splits

    return Splits(*(align(part, victim) for part in (splits.train, splits.dev, splits.test)))


@contextmanager
def _training(what: str) -> Iterator[Progress]:
    err.print(f"training: {what}", style="dim", markup=False, highlight=False)
    with training_progress() as progress:
        yield progress


@contextmanager
def _attacking(what: str, total: int, meter: Meter) -> Iterator[OnOutcome]:
    err.print(f"attacking: {what}", style="dim", markup=False, highlight=False)
    with attack_progress(total, meter) as on_outcome:
        yield on_outcome


def print_rows(rows: Sequence[Row]) -> None:
    """The report's main table on the screen."""
    from turncoat.studies.hardening.rows import MODELS, QUESTIONS

    shown = Table(box=box.SIMPLE_HEAD)
    for column in ("attack", "measure"):
        shown.add_column(column)
    for column in MODELS:
        shown.add_column(column, justify="right")
    for column in ("vs. victim", "vs. control"):
        shown.add_column(column, no_wrap=True)
    for row in rows:
        unit, write = ("", decimal) if row.measure == QUESTIONS else (", %", IN_PERCENT)
        cells = [told(row.cells.get(model), write) for model in MODELS]
        shown.add_row(escape(row.attack), row.measure + unit, *cells, row.verdict("before"), row.verdict("control"))
    out.print(shown)
    out.print(
        "all attacks were run again on each model; control: trained again with another seed, not hardened; success, "
        "questions: of texts that the model reads rightly; accuracy: of all; old texts: share of the victim's "
        "adversarial texts that turn it too; 95 % intervals; vs.: the hardened model, by McNemar on the same texts, "
        "0.05 after Holm",
        style="dim",
    )
