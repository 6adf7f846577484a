"""How many candidates does the language model of the genetic attack take away? (Row 2-08: the source says about 65 %.)

    TURNCOAT_DATA=../shared python benchmarks/language_model_filter.py

The filter keeps the K likeliest of a word's candidates, so how many go is a matter of counting: no model is run here,
and which candidates go is not measured.
Writes results/transfer/language-model-filter.md.
"""

from __future__ import annotations

import numpy as np

from study import RESULTS, markdown, number, percent
from turncoat import load_dataset
from turncoat.engine.run import Task, run
from turncoat.errors import MissingResource
from turncoat.evaluation.environment import provenance
from turncoat.intervals import Interval, mean
from turncoat.space import Space
from turncoat.substitutions.expression import read_substitutions
from turncoat.text import Text

KEEP, FIRST, TEXTS = 4, 8, 1000
SOURCES = ("wordnet", "wordnet-inflected", "sememes", "counter-fitted", "vectors")


def counts(source: str, texts: list[Text]) -> list[np.ndarray]:
    """Candidates of each word that has some, text by text."""
    proposing = read_substitutions(f"content-words({source})")

    async def work(text: Text) -> np.ndarray:
        sizes = Space(text, await proposing.propose(text)).sizes
        return sizes[sizes > 0]

    return [sizes for _, sizes in run((Task(str(i), work(text)) for i, text in enumerate(texts)), {})]


def lost(sizes: list[np.ndarray], first: int | None) -> Interval | None:
    """Share of a text's candidates that are not kept, mean over texts."""
    tried = [np.minimum(each, first) if first else each for each in sizes]
    return mean([float(1 - np.minimum(each, KEEP).sum() / each.sum()) for each in tried])


def main() -> None:
    texts = [Text(example.text) for example in load_dataset("mr").sample(TEXTS, 0)]
    rows = []
    for source in SOURCES:
        try:
            sizes = [each for each in counts(source, texts) if len(each)]
        except MissingResource as error:
            rows.append({"candidates": source, "a word": f"not run: {error}"})
            continue
        rows.append({
            "candidates": source,
            "a word": number(mean([float(each.mean()) for each in sizes])),
            f"lost, of the first {FIRST}, %": percent(lost(sizes, FIRST)),
            "lost, of all, %": percent(lost(sizes, None)),
        })  # fmt: skip
        print(rows[-1], flush=True)
    page = [
        "# What the genetic attack's language model takes away",
        "No language model and no attack was run for this page. "
        f"The published attack (Alzantot et al. 2018) shows the victim the {KEEP} likeliest of a word's first {FIRST} "
        f"candidates in their place. Whatever the model, it takes away all but {KEEP} of them: how many go is counted "
        f"here exactly, and it is never more than {FIRST - KEEP} of {FIRST}. Which ones go, and what that costs the "
        'attack, is not measured. The transfer study leaves the filter out as it takes "65% off in average"; of which '
        f"candidates and how many it kept, it does not say. Keeping {KEEP} of the first {FIRST} cannot take as many.",
        f"Below: the share of a text's candidates that are lost if {KEEP} a word are kept, of the first {FIRST} and of "
        f"all of them, mean over {TEXTS} MR texts (those with candidates), with 95 % bootstrap intervals.",
        markdown(rows),
        provenance("Seed 0."),
    ]
    (RESULTS / "transfer/language-model-filter.md").write_text("\n\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
