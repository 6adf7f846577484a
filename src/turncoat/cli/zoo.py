"""turncoat zoo train | list | card | pretrain"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table
from typer import Argument, Option

from turncoat.cli.options import LabelColumn, Online, Strict, TextColumn
from turncoat.cli.screen import out, plain_errors, tell, training_progress
from turncoat.evaluation.environment import command_line
from turncoat.notation import MISSING

zoo = typer.Typer(help="The 63 models of the transfer study: train them, list them, show their cards.")

Folder = Annotated[Path, Argument(help="The zoo's folder; each model is in NAME/a and NAME/b below it.")]


@zoo.command("train")
def train_zoo(
    data: Annotated[str, Argument(help="A data set (see `turncoat names`) or a file.")],
    folder: Annotated[Path, Option("--out", "-o", help="The zoo's folder; models that are there stay.")],
    models: Annotated[
        list[str] | None, Option("--model", "-m", help="A name (CNN-W-GloVe-1), one-layer or all; may be repeated.")
    ] = None,
    instances: Annotated[str, Option(help="Which instances to train: a, b or ab.")] = "ab",
    vectors: Annotated[
        Path | None, Option(help="Folder with glove-300.bin, word2vec-300.bin and fasttext-300.bin.")
    ] = None,
    bilm: Annotated[str, Option(help="Language model of ELMo inputs: a folder or the original's .hdf5 file.")] = "bilm",
    seed: Annotated[int, Option(help="Instance a has the seed 2 * SEED, instance b the next.")] = 0,
    examples: Annotated[
        int | None, Option("--examples", "-n", help="Train on so many examples, the same for all; default: all.")
    ] = None,
    dev_examples: Annotated[int | None, Option(help="Choose epochs by so many dev examples; default: all.")] = None,
    test_examples: Annotated[int | None, Option(help="Judge by so many test examples; default: all.")] = None,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    strict: Strict = False,
    online: Online = False,
) -> None:
    """Train models of the zoo, two instances each. What is there already is left as it is.

    The same command goes on after an interruption; run it in a second terminal to use a second core. A model that
    cannot be trained (no such backbone on this machine, say) leaves a note and the others go on.

    Examples:

    - `turncoat zoo train mr --out zoo/mr -m one-layer --vectors vectors --bilm models/bilm`

    - `turncoat zoo train ag_news --out zoo/ag_news -m CNN-W-Random-1 -m CNN-C-Random-1 -n 10000`
    """
    from turncoat.errors import UsageError
    from turncoat.studies.zoo import Inputs, Member, chosen_models, members, train_members
    from turncoat.training.splits import Splits, read_splits

    with plain_errors(f"finished models are in {folder}; the same command goes on"):
        if not instances or set(instances) - {"a", "b"}:
            raise UsageError(f"expected instances a, b or ab, got {instances!r}")
        chosen = chosen_models(models or ["one-layer"])
        found = read_splits(data, text_column, label_column, strict=strict, online=online)
        sizes = (examples, dev_examples, test_examples)
        parts = (found.train, found.dev, found.test)
        splits = Splits(*(part.sample(size, 0) for part, size in zip(parts, sizes, strict=True)))
        wanted = [member for member in members(folder, chosen) if member.instance in instances]
        failed = []

        def ended(member: Member, why: str) -> None:
            line = f"{member.model}/{member.instance}: "
            if why:
                failed.append(member)
                tell(f"{line}not trained: {why}")
            else:
                card = member.card
                out.print(f"{line}test accuracy {card.accuracy['test'].share:.1%}", highlight=False)

        with training_progress() as progress:
            train_members(
                wanted, splits, Inputs(vectors=vectors, bilm=bilm, online=online), seed,
                on_end=ended, progress=progress, command=command_line(),
            )  # fmt: skip
        there = sum(member.trained for member in wanted)
        tell(f"zoo: {folder}, {there} of {len(wanted)} trained")
        if failed:
            raise typer.Exit(1)


@zoo.command("list")
def list_zoo(folder: Folder) -> None:
    """All models with the accuracy of their instances, or why they are missing."""
    from turncoat.errors import UsageError
    from turncoat.studies.zoo import chosen_models, members, why_not_trained
    from turncoat.studies.zoo_names import ZOO

    with plain_errors():
        if not folder.is_dir():
            raise UsageError(f"expected a zoo's folder, found none at {folder}")
        table = Table(box=box.SIMPLE_HEAD)
        for column, justify in (("id", "right"), ("model", "left"), ("reads", "left"), ("parameters", "right")):
            table.add_column(column, justify=justify, no_wrap=True)  # type: ignore[arg-type]
        for column in ("a", "b"):
            table.add_column(f"test accuracy, {column}", justify="right")
        everyone = members(folder, chosen_models(["all", "MiniLM"]))
        for first, second in zip(everyone[::2], everyone[1::2], strict=True):
            cells, parameters = [], MISSING
            for member in (first, second):
                if member.trained:
                    card = member.card
                    found = card.accuracy.get("test")
                    cells.append(f"{found.share:.1%} ({found.n})" if found else MISSING)
                    parameters = f"{card.training['parameters']:,}" if "parameters" in card.training else MISSING
                else:
                    cells.append("not run" if why_not_trained(member) else MISSING)
            number = str(ZOO.index(first.model) + 1) if first.model in ZOO else MISSING
            table.add_row(number, str(first.model), first.model.form, parameters, *cells)
        out.print(table)
        for member in everyone:
            if why := why_not_trained(member):
                out.print(f"{member.model}/{member.instance}: {escape(why)}", style="dim", soft_wrap=True)


@zoo.command()
def card(folder: Folder, name: Annotated[str, Argument(help="A model, or a model and an instance: BERT/b.")]) -> None:
    """The card of a model: data, recipe, seed, accuracy, checksum (which is checked)."""
    from turncoat.models.card import FILE, read_card
    from turncoat.studies.zoo_names import zoo_model

    with plain_errors():
        model, _, instance = name.partition("/")
        path = folder / str(zoo_model(model)) / (instance or "a")
        read_card(path)
        out.print((path / FILE).read_text(encoding="utf-8"), markup=False, highlight=False, soft_wrap=True)


@zoo.command()
def pretrain(
    sources: Annotated[
        list[str],
        Argument(help="Text files, one passage a line (.txt, .xz, .gz), or data sets, whose train split is read."),
    ],
    folder: Annotated[
        Path | None, Option("--out", "-o", help="Where the model goes; default: the cache folder, where it is found.")
    ] = None,
    seed: Annotated[int, Option(help="Decides the first weights and the order of the sentences.")] = 0,
    settings: Annotated[
        list[str] | None, Option("--set", help="Change a parameter: words=500000, sizes.cells=512.")
    ] = None,
) -> None:
    """Train a small language model of characters and words, for the models with ELMo inputs.

    Example: `turncoat zoo pretrain imdb_unsup.txt.xz mr ag_news --out models/bilm`
    """
    from turncoat.config import with_settings
    from turncoat.data.cache import cache_folder
    from turncoat.models.bilm_files import DEFAULT
    from turncoat.training.bilm import BiLMRecipe, train_bilm

    with plain_errors():
        recipe = with_settings(BiLMRecipe(), settings or [])
        path = folder or cache_folder() / DEFAULT
        with training_progress() as progress:
            card = train_bilm(sources, path, recipe, seed, progress, command_line())
        out.print(f"perplexity a word: {card.training['perplexity_of_the_last_tenth']}", highlight=False)
        tell(f"language model: {path}")
