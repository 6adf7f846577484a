"""The engine: a plain loop that keeps many attacks asleep, answers all their questions at once, and wakes them.

It knows nothing of models: a *responder* answers a list of batches of its kind. There is no event loop and no thread.
The result of a task depends on its own questions only, never on `live` or on who shared a batch.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.memory import Memory
from turncoat.engine.query import Ask, Query, Responder, Responders, Spending, Spent
from turncoat.errors import BudgetSpent, TurncoatError, UsageError, VictimError
from turncoat.space import take

Result = TypeVar("Result")


@dataclass
class Task(Generic[Result]):
    """One coroutine under way, with what it has asked.

    Attributes:
        name: the example's id, for messages.
        work: the coroutine; it awaits queries and returns the result.
        budget: most unique questions to the victim; None for no limit.
    """

    name: str
    work: Coroutine[Query[Any], Any, Result]
    budget: int | None = None
    memories: dict[type[Ask], Memory] = field(default_factory=dict)
    spending: Spending = field(default_factory=Spending)


@dataclass
class _Pending:
    """A task asleep on a question, and the part of it that must be asked."""

    task: Task[Any]
    query: Ask
    numbers: NDArray[np.int64] | None  # rows in the task's memory; None for a fresh question
    asked: NDArray[np.int64]  # indices of query.texts to ask

    @property
    def memory(self) -> Memory:
        return self.task.memories[type(self.query)]


def run(
    tasks: Iterable[Task[Result]], responders: Responders, live: int = 128
) -> Iterator[tuple[Task[Result], Result]]:
    """Drive the tasks, at most `live` at a time, and yield each with its result as it ends.

    Raises:
        VictimError: a responder failed; the message names the example. Results already yielded stay valid.
        UsageError: a task asked for a kind of query that no responder answers, or about no text at all.
    """
    if live < 1:
        raise UsageError(f"expected live >= 1, got {live}")
    queue = iter(tasks)
    pending: list[_Pending] = []
    asleep: list[_Pending] = []
    try:
        while True:
            while len(asleep) < live and (task := next(queue, None)) is not None:
                yield from _advance(task, None, asleep, responders)
            if not asleep:
                return
            pending, asleep = asleep, []
            answers = _answer_all(pending, responders)
            for sleeper, answer in zip(pending, answers, strict=True):
                yield from _advance(sleeper.task, answer, asleep, responders)
    finally:
        for sleeper in (*pending, *asleep):  # closing one that has ended does nothing
            sleeper.task.work.close()


def _advance(
    task: Task[Result], answer: Any, asleep: list[_Pending], responders: Responders
) -> Iterator[tuple[Task[Result], Result]]:
    """Run a task until it must wait or has ended."""
    error: TurncoatError | None = None
    while True:
        try:
            query = task.work.throw(error) if error else task.work.send(answer)
        except StopIteration as end:
            yield task, end.value
            return
        error = None
        if isinstance(query, Spent):
            answer = replace(task.spending, budget=task.budget)
            continue
        try:
            sleeper = _ask(task, query, responders)
        except (BudgetSpent, UsageError) as refusal:
            error = refusal
            continue
        if len(sleeper.asked):
            asleep.append(sleeper)
            return
        answer = sleeper.memory.recall(sleeper.numbers) if sleeper.numbers is not None else np.empty(0)


def _ask(task: Task[Any], query: Query[Any], responders: Responders) -> _Pending:
    """Split a query into what is known and what must be asked, and count it."""
    if not isinstance(query, Ask) or type(query) not in responders:
        kinds = ", ".join(sorted(kind.__name__ for kind in responders)) or "none"
        raise UsageError(f"{task.name}: no model here answers {type(query).__name__} (answered: {kinds})")
    if not len(query.texts):
        raise UsageError(f"{task.name}: {type(query).__name__} was asked about no text at all")
    if query.fresh:
        return _Pending(task, query, None, np.arange(len(query.texts)))
    memory = task.memories.setdefault(type(query), Memory())
    numbers, asked = memory.look_up(query.texts)
    if query.asks_victim:
        unique = task.spending.unique + len(asked)
        if task.budget is not None and unique > task.budget:
            memory.forget_unanswered()
            raise BudgetSpent(f"{task.name}: {len(asked)} more questions would exceed the budget of {task.budget}")
        task.spending = Spending(unique, task.spending.logical + len(query.texts))
    return _Pending(task, query, numbers, asked)


def _answer_all(pending: list[_Pending], responders: Responders) -> list[NDArray[Any]]:
    """Answer every kind of question in one call, and put known and new rows together."""
    answers: list[Any] = [None] * len(pending)
    kinds: dict[type[Ask], list[int]] = {}
    for i, sleeper in enumerate(pending):
        kinds.setdefault(type(sleeper.query), []).append(i)
    for kind, members in kinds.items():
        group = [pending[i] for i in members]
        for i, sleeper, rows in zip(members, group, _answer(group, responders[kind]), strict=True):
            if sleeper.numbers is None:
                answers[i] = rows
            else:
                sleeper.memory.learn(rows)
                answers[i] = sleeper.memory.recall(sleeper.numbers)
    return answers


def _answer(group: list[_Pending], responder: Responder) -> list[NDArray[Any]]:
    """Ask a responder; if it fails, ask again example by example so that the message can name the one to blame."""
    batches = [_needed(sleeper) for sleeper in group]
    try:
        return _aligned(responder(batches), batches)
    except Exception as error:
        for sleeper, batch in zip(group, batches, strict=True):
            try:
                _aligned(responder([batch]), [batch])
            except Exception as alone:
                raise _blame(sleeper.task.name, alone) from alone
        raise _blame(", ".join(sleeper.task.name for sleeper in group), error) from error


def _aligned(answers: list[NDArray[Any]], batches: list[Any]) -> list[NDArray[Any]]:
    """The answers, if they are one a batch with one row a text."""
    if len(answers) != len(batches):
        raise VictimError(f"expected {len(batches)} batches of answers, got {len(answers)}")
    for answer, batch in zip(answers, batches, strict=True):
        if len(answer) != len(batch):
            raise VictimError(f"expected {len(batch)} answers, got {len(answer)}")
    return answers


def _needed(sleeper: _Pending) -> Any:
    texts = sleeper.query.texts
    return texts if len(sleeper.asked) == len(texts) else take(texts, sleeper.asked)


def _blame(name: str, error: Exception) -> Exception:
    if isinstance(error, TurncoatError):
        return type(error)(f"example {name}: {error}")
    return VictimError(f"example {name}: the model raised {type(error).__name__}: {error}")
