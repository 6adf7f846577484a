"""Text: whatever comes in comes out, and an edit touches nothing but its own place."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from turncoat.text import Change, Text, match_case

ANY = st.text(st.characters(exclude_categories=()))  # lone surrogates and control characters included
PROSE = st.text(st.sampled_from("abZé'’-_ .,!9\n\té中🙂"), min_size=1, max_size=40)
WORD = st.text("abcXYZ", min_size=1, max_size=5)


@given(ANY | PROSE)
@example("")
@example("\x00\x1b[31m\x7f\u2028\ufeff")
@example("👩‍👩‍👧‍👦 1️⃣ e\u0301 \u202eمرحبا بالعالم\u202c ﷺ 𝔘𝔫𝔦 \ud800")
@example("<p class='x'>don&#39;t &amp;amp; <br/></p>\r\n")
def test_every_string_survives(string: str) -> None:
    text = Text(string)
    assert str(text) == string
    assert len(text.gaps) == len(text.words) + 1
    assert str(Text.of(text.words, text.gaps)) == string
    assert Text(str(text)) == text
    assert hash(Text(str(text))) == hash(text)


@pytest.mark.parametrize(
    "line", ["a" * 10**6, "ab " * 333_333, "'" * 10**6, "a-" * 500_000, "🙂" * 10**6, "\x00" * 10**6]
)
def test_a_line_of_a_million_characters(line: str) -> None:
    text = Text(line)
    assert str(text) == line
    assert text.diff(text) == ()


@pytest.mark.parametrize(
    ("string", "words"),
    [
        ("Don't re-read so-called O’Neill's 3.5 rules_of_2!", "Don't re-read so-called O’Neill's 3 5 rules_of_2"),
        ("'quoted' -dash- snake_ _case", "quoted dash snake_ case"),
        ("rock 'n' roll--loud", "rock n roll loud"),
        ("naïve cafe\u0301 Straße 北京 привет", "naïve cafe\u0301 Straße 北京 привет"),
        ("<b>bold</b> a@b.c", "b bold b a b c"),
        ("?! ... 🙂 \x00", ""),
    ],
)
def test_words(string: str, words: str) -> None:
    assert Text(string).words == tuple(words.split())


@given(PROSE, st.data())
def test_replace_touches_one_word(string: str, data: st.DataObject) -> None:
    text = Text(string)
    if not len(text):
        return
    position = data.draw(st.integers(0, len(text) - 1))
    word = data.draw(WORD | st.just("two words"))
    changed, start = text.replace(position, word), text.offset(position)
    assert str(changed) == string[:start] + word + string[start + len(text.words[position]) :]
    assert len(changed) == len(text)
    assert changed.offset(position) == start
    assert changed.replace(position, text.words[position]) == text
    assert text.mask(position, "[UNK]") == text.replace(position, "[UNK]")
    assert str(text) == string  # the original stays as it was


@given(PROSE, st.data())
def test_diff_inverts_replace_all(string: str, data: st.DataObject) -> None:
    text = Text(string)
    positions = st.integers(0, len(text) - 1) if len(text) else st.nothing()
    changes = data.draw(st.dictionaries(positions, WORD))
    changed = text.replace_all(changes)
    expected = tuple(Change(i, text.words[i], w) for i, w in sorted(changes.items()) if w != text.words[i])
    assert text.diff(changed) == expected
    assert changed.replace_all({change.position: change.old for change in expected}) == text
    assert changed.gaps == text.gaps


@given(PROSE)
def test_offsets_point_at_words(string: str) -> None:
    text = Text(string)
    for position, word in enumerate(text.words):
        assert string[text.offset(position) :].startswith(word)
    offsets = [text.offset(position) for position in range(len(text))]
    assert offsets == sorted(set(offsets))


@given(PROSE, st.data())
def test_delete_takes_one_word_and_at_most_one_blank(string: str, data: st.DataObject) -> None:
    text = Text(string)
    if not len(text):
        return
    position = data.draw(st.integers(0, len(text) - 1))
    word, start = text.words[position], text.offset(position)
    before, after = string[:start], string[start + len(word) :]
    between_blanks = before.endswith(" ") and after.startswith(" ")
    assert str(text.delete(position)) == before + (after[1:] if between_blanks else after)
    assert text.delete(position).words == text.words[:position] + text.words[position + 1 :]
    assert len(text.diff(text.delete(position))) == 1


@given(PROSE, WORD, st.data())
def test_insert_adds_one_word(string: str, word: str, data: st.DataObject) -> None:
    text = Text(string)
    position = data.draw(st.integers(0, len(text)))
    longer = text.insert(position, word)
    assert longer.words == (*text.words[:position], word, *text.words[position:])
    assert len(str(longer)) == len(string) + len(word) + bool(len(text))
    assert text.diff(longer)[0].old == ""
    assert len(text.diff(longer)) == 1


@pytest.mark.parametrize(
    ("string", "position", "expected"),
    [
        ("Go home (now)!", 0, "well Go home (now)!"),
        ("Go home (now)!", 2, "Go home (well now)!"),
        ("Go home (now)!", 3, "Go home (now well)!"),
        ("", 0, "well"),
        ("?!", 0, "?!well"),
    ],
)
def test_where_an_inserted_word_stands(string: str, position: int, expected: str) -> None:
    assert str(Text(string).insert(position, "well")) == expected


def test_diff_of_insertions_and_deletions() -> None:
    text = Text("one two three")
    assert text.diff(text.delete(1)) == (Change(1, "two", ""),)
    assert text.diff(text.insert(3, "four")) == (Change(3, "", "four"),)
    assert text.diff(Text("one 2 three, four")) == (Change(1, "two", "2"), Change(3, "", "four"))
    assert Text("").diff(Text("a")) == (Change(0, "", "a"),)


def test_a_word_with_a_blank_stays_one_word() -> None:
    text = Text("a film").replace(1, "motion picture")
    assert (len(text), str(text)) == (2, "a motion picture")
    assert text.replace(1, "movie") == Text("a movie")
    assert text == Text("a motion picture")


@pytest.mark.parametrize("position", [-1, 2, 99])
def test_positions_outside_the_text(position: int) -> None:
    text = Text("two words")
    for edit in (
        lambda: text.replace(position, "x"),
        lambda: text.replace_all({0: "x", position: "y"}),
        lambda: text.mask(position, "x"),
        lambda: text.delete(position),
        lambda: text.offset(position),
    ):
        with pytest.raises(IndexError, match=f"no word {position}: the text has 2 words"):
            edit()
    with pytest.raises(IndexError, match="cannot insert at 3"):
        text.insert(3, "x")


def test_parts_must_fit() -> None:
    with pytest.raises(ValueError, match="expected 2 gaps around 1 words, got 1"):
        Text.of(("a",), ("",))


def test_a_text_is_not_its_string() -> None:
    assert Text("a") != "a"
    assert Text("a") != Text("a ")
    assert repr(Text("a\n")) == r"Text('a\n')"


@pytest.mark.parametrize(
    ("word", "like", "expected"),
    [
        ("Movie", "film", "movie"),
        ("movie", "Film", "Movie"),
        ("MOVIE", "Film", "Movie"),
        ("movie", "FILM", "MOVIE"),
        ("you", "I", "You"),
        ("you", "i", "you"),
        ("weblog", "McDonald", "weblog"),
        ("NASA", "iPhone", "NASA"),
        ("Two", "1990", "Two"),
        ("plan", "B2B", "PLAN"),
        ("so-called", "Don't", "So-called"),
        ("straße", "STREET", "STRASSE"),
        ("été", "Été", "Été"),
        ("北京", "Film", "北京"),
        ("", "Film", ""),
        ("word", "", "word"),
    ],
)
def test_case(word: str, like: str, expected: str) -> None:
    assert match_case(word, like) == expected


@given(ANY, ANY)
def test_case_is_given_once(word: str, like: str) -> None:
    once = match_case(word, like)
    assert match_case(once, like) == once or once.lower() != word.lower()  # "ß" grows when it is raised


def test_a_part_keeps_what_stands_between_its_words() -> None:
    text = Text('"Well," he said, "so-called art."')
    assert str(text.part(1, 3)) == "he said"
    assert text.part(2, 9).words == ("said", "so-called", "art")
    assert str(text.part(2, 9)) == 'said, "so-called art'
    assert str(text.part(4, 4)) == ""
