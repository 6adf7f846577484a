"""turncoat train"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from turncoat.cli.options import LabelColumn, Online, Strict, TextColumn
from turncoat.cli.screen import out, plain_errors, tell, training_progress
from turncoat.cli.train_reader import train_reader
from turncoat.cli.train_translator import train_translator
from turncoat.evaluation.environment import command_line


def train(
    kind: Annotated[str, Argument(help="cnn, lstm, lstm-lm (word models), transformer (fine-tuned), zoo or linear.")],
    data: Annotated[str, Argument(help="A data set (see `turncoat names`) or a file.")],
    folder: Annotated[Path, Option("--out", "-o", help="Where the victim goes; must not exist yet.")],
    seed: Annotated[int, Option(help="Decides the first weights and the order of the texts.")] = 0,
    settings: Annotated[list[str] | None, Option("--set", help="Change a parameter: epochs=3, filters=50.")] = None,
    examples: Annotated[
        int | None, Option("--examples", "-n", help="Train on so many examples, drawn by the seed; default: all.")
    ] = None,
    test_examples: Annotated[int | None, Option(help="Judge by so many test examples; default: all.")] = None,
    unlabelled: Annotated[
        str | None,
        Option(help="More texts, for objective=vat and for lstm-lm: imdb:unlabelled, NAME:SPLIT, or a file of lines."),
    ] = None,
    unlabelled_examples: Annotated[int | None, Option(help="Use so many of them, drawn by the seed.")] = None,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    strict: Strict = False,
    online: Online = False,
) -> None:
    """Train a victim and keep it with its card (data, recipe, seed, accuracy, checksum).

    A training that was stopped goes on where it was when it is called for again.

    Examples:

    - `turncoat train cnn mr --out models/mr-cnn`

    - `turncoat train transformer sst2 --out models/sst2-minilm --set epochs=2`

    - `turncoat train lstm mr --set objective=vat --unlabelled imdb:unlabelled --out models/mr-lstm-vat`

    - `turncoat train linear reviews.csv --label-column stars --out models/stars`

    - `turncoat train reader squad --out models/squad-minilm` (or a JSON file of SQuAD's form)

    - `turncoat train translator multi30k_en_de --out models/multi30k-en-de` (or two files: `train.en,train.de`)
    """
    import shutil

    from turncoat.config import with_settings
    from turncoat.data.unlabelled import draw, read_unlabelled
    from turncoat.training.recipes import named_recipe
    from turncoat.training.splits import read_splits
    from turncoat.training.storing import save
    from turncoat.training.trainer import examine
    from turncoat.training.trainer import train as train_victim

    unfinished = folder.with_name(f".{folder.name}.training")
    with plain_errors(f"the same command goes on from {unfinished}"):
        if kind == "reader":
            train_reader(data, folder, seed, settings or [], examples, test_examples, strict)
            return
        if kind == "translator":
            columns = (text_column, "reference" if label_column == "label" else label_column)
            train_translator(data, folder, seed, settings or [], examples, test_examples, columns, strict)
            return
        recipe = with_settings(named_recipe(kind), settings or [])
        splits = read_splits(data, text_column, label_column, strict=strict, online=online)
        texts = draw(read_unlabelled(unlabelled), unlabelled_examples, seed) if unlabelled else ()
        with training_progress() as progress:
            train_set = splits.train.sample(examples, seed)
            trained = train_victim(train_set, splits.dev, recipe, seed, progress, command_line(), texts, unfinished)
        trained = save(examine(trained, splits.test.sample(test_examples, seed)), folder)
        shutil.rmtree(unfinished, ignore_errors=True)
        for split, accuracy in trained.card.accuracy.items():
            out.print(f"{split} accuracy {accuracy.share:.1%} ({accuracy.correct} of {accuracy.n})", highlight=False)
        tell(f"victim: {folder}")
