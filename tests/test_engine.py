"""The engine: many attacks asleep at once, all their questions answered together, each result its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.engine.memory import Memory, keys_of
from turncoat.engine.query import Decide, Embed, Predict, Query, Spending, Spent
from turncoat.engine.run import Task, run
from turncoat.errors import BudgetSpent, HardLabelOnly, UsageError, VictimError
from turncoat.space import Space
from turncoat.text import Text

Work = Coroutine[Query[Any], Any, Any]


class Recorder:
    """A responder that answers with the length of each text, and keeps what it was asked."""

    def __init__(self, fail_on: str = "no such text", error: BaseException | None = None) -> None:
        self.rounds: list[list[list[str]]] = []
        self.fail_on, self.error = fail_on, error or RuntimeError("out of memory")

    def __call__(self, batches: Sequence[Sequence[Text]]) -> list[Any]:
        self.rounds.append([[str(text) for text in texts] for texts in batches])
        if any(self.fail_on in string for texts in self.rounds[-1] for string in texts):
            raise self.error
        return [np.array([len(string) for string in texts], np.int64) for texts in self.rounds[-1]]

    @property
    def asked(self) -> list[str]:
        return [string for batches in self.rounds for texts in batches for string in texts]


def texts(*strings: str) -> list[Text]:
    return [Text(string) for string in strings]


async def ask(*rounds: str, kind: type[Predict] | type[Decide] | type[Embed] = Predict) -> list[list[int]]:
    """Ask about the words of each string in turn; return the answers."""
    return [(await kind(texts(*strings.split(" ")))).tolist() for strings in rounds]


def one(work: Work, responder: Any, budget: int | None = None) -> Any:
    """Run one task alone."""
    ((_, result),) = run([Task("one", work, budget)], {Predict: responder})
    return result


# An attack by hand


def test_an_attack_is_driven_by_hand() -> None:
    work = ask("a bb", "ccc")
    first = work.send(None)
    assert isinstance(first, Predict)
    assert [str(text) for text in first.texts] == ["a", "bb"]
    second = work.send(np.array([1, 2]))
    assert [str(text) for text in second.texts] == ["ccc"]
    with pytest.raises(StopIteration) as end:
        work.send(np.array([3]))
    assert end.value.value == [[1, 2], [3]]


def test_errors_arrive_at_the_await() -> None:
    async def work() -> str:
        try:
            await Predict(texts("a"))
        except BudgetSpent:
            return "best so far"
        return "answered"

    coroutine = work()
    coroutine.send(None)
    with pytest.raises(StopIteration) as end:
        coroutine.throw(BudgetSpent("spent"))
    assert end.value.value == "best so far"


# Memory and counting


def test_answers_have_one_row_a_text_and_no_text_is_asked_twice() -> None:
    responder = Recorder()
    assert one(ask("a bb a", "bb ccc bb a", "a"), responder) == [[1, 2, 1], [2, 3, 2, 1], [1]]
    assert responder.asked == ["a", "bb", "ccc"]


def test_logical_and_unique_questions() -> None:
    async def work() -> list[Spending]:
        spent = [await Spent()]
        for strings in (("a", "a", "b"), ("b", "c"), ("a", "b")):
            await Predict(texts(*strings))
            spent.append(await Spent())
        return spent

    assert one(work(), Recorder()) == [Spending(0, 0), Spending(2, 3), Spending(3, 5), Spending(3, 7)]


def test_only_questions_to_the_victim_count() -> None:
    async def work() -> Spending:
        await Embed(texts("a", "b"))
        await Decide(texts("a"))
        return await Spent()

    ((_, spent),) = run([Task("one", work(), budget=1)], {Embed: Recorder(), Decide: Recorder()})
    assert spent == Spending(1, 1, 1)


def test_fresh_questions_are_asked_again_and_not_counted() -> None:
    async def work() -> tuple[list[int], Spending]:
        await Predict(texts("a"))
        fresh = await Predict(texts("a", "bb"), fresh=True)
        await Predict(texts("bb"))
        return fresh.tolist(), await Spent()

    responder = Recorder()
    assert one(work(), responder, budget=2) == ([1, 2], Spending(2, 2, 2))
    assert responder.asked == ["a", "a", "bb", "bb"]


def test_variants_are_remembered_by_number() -> None:
    space = Space(Text("a b"), [["x", "y"], ["z"]])

    async def work() -> Spending:
        await Predict([space.text])
        await Predict(space.original())
        swaps = await Predict(space.swaps())
        assert (await Predict(space.swaps(positions=[1]))).tolist() == swaps[2:].tolist()
        return await Spent()

    responder = Recorder()
    assert one(work(), responder) == Spending(4, 6)
    assert responder.asked == ["a b", "x b", "y b", "a z"]


def test_tasks_do_not_share_memory() -> None:
    responder = Recorder()
    results = list(run([Task("1", ask("a")), Task("2", ask("a"))], {Predict: responder}))
    assert [result for _, result in results] == [[[1]], [[1]]]
    assert responder.rounds == [[["a"], ["a"]]]


@given(st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6), max_size=8))
def test_memory_obeys_its_laws(rounds: list[list[str]]) -> None:
    memory, seen = Memory(), dict[str, int]()
    for strings in rounds:
        numbers, new = memory.look_up(texts(*strings))
        assert [strings[i] for i in new] == list(dict.fromkeys(s for s in strings if s not in seen))
        memory.learn(np.array([[ord(strings[i]), 0] for i in new]).reshape(len(new), 2))
        seen.update((string, ord(string)) for string in strings)
        assert memory.recall(numbers)[:, 0].tolist() == [seen[string] for string in strings]
        assert len(memory) == len(seen)


def test_memory_can_undo_a_question() -> None:
    memory = Memory()
    with pytest.raises(LookupError):
        memory.recall(np.array([0]))
    memory.look_up(texts("a"))
    memory.learn(np.array([1]))
    memory.look_up(texts("b", "a", "c"))
    memory.forget_unanswered()
    numbers, new = memory.look_up(texts("c", "a"))
    assert (numbers.tolist(), new.tolist()) == ([1, 0], [0])


def test_the_untouched_text_has_one_key_in_every_form() -> None:
    space, other = Space(Text("a"), [["x"]]), Space(Text("a"), [["y"]])
    assert keys_of(space.original()) == keys_of(other.original()) == keys_of([Text("a")])
    assert keys_of(space.swaps()) != keys_of(other.swaps())


# Budgets


def test_budget_is_thrown_at_the_await_and_the_attack_goes_on() -> None:
    async def work() -> tuple[list[Any], Spending]:
        answers: list[Any] = [(await Predict(texts("a", "bb"))).tolist()]
        try:
            await Predict(texts("a", "ccc", "dddd"))
        except BudgetSpent as spent:
            answers.append(str(spent))
        answers.append((await Predict(texts("bb", "a"))).tolist())  # known: free
        answers.append((await Predict(texts("ccc"))).tolist())  # the one that is left
        return answers, await Spent()

    responder = Recorder()
    answers, spent = one(work(), responder, budget=3)
    assert answers == [[1, 2], "one: 2 more questions would exceed the budget of 3", [2, 1], [3]]
    assert spent == Spending(3, 5, 3)
    assert spent.left == 0
    assert responder.asked == ["a", "bb", "ccc"]


def test_budget_nobody_catches_ends_the_run() -> None:
    with pytest.raises(BudgetSpent, match="one: 1 more questions would exceed the budget of 0"):
        one(ask("a"), Recorder(), budget=0)


# Company changes nothing


async def greedy(word: str, steps: int) -> tuple[list[int], Spending]:
    """An attack whose next question depends on the last answer, and that stops when its budget is spent."""
    trace: list[int] = []
    try:
        for _ in range(steps):
            answers = await Predict(texts(word, word + "!", "z"))
            trace += answers.tolist()
            word += "ab"[trace[-1] % 2] * (trace[-2] % 3)
    except BudgetSpent:
        pass
    return trace, await Spent()


def results_of(jobs: Sequence[tuple[str, int]], live: int) -> dict[str, Any]:
    tasks = (Task(f"{word}{steps}", greedy(word, steps), budget=7) for word, steps in jobs)
    return {task.name: result for task, result in run(tasks, {Predict: Recorder()}, live)}


@given(st.permutations([(word, steps) for word in "abc" for steps in range(6)]), st.sampled_from([1, 2, 3, 50]))
def test_a_result_depends_on_nothing_but_its_own_questions(jobs: list[tuple[str, int]], live: int) -> None:
    alone = {name: result for job in jobs for name, result in results_of([job], 1).items()}
    assert results_of(jobs, live) == alone


def test_at_most_live_tasks_are_begun() -> None:
    begun: list[str] = []

    async def work(name: str) -> None:
        begun.append(name)
        await Predict(texts("a"))

    results = run((Task(name, work(name)) for name in "abcde"), {Predict: (responder := Recorder())}, live=2)
    assert next(results)[0].name == "a"
    assert begun == ["a", "b"]
    assert [task.name for task, _ in results] == ["b", "c", "d", "e"]
    assert [len(batches) for batches in responder.rounds] == [2, 2, 1]


def test_a_task_that_asks_nothing() -> None:
    async def work() -> int:
        return 7

    assert one(work(), Recorder()) == 7
    assert list(run([], {})) == []


def test_two_kinds_in_one_round() -> None:
    predict, embed = Recorder(), Recorder()
    jobs = [Task("p", ask("a", "bb")), Task("e", ask("ccc", kind=Embed)), Task("q", ask("dddd"))]
    results = {task.name: result for task, result in run(jobs, {Predict: predict, Embed: embed})}
    assert results == {"p": [[1], [2]], "e": [[3]], "q": [[4]]}
    assert predict.rounds == [[["a"], ["dddd"]], [["bb"]]]
    assert embed.rounds == [[["ccc"]]]


def test_one_task_keeps_its_kinds_apart() -> None:
    async def work() -> list[int]:
        return [(await Predict(texts("a")))[0], (await Embed(texts("a")))[0], (await Predict(texts("a")))[0]]

    def embed(batches: Sequence[Sequence[Text]]) -> list[Any]:
        return [np.full(len(batch), 9) for batch in batches]

    ((_, result),) = run([Task("one", work())], {Predict: Recorder(), Embed: embed})
    assert result == [1, 9, 1]


# What goes wrong


def test_no_texts_are_refused() -> None:
    with pytest.raises(UsageError, match="one: Predict was asked about no text at all"):
        one(ask_nothing(), Recorder())


async def ask_nothing() -> None:
    await Predict([])


def test_kinds_that_nobody_answers() -> None:
    with pytest.raises(UsageError, match=r"one: no model here answers Embed \(answered: Decide, Predict\)"):
        list(run([Task("one", ask("a", kind=Embed))], {Predict: Recorder(), Decide: Recorder()}))
    with pytest.raises(UsageError, match="live >= 1, got 0"):
        list(run([], {}, live=0))


def test_a_failing_responder_blames_the_right_example_and_spares_what_is_finished() -> None:
    tasks = [
        Task("short", ask("a")),
        Task("good", ask("b", "c")),
        Task("bad", ask("d", "poison")),
        Task("late", ask("e")),
    ]
    finished = {}
    results = run(tasks, {Predict: Recorder(fail_on="poison")})
    with pytest.raises(VictimError, match=r"^example bad: the model raised RuntimeError: out of memory$") as raised:
        finished.update((task.name, result) for task, result in results)
    assert finished == {"short": [[1]], "late": [[1]]}
    assert isinstance(raised.value.__cause__, RuntimeError)


def test_errors_of_our_own_keep_their_class() -> None:
    with pytest.raises(HardLabelOnly, match=r"^example one: labels only$"):
        one(ask("poison"), Recorder("poison", HardLabelOnly("labels only")))


def test_a_responder_that_fails_only_on_company() -> None:
    def crowded(batches: Sequence[Sequence[Text]]) -> list[Any]:
        if len(batches) > 1:
            raise MemoryError("too many")
        return [np.zeros(len(batch)) for batch in batches]

    with pytest.raises(VictimError, match=r"^example 1, 2: the model raised MemoryError: too many$"):
        list(run([Task("1", ask("a")), Task("2", ask("b"))], {Predict: crowded}))


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (lambda batches: [np.zeros(len(batch) - 1) for batch in batches], "expected 2 answers, got 1"),
        (lambda batches: [np.zeros(len(batch) + 1) for batch in batches], "expected 2 answers, got 3"),
        (lambda batches: [], "expected 1 batches of answers, got 0"),
    ],
)
def test_answers_must_match_the_questions(answers: Callable[[Any], list[Any]], message: str) -> None:
    with pytest.raises(VictimError, match=f"one: .*{message}"):
        one(ask("a bb", "a ccc"), answers)


def test_a_bug_in_an_attack_is_shown_as_it_is() -> None:
    async def work() -> None:
        await Predict(texts("a"))
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        one(work(), Recorder())


# However a run ends, no coroutine is left open


def state(work: Work) -> str:
    return inspect.getcoroutinestate(work)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), RuntimeError("broken")], ids=repr)
def test_a_responder_that_raises_closes_all(error: BaseException) -> None:
    works = [ask("a", "poison"), ask("b", "c"), ask("d", "e")]
    expected = VictimError if isinstance(error, Exception) else type(error)
    tasks = [Task(str(i), work) for i, work in enumerate(works)]
    with pytest.raises(expected):
        list(run(tasks, {Predict: Recorder("poison", error)}))
    assert {state(work) for work in works} == {inspect.CORO_CLOSED}


async def buggy() -> None:
    await Predict(texts("a"))
    raise ZeroDivisionError


@pytest.mark.parametrize("bad", [buggy, ask_nothing, lambda: ask("a", kind=Embed)], ids=["bug", "empty", "unanswered"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_task_that_fails_closes_all(bad: Callable[[], Work], place: int) -> None:
    works = [ask("b", "c"), ask("d", "e")]
    works.insert(place, bad())
    tasks = [Task(str(i), work) for i, work in enumerate(works)]
    with pytest.raises((ZeroDivisionError, UsageError)):
        list(run(tasks, {Predict: Recorder()}))
    begun = works if bad is buggy else works[: place + 1]
    assert {state(work) for work in begun} == {inspect.CORO_CLOSED}
    for work in works:
        work.close()


def test_a_reader_who_stops_closes_all() -> None:
    works = [ask("a"), ask("b", "c"), ask("d")]
    results = run([Task(str(i), work) for i, work in enumerate(works)], {Predict: Recorder()})
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert {state(work) for work in works} == {inspect.CORO_CLOSED}
