"""WordNet read directly: a tiny one written here, and the real one against NLTK's reader."""

from __future__ import annotations

import random
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from turncoat.data.cache import cache_folder
from turncoat.data.wordnet import Thesaurus, open_thesaurus
from turncoat.data.wordnet_files import FILES, fingerprint, read_synsets, wordnet_folder
from turncoat.errors import BrokenData, MissingResource

LICENCE = "  1 This software and database is being provided to you\n"
SMALL = {
    "data.noun": "00000010 06 n 02 film 0 moving_picture 0 000 | a form of art; \"a fine film\"  \n"
    "00000020 06 n 03 Movie 0 film 1 flick 0 001 @ 00000010 n 0000 | a story  \n"
    "00000030 18 n 01 axis 0 000 | a line  \n"
    "00000040 06 n 01 axe 0 000 | a tool  \n",
    "index.noun": "axe n 1 0 1 0 00000040  \naxis n 1 0 1 0 00000030  \nfilm n 2 1 @ 2 1 00000020 00000010  \n"
    "flick n 1 0 1 0 00000020  \nmovie n 1 0 1 0 00000020  \nmoving_picture n 1 0 1 0 00000010  \n",
    "noun.exc": "axes axis axe\n",
    "data.adj": "00000010 00 a 01 galore(ip) 0 000 | plenty  \n00000020 00 s 02 big 0 large(a) 0 000 | of size  \n",
    "index.adj": "big a 1 0 1 0 00000020  \ngalore a 1 0 1 0 00000010  \nlarge a 1 0 1 0 00000020  \n",
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "dict"
    folder.mkdir()
    for file in FILES:
        (folder / file).write_text(("" if file.endswith(".exc") else LICENCE) + SMALL.get(file, ""))
    return folder


def test_synonyms_come_in_sense_order_without_the_word_itself(small: Path) -> None:
    thesaurus = open_thesaurus(small)
    assert thesaurus.synonyms("film", "n") == ("Movie", "flick", "moving picture")
    assert thesaurus.synonyms("Films", "n") == ("Movie", "flick", "moving picture")
    assert thesaurus.synonyms("movie", "n") == ("film", "flick")
    assert thesaurus.synonyms("moving picture", "n") == ("film",)
    assert thesaurus.synonyms("larger", "a") == ("big",)
    assert thesaurus.synonyms("film", "v") == ()
    assert thesaurus.synonyms("galore", "a") == ()


def test_base_forms(small: Path) -> None:
    thesaurus = open_thesaurus(small)
    assert thesaurus.base_forms("axes", "n") == ("axis", "axe")
    assert thesaurus.base_forms("flicks", "n") == ("flick",)
    assert thesaurus.base_forms("unknown", "n") == ()


def test_the_table_is_built_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_thesaurus(small)
    monkeypatch.setattr("turncoat.data.wordnet._build", lambda folder: pytest.fail("built again"))
    open_thesaurus.cache_clear()
    assert open_thesaurus(small).names == first.names
    assert len(list(cache_folder().glob("wordnet-1-*.json"))) == 1


def test_fingerprint_follows_the_content(small: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(small, tmp_path / "copy")
    assert fingerprint(copy) == fingerprint(small)
    (copy / "noun.exc").write_text("oxen ox\n")
    assert fingerprint(copy) != fingerprint(small)


@pytest.mark.parametrize("kind", ["zip", "tar.xz"])
def test_archives_are_unpacked_into_the_cache(small: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"dict.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as zipped:
            for file in FILES:
                zipped.write(small / file, f"wordnet/{file}")
            zipped.writestr("wordnet/../../escaped", "no")
    else:
        with tarfile.open(archive, "w:xz") as tar:
            tar.add(small, "wordnet")
    folder = wordnet_folder(archive)
    assert folder.parent == cache_folder()
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert wordnet_folder(archive) == folder
    assert [path.name for path in cache_folder().iterdir()] == [folder.name]
    archive.write_bytes(archive.read_bytes()[:300])
    with pytest.raises(BrokenData, match="cannot be unpacked"):
        wordnet_folder(archive)


def test_folders_that_are_no_wordnet(small: Path, tmp_path: Path) -> None:
    (small / "data.verb").unlink()
    with pytest.raises(BrokenData, match=r"there is no data.verb"):
        wordnet_folder(small)
    with pytest.raises(MissingResource, match="apt-get install wordnet-base"):
        wordnet_folder(tmp_path / "absent")


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return wordnet_folder()
    except MissingResource:
        pytest.skip("needs WordNet 3.0")


@pytest.fixture(scope="module")
def thesaurus(folder: Path) -> Thesaurus:
    return open_thesaurus(folder)


def test_the_whole_of_wordnet(folder: Path, thesaurus: Thesaurus) -> None:
    assert {pos: len(read_synsets(folder, pos)) for pos in "nvar"} == {"n": 82115, "v": 13767, "a": 18156, "r": 3621}
    assert sum(map(len, thesaurus.names.values())) == 155287  # as Princeton counts them
    wanted = {"entrepot", "storehouse", "reposition", "warehousing", "store", "depot", "memory", "repositing"}
    assert wanted == {name for name in thesaurus.synonyms("Storage", "n") if " " not in name}
    assert thesaurus.base_forms("was", "v") == ("be",)


def test_like_nltk(folder: Path, thesaurus: Thesaurus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NLTK's reader wants its own folder and two files that Debian lacks; given a copy, it must say the same."""
    import nltk
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    for file in FILES:
        shutil.copy(folder / file, tmp_path)
    (tmp_path / "lexnames").write_text("".join(f"{number:02d}\ttopic{number}\t1\n" for number in range(45)))
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    monkeypatch.setattr(WordNetCorpusReader, "map_wn", lambda self: None)
    with pytest.warns(UserWarning, match="multilingual"):
        reader = WordNetCorpusReader(str(tmp_path), None)
    draw = random.Random(0)
    for pos in "nvar":
        lemmas = draw.sample(sorted(thesaurus.names[pos]), 800)
        inflected = [lemma + ending for lemma in lemmas[:200] for ending in ("s", "es", "ed", "ing", "er", "est")]
        for word in (*lemmas, *inflected, *list(thesaurus.exceptions[pos])[:200]):
            bases = thesaurus.base_forms(word, pos)
            names = [name for synset in reader.synsets(word, pos) for name in synset.lemma_names()]
            expected = dict.fromkeys(name.replace("_", " ") for name in names if name.lower() not in {word, *bases})
            assert thesaurus.synonyms(word, pos) == tuple(expected), (word, pos)
