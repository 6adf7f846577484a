"""Film reviews: MR, SST-2 and IMDB. Two classes each, negative and positive."""

from __future__ import annotations

import json
import zipfile

from turncoat.data.example import Dataset, Example
from turncoat.data.originals import numbered_lines, original
from turncoat.data.splitting import check_split, cut

POLARITY = ("negative", "positive")


def load_mr(split: str) -> Dataset:
    """Movie review sentences (Pang and Lee 2005), lower-case and tokenised; splits train 90 %, test 10 %.

    10,662 sentences, one half each class. There is no official split: ours is drawn at random with a fixed seed, class
    by class. An example's id is its line in the original file.
    """
    shares = {"test": 0.1, "train": 0.9}
    check_split("mr", split, shares)
    path = original("mr", "sentence_polarity.zip")
    examples = []
    with zipfile.ZipFile(path) as archive:
        for label, suffix in enumerate(("neg", "pos")):
            content = archive.read(f"sentence_polarity/rt-polarity.{suffix}").decode()
            lines = enumerate(content.rstrip("\n").split("\n"), 1)
            examples += [Example(f"mr-{suffix}-{number:05d}", line.strip(), label) for number, line in lines]
    return Dataset(f"mr/{split}", cut(examples, shares, split), POLARITY, source=str(path))


def load_sst2(split: str) -> Dataset:
    """Stanford Sentiment Treebank, whole sentences of two classes; splits train 6,920, dev 872, test 1,821.

    The official split as published in this copy: inside words punctuation is missing ("k 19"), and 9 sentences of train
    stand there twice.
    """
    check_split("sst2", split, ("train", "dev", "test"))
    path = original("sst2", f"{split}.tsv")
    examples = []
    for number, line in numbered_lines(path):
        text, label = line.split("\t")
        examples.append(Example(f"sst2-{split}-{number:05d}", text, int(label)))
    return Dataset(f"sst2/{split}", tuple(examples), POLARITY, source=str(path))


def load_imdb(split: str) -> Dataset:
    """Large Movie Review Dataset (Maas et al. 2011); splits train 25,000, test 25,000.

    As published but for `<br />`, which becomes a line break. 123 texts stand in both train and test, 96 twice in
    train, 199 twice in test. Ids are those of the original files ("imdb-test-neg-0_2": number 0, two stars).
    """
    check_split("imdb", split, ("train", "test"))
    path = original("imdb", f"imdb_{split}.jsonl.xz")
    examples = []
    for _, line in numbered_lines(path):
        row = json.loads(line)
        text = row["text"].replace("<br />", "\n")
        label = ("neg", "pos").index(row["label"])
        examples.append(Example(f"imdb-{split}-{row['label']}-{row['id']}_{row['rating']}", text, label))
    return Dataset(f"imdb/{split}", tuple(examples), POLARITY, source=str(path))
