"""turncoat train reader"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from turncoat.cli.screen import out, plain_errors, tell, training_progress
from turncoat.evaluation.environment import command_line
from turncoat.notation import percent, told


def train_reader(
    data: str,
    folder: Path,
    seed: int,
    settings: Sequence[str],
    examples: int | None,
    test_examples: int | None,
    strict: bool,
) -> None:
    """Train a reader on a reading data set, or on a JSON file of SQuAD's form, which is cut in three by article."""
    from turncoat.config import with_settings
    from turncoat.data.squad import cut_by_article, is_questions_file, read_questions
    from turncoat.intervals import Interval
    from turncoat.training.reader import train_reader, unfinished
    from turncoat.training.reader_recipe import ReaderRecipe

    with plain_errors(saved=f"the same command goes on from {unfinished(folder)}"):
        recipe = with_settings(ReaderRecipe(), settings)
        if is_questions_file(data):
            whole = read_questions(data, strict=strict)
            train_set, dev_set, test_set = (cut_by_article(whole, split) for split in ("train", "dev", "test"))
        else:
            train_set, dev_set, test_set = (read_questions(data, split) for split in ("train", "dev", "test"))
        with training_progress() as progress:
            card = train_reader(
                train_set.sample(examples, seed), dev_set, test_set.sample(test_examples, seed), folder, recipe, seed,
                progress, command_line(),
            )  # fmt: skip
        test = card.training["test"]
        for name, measure in (("F1", test["f1"]), ("exact match", test["exact"])):
            found = Interval(measure["mean"], measure.get("low"), measure.get("high"), measure["interval"])
            out.print(f"test {name} {told(found, percent)}", highlight=False)
        out.print(f"{test['n']:,} questions about {test['articles']} articles", style="dim", highlight=False)
        tell(f"reader: {folder}")
