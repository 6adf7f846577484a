"""turncoat train-encoder"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from turncoat.cli.screen import err, out, plain_errors, tell, training_progress
from turncoat.evaluation.environment import command_line


def train_encoder(
    sources: Annotated[
        list[str],
        Argument(help="Text files, one passage a line (.txt, .xz, .gz), or data sets, whose train split is read."),
    ],
    folder: Annotated[Path, Option("--out", "-o", help="Where the encoder goes; must not exist yet.")],
    seed: Annotated[int, Option(help="Decides the first weights and the order of the sentences.")] = 0,
    settings: Annotated[
        list[str] | None, Option("--set", help="Change a parameter: steps=500, sizes.width=64.")
    ] = None,
) -> None:
    """Train a sentence encoder that no search uses, to judge runs by: `turncoat judge RUN --encoder FOLDER`.

    It learns which sentences stand side by side; labels are not read. Leave out texts that will be attacked.

    Examples:

    - `turncoat train-encoder reviews.txt --out models/encoder`

    - `turncoat train-encoder imdb_unsup.txt.xz imdb ag_news --out models/encoder --set steps=3000`
    """
    from turncoat.config import with_settings
    from turncoat.training.encoder import EncoderRecipe
    from turncoat.training.encoder import train_encoder as train

    with plain_errors():
        recipe = with_settings(EncoderRecipe(), settings or [])
        err.print("reading sentences", style="dim")
        with training_progress() as progress:
            card = train(sources, folder, recipe, seed, progress, command_line())
        pairs = sum(found["pairs"] for found in card.training["data"].values())
        out.print(f"learned from {pairs:,} pairs of neighbouring sentences", highlight=False)
        tell(f"encoder: {folder}")
