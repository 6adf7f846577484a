"""turncoat train-vectors"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from turncoat.cli.screen import out, plain_errors, stage_progress, tell
from turncoat.evaluation.environment import command_line


def train_vectors(
    name: Annotated[str, Argument(help="glove, word2vec (skip-gram) or fasttext (CBOW, groups of five letters).")],
    sources: Annotated[
        list[str] | None,
        Argument(
            help="Text files, one passage a line (.txt, .xz, .gz), or data sets, whose train split is read; "
            "default: the unlabelled reviews of IMDB."
        ),
    ] = None,
    path: Annotated[
        Path | None, Option("--out", "-o", help="File to write, .bin; default: where victims look for it.")
    ] = None,
    seed: Annotated[int, Option(help="Decides the first vectors and what is drawn.")] = 0,
    settings: Annotated[list[str] | None, Option("--set", help="Change a parameter: epochs=3, dimensions=100.")] = None,
) -> None:
    """Train word vectors on plain text: a file in word2vec's binary format, and a card beside it.

    Whole words in lower case, as word models read them; words rarer than 5 get no vector. Labels are not read.
    Needs the libraries of `pip install 'turncoat[vectors]'`.

    Examples:

    - `turncoat train-vectors glove`

    - `turncoat train-vectors word2vec reviews.txt ag_news --out mine.bin --set epochs=3`
    """
    from turncoat.config import with_settings
    from turncoat.data.vectors import trained_vectors
    from turncoat.training.vectors import train_vectors as train
    from turncoat.training.vectors import unlabelled_reviews, vector_recipe

    with plain_errors():
        recipe = with_settings(vector_recipe(name), settings or [])
        path = path or trained_vectors(name)
        with stage_progress() as progress:
            card = train(name, sources or [unlabelled_reviews()], path, recipe, seed, progress, command_line())
        out.print(f"{card['words']:,} words, learned from {card['running_words']:,} running words", highlight=False)
        tell(f"vectors: {path}")
