"""Word sources compared: how many words have candidates, how many each, how near they stay to the text.

    TURNCOAT_DATA=../shared python benchmarks/candidate_sources.py --models ../models [--examples 200]

Needs mr-cnn (its vocabulary) and an encoder that no search uses (dan-encoder) in --models. Writes
results/cea/sources.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np

from study import ENCODER, RESULTS, arguments, markdown, number, percent, write_csv
from turncoat import load_dataset, load_victim
from turncoat.data.stopwords import is_stop_word
from turncoat.engine.query import Embed
from turncoat.engine.run import Task, run
from turncoat.evaluation.candidates import describe, overlap
from turncoat.evaluation.environment import provenance
from turncoat.intervals import mean
from turncoat.models.answer_store import AnswerStore
from turncoat.models.encoding import load_encoder
from turncoat.models.filling import masked_lm_responders
from turncoat.space import Space
from turncoat.substitutions.expression import read_substitutions
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

SOURCES = (
    "content-words(wordnet-inflected)", "content-words(sememes)", "content-words(masked-lm)",
    "content-words(masked-lm & sememes)", "content-words(masked-lm | sememes)",
    "content-words(masked-lm & wordnet-inflected)", "content-words(counter-fitted)", "content-words(vectors)",
)  # fmt: skip


def nearness(source: Substitutions, texts: list[Text], responders: Mapping) -> tuple[list[float], list[float]]:
    """Mean cosine to the text, a word: over its candidates, and of its best candidate (source's own order)."""

    async def work(text: Text) -> list[np.ndarray]:
        space = Space(text, await source.propose(text))
        if not len(space.positions):
            return []
        reference = (await Embed([text]))[0]
        cosines = np.clip((await Embed(space.swaps())) @ reference, -1, 1)
        return np.split(cosines, np.cumsum(space.sizes[space.positions])[:-1])

    blocks = list(
        chain.from_iterable(found for _, found in run((Task(str(i), work(t)) for i, t in enumerate(texts)), responders))
    )
    return [float(b.mean()) for b in blocks], [float(b[0]) for b in blocks]


def main() -> None:
    options = arguments(__doc__).parse_args()
    texts = [Text(e.text) for e in load_dataset("mr").sample(options.examples or 200, 0)]
    words = sum(not is_stop_word(word) for text in texts for word in text.words)
    vocabulary = load_victim(str(options.models / "mr-cnn")).form.vocabulary.words
    answers = {**masked_lm_responders(store=AnswerStore()), Embed: load_encoder(str(options.models / ENCODER)).embed}
    rows = []
    for line in SOURCES:
        source = read_substitutions(line)
        found = describe(source, texts, answers, vocabulary)
        every, best = nearness(source, texts, answers)
        rows.append({
            "source": line, "words covered": percent(found.covered), "mean size": number(found.mean_size),
            "median size": number(found.median_size), "keep the part of speech": percent(found.same_pos),
            "unknown to mr-cnn": percent(found.unknown), "similarity, all": number(mean(every), 3),
            "similarity, first": number(mean(best), 3), "words measured": str(len(every)),
        })  # fmt: skip
        print(rows[-1], flush=True)
    pairs = [("wordnet-inflected", "sememes"), ("masked-lm", "sememes"), ("masked-lm", "wordnet-inflected")]
    shared = []
    for first, second in pairs:
        both = overlap(*(read_substitutions(f"content-words({name})") for name in (first, second)), texts, answers)
        shared.append({
            "first": first, "second": second, "words with both, of those with either": percent(both.both),
            "Jaccard": number(both.jaccard, 3), "first size": number(both.first_size),
            "second size": number(both.second_size), "shared": number(both.shared_size),
        })  # fmt: skip
    write_csv(RESULTS / "cea" / "sources.csv", rows)
    about = provenance(
        f"{len(texts)} MR test texts, seed 0, {words} content words. Intervals: bootstrap over texts (similarity: over "
        f"words). Similarity: cosine of {ENCODER} (our own deep-averaging encoder, standing in for USE) between a text "
        "and the text with one word replaced."
    )
    text = f"# Where candidates come from\n\n{about}\n\n{markdown(rows)}\n\n## Overlap\n\n{markdown(shared)}\n"
    (RESULTS / "cea" / "sources.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
