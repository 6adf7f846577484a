"""Word sources compared: how many words have candidates, how many each, how near they stay to the text.

    TURNCOAT_DATA=../shared python benchmarks/candidate_sources.py --models ../models [--examples 200]

Needs mr-cnn (its vocabulary) and dan-encoder, which searches measure similarity with, in --models; all-MiniLM-L6-v2,
which no search of a study uses, judges two replacements a word of the first texts. Writes results/cea/sources.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

import numpy as np

from study import ENCODER, JUDGE, RESULTS, STAND_INS, arguments, markdown, number, percent, write_csv
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
JUDGED_TEXTS = 25
Pick = Callable[[int], list[int]]  # from the number of a word's candidates to those that are measured


def nearness(
    source: Substitutions, texts: list[Text], responders: Mapping, pick: Pick = lambda size: list(range(size))
) -> list[np.ndarray]:
    """Cosines to the text of each word's candidates, in the source's own order; of those that `pick` takes."""

    async def work(text: Text) -> list[np.ndarray]:
        space = Space(text, await source.propose(text))
        if not len(space.positions):
            return []
        sizes = space.sizes[space.positions]
        picked = [pick(int(size)) for size in sizes]
        starts = np.cumsum(sizes) - sizes
        rows = np.concatenate([start + np.array(own) for start, own in zip(starts, picked, strict=True)])
        reference = (await Embed([text]))[0]
        cosines = np.clip((await Embed(space.swaps().take(rows))) @ reference, -1, 1)
        return np.split(cosines, np.cumsum([len(own) for own in picked])[:-1])

    tasks = (Task(str(i), work(t)) for i, t in enumerate(texts))
    return list(chain.from_iterable(found for _, found in run(tasks, responders)))


def judged(source: Substitutions, texts: list[Text], responders: Mapping) -> dict[str, str]:
    """The judge's similarity of one candidate a word drawn at random, and of the first; each costs it 10 ms."""
    rng = np.random.default_rng(0)
    blocks = nearness(source, texts, responders, lambda size: [int(rng.integers(size)), 0])
    return {
        f"{JUDGE}, any": number(mean([float(b[0]) for b in blocks]), 3),
        f"{JUDGE}, first": number(mean([float(b[1]) for b in blocks]), 3),
        "words judged": str(len(blocks)),
    }


def main() -> None:
    options = arguments(__doc__).parse_args()
    texts = [Text(e.text) for e in load_dataset("mr").sample(options.examples or 200, 0)]
    words = sum(not is_stop_word(word) for text in texts for word in text.words)
    vocabulary = load_victim(str(options.models / "mr-cnn")).form.vocabulary.words
    answers = {**masked_lm_responders(store=AnswerStore()), Embed: load_encoder(str(options.models / ENCODER)).embed}
    judging = {**answers, Embed: load_encoder().embed}
    rows = []
    for line in SOURCES:
        source = read_substitutions(line)
        found = describe(source, texts, answers, vocabulary)
        cosines = nearness(source, texts, answers)
        rows.append({
            "source": line, "words covered": percent(found.covered), "mean size": number(found.mean_size),
            "median size": number(found.median_size), "keep the part of speech": percent(found.same_pos),
            "unknown to mr-cnn": percent(found.unknown),
            f"{ENCODER}, all": number(mean([float(b.mean()) for b in cosines]), 3),
            f"{ENCODER}, first": number(mean([float(b[0]) for b in cosines]), 3), "words measured": str(len(cosines)),
            **judged(source, texts[:JUDGED_TEXTS], judging),
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
        f"{len(texts)} MR test texts, seed 0, {words} content words; the vocabulary is mr-cnn's, no victim is asked. "
        "Intervals: bootstrap over texts (similarity: over words). Similarity: cosine of a text and the text with one "
        f"word replaced: {ENCODER} over all candidates of all texts; {JUDGE}, the judge, over a candidate a word (any,"
        f" drawn at random) and the first, of {JUDGED_TEXTS} texts. {STAND_INS} Not run: people."
    )
    text = f"# Where candidates come from\n\n{about}\n\n{markdown(rows)}\n\n## Overlap\n\n{markdown(shared)}\n"
    (RESULTS / "cea" / "sources.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
