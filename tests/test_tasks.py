"""Readers and translators under attack: the same runs, reports and commands as for classifiers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import turncoat
from dictionary_translator import GERMAN, Dictionary, german
from readers import ToyReader
from test_contract import embed
from test_report import HOSTILE, Page
from toys import Table, ToyVictim, toy_dataset
from turncoat.attacks.add_any import AddAny
from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.cross_entropy import CrossEntropy
from turncoat.attacks.inflections import Morpheus
from turncoat.attacks.pwws import PWWS
from turncoat.attacks.random_substitution import RandomSubstitution
from turncoat.cli.app import app
from turncoat.data.reading import ReadingDataset, ReadingExample
from turncoat.data.translation import TranslationDataset, TranslationExample
from turncoat.engine.query import Asked
from turncoat.errors import BrokenData, UnknownName, UsageError, VictimError
from turncoat.evaluation.diffing import Piece, pieces, word_pieces
from turncoat.evaluation.judging.panel import judge
from turncoat.evaluation.outcome import Outcome, Status
from turncoat.evaluation.publishing import compare, publish, read_run
from turncoat.evaluation.reading_metrics import reading_metrics
from turncoat.evaluation.report import render
from turncoat.evaluation.run import Run
from turncoat.evaluation.show import show_outcome
from turncoat.evaluation.task_metrics import task_metrics
from turncoat.evaluation.visible import visible
from turncoat.models.encoding import Encoder
from turncoat.models.function_reader import FunctionReader
from turncoat.models.reader import read
from turncoat.models.translator import FunctionTranslator
from turncoat.models.word_overlap_reader import WordOverlapReader
from turncoat.substitutions.constraints import MaxChanged
from turncoat.tasks.finding import find_kind
from turncoat.text import Text

PLACES = ("Rome", "Oslo", "Bern", "Lima", "Cairo")


def question(i: int) -> ReadingExample:
    """Who lives where; the answer stands nearest to the question's words, but in the last question."""
    place, year = PLACES[i % len(PLACES)], "In year 5 the" if i == 5 else "The"
    text = f"{year} king of hill {i} lived in {place}. The queen of lake {i} saw Paris."
    return ReadingExample(f"q{i}", text, f"Where had the king of hill {i} lived?", (place,), (text.index(place),))


QUESTIONS = ReadingDataset("kings", tuple(map(question, range(6))))
SENTENCES = TranslationDataset(
    "dogs",
    tuple(
        TranslationExample(f"s{i}", text, " ".join(GERMAN[word.lower()] for word in text.split()))
        for i, text in enumerate(
            ("The old man sees a dog", "A dog sees the man", "The man", "A dog sees the old man", "This old dog")
        )
    ),
)
WORDS = Table({"old": ["aged", "ancient"], "dog": ["hound", "puppy", "dogs"], "sees": ["saw", "seen"], "man": ["men"]})
ADD_ANY = AddAny(words=4, sampled=4, particles=(1, 2), epochs=1, common=50)
READER, TRANSLATOR = WordOverlapReader(), FunctionTranslator(german)
CASES: dict[str, tuple[Any, Any, Attack, dict[str, Any]]] = {
    "add-any": (READER, QUESTIONS, ADD_ANY, {}),
    "cea": (TRANSLATOR, SENTENCES, CrossEntropy(substitutions=WORDS, samples=6, iterations=4), {}),
    "morpheus": (TRANSLATOR, SENTENCES, Morpheus(substitutions=WORDS), {"eta": 0.4}),
    "random": (TRANSLATOR, SENTENCES, RandomSubstitution(substitutions=WORDS, trials=5), {"likeness": "chrf"}),
}
each_case = pytest.mark.parametrize("name", CASES)


def attack(name: str, **options: Any) -> Run:
    victim, data, method, more = CASES[name]
    if isinstance(method, CrossEntropy):
        method = replace(method, source_similarity=False)  # which would need an encoder
    return turncoat.attack(victim, data, method, encoder=None, masked_lm=None, **{**more, **options})


