"""The masked language model gives what a plain forward pass gives, whatever the company."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tiny_masked_lm import PIECES, WORDS, Plain, byte_level_folder, wordpiece_folder
from tiny_models import bert_folder
from turncoat.data.resources import is_here
from turncoat.engine.query import FILLS, Cloze
from turncoat.errors import MissingResource, UsageError
from turncoat.models import masked_lm
from turncoat.models.batching import ROWS
from turncoat.models.masked_lm import MaskedLanguageModel
from turncoat.text import Text

FILM = Text("It was a very (good) film, not so dull.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wordpiece_folder(tmp_path_factory.mktemp("wordpiece"))


@pytest.fixture(scope="module")
def model(folder: Path) -> MaskedLanguageModel:
    return MaskedLanguageModel(str(folder))


@pytest.fixture(scope="module")
def plain(folder: Path) -> Plain:
    return Plain(folder)


def clozes(text: Text, word: str = "") -> list[Cloze]:
    return [Cloze(text, i, word) for i in range(len(text))]


def words(row: np.ndarray) -> list[str]:
    return [word for word in row.tolist() if word]


def test_fill_gives_all_whole_words_in_the_order_of_a_plain_forward(model: MaskedLanguageModel, plain: Plain) -> None:
    (found,) = model.fill([clozes(FILM)])
    assert found.shape == (9, FILLS)
    for position, word in enumerate(FILM.words):
        masked = str(FILM.replace(position, "[MASK]"))
        (chances,) = plain.chances(masked)
        others = [w for w in WORDS if w != word.lower()]
        assert words(found[position]) == sorted(others, key=lambda w: -chances[plain.number(w)])


def test_the_word_is_hidden_from_the_model(model: MaskedLanguageModel) -> None:
    other = FILM.replace(5, "badly")
    (first,), (second,) = model.fill([[Cloze(FILM, 5)]]), model.fill([[Cloze(other, 5)]])
    assert [word for word in words(second[0]) if word != "film"] == words(first[0])
    assert "film" in words(second[0])


def test_pieces_that_are_no_whole_words_are_left_out(model: MaskedLanguageModel) -> None:
    found = set(model.fill([clozes(FILM)])[0].ravel()) - {""}
    assert found == set(WORDS)  # no "##s", no ".", no "7", no "b4", no "[MASK]"
    assert set(PIECES) - found == {*PIECES[:5], *PIECES[len(WORDS) + 5 :]}


@pytest.mark.parametrize("word", ["Film", "FILM", "fILm", "café", "CAFÉ"])
def test_the_original_is_left_out_however_it_is_written(model: MaskedLanguageModel, word: str) -> None:
    (row,) = model.fill([[Cloze(Text(f"a {word}."), 1)]])[0]
    assert set(words(row)) == set(WORDS) - {"film" if "f" in word.lower()[0] else "cafe"}


def test_weigh_sums_over_pieces_that_are_all_masked(model: MaskedLanguageModel, plain: Plain) -> None:
    asked = [Cloze(FILM, 5, "movie"), Cloze(FILM, 5, "Movies"), Cloze(FILM, 4, "goodishly"), Cloze(FILM, 0, "zzz")]
    one = plain.chances("It was a very (good) [MASK], not so dull.")
    two = plain.chances("It was a very (good) [MASK][MASK], not so dull.")
    three = plain.chances("It was a very ([MASK][MASK][MASK]) film, not so dull.")
    first = plain.chances("[MASK] was a very (good) film, not so dull.")
    n = plain.number
    expected = [
        one[0, n("movie")],
        two[0, n("movie")] + two[1, n("##s")],
        three[0, n("good")] + three[1, n("##ish")] + three[2, n("##ly")],
        first[0, n("[UNK]")],
    ]
    (found,) = model.weigh([asked])
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(found, np.round(found, 6))


def test_a_word_must_be_given_to_weigh(model: MaskedLanguageModel) -> None:
    with pytest.raises(UsageError, match="expected a word to weigh at position 2"):
        model.weigh([[Cloze(FILM, 2)]])


def many() -> list[list[Cloze]]:
    """Batches of clozes in texts of many lengths, with words of one to three pieces."""
    chance = random.Random(3)
    texts = [Text(" ".join(chance.choices(WORDS, k=length))) for length in (1, 2, 3, 5, 6, 9, 14, 21, 30, 41)]
    return [
        [Cloze(text, i, chance.choice(WORDS) + chance.choice(("", "s", "ishly"))) for i in range(len(text))]
        for text in texts
    ]


def test_alone_or_in_company_gives_the_same_bits(model: MaskedLanguageModel) -> None:
    batches = many()
    for ask in (model.fill, model.weigh):
        together = ask(batches)
        for batch, answers in zip(batches, together, strict=True):
            np.testing.assert_array_equal(ask([batch])[0], answers)
            np.testing.assert_array_equal(ask([batch[-1:]])[0], answers[-1:])


def test_logits_are_the_same_bits_too(model: MaskedLanguageModel) -> None:
    holes = [("a good ", " film", masks) for masks in (1, 2, 3)] + [("a " * n, "", 1) for n in range(9)]

    def logits(some: list[masked_lm.Hole]) -> dict[masked_lm.Hole, np.ndarray]:
        found = {}
        for rows, read in model._read(some):
            ends = np.cumsum([some[row][2] for row in rows])
            found |= {some[row]: own for row, own in zip(rows, np.split(read.numpy(), ends[:-1]), strict=True)}
        return found

    together = logits(holes)
    for hole in holes:
        np.testing.assert_array_equal(logits([hole])[hole], together[hole])


def test_each_distinct_hole_is_read_once(model: MaskedLanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    logits = MaskedLanguageModel._logits
    monkeypatch.setattr(
        MaskedLanguageModel, "_logits", lambda self, inputs, at: rows.append(len(at)) or logits(self, inputs, at)
    )
    model.fill([[Cloze(FILM, 1)] * 50, [Cloze(FILM.replace(1, "is"), 1)] * 50])
    model.weigh([[Cloze(FILM, 1, word) for word in WORDS]])
    assert rows == [ROWS, ROWS]


def test_only_the_window_around_the_hole_is_read(
    model: MaskedLanguageModel, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masked_lm, "WINDOW", 3)
    text = Text("bad but it was a very good film and so is the plot")
    weights = model.weigh([[Cloze(text, 6, "great"), Cloze(text, 1, "and"), Cloze(text, 12, "cast")]])[0]
    strings = ["was a very [MASK] film and so", "bad [MASK] it was a", "so is the [MASK]"]
    expected = [plain.chances(s)[0, plain.number(w)] for s, w in zip(strings, ("great", "and", "cast"), strict=True)]
    np.testing.assert_allclose(weights, expected, atol=1e-4)


def test_texts_past_the_models_limit(tmp_path: Path) -> None:
    short = MaskedLanguageModel(str(wordpiece_folder(tmp_path, most_tokens=16)))  # 12 words beside its own four tokens
    text = Text(" ".join(WORDS * 5))
    found, weights = short.fill([clozes(text)])[0], short.weigh([clozes(text, "good" + "ly" * 30)])[0]
    assert (found[:, 0] != "").all()
    assert np.isfinite(weights).all()
    near = Text(" ".join((WORDS * 5)[55:66]))
    np.testing.assert_array_equal(short.fill([[Cloze(text, 60)]])[0], short.fill([[Cloze(near, 5)]])[0])


def test_a_mask_written_in_the_text_is_just_a_word(model: MaskedLanguageModel, plain: Plain) -> None:
    text = Text("a [MASK] film is good")
    assert text.words[1] == "MASK"
    chances = plain.chances("a [MASK] film is [MASK]")[1]
    np.testing.assert_allclose(model.weigh([[Cloze(text, 4, "bad")]])[0], [chances[plain.number("bad")]], atol=1e-4)


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return byte_level_folder(tmp_path_factory.mktemp("byte_level"))


def test_marked_pieces_where_a_blank_is_and_others_where_none_is(byte_level: Path) -> None:
    model, plain = MaskedLanguageModel(str(byte_level)), Plain(byte_level)
    text = Text("The Film is (good) plot")
    found = [words(row) for row in model.fill([clozes(text)])[0]]
    marked = [piece for piece in plain.tokenizer.get_vocab() if piece[0] == "Ġ" and piece[1:].isalpha()]
    assert {"Ġfilm", "ĠFilm", "ĠFILM", "Ġgood", "Ġgoo"} < set(marked)
    for i in (1, 2, 4):
        (chances,) = plain.chances(str(text.replace(i, "<mask>")))
        ranked = [piece[1:] for piece in sorted(marked, key=lambda piece: -chances[plain.number(piece)])]
        best = {word.lower(): word for word in reversed(ranked)}  # the best way to write each word
        best.pop(text.words[i].lower())
        assert found[i] == [word for word in ranked if best.get(word.lower()) == word]
    for i in (0, 3):  # at the text's start and behind a bracket
        assert "goo" in found[i]
        assert set(found[i]) <= {piece[1:] for piece in marked}
        assert not {"ish", "goodly"} & set(found[i])  # pieces that never stand behind a blank


def test_unmarked_and_marked_words_are_weighed_as_they_would_be_written(byte_level: Path) -> None:
    model, plain = MaskedLanguageModel(str(byte_level)), Plain(byte_level)
    text = Text("The Film is (good) plot")
    (found,) = model.weigh([[Cloze(text, 1, "film"), Cloze(text, 3, "good"), Cloze(text, 3, "goodish")]])
    n = plain.number
    pair = plain.chances("The Film is (<mask><mask>) plot")
    expected = [
        plain.chances("The <mask> is (good) plot")[0, n("Ġfilm")],
        plain.chances("The Film is (<mask>) plot")[0, n("good")],
        pair[0, n("good")] + pair[1, n("ish")],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_model_without_a_separate_head(tmp_path: Path) -> None:
    folder = wordpiece_folder(tmp_path, distil=True)
    model, plain = MaskedLanguageModel(str(folder)), Plain(folder)
    assert model.head is None
    chances = plain.chances("It was a very (good) [MASK], not so dull.")[0]
    (found,) = model.weigh([[Cloze(FILM, 5, word) for word in WORDS]])
    np.testing.assert_allclose(found, [chances[plain.number(word)] for word in WORDS], atol=1e-4)
    np.testing.assert_array_equal(model.weigh([[Cloze(FILM, 5, "cast")]])[0], found[[WORDS.index("cast")]])


def test_not_a_masked_language_model(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"lack .*trained to fill masks"):
        MaskedLanguageModel(str(bert_folder(tmp_path / "classifier")))
    with pytest.raises(UsageError, match="expected a masked language model"):
        MaskedLanguageModel(str(tmp_path))


def test_no_model_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
    with pytest.raises(MissingResource, match=r"--masked-lm roberta-large --online(.|\n)*--candidates wordnet"):
        MaskedLanguageModel()
    with pytest.raises(MissingResource, match=r"no folder 'nobody/nothing'(.|\n)*--candidates wordnet"):
        MaskedLanguageModel("nobody/nothing")


@pytest.mark.shared
def test_the_shared_model_knows_what_prices_do() -> None:
    if not is_here("masked_lm"):
        pytest.skip("needs models/minilm-mlm")
    model = MaskedLanguageModel()
    text = Text("Oil prices jumped to a record high on Monday.")
    (row,) = model.fill([[Cloze(text, 2)]])[0]
    assert row[0] == "rose"
    assert {"lead", "led", "rise"} & set(row[:5])
    assert all(row)
    likely, unlikely = model.weigh([[Cloze(text, 2, "rose"), Cloze(text, 2, "table")]])[0]
    assert likely > -3 > -8 > unlikely
    batches = [clozes(text), clozes(Text("A dull film."), "dullness"), [Cloze(text, 7, "Tuesday")]]
    company = model.fill(batches)
    np.testing.assert_array_equal(model.fill(batches[1:2])[0], company[1])
    np.testing.assert_array_equal(model.fill(batches[2:])[0], company[2])
