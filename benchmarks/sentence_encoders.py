"""What sentence encoders see: neighbouring sentences, and single words that were swapped.

    python benchmarks/sentence_encoders.py ENCODER ...       (folders, hub names, or auto for all-MiniLM-L6-v2)

Neighbours: 2,000 pairs of neighbouring sentences of IMDB's test reviews; in groups of 100, how often the true neighbour
is the nearest of the 100. Swaps: in sentences of MR's test set, one word for which WordNet has both a synonym and an
antonym gives way to each, to a random word of its tag, and the whole sentence to another one; mean cosine with the
original, and the probability (area under the ROC curve) that the synonym is judged nearer. Agreement: correlation with
the last encoder named, on 1,000 pairs of sentences (half neighbours, half not) and on the swaps.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import roc_auc_score

from turncoat.data.antonyms import open_antonyms
from turncoat.data.datasets import load
from turncoat.data.passages import Pair, neighbours
from turncoat.data.stopwords import is_stop_word
from turncoat.data.tagger import tag, wordnet_pos
from turncoat.data.wordnet import base_forms, synonyms
from turncoat.intervals import percentile, proportion
from turncoat.models.encoding import Encoder, load_encoder
from turncoat.notation import cosine, percent, told
from turncoat.substitutions.inflection import inflect
from turncoat.text import Text, match_case

PAIRS, GROUP, SEED, RESAMPLES = 2_000, 100, 0, 2_000
KINDS = ("synonym", "antonym", "random word", "other sentence")


def main(names: Sequence[str]) -> None:
    rng = np.random.default_rng(SEED)
    pairs, swaps = review_pairs(rng), list(sentence_swaps(rng))
    strangers = [(first, pairs[(i + PAIRS // 2) % PAIRS][1]) for i, (first, _) in enumerate(pairs)]
    mixed = [*pairs[:500], *strangers[500:1000]]
    print(f"{PAIRS:,} pairs of neighbours, {len(swaps)} sentences with swaps, seed {SEED}\n")
    found = {}
    for name in names:
        encoder = load_encoder(None if name == "auto" else name)
        print(f"## {encoder.name}\n")
        tell_retrieval(encoder, pairs)
        scores = np.stack([cosines(encoder, [(swap[0], swap[1 + kind]) for swap in swaps]) for kind in range(4)])
        tell_swaps(scores, rng)
        found[encoder.name] = cosines(encoder, mixed), scores[:3].ravel()
        print()
    *others, last = found
    for name in others:
        for over, ours, theirs in zip(
            ("1,000 pairs of sentences", "all word swaps"), found[name], found[last], strict=True
        ):
            print(f"{name} with {last}, {over}: ", end="")
            print(f"Pearson {pearsonr(ours, theirs)[0]:.3f}, Spearman {spearmanr(ours, theirs)[0]:.3f}")


def review_pairs(rng: np.random.Generator) -> list[Pair]:
    """One pair of neighbouring sentences each of random test reviews."""
    reviews, pairs = load("imdb", "test"), []
    for i in rng.permutation(len(reviews)):
        if here := list(neighbours(reviews[int(i)].text)):
            pairs.append(here[len(here) // 2])
        if len(pairs) == PAIRS:
            break
    return pairs


def sentence_swaps(rng: np.random.Generator) -> Iterator[tuple[str, str, str, str, str]]:
    """A sentence, and it with a synonym, with an antonym, with a random word of the same tag; and another sentence."""
    texts = [Text(example.text) for example in load("mr", "test")]
    tagged = [tag(text.words, text.gaps) for text in texts]
    by_tag: dict[str, list[str]] = {}
    for text, tags in zip(texts, tagged, strict=True):
        for word, penn in zip(text.words, tags, strict=True):
            by_tag.setdefault(penn, []).append(word)
    for text, tags in zip(texts, tagged, strict=True):
        for i in rng.permutation(len(text)):
            word, penn = text.words[i], tags[i]
            options = [choose(found, word, penn, rng) for found in (words_like(word, penn), words_against(word, penn))]
            if is_stop_word(word) or None in options:
                continue
            swapped = [str(text.replace(int(i), str(new))) for new in (*options, rng.choice(by_tag[penn]))]
            yield str(text), *swapped, str(texts[rng.integers(len(texts))])
            break


def words_like(word: str, penn: str) -> Sequence[str]:
    pos = wordnet_pos(penn)
    return synonyms(word.lower(), pos) if pos else ()


def words_against(word: str, penn: str) -> Sequence[str]:
    pos = wordnet_pos(penn)
    return open_antonyms().named(word.lower(), pos) if pos else ()


def choose(lemmas: Sequence[str], word: str, penn: str, rng: np.random.Generator) -> str | None:
    """One of the single words among them, inflected and cased like the word; None if there is none."""
    forms = [inflect(lemma, penn) for lemma in lemmas if lemma.isalpha()]
    usable = [form for form in forms if form and form not in base_forms(word.lower(), "v")]
    return match_case(str(rng.choice(usable)), word) if usable else None


def cosines(encoder: Encoder, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    firsts, seconds = encoder.embed([[Text(a) for a, _ in pairs], [Text(b) for _, b in pairs]])
    return (firsts.astype(np.float64) * seconds.astype(np.float64)).sum(1)


def tell_retrieval(encoder: Encoder, pairs: Sequence[Pair]) -> None:
    firsts, seconds = encoder.embed([[Text(a) for a, _ in pairs], [Text(b) for _, b in pairs]])
    ranks = []
    for start in range(0, len(pairs), GROUP):
        near = firsts[start : start + GROUP] @ seconds[start : start + GROUP].T
        ranks += (near > np.diag(near)[:, None]).sum(1).tolist()
    share = proportion(ranks.count(0), len(ranks))
    print(
        f"true neighbour nearest of {GROUP}: {told(share, percent)}, chance 1.0 %, "
        f"median rank {np.median(ranks) + 1:g}, mean reciprocal rank {np.mean(1 / (np.array(ranks) + 1)):.3f}"
    )


def tell_swaps(scores: NDArray[np.float64], rng: np.random.Generator) -> None:
    for kind, row in zip(KINDS, scores, strict=True):
        print(f"{kind}: mean cosine {row.mean():.3f}, standard deviation {row.std():.3f}")
    for kind, row in zip(KINDS[1:], scores[1:], strict=True):
        drawn = np.array([area(scores[0][rows], row[rows]) for rows in resamples(len(row), rng)])
        found = percentile(area(scores[0], row), drawn, "percentile bootstrap over sentences")
        paired = (scores[0] > row).mean() + (scores[0] == row).mean() / 2
        print(f"synonym before {kind}: area {told(found, cosine)}; in the same sentence {paired:.1%}")


def resamples(size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    return (rng.integers(size, size=size) for _ in range(RESAMPLES))


def area(near: NDArray[np.float64], far: NDArray[np.float64]) -> float:
    return float(roc_auc_score(np.repeat([1, 0], len(near)), np.concatenate([near, far])))


if __name__ == "__main__":
    main(sys.argv[1:] or ["auto"])