@each_case
def test_a_run_does_not_depend_on_company_and_is_read_again(name: str, tmp_path: Path) -> None:
    run = attack(name, out=tmp_path / "run")
    assert run.outcomes == attack(name, live=1).outcomes
    again = read_run(tmp_path / "run")
    assert list(again.outcomes) == sorted(run.outcomes, key=lambda o: o.id)
    assert (again.task, again.labels) == (run.task, tuple(run.labels))
    assert again.description["config"]["task"] == run.task
    assert "success" in {outcome.status for outcome in run}
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert [metric["name"] for metric in summary[run.task]] == [metric.name for metric in task_metrics(run)]
    assert publish(again).read_text() == (tmp_path / "run/report.html").read_text()


@each_case
def test_a_run_that_was_killed_goes_on(name: str, tmp_path: Path) -> None:
    expected = attack(name).outcomes
    ended: list[Outcome] = []

    def stop_at_third(outcome: Outcome) -> None:
        ended.append(outcome)
        if len(ended) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attack(name, out=tmp_path, on_outcome=stop_at_third, live=2)
    file = tmp_path / "outcomes.jsonl"
    os.truncate(file, file.stat().st_size - 9)  # as a kill in the middle of a line leaves it
    assert file.read_bytes().count(b"\n") == 2
    assert attack(name, out=tmp_path).outcomes == expected
    with pytest.raises(UsageError, match="seed: 0 there, 1 asked for"):
        attack(name, out=tmp_path, seed=1)


def test_a_question_from_paragraph_to_outcome() -> None:
    """The reader says the last word that is a place; AddAny's sentences have none, the fake one has."""

    class Fake(AddAny):
        async def search(self, space: Any, goal: Any, rng: Any) -> Found:
            return Found(space.text.append(Text("A duke lived in Nice.")), "misled")

    reader = ToyReader(lambda string: {next(w for w in ("Nice", "Oslo", "hill") if w in string): 1.0})
    outcome, wrong = turncoat.attack(
        reader, ReadingDataset("two", (question(1), question(2))), Fake(), encoder=None, masked_lm=None
    )
    assert (outcome.status, outcome.label, outcome.before, outcome.after) == ("success", 0, 0, 1)
    assert outcome.adversarial == outcome.original + " A duke lived in Nice."
    assert outcome.details == {
        "question": "Where had the king of hill 1 lived?",
        "answers": ["Oslo"],
        "sentence": "A duke lived in Nice.",
        "in_sentence": True,
        "answer_before": "Oslo",
        "f1_before": 1.0,
        "exact_before": True,
        "answer_after": "Nice",
        "f1_after": 0.0,
        "exact_after": False,
    }
    # wrong from the start: no success, but its sentence counts for the mean F1
    assert (wrong.status, wrong.reason, wrong.after) == ("skipped", "wrong_from_the_start", 1)
    assert (wrong.details["answer_before"], wrong.details["answer_after"]) == ("hill", "Nice")
    assert [len(pieces(o)) for o in (outcome, wrong)] == [2, 2]
    assert pieces(outcome)[1] == Piece("", " A duke lived in Nice.")


def test_a_sentence_from_source_to_outcome() -> None:
    """Of "The old man sees a dog" two words change: BLEU by hand as in test_translation, and likeness 1 - 1/2."""
    run = turncoat.attack(
        TRANSLATOR, TranslationDataset("one", SENTENCES.examples[:1]),
        RandomSubstitution(substitutions=Table({"old": ["aged"], "dog": ["puppy"]})),
        eta=0.7, encoder=None, likeness="chrf",
    )  # fmt: skip
    (outcome,) = run
    assert outcome.adversarial == "The aged man sees a puppy"
    assert (outcome.status, run.labels[outcome.before], run.labels[outcome.after or 0]) == (
        "success",
        "kept",
        "degraded",
    )
    details = outcome.details
    assert details["translation_before"] == details["reference"] == "der alte Mann sieht einen Hund"
    assert details["translation_after"] == "der betagte Mann sieht einen Welpen"
    assert details["bleu"] == round((4 / 6 * 2 / 5 * 1 / 4 * 0.1 / 3) ** 0.25, 6)
    assert details["score"] == pytest.approx(1 - details["bleu"] * details["likeness"], abs=2e-6)
    assert 0 < details["likeness"] < 1


