"""The paper's heat maps of word importance (Figures 5 and 6), and its claims about them on many texts.

    TURNCOAT_DATA=../shared python benchmarks/word_importance.py --zoo ../zoo/ag_news

Takes the one-layer models of the zoo that are trained (instance a), and MiniLM. `results/transfer/importance/` gets the
heat maps, the tables and a page with verdicts; a few minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import track

from study import RESULTS, markdown, number, percent
from turncoat import load_dataset, load_victim
from turncoat.evaluation.environment import provenance
from turncoat.studies.importance.claims import judge_texts
from turncoat.studies.importance.files import write_importance
from turncoat.studies.importance.measures import FEW, Comparison, compare
from turncoat.studies.importance.run import Importance, measure
from turncoat.studies.transfer.tables import findings_table
from turncoat.studies.zoo import chosen_models, members
from turncoat.studies.zoo_inputs import inputs_note
from turncoat.text import Text

OUT = RESULTS / "transfer/importance"
SENTENCE = (
    "Storage, servers bruise HP earnings update Earnings per share rise compared with a year ago, but company misses "
    "analysts' expectations by a long shot."
)
LABEL, WORD = "Sci/Tech", "Storage"
SUBSTITUTES = ("entrepot", "storehouse", "reposition", "warehousing", "store", "depot", "memory", "repositing")
DRAWN = "In brackets: 95 % intervals of the bootstrap over texts; the models stay."
PRINTED = 21  # models: 18 of one layer, and 3 transformers


def page(found: Importance, comparison: Comparison, texts: list[Importance], inputs: str, missing: list[str]) -> str:
    """The page, in Markdown."""
    families = [
        {
            "family": row.family,
            "models": str(row.models),
            "entropy": number(row.entropy, 2),
            f"on {FEW} words, %": percent(row.few),
            "agreement": number(row.agreement, 2),
            "substitutes not known, %": percent(row.unknown),
        }
        for row in comparison.families
    ]
    claims = findings_table(judge_texts(texts), "claims", f"{len(texts)} texts of ag_news/test", DRAWN)
    here = sum(row.models for row in comparison.families if row.family != "BERT")
    parts = (
        "# Which words the models of AG News hang their verdict on",
        provenance(
            f"{here} of the paper's {PRINTED} models, instance a. {inputs} Not trained: {', '.join(missing) or 'none'}."
        ),
        f'![Each word made unknown, by model](words.svg)\n\n![Substitutes of "{WORD}", by model](substitutes.svg)',
        f"The example of the paper's Appendix C. Its class is {LABEL} in the data (row 20 of the test split); the "
        "specification says business, the paper nothing. Numbers: by how much the log-probability of the "
        f'class falls if a word is made unknown (words.csv), or if "{WORD}" is replaced (substitutes.csv).',
        markdown(families),
        "Entropy is of the shares of max(I, 0), 1 if all words weigh the same. Agreement: Spearman over "
        f"{comparison.words} words, between two models of the family. Within families {number(comparison.within, 2)}, "
        f"across {number(comparison.across, 2)}, difference {number(comparison.difference, 2)}. In brackets: 95 % "
        "intervals, of models (entropy, share) or words (agreement); none for a single model.",
        f"The same claims on {len(texts)} texts, with their own classes and all words that every model sees.",
        claims.markdown(),
    )
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=100)
    options = parser.parse_args()
    firsts = [each for each in members(options.zoo, chosen_models(["one-layer"])) if each.instance == "a"]
    victims = [(each.model.name, load_victim(str(each.folder))) for each in firsts if each.trained]
    missing = [each.model.name for each in firsts if not each.trained]
    text = Text(SENTENCE)
    found = measure(victims, text, LABEL, text.words.index(WORD), SUBSTITUTES)
    data = load_dataset("ag_news").sample(options.texts, 0)
    texts = [
        measure(victims, Text(example.text), data.labels[example.label])
        for example in track(data, "asking about texts")
    ]
    comparison, inputs = compare(found), inputs_note(each.folder for each in firsts)
    write_importance(found, comparison, OUT).unlink()  # the HTML page: the repository holds the Markdown one
    (OUT / "README.md").write_text(page(found, comparison, texts, inputs, missing), encoding="utf-8")


if __name__ == "__main__":
    main()
