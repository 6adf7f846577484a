"""Space and Variants: texts as rows of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.space import MASK, MOST_OPTIONS, Space, Variants, take
from turncoat.text import Text, unknown_word

TEXT = Text("A good, GOOD film.")
SPACE = Space(TEXT, [["The"], ["fine", "fair"], ["fine"], []])


def strings(texts: object) -> list[str]:
    return [str(text) for text in texts]  # type: ignore[attr-defined]


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    words = draw(st.lists(st.text("abc", min_size=1, max_size=3), max_size=5))
    options = draw(
        st.lists(st.lists(st.text("defABC \t", max_size=3), max_size=4), min_size=len(words), max_size=len(words))
    )
    return Space(Text(" ".join(words)), options, visible=draw(st.none() | st.integers(0, 6)))


@st.composite
def variants(draw: st.DrawFn) -> Variants:
    space = draw(spaces())
    row = st.tuples(*(st.integers(MASK if i < space.visible else 0, int(size)) for i, size in enumerate(space.sizes)))
    rows = draw(st.lists(row, max_size=6))
    return space.variants(np.array(rows, np.int64).reshape(len(rows), len(space.text)))


def test_options_are_cleaned() -> None:
    options = [["", " ", "film", "FILM", "movie", "Movie", "motion picture", "a\tb", " reel"]]
    assert Space(Text("Film"), options).options == (("Movie",),)
    assert Space(Text("Film"), options, multiword=True).options == (("Movie", "Motion picture", "A\tb", " reel"),)


def test_case_is_transferred() -> None:
    assert SPACE.options == (("The",), ("fine", "fair"), ("FINE",), ())


def test_options_that_become_equal_by_their_case_are_one() -> None:
    assert Space(Text("STREET"), [["straße", "strasse", "way"]]).options == (("STRASSE", "WAY"),)
    assert Space(Text("MASSE"), [["maße"]]).options == ((),)


def test_sizes_and_positions() -> None:
    assert SPACE.sizes.tolist() == [1, 2, 1, 0]
    assert SPACE.positions.tolist() == [0, 1, 2]


def test_swaps_by_position_then_by_option() -> None:
    expected = ["The good, GOOD film.", "A fine, GOOD film.", "A fair, GOOD film.", "A good, FINE film."]
    assert strings(SPACE.swaps()) == expected
    assert strings(SPACE.swaps(positions=[2, 1])) == [expected[3], *expected[1:3]]
    assert len(SPACE.swaps(positions=[3])) == len(SPACE.swaps(positions=[])) == 0


def test_swaps_on_top_of_other_replacements() -> None:
    base = np.array([1, 0, 0, 0], np.int16)
    expected = ["The good, GOOD film.", "The fine, GOOD film.", "The fair, GOOD film.", "The good, FINE film."]
    assert strings(SPACE.swaps(base)) == expected
    assert base.tolist() == [1, 0, 0, 0]


def test_original_and_masked() -> None:
    assert strings(SPACE.original()) == [str(TEXT)]
    masked = strings(SPACE.masked())
    assert masked == ["[UNK] good, GOOD film.", "A [UNK], GOOD film.", "A good, [UNK] film.", "A good, GOOD [UNK]."]
    assert strings(Space(Text("a b"), [[], []], unknown="<unk>").masked()) == ["<unk> b", "a <unk>"]


def test_what_the_victim_cannot_see_is_left_alone() -> None:
    space = Space(TEXT, [["The"], ["fine", "fair"], ["fine"], ["movie"]], visible=2)
    assert space.options == (("The",), ("fine", "fair"), (), ())
    assert strings(space.masked()) == ["[UNK] good, GOOD film.", "A [UNK], GOOD film."]
    assert Space(TEXT, [[]] * 4, visible=99).visible == 4
    assert len(Space(TEXT, [["x"]] * 4, visible=0).masked()) == 0


def test_no_more_options_than_fit_into_a_choice() -> None:
    space = Space(Text("word"), [[f"w{i}" for i in range(MOST_OPTIONS + 5)]])
    swaps = space.swaps()
    assert len(swaps) == MOST_OPTIONS
    assert str(swaps[MOST_OPTIONS - 1]) == f"w{MOST_OPTIONS - 1}"


def test_a_text_without_words() -> None:
    space = Space(Text("?!"), [])
    assert strings(space.original()) == ["?!"]
    assert len(space.swaps()) == len(space.masked()) == 0
    assert len(set(space.original().keys())) == 1


def test_misshapen_input() -> None:
    with pytest.raises(ValueError, match="expected options for 4 words, got 1"):
        Space(TEXT, [["x"]])
    for choices in (np.zeros((2, 3), int), np.zeros(4, int)):
        with pytest.raises(ValueError, match=r"expected choices \(texts, 4\)"):
            SPACE.variants(choices)


@given(variants())
def test_rows_and_texts_agree(texts: Variants) -> None:
    space = texts.space
    assert len(texts) == len(texts.choices)
    for i, text in enumerate(texts):
        assert text == texts[i]
        assert text.gaps == space.text.gaps
        assert len(space.text.diff(text)) == texts.changed[i]
        for word, old, options, choice in zip(
            text.words, space.text.words, space.options, texts.choices[i], strict=True
        ):
            assert word == (unknown_word(old, space.unknown) if choice == MASK else (old, *options)[choice])


@given(spaces())
def test_options_are_clean(space: Space) -> None:
    for word, options in zip(space.text.words, space.options, strict=True):
        assert word not in options
        assert len(set(options)) == len(options)
        assert all(option.split() == [option] for option in options)


@given(spaces())
def test_swaps_are_the_texts_one_word_away(space: Space) -> None:
    swaps = space.swaps()
    assert len(swaps) == space.sizes.sum()
    assert (swaps.changed == 1).all()
    assert len(set(strings(swaps))) == len(swaps)


@given(variants())
def test_keys_are_equal_for_equal_texts_only(texts: Variants) -> None:
    keys = texts.keys()
    assert len(keys) == len(texts)
    rows = [tuple(row) for row in texts.choices.tolist()]
    assert len(set(keys)) == len(set(rows)) == len(set(strings(texts)))
    assert len(set(zip(keys, rows, strict=True))) == len(set(keys))


@given(variants(), st.data())
def test_parts_of_variants(texts: Variants, data: st.DataObject) -> None:
    everything = strings(texts)
    part = data.draw(st.slices(len(texts)))
    assert strings(texts[part]) == everything[part]
    assert texts[part].keys() == texts.keys()[part]
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1))) if len(texts) else []
    chosen = np.array(rows, np.int64)
    assert strings(texts.take(chosen)) == [everything[i] for i in rows]
    assert isinstance(take(texts, chosen), Variants)
    assert strings(take(list(texts), chosen)) == strings(take(texts, chosen))
