"""Rules and texts in words: Table 6, biases, reach, Table 1 and its replay; `rule_page.py` uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from study import number, percent
from turncoat import load_dataset
from turncoat.evaluation.universality import LEVELS
from turncoat.rules.diagnosis import Bias, biases
from turncoat.rules.pmi import WordCounts, count_words, named_mode
from turncoat.rules.rule import RuleBook
from turncoat.studies.rules.biases import correlations, look_up, reaches
from turncoat.studies.rules.run import PMI, RuleStudy
from turncoat.studies.rules.universal_texts import Universal, asked_alone, nearest, replays, universality
from turncoat.studies.rules.victims import load
from turncoat.text import Text

Rows = list[dict[str, str]]
TOP, SHOWN = 5, 3
BEST = (10, 100, 1000, 10_000)
CAP = 0.3


@dataclass(frozen=True)
class Part:
    """A section of the page, and its CSV file ("" for none)."""

    file: str
    title: str
    note: str
    rows: Rows


def bias_parts(study: RuleStudy) -> list[Part]:
    """Table 6, the ten published rules, rules by PMI change, correlations, reach."""
    book = study.books[study.headline]
    counts = count_words(load_dataset(study.train.name.split("/")[0], "train"))
    in_force = [rule for rule in book.rules if rule.salience > 0]
    ours: list[Bias] = []
    by_pmi: list[Bias] = []
    published: Rows = []
    for label in range(len(book.labels)):
        rules = [rule for rule in in_force if rule.label == label]
        ours += biases(rules[:TOP], counts, by_change=False)
        by_pmi += biases(rules, counts)[:TOP]
    for found in look_up(book, study.trial.instances):
        row = {
            "class": found.published.label, "rule": f"{found.published.word} → {found.published.replacement}",
            "place": f"{found.place} of {found.of}" if found.place else f"- ({found.why})",
            "h": f"{found.rule.salience:.3f}" if found.rule else "-",
        }  # fmt: skip
        words = counts.pmi([found.published.word, found.published.replacement])
        for name, printed in (("positive", found.published.positive), ("negative", found.published.negative)):
            i = [label.lower() for label in book.labels].index(name)
            row |= {f"PMI {name}": f"{words[0, i]:.3f} → {words[1, i]:.3f}"}
            row |= {f"printed PMI {name}": f"{printed[0]:.3f} → {printed[1]:.3f}"}
        published.append(row)
    agreements = [
        {"rules": found.over, "PMI": found.mode, "n": f"{found.rules:,}", "Spearman": number(found.spearman, 3)}
        for mode in map(named_mode, ("paper", "standard"))
        for found in correlations(book, counts, mode)
    ]
    reach = [
        {"rules": name, "best of each class": f"{found.rules:,}", "texts reached": percent(found.texts)}
        for name in (study.headline, PMI)
        for found in reaches(study.test, study.books[name], BEST)
    ]
    note = f"PMI in bits over all {counts.documents.sum():,} training texts; Δ after the arrow"
    looked_up = (
        f"Table 6's rules among ours of their class; their PMI here and as printed. {counted(counts)}; the printed "
        "6.478 takes 22.3 tokens a text, and the paper does not say what a token is"
    )
    positive = f"those of positive salience; {note}"
    return [
        Part(
            "table_6",
            "Table 6: best rules",
            f"{study.headline}; {note}. {counted(counts)}",
            [_bias(bias, book) for bias in ours],
        ),
        Part("published_rules", "Published rules", looked_up, published),
        Part("biases", "Rules by change of PMI", positive, [_bias(bias, book) for bias in by_pmi]),
        Part("correlations", "h and h_PMI", "rank correlation; intervals take rules for independent", agreements),
        Part("reach", "Reach of rules", "texts with a word that one of the best rules of their class replaces", reach),
    ]


def counted(counts: WordCounts) -> str:
    """Which tokens PMI counts, and the constant that comes of it: that of a word of one class only, once a text, were
    all classes of the same size."""
    words = counts.tokens / counts.documents.sum()
    constant = np.log2(len(counts.documents) ** 2 * words)
    return f"Tokens are words without punctuation, {words:.1f} a text, so a word of one class only has {constant:.3f}"


def _bias(bias: Bias, book: RuleBook) -> dict[str, str]:
    pmi = {
        f"PMI {name}": f"{before:.3f} → {after:.3f} ({after - before:+.3f})"
        for name, before, after in zip(book.labels, bias.before, bias.after, strict=True)
    }
    rule = bias.rule
    return {
        "class": book.labels[rule.label], "rule": f"{rule.word} → {rule.replacement}", "pos": rule.pos or "-",
        "h": f"{rule.salience:.3f}", "seen": str(rule.count), **pmi, "h_PMI": f"{bias.change:+.3f}",
    }  # fmt: skip


def universal_parts(study: RuleStudy) -> list[Part]:
    """Universal examples by cap, three of them asked anew, and the published three."""
    tried = study.tried
    everything = [universality(tried, study.test, book, cap) for book in (study.headline, PMI) for cap in study.caps]
    shares = [
        {"rules": found.rules, "cap": f"{found.cap:.0%}", "models": str(len(tried.targets)), "texts": str(found.texts),
         **{f"fool {level:.0%} of the models that read it rightly": percent(share)
            for level, share in zip(LEVELS, found.shares, strict=True)},
         "fool all, of texts that all read rightly": percent(found.everyone), "such texts": str(len(found.found))}
        for found in everything
    ]  # fmt: skip
    (whole,) = (found for found in everything if (found.rules, found.cap) == (study.headline, max(study.caps)))
    shown = whole.found[:SHOWN] or nearest(tried, study.test, study.headline, max(study.caps), SHOWN)
    title = "texts that fool every model" if whole.found else "no text fools every model; these fool the most"
    return [
        Part(
            "universality",
            "Universal examples",
            "one text for all models; of the texts that at least one of them reads rightly",
            shares,
        ),
        Part("table_1", "Table 1", f"{title}; asked anew, each text alone", _verified(study, shown)),
        Part(
            "replay",
            "Replay of the published texts",
            "as they stand in the data, with the printed replacements",
            _replay(study),
        ),
    ]


def _verified(study: RuleStudy, shown: Sequence[Universal]) -> Rows:
    answers = _ask_all(study, [(Text(u.example.text), u.text) for u in shown], [u.example.label for u in shown])
    return [
        {
            "class": study.test.labels[u.example.label], "text": u.example.text.replace("|", "/"),
            "changes": _changes(Text(u.example.text), u.text), "models right before": str(int(right.sum())),
            "of these fooled": str(int((right & wrong).sum())), "models asked": str(len(right)),
            "verified": "yes" if ((right.sum(), (right & wrong).sum()) == (u.right, u.fooled)) else "NO",
        }
        for u, (right, wrong) in zip(shown, answers, strict=True)
    ]  # fmt: skip


def _replay(study: RuleStudy) -> Rows:
    whole = replace(study.test, examples=load_dataset(study.test.name.split("/")[0], "test").examples)
    found = replays(whole)
    here = [(r, r.example, r.text) for r in found if r.example and r.text]
    if not here:
        return []
    answers = _ask_all(study, [(Text(e.text), text) for _, e, text in here], [e.label for _, e, _ in here])
    rows = [
        {"text": r.published.start, "class": study.test.labels[e.label], "changes": _changes(Text(e.text), text),
         "models right before": str(int(right.sum())), "of these fooled": str(int((right & wrong).sum())),
         "wrong after, of all models": str(int(wrong.sum())), "models asked": str(len(right))}
        for (r, e, text), (right, wrong) in zip(here, answers, strict=True)
    ]  # fmt: skip
    return [*rows, *({"text": r.published.start, "changes": "not in the data"} for r in found if r.text is None)]


def _ask_all(
    study: RuleStudy, pairs: Sequence[tuple[Text, Text]], labels: Sequence[int]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each pair, which targets are right before and wrong after (targets,)."""
    said = [asked_alone(load(target.folder, study.test.labels), pairs, labels) for target in study.targets]
    table = np.array(said, bool).reshape(len(study.targets), len(pairs), 2)
    return [(table[:, i, 0], table[:, i, 1]) for i in range(len(pairs))]


def _changes(old: Text, new: Text) -> str:
    return ", ".join(f"{change.old} → {change.new}" for change in old.diff(new))