def test_a_forbidden_text_is_given_up_for_the_untouched_one() -> None:
    attack = RandomSubstitution(substitutions=WORDS, trials=3)
    run = turncoat.attack(TRANSLATOR, SENTENCES, attack, constraints=[MaxChanged(0.01)], encoder=None, masked_lm=None)
    assert {(o.status, o.adversarial == o.original, o.details["score"]) for o in run} == {("failed", True, 0.0)}


def test_nothing_made_of_a_text_is_no_translation() -> None:
    run = turncoat.attack(lambda texts: [""] * len(texts), SENTENCES, "random", encoder=None)
    assert {(outcome.status, outcome.reason) for outcome in run} == {("skipped", "no_translation")}
    assert task_metrics(run)[0].not_run


def answered(id: str, f1: tuple[float, float], touches: bool | None, status: Status = "success") -> Outcome:
    details = {
        "question": "Who?", "answers": ["x"], "sentence": "" if touches is None else "A b.", "in_sentence": touches,
        "answer_before": "x", "f1_before": f1[0], "exact_before": f1[0] == 1,
        "answer_after": "y", "f1_after": f1[1], "exact_after": f1[1] == 1,
    }  # fmt: skip
    return Outcome(
        id=id, label=0, status=status, reason="misled", original="x", adversarial="x", changes=(), words=1, queries=5,
        queries_logical=5, before=0, after=int(f1[1] == 0), details=details,
    )  # fmt: skip


def test_metrics_of_readers_by_hand() -> None:
    outcomes = [
        answered("a", (1.0, 0.0), True),
        answered("b", (0.5, 0.0), False),
        answered("c", (1.0, 0.8), True, "failed"),  # right still: its place does not count
        answered("d", (0.0, 0.0), True, "skipped"),
        answered("e", (1.0, 1.0), None, "failed"),  # no sentence was found for it
    ]
    found = {metric.name: metric for metric in reading_metrics(outcomes)}
    values = {
        name: (metric.interval and round(metric.interval.estimate, 6), metric.n) for name, metric in found.items()
    }
    assert values == {
        "F1 before": (0.7, 5),
        "F1 after": (0.36, 5),
        "F1 drop": (0.34, 5),
        "exact match before": (0.6, 5),
        "exact match after": (0.2, 5),
        "questions with an added sentence": (0.8, 5),
        "wrong answers touching the added sentence": (round(2 / 3, 6), 3),
        "turned answers touching the added sentence": (0.5, 2),
    }
    assert all(metric.interval and metric.interval.low is not None for metric in found.values())
    assert found["F1 drop"].values == {"a": 1.0, "b": 0.5, "c": 0.2, "d": 0.0, "e": 0.0}
    assert "not run" in reading_metrics([])[0].provenance
    assert reading_metrics(outcomes[4:])[-1].not_run == "there are no turned answers with an added sentence"


def test_metrics_of_translators_come_from_the_outcomes() -> None:
    run = attack("random")
    found = {metric.name: metric for metric in task_metrics(run)}
    assert found["success rate"].interval is not None
    assert found["success rate"].interval.estimate == pytest.approx(run.summary.successes / len(run))
    before, after = (found[f"BLEU {when}"].interval for when in ("before", "after"))
    assert before is not None
    assert after is not None
    assert before.estimate == pytest.approx(100)  # the references are the dictionary's own
    assert after.estimate < 100
    assert "no sentence encoder" in found["semantic drop (SD), points"].not_run
    chinese = [replace(o, details={**o.details, "reference": "老人看见一只狗"}) for o in run]
    source = {m.name: m.source for m in task_metrics(replace(run, outcomes=chinese))}["BLEU before"]
    assert "tok:zh" in str(source)


