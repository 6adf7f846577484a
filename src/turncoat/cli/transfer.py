"""turncoat transfer run | ensembles | show"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from turncoat.cli.options import LabelColumn, Online, Strict, TextColumn
from turncoat.cli.screen import err, out, plain_errors, stage_progress, tell
from turncoat.cli.transfer_parts import (
    common_labels,
    read_study,
    slow_models,
    tell_failures,
    to_screen,
    with_those_there,
)
from turncoat.errors import UsageError
from turncoat.evaluation.environment import provenance

transfer = typer.Typer(
    help="How texts that were made for one model turn others, and which ensembles turn them all.", no_args_is_help=True
)

StudyPath = Annotated[Path, Argument(help="The folder of a study, as `turncoat transfer run` fills it.")]
Attacks = Annotated[list[str] | None, Option("--attack", "-a", help="An attack; may be repeated.")]


@transfer.command()
def run(
    data: Annotated[str, Argument(help="A data set (see `turncoat names`) or a file, with labels.")],
    victims: Annotated[
        list[str], Argument(help="A zoo's folder, models in it (zoo/mr/*-1), or any victims: NAME=VICTIM,SECOND.")
    ],
    folder: Annotated[Path, Option("--out", "-o", help="The study's folder; an interrupted study goes on there.")],
    attacks: Attacks = None,
    examples: Annotated[int | None, Option("--examples", "-n", help="Attack every model on so many examples.")] = 1000,
    keep: Annotated[int, Option(help="Show the others so many of a model's successes at most.")] = 500,
    slow: Annotated[
        list[str] | None,
        Option("--slow-examples", help="Attack a slow model on fewer of them, by these attacks: NAME=200."),
    ] = None,
    split: Annotated[str, Option(help="Split of a named data set.")] = "test",
    seed: Annotated[int, Option(help="Decides the examples, the attacks' random numbers and what is kept.")] = 0,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    strict: Strict = False,
    online: Online = False,
) -> None:
    """Attack every model (default: by pwws and by ga-wordnet), and show what turned it to all others.

    The first instance of a model is attacked; the second, trained anew, gives its base rate. The same command goes on
    after an interruption, and takes more models or attacks into a study that is there: models that an attack has been
    tried on already need not be named again. Run it in a second terminal to use a second core. A model that fails is
    noted, and the others go on.

    Examples:

    - `turncoat transfer run mr zoo/mr --out runs/transfer-mr`

    - `turncoat transfer run mr zoo/mr/*-1 zoo/mr/MiniLM --slow-examples MiniLM=200 -a pwws --out runs/transfer-mr`

    - `turncoat transfer run reviews.csv A=my_model:predict B=models/cnn,models/cnn-again -n 200 --out runs/ours`
    """
    from turncoat import api
    from turncoat.data.datasets import read
    from turncoat.registry import ATTACKS
    from turncoat.studies.transfer.entries import find_entries
    from turncoat.studies.transfer.laboratory import Study, open_laboratory
    from turncoat.studies.transfer.run import run_transfer

    with plain_errors(f"finished parts are in {folder}; the same command goes on"):
        methods = {name: name for name in attacks or ("pwws", "ga-wordnet")}
        for name in methods:
            ATTACKS.get(name)
        entries, fewer, about = with_those_there(folder, find_entries(victims), slow_models(slow or []), methods)
        dataset = read(data, split, text_column, label_column, strict=strict, online=online)
        source = {
            "data": data, "split": split, "text_column": text_column, "label_column": label_column, "online": online,
            "slow": fewer,
        }  # fmt: skip
        with stage_progress() as progress:
            names = {entry.model.name for entry in entries}
            study = Study(
                dataset=common_labels(dataset, entries, online), examples=examples, keep=keep, seed=seed,
                fewer={
                    attack: {name: count for name, count in fewer[attack].items() if name in names}
                    for attack in methods
                },
            )  # fmt: skip
            laboratory = open_laboratory(
                entries, study, folder, api.attack, source=source, online=online, on_stage=progress
            )
            for name, method in methods.items():
                run_transfer(laboratory.only(about[name]), {name: method})
        tell(f"study: {folder}; see `turncoat transfer show {folder}`")
        tell_failures([laboratory.folder.arm(name) for name in methods])


@transfer.command()
def ensembles(
    folder: StudyPath,
    attacks: Attacks = None,
    sizes: Annotated[str, Option(help="Numbers of members, from-to.")] = "2-7",
    examples: Annotated[
        int | None, Option("--examples", "-n", help="Attack each on so many of the study's examples.", min=1)
    ] = None,
    without: Annotated[
        list[str] | None, Option(help="Never choose this model (a slow one); it is shown the texts; may be repeated.")
    ] = None,
) -> None:
    """Choose ensembles from a study's rates, attack each as one victim, and show its texts to the models outside.

    Chosen by the genetic search, greedily, from all sets (up to three members), by the expert's rule, and as the
    paper's expert did, as far as his models are there. The same command goes on after an interruption.

    Example: `turncoat transfer ensembles runs/transfer-mr -a pwws -n 400 --without MiniLM`
    """
    from turncoat import api
    from turncoat.studies.ensembles.run import run_ensembles
    from turncoat.studies.transfer.folder import StudyFolder
    from turncoat.studies.transfer.laboratory import open_laboratory

    with plain_errors(f"finished parts are in {folder}; the same command goes on"):
        first, dash, last = sizes.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise UsageError(f"expected --sizes such as 2-7, got {sizes!r}")
        names = attacks or [arm.name for arm in StudyFolder(folder).arms()]
        with stage_progress() as progress:
            entries, study, source = read_study(folder)
            laboratory = open_laboratory(
                entries, study, folder, api.attack, source=source, online=source["online"], on_stage=progress
            )
            for name in names:
                run_ensembles(
                    laboratory,
                    name,
                    name,
                    range(int(first), int(last or first) + 1),
                    left_out=without or (),
                    examples=examples,
                )
        tell(f"study: {folder}; see `turncoat transfer show {folder}`")
        tell_failures([laboratory.folder.arm(name).ensembles for name in names])


@transfer.command()
def show(
    folder: StudyPath,
    attacks: Attacks = None,
    report: Annotated[
        Path | None, Option(help="Also write matrices, tables and figures (CSV, Markdown, SVG) into this folder.")
    ] = None,
    draws: Annotated[int, Option(help="Resamples of the bootstrap.", min=100)] = 2000,
) -> None:
    """Show what a study found so far: models, Tables 2 to 4, findings, ensembles, and how long it took.

    Example: `turncoat transfer show runs/transfer-mr --report results/transfer/mr`
    """
    from turncoat.studies.transfer.folder import StudyFolder
    from turncoat.studies.transfer.report import read_report

    with plain_errors():
        study = StudyFolder(folder)
        study.description()
        with err.status("computing intervals"):
            found = read_report(study, attacks, draws)
        for table in found.tables:
            out.print(to_screen(table))
            for note in table.notes:
                out.print(note, style="dim", markup=False, highlight=False)
        if report is not None:
            with err.status("writing the report"):
                page = found.write(report, provenance())
            tell(f"report: {page}")
        tell_failures([arm for arm, _ in found.arms])
