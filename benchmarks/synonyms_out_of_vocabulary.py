"""How many synonyms are unknown to word models? (Row 2-03: PWWS partly measures what a small vocabulary lacks.)

    TURNCOAT_DATA=../shared python benchmarks/synonyms_out_of_vocabulary.py --zoo ../zoo/mr ../zoo/ag_news \\
        --transfer ../runs/transfer-mr ../runs/transfer-ag

For each zoo and its transfer study: the share of words outside the vocabulary of the zoo's word models, among the words
of the study's clean texts, among the synonyms that PWWS and ga-wordnet try there, and among the words that PWWS put
into the texts kept of word models. No model is asked; it takes half a minute.
Writes results/transfer/synonyms-oov.md and synonyms-oov.csv.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from study import RESULTS, markdown, percent, write_csv
from turncoat import load_dataset
from turncoat.attacks.genetic import ga_wordnet
from turncoat.attacks.pwws import PWWS
from turncoat.data.example import Dataset
from turncoat.engine.run import Task, run
from turncoat.evaluation.environment import provenance
from turncoat.intervals import mean
from turncoat.models.vocabulary import UNKNOWN, Vocabulary
from turncoat.space import Space
from turncoat.studies.transfer.arm import Arm
from turncoat.studies.transfer.crafting import read_crafted
from turncoat.studies.transfer.folder import StudyFolder
from turncoat.studies.zoo import Member, members
from turncoat.substitutions.wordnet import WordNet
from turncoat.text import Text

ATTACK, SOURCE = "pwws", WordNet()
Words = Mapping[str, Sequence[str]]  # of texts, by the id of their example
Row = dict[str, str]


def word_models(zoo: Path) -> tuple[Vocabulary, list[Member]]:
    """The trained word models of a zoo, and the vocabulary that all of them have."""
    found = [member for member in members(zoo) if member.model.form == "W" and member.trained]
    vocabularies = {each.words: each for each in (Vocabulary.read(m.folder / "vocabulary.txt") for m in found)}
    if len(vocabularies) != 1:
        raise SystemExit(f"{zoo}: expected word models that share a vocabulary, got {len(vocabularies)} vocabularies")
    return next(iter(vocabularies.values())), found


def texts_of(study: StudyFolder) -> Dataset:
    """The clean texts that the study attacked."""
    about = study.description()
    data = load_dataset(about["source"]["data"], about["source"]["split"])
    data = data.sample(about["config"]["examples"], about["config"]["seed"])
    if data.digest != about["config"]["digest"]:
        raise SystemExit(f"{study.path}: {data.name} does not give the texts of this study any more")
    return data


def proposed(texts: Dataset) -> Words:
    """What both attacks may put into each text, a word as often as it may be put there."""

    async def work(text: Text) -> list[str]:
        return [word for options in Space(text, await SOURCE.propose(text)).options for word in options]

    return {task.name: words for task, words in run((Task(e.id, work(Text(e.text))) for e in texts), {})}


def put_in(texts: Dataset, arm: Arm) -> Iterator[tuple[str, Words]]:
    """What the attack put into the texts that are kept of each word model."""
    clean = {example.id: Text(example.text) for example in texts}
    for model in arm.models():
        crafted = read_crafted(arm, model.name) if model.form == "W" else None
        if crafted is not None:
            turned = crafted.texts.items()
            yield model.name, {i: [change.new for change in clean[i].diff(Text(t)) if change.new] for i, t in turned}


def row(about: Row, parts: Sequence[Words], vocabulary: Vocabulary) -> Row:
    """One line of the table. Texts that were made of one example of the data count as one: their mean."""
    shares: dict[str, list[float]] = defaultdict(list)
    count = unknown = 0
    for text, words in ((text, words) for part in parts for text, words in part.items() if words):
        new = sum(UNKNOWN in vocabulary.ids_of_string(word) for word in words)
        shares[text].append(new / len(words))
        count, unknown = count + len(words), unknown + new
    interval = mean([sum(each) / len(each) for each in shares.values()])
    return {
        **about, "examples": str(len(shares)), "texts": str(sum(map(len, shares.values()))), "words": str(count),
        "of them unknown": str(unknown), "unknown, all words alike, %": f"{100 * unknown / max(count, 1):.1f}",
        "unknown, mean over texts, %": percent(interval),
    }  # fmt: skip


def rows_of(zoo: Path, study: StudyFolder) -> tuple[str, list[Row]]:
    """What the data and the vocabulary are, in a sentence; and the lines of one data set."""
    (vocabulary, models), texts = word_models(zoo), texts_of(study)
    training = models[0].card.training
    data = texts.name.split("/")[0]
    made = dict(put_in(texts, study.arm(ATTACK)))
    clean = {example.id: Text(example.text).words for example in texts}
    groups = [
        ("words of the clean texts", [clean]),
        ("synonyms proposed", [proposed(texts)]),
        ("put in by PWWS, all word models", [*made.values()]),
        *((f"put in by PWWS, {name}", [words]) for name, words in made.items()),
    ]
    note = (
        f"{data}: {len(vocabulary) - 2:,} words, those that occur {training['least']} times or more in "
        f"{training['rows']:,} training texts; all {len(models)} trained instances of word models know the same"
    )
    return note, [row({"data": data, "what": what}, parts, vocabulary) for what, parts in groups]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", type=Path, nargs="+", required=True)
    parser.add_argument("--transfer", type=Path, nargs="+", required=True, help="the study of each zoo")
    options = parser.parse_args()
    if {PWWS().substitutions, ga_wordnet().substitutions} != {SOURCE}:
        raise SystemExit("this page is about the words that PWWS and ga-wordnet try, and they try others now")
    if len(options.zoo) != len(options.transfer):
        parser.error("expected as many studies as zoos")
    parts = [rows_of(zoo, StudyFolder(study)) for zoo, study in zip(options.zoo, options.transfer, strict=True)]
    table = [row for _, rows in parts for row in rows]
    page = [
        "# Synonyms that word models do not know",
        f"Vocabularies. {'; '.join(note for note, _ in parts)}.",
        "A word is unknown if the model reads [UNK] for it, or for a part of it (u.s. is read as two words); case does "
        "not matter. Clean texts: those that the transfer study attacked. Synonyms proposed: every single replacement "
        "that PWWS and ga-wordnet may try, that is WordNet names of the word's part of speech as base forms (no "
        "inflection), counted at each place where they are proposed. Multi-word names are never proposed by these "
        "attacks and are counted nowhere. Put in by PWWS: the words by which the kept successes of the study differ "
        "from their clean texts. The last column is the mean share of a text's words, of texts that have some, with a "
        "95 % bootstrap interval over the examples of the data (the texts made of one example count as their mean).",
        "All unknown synonyms of a word read alike, so that a model sees one candidate in them: that fewer are put in "
        "than are proposed does not say that PWWS avoids them.",
        markdown(table),
        provenance(),
    ]
    write_csv(RESULTS / "transfer/synonyms-oov.csv", table)
    (RESULTS / "transfer/synonyms-oov.md").write_text("\n\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
