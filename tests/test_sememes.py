"""Words that share a meaning by HowNet: a tiny dictionary with known answers, and the real one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

from turncoat.config import from_table, to_table
from turncoat.data import sememes as data
from turncoat.data.cache import cache_folder
from turncoat.data.rows import rows_of
from turncoat.data.sememe_files import SEMEME
from turncoat.data.sememes import SememeDictionary, open_sememes
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.registry import SUBSTITUTIONS
from turncoat.substitutions.sememes import Sememes
from turncoat.text import Text

# Senses by word: film 3 (n 2, v 1), walk 2, shoot 2, all others 1.
TABLE = """pos\tdef\tsememes\tlemmas
n\t-\tproduce|制造;shows|表演物\tmovie Film flick moving_picture
n\t-\tmaterial|材料\tfilm wax
n\t-\timage|图像;produce|制造;shows|表演物\tcartoon
v\t-\tTakePicture|拍摄\tfilm shoot
n\t-\tplant|植物\tshoot
v\t-\tGoForward|前进\twalk stroll amble
n\t-\troute|道路\twalk
v\t-\tlook|看\tsee view
v\t-\tsplit|破开\tsaw cut
a\t-\tbig|大\tbig large beautiful
v\t-\tbe|是\tbe equal
"""
BASES = {"movies": "movie", "strolled": "stroll", "biggest": "big", "is": "be"}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The tiny dictionary, and a morphology that needs no WordNet."""
    path = tmp_path / "small.tsv"
    path.write_text(TABLE)

    def base_forms(word: str, pos: str) -> tuple[str, ...]:
        return ("saw", "see") if word == "saw" else (BASES.get(word, word),)

    monkeypatch.setattr("turncoat.substitutions.sememes.base_forms", base_forms)
    return str(path)


def propose(source: Sememes, string: str) -> dict[str, list[str]]:
    text = Text(string)
    try:
        source.propose(text).send(None)
    except StopIteration as end:
        options: Sequence[Sequence[str]] = end.value
        return {word: list(words) for word, words in zip(text.words, options, strict=True)}
    raise AssertionError("asked a model")


# --- the dictionary ---


def test_senses_are_sets_of_sememes(small: str) -> None:
    dictionary = open_sememes(small)
    assert dictionary.senses("Film", "n") == (
        frozenset({"produce|制造", "shows|表演物"}),
        frozenset({"material|材料"}),
    )
    assert dictionary.senses("film", "v") == (frozenset({"TakePicture|拍摄"}),)
    assert dictionary.senses("film", "r") == dictionary.senses("unknown", "n") == ()


def test_alike_by_hand(small: str) -> None:
    dictionary = open_sememes(small)
    # film and flick share two sememes with movie; film has more senses
    assert dictionary.alike(["movie"], "n") == ("film", "flick")
    # flick and movie share two sememes with film, wax one; flick and movie go by alphabet
    assert dictionary.alike(["film"], "n") == ("flick", "movie", "wax")
    assert dictionary.alike(["film"], "v") == ("shoot",)
    assert dictionary.alike(["movie", "shoot"], "n") == ("film", "flick")
    assert dictionary.alike(["cartoon"], "n") == dictionary.alike(["unknown"], "n") == ()


def test_nearest_by_hand(small: str) -> None:
    dictionary = open_sememes(small)
    # cartoon has the two sememes of movie and one more: 2 / 3; nothing else shares one with movie
    assert dictionary.nearest(["movie"], "n", 10) == (("film", 1.0), ("flick", 1.0), ("cartoon", 2 / 3))
    assert dictionary.nearest(["movie"], "n", 1) == (("film", 1.0),)
    # senses are merged: wax is as near to film as movie is, the best pair of senses counts
    assert dictionary.nearest(["film"], "n", 9) == (("flick", 1.0), ("movie", 1.0), ("wax", 1.0), ("cartoon", 2 / 3))
    assert dictionary.nearest(["shoot"], "n", 9) == dictionary.nearest(["unknown"], "n", 9) == ()


