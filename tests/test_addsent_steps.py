"""The steps of AddSent against sentences worked out by hand, in a small world of words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from turncoat.attacks.addsent import conversion
from turncoat.attacks.addsent.answer import RULES, fake_answer, gold
from turncoat.attacks.addsent.conversion import convert, patterns
from turncoat.attacks.addsent.entities import entities
from turncoat.attacks.addsent.grammar import coded, retagged
from turncoat.attacks.addsent.knowledge import Knowledge, open_knowledge
from turncoat.attacks.addsent.mutation import mutate
from turncoat.attacks.addsent.repair import automatic, repaired, why_unfit
from turncoat.attacks.addsent.tables import tables
from turncoat.attacks.addsent.tokens import tokens, written
from turncoat.attacks.addsent.writing import Trace, write_sentence
from turncoat.data.near_words import NearWords
from turncoat.data.super_bowl import super_bowl
from turncoat.evaluation.addsent_figure import addsent_figure
from turncoat.studies.foundations.addsent_rules import measure_rules

VERBS = {
    *("turn", "last", "die", "begin", "build", "come", "win", "take", "sell", "play", "give", "move", "call", "want"),
    *("have", "order", "make", "leave", "defeat", "do", "write", "fund", "target", "share"),
}
LINES = (Path(__file__).parent / "data/addsent_conversions.txt").read_text(encoding="utf-8").splitlines()
CONVERSIONS = [tuple(line.split(" | ")) for line in LINES if not line.startswith("#")]
NEAR = {
    "super": ("supers", "champ"),  # Lancaster stems: sup, sup, champ
    "38": ("380", "37"),  # "38" begins "380"
    "xxxiii": ("xxxiv",),
    "tesla": ("tadakatsu",),
    "1880": ("1881",),
    "kenya": ("the", "uganda"),  # "The" alone is no name
    "nfl": ("football",),
}
OPPOSITES = {
    ("large", "a"): ("small",),
    ("larger", "a"): ("small",),
    ("peace", "n"): ("war",),
    ("long", "a"): ("short",),
}
NAMES = {"prague": ("location",), "paris": ("person", "location"), "elway": ("person",)}
WORLD = Knowledge(
    near=lambda word: NEAR.get(word, ()),
    opposites=lambda word, pos: OPPOSITES.get((word, pos), ()),
    named=lambda name: NAMES.get(name, ()),
    verb=VERBS.__contains__,
    given_names=frozenset(("john", "nikola")),
    vectors="a few words",
)


def mutated(question: str) -> tuple[str, list[tuple[str, str]]]:
    new, changes = mutate(retagged(tokens(question), WORLD.verb), WORLD)
    return written(new), [(each.new, each.rule) for each in changes]


def wrote(paragraph: str, question: str, answer: str) -> Trace:
    trace = write_sentence(paragraph, question, [answer], [paragraph.index(answer)], WORLD)
    assert trace is not None
    return trace


def test_the_super_bowl_example() -> None:
    example = super_bowl()
    trace = write_sentence(example.text, example.question, example.answers, example.starts, WORLD)
    assert trace is not None
    assert trace.mutated == "What is the name of the quarterback who was 37 in Champ Bowl XXXIV?"
    assert [each.rule for each in trace.mutations] == ["near-number", "near-name-same-tag", "near-number"]
    assert (trace.fake, trace.answer_rule) == ("Jeff Dean", "person")
    assert trace.sentence == "Jeff Dean is the name of the quarterback who was 37 in Champ Bowl XXXIV."
    assert (trace.conversion_rule, trace.filler_rule) == ("what-be", "bare")
    assert automatic(trace, example.answers) == (
        "Jeff Dean is the name of the quarterback who was 37 in Champ Bowl XXXIV.",
        "The name of the quarterback who was 37 in Champ Bowl XXXIV is Jeff Dean.",
    )
    assert "38 → 37 (near-number)" in str(trace)
    figure = addsent_figure(trace, "")
    assert all(part in figure for part in ("<svg", "Jeff Dean", "Champ Bowl XXXIV", "changed question", "filter"))


def test_figure_two_of_the_paper() -> None:  # people mended the paper's sentence to the very one found here
    trace = wrote("In January 1880 Tesla went to Prague.", "What city did Tesla move to in 1880?", "Prague")
    assert trace.mutated == "What city did Tadakatsu move to in 1881?"
    assert trace.fake == "Chicago"
    assert trace.sentence == "Tadakatsu moved to the city of Chicago in 1881."
    assert repaired(trace) == (trace.sentence, "Tadakatsu moved to Chicago in 1881.")


@pytest.mark.parametrize(
    ("question", "expected", "rules"),
    [
        ("Who has the largest US army?", "Who has the smallest UK army?", ["table", "table"]),
        ("Is the long peace old?", "Is the short war old?", ["antonym", "antonym"]),  # "old" is on the list to keep
        ("Who has the larger part?", "Who has the smaller part?", ["antonym"]),  # in the comparative, as "larger" is
        ("When did Kenya win?", "When did Uganda win?", ["near-name-same-tag"]),
        ("Who won 41 games in 1999?", "Who won 42 games in 2000?", ["next-number", "next-number"]),
        ("Who won 1,999 games?", "Who won 2,000 games?", ["next-number"]),
        (
            "Who was Louis XIV's 3rd son?",
            "Who was Neptune XV's 4th son?",
            ["entity-type", "next-number", "next-number"],
        ),
        ("Who runs the NFL's team?", "Who runs the FOOTBALL's team?", ["near-entity"]),
        ("Who met John Elway in Prague?", "Who met Jackson Elway in Berlin?", ["entity-type", "entity-type"]),
        ("Who owns the V&A of John W. Smith?", "Who owns the UNICEF of Jackson W. Smith?", ["entity-type"] * 2),
        ("Who won?", "Who won?", []),
    ],
)
def test_mutation(question: str, expected: str, rules: list[str]) -> None:
    found, changes = mutated(question)
    assert found == expected
    assert [rule for _, rule in changes] == rules


@pytest.mark.parametrize(
    ("string", "types"),
    [
        ("John Elway of Prague", "PERSON PERSON - LOCATION"),
        ("in the Paris of old", "- - LOCATION - -"),  # after an article no person
        ("the University of Kenya", "- ORGANIZATION ORGANIZATION ORGANIZATION"),
        ("Super Bowl XXXIII", "MISC MISC MISC"),
        ("on June 4, 1950", "- DATE DATE DATE DATE"),
        ("in the 1990s", "- - DATE"),
        ("it may rain 1500 times", "- - - NUMBER -"),
        ("25 % of NASA", "NUMBER NUMBER - ORGANIZATION"),
    ],
)
def test_entities(string: str, types: str) -> None:
    assert [kind or "-" for kind in entities(tokens(string), WORLD)] == types.split()


@pytest.mark.parametrize(("question", "sentence", "rule", "filler"), CONVERSIONS)
def test_conversion(question: str, sentence: str, rule: str, filler: str) -> None:
    read = retagged(tokens(question), WORLD.verb)
    found = convert(read, read, "Chicago")
    assert found is not None
    assert (found.sentence, found.rule, found.filler or "-") == (sentence, rule, filler)


def test_a_fake_verb_takes_the_tense_of_the_question() -> None:
    read = retagged(tokens("What did the king do?"), WORLD.verb)
    found = convert(read, read, "learning")
    assert found is not None
    assert found.sentence == "The king learned."


@pytest.mark.parametrize("question", ["Is the river long?", "Name the river.", "?", ""])
def test_without_a_question_word_there_is_no_sentence(question: str) -> None:
    read = retagged(tokens(question), WORLD.verb)
    assert convert(read, read, "Chicago") is None


def test_the_table_of_patterns() -> None:
    assert len({pattern.id for pattern in patterns()}) == len(patterns()) >= 50


ANSWERED = "The king met John Elway in Prague on June 4, 1950 with 4,000 men, seven NASA cows, 1944 big cats and joy."


@pytest.mark.parametrize(
    ("answer", "question", "fake", "rule"),
    [
        ("June 4, 1950", "When?", "December 15, 1925", "date"),  # +6 months, 4 + 11, 1950 - 25
        ("4,000", "How many men?", "9,000", "number"),  # the first digit: 4 + 5
        ("seven", "How many cows?", "2", "number"),  # (7 + 5) mod 10
        ("1944 big cats", "What?", "1869 big cats", "number"),  # between 1000 and 2500: -75, and no "1869.0"
        ("John Elway", "Who?", "Jeff Dean", "person"),
        ("Prague", "Where?", "Chicago", "location"),
        ("NASA", "What?", "Stark Industries", "organization"),
        ("joy", "Who was it?", "Jeff Dean", "who"),
        ("joy", "When was it?", "1956", "when"),
        ("joy", "Where was it?", "Chicago", "where"),
        ("joy", "How many were there?", "42", "how-many"),
        ("met", "What happened?", "learned", "first-VBD"),
        ("The king", "What is it?", "the hamster", "last-NN"),
        ("cats", "What is it?", "hamsters", "last-NNS"),
        ("big", "What is it?", "deep", "last-JJ"),
        ("with", "What is it?", "aliens", "catch-all"),
    ],
)
def test_fake_answers(answer: str, question: str, fake: str, rule: str) -> None:
    right = gold(ANSWERED, [answer], [ANSWERED.index(answer)], question, WORLD)
    assert fake_answer(right) == (fake, rule)


def test_there_are_26_rules_and_a_second_list() -> None:
    assert len(RULES) == 26
    first, second = tables()["answers"].values()
    assert first.keys() == second.keys() == {rule for rule, _ in RULES} - {"date", "number"}
    right = gold(ANSWERED, ["John Elway"], [ANSWERED.index("John")], "Who?", WORLD)
    assert fake_answer(right, "addsent-mod") == ("Charles Babbage", "person")


def test_the_shortest_answer_is_the_model_and_determiners_come_from_any() -> None:
    paragraph = "He saw the old castle."
    right = gold(paragraph, ["the old castle", "castle"], [7, 15], "What?", WORLD)
    assert (right.text, right.determiner) == ("castle", "the")
    assert fake_answer(right) == ("the hamster", "last-NN")
    cut = gold(paragraph, ["astle", "castle"], [16, 15], "What?", WORLD)  # "astle" is no token
    assert cut.text == "castle"


def _trace(sentence: str, fake: str, **other: str) -> Trace:
    facts = {"question": "What is it?", "conversion_rule": "subject", "filler_rule": "bare", "phrase": fake} | other
    return Trace(
        facts["question"], "x", "x", (), fake, "x", sentence, facts["conversion_rule"], facts["filler_rule"],
        facts["phrase"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "fake", "mended"),
    [
        ("It began in 4 May 1990.", "4 May 1990", "It began on 4 May 1990."),
        ("It began in May 1990.", "May 1990", "It began in May 1990."),
        ("Aliens's army won.", "aliens", "Aliens' army won."),
        ("Hamster won a annual game.", "hamster", "The hamster won an annual game."),
        ("He had an university and a hour.", "x", "He had a university and an hour."),
        ("They travel by silently.", "silently", "They travel silently."),
        ("It was taken by Italy by July.", "Chicago", "It was taken by Italy by July."),
        ("It was a important and an unimportant game.", "x", "It was an important and an unimportant game."),
        ("An 18th century man and an FBI agent.", "x", "An 18th century man and an FBI agent."),
        ("An unit of an u.s. army.", "x", "A unit of an u.s. army."),
        ("It is of of the a kind.", "x", "It is of a kind."),
    ],
)
def test_slips_are_mended(sentence: str, fake: str, mended: str) -> None:
    assert repaired(_trace(sentence, fake))[0] == mended


@pytest.mark.parametrize(
    ("sentence", "fake", "golds", "why"),
    [
        ("Jeff Dean won the 37th cup.", "Jeff Dean", ("John Elway",), ""),
        ("Jeff Dean beat John Elway.", "Jeff Dean", ("John Elway",), "gold"),
        ("Jeff Dean won.", "Jeff Dean", ("James Dean",), "right"),
        ("Jeff Dean won the old cup.", "Jeff Dean", ("Ann",), "same"),
    ],
)
def test_what_the_filter_drops(sentence: str, fake: str, golds: tuple[str, ...], why: str) -> None:
    assert why_unfit(sentence, _trace(sentence, fake, question="Who won the old cup?"), golds) == why


def test_a_question_left_in_its_order_is_dropped() -> None:
    trace = _trace("Aliens did he see it.", "aliens", question="Why did he see it?", conversion_rule="fallback")
    assert why_unfit(trace.sentence, trace, ("x",)) == "inverted"
    asked_late = _trace("He saw it in aliens.", "aliens", question="He saw it in what?", conversion_rule="fallback")
    assert why_unfit(asked_late.sentence, asked_late, ("x",)) == "same"


@pytest.mark.parametrize(
    ("question", "asks_still"),
    [
        ("In what year did Kenya join the league?", True),
        ("Of what is Kenya a part?", True),
        ("As of what year were games free?", True),
        ("Kenya joined the league in what year?", False),
        ("Kenya, which is old, joined which league?", False),
    ],
)
def test_the_fallback_knows_when_it_leaves_a_question(question: str, asks_still: bool) -> None:
    words = retagged(tokens(question), WORLD.verb)[:-1]
    made = conversion._in_place(coded(words), words, "1900")
    assert made is not None
    assert (made.rule == conversion.INVERTED) is asks_still


@pytest.mark.parametrize(
    ("verb", "past"), [("stands for", "stood for"), ("focus on", "focused on"), ("pass", "passed")]
)
def test_verbs_that_end_in_s(verb: str, past: str) -> None:
    assert conversion._in_tense(verb, "did/o ") == past


def test_tokens_give_the_string_back() -> None:
    string = "  The U.S. (V&A's) \"don't\" cost $1,000.50, or 5%?"
    assert "".join(each.before + each.text for each in tokens(string)) == string
    assert [each.text for each in tokens("U.S. NFL's don't 1,000.")] == ["U.S.", "NFL", "'s", "don't", "1,000", "."]


def test_near_words_by_euclid() -> None:
    near = NearWords(["a", "b", "c", "d"], np.array([[0, 0], [3, 0], [1, 0], [1, 0]], np.float32), "toy")
    assert near.near("a") == ("c", "d", "b")  # c and d are equally near
    assert near.near("b") == ("c", "d", "a")
    assert near.near("unknown") == ()


def test_the_use_of_rules_is_counted() -> None:
    use = measure_rules([super_bowl()], WORLD)
    assert (use.questions, use.written, use.usable) == (1, 1, 1)
    assert use.mutation == {"near-number": 1, "near-name-same-tag": 1}
    assert use.answer == {"person": 1}
    assert use.pattern_share is not None
    assert use.pattern_share.estimate == 1
    assert "near words by a few words" in str(use)


@pytest.mark.shared
def test_the_super_bowl_example_with_the_words_of_this_machine() -> None:
    example = super_bowl()
    trace = write_sentence(example.text, example.question, example.answers, example.starts, open_knowledge())
    assert trace is not None
    assert trace.fake == "Jeff Dean"
    assert {each.old for each in trace.mutations} == {"38", "Super", "XXXIII"}
    assert trace.sentence.startswith("Jeff Dean is the name of the quarterback who was 37 in ")


@pytest.mark.shared
def test_first_senses_of_wordnet() -> None:
    world = open_knowledge()
    assert "low" in world.opposites("high", "a")
    assert "location" in world.named("Rhine") or "object" in world.named("Rhine")
    assert world.opposites("table", "n") == ()
    assert world.verb("target")
    assert not world.verb("targeted")
    assert "john" in world.given_names
