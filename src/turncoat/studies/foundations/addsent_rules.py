"""How often each rule of AddSent applies to a set of questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from turncoat.attacks.addsent.conversion import FALLBACK, INVERTED
from turncoat.attacks.addsent.knowledge import Knowledge
from turncoat.attacks.addsent.repair import repaired, why_unfit
from turncoat.attacks.addsent.writing import Trace, write_sentence
from turncoat.data.reading import ReadingExample
from turncoat.intervals import Interval, proportion
from turncoat.notation import percent, told


@dataclass(frozen=True)
class RuleUse:
    """What became of the questions.

    Attributes:
        questions: how many there were.
        written: of them, with a raw sentence.
        mutation: questions in which the rule exchanged a word, by rule (a question may count for several).
        answer, conversion, filler: sentences by rule.
        usable: questions that the automatic filter leaves a sentence.
        unfit: sentences of step 3 that it drops, by reason.
        vectors: by which near words were found.
    """

    questions: int
    written: int
    mutation: Mapping[str, int]
    answer: Mapping[str, int]
    conversion: Mapping[str, int]
    filler: Mapping[str, int]
    usable: int
    unfit: Mapping[str, int]
    vectors: str

    @property
    def written_share(self) -> Interval | None:
        """Share of questions with a raw sentence."""
        return proportion(self.written, self.questions)

    @property
    def usable_share(self) -> Interval | None:
        """Share of questions with a sentence that passes the automatic filter."""
        return proportion(self.usable, self.questions)

    @property
    def pattern_share(self) -> Interval | None:
        """Share of sentences that a pattern made, not the fallback."""
        fallen = sum(self.conversion.get(rule, 0) for rule in (FALLBACK, INVERTED))
        return proportion(self.written - fallen, self.written)

    def __str__(self) -> str:
        lines = [
            f"{self.questions} questions, near words by {self.vectors}",
            f"with a raw sentence: {told(self.written_share, percent)}",
            f"with an AddSent-auto sentence: {told(self.usable_share, percent)}",
            f"of the raw sentences by a pattern: {told(self.pattern_share, percent)}",
        ]
        tables = {
            "mutation (questions)": (self.mutation, self.questions),
            "fake answer (sentences)": (self.answer, self.written),
            "statement (sentences)": (self.conversion, self.written),
            "question phrase (sentences)": (self.filler, self.written),
            "dropped by the filter (sentences)": (self.unfit, self.written),
        }
        for title, (counts, of) in tables.items():
            lines.append(f"\n{title}")
            ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            lines += [f"  {rule or 'none'} {hits}: {told(proportion(hits, of), percent)}" for rule, hits in ordered]
        return "\n".join(lines)


def measure_rules(examples: Iterable[ReadingExample], knowledge: Knowledge) -> RuleUse:
    """Write a sentence for each question and count the rules; some milliseconds a question."""
    traces: list[tuple[ReadingExample, Trace | None]] = [
        (each, write_sentence(each.text, each.question, each.answers, each.starts, knowledge)) for each in examples
    ]
    written = [(example, trace) for example, trace in traces if trace is not None]
    unfit = [why_unfit(trace.sentence, trace, example.answers) for example, trace in written]
    usable = sum(
        any(not why_unfit(sentence, trace, example.answers) for sentence in repaired(trace))
        for example, trace in written
    )
    return RuleUse(
        questions=len(traces),
        written=len(written),
        mutation=Counter(rule for _, trace in written for rule in {each.rule for each in trace.mutations}),
        answer=Counter(trace.answer_rule for _, trace in written),
        conversion=Counter(trace.conversion_rule for _, trace in written),
        filler=Counter(trace.filler_rule for _, trace in written),
        usable=usable,
        unfit=Counter(filter(None, unfit)),
        vectors=knowledge.vectors,
    )