def test_judges_tell_of_meaning_and_pass_over_vocabularies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run = read_run(attack("random", out=tmp_path).folder.path)  # type: ignore[union-attr]
    monkeypatch.setattr("turncoat.evaluation.judging.panel.load_encoder", lambda name, online: Letters())
    quality = judge(run, encoders=("letters",))
    assert quality["semantic drop (SD), points"].interval is not None
    assert "standing in for a multilingual sentence encoder" in quality["semantic drop (SD), points"].provenance
    assert quality["source similarity"].n == len(run)
    assert any("is no classifier" in metric.not_run for metric in quality.metrics)
    report = (tmp_path / "report.html").read_text()
    assert report.count("semantic drop (SD), points") == 1  # once measured, it is not told as not run


class Letters(Encoder):
    """Counts of letters, of unit length."""

    name, fingerprint = "letters", "0"

    def embed(self, batches: Any) -> list[Any]:
        return embed(batches)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_reports_escape_questions_answers_and_translations(hostile: str) -> None:
    asked = answered("a", (1.0, 0.0), True)
    asked = replace(
        asked, original="good", adversarial=f"good {hostile}", changes=Text("good").diff(Text(f"good {hostile}")),
        details={**asked.details, "question": hostile, "answers": [hostile], "answer_before": hostile},
    )  # fmt: skip
    config = {"task": "reading", "attack": "add-any", "victim": "reader"}
    page = Page(render(Run("run", {"config": config}, ("right", "wrong"), [asked])))
    (row,) = page.rows()
    assert row["diff"] == [["good"], ["", visible(f" {hostile}")]]
    shown = visible(hostile)
    told = dict(row["told"])  # type: ignore[call-overload]
    assert (told["Question"], told["Gold answers"], told["Answer"]) == ([[shown]], [[shown]], [[shown, "y"]])
    assert page.text.count(visible(hostile)) >= 3
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3
    assert not {"img", "b"} & {tag for tag, _ in page.tags}


def test_the_report_of_a_reader_shows_the_added_sentence_and_both_answers() -> None:
    run = attack("add-any")
    html = render(run)
    text = Page(html).text
    outcome = next(o for o in run if o.status == "success" and o.details["in_sentence"])
    assert "answers of word-overlap" in text
    assert "Answers turned" in text
    assert "What became of the answers" in text
    assert "turned answers touching the added sentence" in text
    row = next(row for row in Page(html).rows() if row["id"] == outcome.id)
    assert row["diff"] == [[outcome.original], ["", f" {outcome.details['sentence']}"]]
    terms = dict(row["told"])  # type: ignore[call-overload]
    assert terms["Answer"] == [[outcome.details["answer_before"], outcome.details["answer_after"]]]
    shown = show_outcome(outcome, run.labels).plain
    assert f"[-{outcome.details['answer_before']}-]{{+{outcome.details['answer_after']}+}}" in shown


def test_the_report_of_a_translator_shows_both_translations() -> None:
    run = attack("random")
    html = render(run)
    assert "What became of the translations" in html
    assert "BLEU" in html
    outcome = next(o for o in run if o.status == "success")
    row = next(row for row in Page(html).rows() if row["id"] == outcome.id)
    told = dict(row["told"])  # type: ignore[call-overload]
    assert "".join(piece[0] for piece in told["Translation"]) == outcome.details["translation_before"]
    assert "".join(piece[-1] for piece in told["Translation"]) == outcome.details["translation_after"]


def test_the_three_steps_of_addsent_are_told() -> None:
    steps = {
        "question": "Who won in May?", "mutated": "Who won in June?", "answer": "Ada", "fake": "Bob",
        "mutations": [{"position": 3, "old": "May", "new": "June", "rule": "near"}], "answer_rule": "person",
        "sentence": "Bob won in June.", "conversion_rule": "what-verb",
    }  # fmt: skip
    asked = replace(answered("a", (1.0, 0.0), True), trace={"steps": steps})
    shown = show_outcome(asked, ("right", "wrong")).plain
    assert "1 Mutation: Who won in [-May?-]{+June?+} (near)" in shown
    assert "2 Fake answer: [-Ada-]{+Bob+} (person)" in shown
    assert "3 Statement: Bob won in June. (what-verb)" in shown