def test_nearest_is_the_best_pair_of_senses() -> None:
    dictionary = synthetic(300)
    words = list(dictionary.words["n"])
    for word in words[:40]:
        best = {
            other: max(
                len(a & b) / len(a | b) for a in dictionary.senses(word, "n") for b in dictionary.senses(other, "n")
            )
            for other in words
            if other != word
        }
        nearest = dictionary.nearest([word], "n", 12)
        assert [value for _, value in nearest] == sorted(filter(None, best.values()), reverse=True)[:12]
        assert all(best[other] == value for other, value in nearest)
        ones = [other for other, value in dictionary.nearest([word], "n", len(words)) if value == 1]
        assert dictionary.alike([word], "n") == tuple(ones)


def test_a_thinner_dictionary_keeps_a_part_of_a_thicker_one() -> None:
    whole = synthetic(2000)
    kept = {share: whole.thinned(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
    for share, thin in kept.items():
        assert len(thin.words["n"]) == pytest.approx(2000 * share, abs=80)
    for less, more in zip(kept.values(), list(kept.values())[1:], strict=False):
        assert less.words["n"].items() <= more.words["n"].items()
        for word in list(whole.words["n"])[:100]:
            assert set(less.alike([word], "n")) <= set(more.alike([word], "n"))


def synthetic(size: int) -> SememeDictionary:
    """Words w0, w1, ... with two senses each, out of distinct sets of some of twelve sememes."""
    drawn = {frozenset(f"s{(i * 7 + j * (i % 5 + 1)) % 12}|" for j in range(1 + i % 4)) for i in range(400)}
    sets = tuple(sorted(drawn, key=sorted))
    return SememeDictionary(sets, {"n": {f"w{i}": (i % len(sets), (i * 13 + 5) % len(sets)) for i in range(size)}})


# --- files ---


def test_a_table_of_openhownet(tmp_path: Path) -> None:
    apple = "{tree|树:{reproduce|生殖:PatientProduct={fruit|水果},agent={~}}}"
    rows = [
        {"en_word": "apple", "en_grammar": "noun [51apple noun -0 ]", "Def": apple},
        {"en_word": "Pear", "en_grammar": "noun", "sememes": ["fruit|水果", "tree|树", "reproduce|生殖"]},
        {"en_word": "orchard apple tree", "en_grammar": "noun", "Def": apple},
        {"en_word": "of", "en_grammar": "prep", "Def": "{RelateTo|相关}"},
        {"en_word": "", "en_grammar": "", "Def": apple},
        {"en_word": "Rio", "en_grammar": "noun", "Def": '{place|地方:belong="South America|南美"}'},
    ]
    path = tmp_path / "hownet.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    dictionary = open_sememes(str(path))
    assert dictionary.alike(["apple"], "n") == ("pear",)
    assert dictionary.senses("rio", "n") == (frozenset({"place|地方", "South America|南美"}),)
    assert {pos: list(words) for pos, words in dictionary.words.items() if words} == {"n": ["apple", "pear", "rio"]}


@pytest.mark.parametrize("name", ["dictionary.pkl", "dictionary.tsv"])
def test_pickles_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(UsageError, match=r"expected a table, got a pickle.*turncoat\.data\.sememe_files"):
        open_sememes(str(path))


def test_files_that_are_no_dictionary(tmp_path: Path) -> None:
    (tmp_path / "other.tsv").write_text("word\tmeaning\na\tb\n")
    with pytest.raises(UsageError, match=r"columns pos, lemmas and sememes, or en_word.* it has word, meaning"):
        open_sememes(str(tmp_path / "other.tsv"))
    (tmp_path / "short.tsv").write_text("pos\tlemmas\tsememes\nn\tfilm\n")
    with pytest.raises(BrokenData, match=r"short\.tsv:2: expected 3 cells, got 2"):
        open_sememes(str(tmp_path / "short.tsv"))


def test_missing_says_how_to_get_it(tmp_path: Path) -> None:
    source = Sememes(path=str(tmp_path / "absent.tsv"))
    with pytest.raises(MissingResource, match=r"(?s)HowNet.*pip install OpenHowNet.*Sememes\(path=.*absent\.tsv"):
        propose(source, "of the")


def test_the_index_is_built_once(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_sememes(small)
    monkeypatch.setattr(data, "_build", lambda file: pytest.fail("built again"))
    open_sememes.cache_clear()
    again = open_sememes(small)
    assert (again.sets, again.words) == (first.sets, first.words)
    assert len(list(cache_folder().glob("sememes-*.json"))) == 1


# --- the source ---


def test_candidates_take_the_part_of_speech_and_the_inflection_of_the_word(small: str) -> None:
    source = Sememes(path=small)
    assert propose(source, "the movies were good")["movies"] == ["films", "flicks"]
    assert propose(source, "They strolled home")["strolled"] == ["walked", "ambled"]
    assert propose(source, "the biggest tree")["biggest"] == ["largest"]  # "beautifulest" is no word
    assert propose(source, "They walk home")["walk"] == ["amble", "stroll"]
    assert propose(source, "We shoot films")["shoot"] == ["film"]
    assert propose(source, "They saw a film")["film"] == ["flick", "movie", "wax"]
    assert propose(source, "the film's plot")["film's"] == ["flick's", "movie's", "wax's"]


def test_base_forms_only(small: str) -> None:
    assert propose(Sememes(path=small, inflect=False), "the movies")["movies"] == ["film", "flick"]


def test_an_inflected_form_is_not_the_base_form_of_the_same_letters(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Sememes(path=small)
    for penn, found in [("VBD", ["viewed"]), ("VB", ["cut"]), ("NN", []), ("MD", [])]:
        monkeypatch.setattr("turncoat.substitutions.sememes.tag", lambda words, gaps, penn=penn: (penn,))
        assert propose(source, "saw")["saw"] == found


def test_nothing_for_be_and_for_words_without_sememes(small: str) -> None:
    assert propose(Sememes(path=small), "The plot is strange") == {"The": [], "plot": [], "is": [], "strange": []}


def test_nearest_words(small: str) -> None:
    source = Sememes(match="nearest", k=3, path=small)
    assert propose(source, "two movies")["movies"] == ["films", "flicks", "cartoons"]
    assert propose(Sememes(match="nearest", k=1, path=small), "two movies")["movies"] == ["films"]


def test_no_coverage_no_candidates(small: str) -> None:
    assert propose(Sememes(path=small, coverage=0.0), "the big movies") == {"the": [], "big": [], "movies": []}


def test_wrong_settings() -> None:
    with pytest.raises(UsageError, match="expected match to be one of sense, nearest, got 'tree'"):
        Sememes(match="tree")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected k >= 1, got 0"):
        Sememes(k=0)
    with pytest.raises(UsageError, match=r"expected coverage in \[0, 1\], got 1.5"):
        Sememes(coverage=1.5)


def test_it_has_a_name_and_survives_a_config_file() -> None:
    assert SUBSTITUTIONS.get("sememes")() == Sememes()
    source = Sememes(match="nearest", k=4, coverage=0.5, path="somewhere.tsv")
    assert from_table(to_table(source)) == source


# --- the real one ---


@pytest.mark.shared
def test_the_whole_of_hownet(shared: Path) -> None:
    file = shared / "data/hownet/hownet_en_wn30.tsv.xz"
    dictionary = open_sememes(str(file))
    words = {word: pos for pos, entries in dictionary.words.items() for word in entries}
    assert len(words) == 39622
    assert len(dictionary.sets) == 11164
    assert dictionary.alike(["movie"], "n")[:3] == ("picture", "film", "flick")
    _, rows = rows_of(file)
    for _, cells in rows[::10]:
        assert isinstance(cells, dict)
        found = {sememe.strip() for sememe in SEMEME.findall(cells["def"])}
        assert found == set(cells["sememes"].split(";"))