def test_runs_of_a_task_are_compared(tmp_path: Path) -> None:
    for seed in (0, 1):
        attack("random", out=tmp_path / str(seed), seed=seed)
    page = compare([read_run(tmp_path / name) for name in "01"], tmp_path / "both.html").read_text()
    assert "McNemar" in page


def test_outcomes_without_details_are_read_and_written_as_ever() -> None:
    line = answered("a", (1.0, 0.0), True)
    plain = replace(line, details={})
    assert "details" not in plain.to_json()
    assert Outcome.from_json(plain.to_json()) == plain
    assert Outcome.from_json(line.to_json()) == line


def test_word_pieces_of_strings() -> None:
    assert word_pieces("a b c", "a x c d") == (
        Piece("a ", "a "), Piece("b", "x"), Piece(" c ", " c "), Piece("", "d")
    )  # fmt: skip
    assert word_pieces("", "") == ()
    assert word_pieces("a b", "") == (Piece("a b", ""),)
    for old, new in (("a b c", "c b a"), ("x", "x y z"), ("der Hund", "Hund")):
        found = word_pieces(old, new)
        assert "".join(piece.old for piece in found).split() == old.split()
        assert "".join(piece.new for piece in found).split() == new.split()


@pytest.mark.parametrize(
    ("victim", "data", "options", "why"),
    [
        (READER, QUESTIONS, {"method": "pwws"}, "pwws serves classification and translation, not reading"),
        (READER, QUESTIONS, {"method": PWWS(substitutions=WORDS)}, "PWWS serves"),
        (READER, QUESTIONS, {"target": 1}, "reading knows no target"),
        (READER, QUESTIONS, {"hard_label": True}, "reading knows no hard-label"),
        (READER, SENTENCES, {}, "translation attacks a Translator .*, got WordOverlapReader"),
        (READER, SENTENCES, {"task": "reading"}, "reading needs a ReadingDataset, got a TranslationDataset"),
        (READER, QUESTIONS, {"task": "translation"}, "translation attacks a Translator .*, got WordOverlapReader"),
        (TRANSLATOR, SENTENCES, {"method": "add-any"}, "add-any serves reading, not translation"),
        (TRANSLATOR, SENTENCES, {"method": "gradient"}, "gradient serves classification, not translation"),
        (TRANSLATOR, SENTENCES, {"likeness": "vectors"}, "needs a sentence encoder"),
        (TRANSLATOR, SENTENCES, {"likeness": "cosine"}, "one of vectors, chrf, got 'cosine'"),
        (TRANSLATOR, SENTENCES, {"method": "random", "eta": 2.0}, r"expected eta in \(0, 1\]"),
        (ToyVictim(), toy_dataset(3), {"eta": 0.5}, "classification knows no eta"),
        (ToyVictim(), toy_dataset(3), {"method": ADD_ANY}, "AddAny serves reading, not classification"),
        (ToyVictim(), QUESTIONS, {"task": "classification"}, r"expected a Dataset or pairs \(text, class index\)"),
        (READER, QUESTIONS, {"task": "parsing"}, "expected one of the tasks classification, reading, translation"),
    ],
)
def test_what_does_not_fit_is_refused(victim: Any, data: Any, options: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        turncoat.attack(victim, data, encoder=None, masked_lm=None, **options)


def test_unknown_names_are_told_by_the_task_s_own() -> None:
    with pytest.raises(UnknownName, match="did you mean 'add-any'"):
        turncoat.attack(READER, QUESTIONS, "add-ani")


@pytest.mark.parametrize(
    ("victim", "data", "task"),
    [
        ("models/x", "squad", "reading"),
        ("models/x", "mine.json", "reading"),
        ("word-overlap", None, "reading"),
        ("models/x", "multi30k_en_de", "translation"),
        ("models/x", "a.en,a.de", "translation"),
        ("models/x", "reviews.csv", "classification"),
        ("models/x", "mr", "classification"),
        (READER, None, "reading"),
        (german, SENTENCES, "translation"),
        (german, [("a", 0)], "classification"),
    ],
)
def test_the_task_is_found(victim: Any, data: Any, task: str) -> None:
    assert find_kind(victim, data).name == task
    assert find_kind(victim, data, "reading").name == "reading"


@pytest.mark.parametrize(("kind", "task"), [("reader", "reading"), ("translator", "translation"), ("cnn", None)])
def test_a_card_tells_the_task(tmp_path: Path, kind: str, task: str | None) -> None:
    (tmp_path / "card.toml").write_text(f'kind = "{kind}"\n')
    assert find_kind(str(tmp_path), "rows.csv").name == (task or "classification")
    if task:
        with pytest.raises(BrokenData):
            find_kind(tmp_path).victim(tmp_path)


def test_functions_are_readers() -> None:
    asked: list[Any] = []

    def last_word(pairs: list[tuple[str, str]]) -> list[str]:
        asked.append(pairs)
        return [paragraph.split()[-1] for paragraph, _ in pairs]

    reader = FunctionReader(last_word)
    (rows,) = read(reader, [[Asked(Text("b a b"), "Who?"), Asked(Text("b a b"), "Who?")]])
    assert [(r.answer, r.start, r.end, r.likely) for r in rows] == [("b", 0, 1, ())] * 2
    assert asked == [[("b a b", "Who?")]]
    for nonsense, why in ((["x"], "part of its paragraph, got 'x'"), ([], "expected 1 answers, got 0"), ([3], "got 3")):
        with pytest.raises(VictimError, match=why):
            read(FunctionReader(lambda pairs, n=nonsense: n), [[Asked(Text("a"), "Who?")]])  # type: ignore[misc]


def test_a_dictionary_is_a_translator_of_the_api() -> None:
    dictionary = Dictionary()
    run = turncoat.attack(dictionary._translate, SENTENCES, CASES["morpheus"][2], encoder=None, likeness="chrf")
    assert run.victim == "Dictionary._translate"
    assert len(dictionary.asked) > len(run)


MODEL = """
def translate(texts):
    words = {"the": "der", "dogs": "Hunde", "dog": "Hund", "sees": "sieht", "a": "einen", "man": "Mann"}
    return [" ".join(words.get(w.lower(), w) for w in t.split()) for t in texts]
"""


def test_the_command_line(tmp_path: Path) -> None:
    qas = [{"id": e.id, "question": e.question, "answers": [{"text": e.answers[0], "answer_start": e.starts[0]}]}
           for e in QUESTIONS.examples[:2]]  # fmt: skip
    paragraphs = [{"context": e.text, "qas": [qa]} for e, qa in zip(QUESTIONS, qas, strict=False)]
    (tmp_path / "kings.json").write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}))
    (tmp_path / "mine.py").write_text(MODEL)
    (tmp_path / "pairs.csv").write_text("en,de\nThe man sees a dog,Der Mann sieht einen Hund\n,\n")

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "turncoat", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip

    done = command("attack", "word-overlap", "kings.json", "--set", "epochs=1", "--set", "common=50", "--out", "read")
    assert done.returncode == 0, done.stderr
    assert "F1 100.0 %" in done.stdout
    assert '"reading"' in (tmp_path / "read/summary.json").read_text()
    done = command(
        "attack", "mine:translate", "pairs.csv", "--task", "translation", "--text-column", "en",
        "--reference-column", "de", "--attack", "morpheus", "--encoder", "none", "--eta", "0.2", "--out", "moved",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "left out: pairs.csv:3" in done.stderr
    assert "BLEU" in done.stdout


def test_one_text_is_for_classifiers() -> None:
    done = CliRunner().invoke(app, ["attack", "word-overlap", "--text", "a film"])
    assert done.exit_code == 2
    assert "--text is for classifiers" in done.stderr
