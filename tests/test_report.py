from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from turncoat.errors import UsageError
from turncoat.evaluation.diffing import Piece, pieces, shorten
from turncoat.evaluation.headline import headline, most_striking
from turncoat.evaluation.metrics import summarise
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.plots import success_by_questions, turned_labels
from turncoat.evaluation.report import flatten, render, render_comparison
from turncoat.evaluation.run import Run
from turncoat.evaluation.show import show_outcome
from turncoat.evaluation.visible import visible
from turncoat.text import Change, Text

LABELS = ("negative", "positive")
HOSTILE = (
    "<script>document.body.id='hacked'</script>",
    '"><img src=x onerror="document.body.id=\'hacked\'">',
    "</script><script>document.body.id='hacked'</script>",
    "<!--<script>",
    "nul \0 bell \a escape \x1b[31m",
    "override \u202edetrever\u202c line \u2028 separator",
    "{{ 7 * 7 }} {% raw %} {# gone #}",
    "lone \ud800 surrogate & ampersand",
    "$\\frac{1}{2}$ _hidden",
)


def outcome(id: str, original: str, changes: dict[int, str], status: str = "success", **fields: object) -> Outcome:
    text = Text(original)
    adversarial = text.replace_all(changes)
    skipped = status == "skipped"
    made = Outcome(
        id=id,
        label=1,
        status=status,  # type: ignore[arg-type]
        reason="budget" if status == "failed" else "flipped",
        original=original,
        adversarial=str(adversarial),
        changes=text.diff(adversarial),
        words=len(text),
        queries=120,
        queries_logical=130,
        before=0 if skipped else 1,
        after=None if skipped else int(status == "failed"),
        probabilities_before=(0.1, 0.9),
        probabilities_after=None if skipped else (0.7, 0.3),
        similarity=0.9 if status == "success" else None,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def run(outcomes: list[Outcome], name: str = "runs/a", labels: tuple[str, ...] = LABELS, **config: object) -> Run:
    settings = {
        "attack": {"name": "pwws", "kind": "PWWS"},
        "victim": "mr-cnn",
        "data": {"name": "mr/test", "examples": 200},
        "encoder": "MiniLM",
        **config,
    }
    return Run(name, {"config": settings, "versions": {"numpy": "2.0"}}, labels, outcomes)


ORDINARY = run(
    [
        outcome("mr/1", "A fine film, really.", {1: "ok", 2: "movie"}),
        outcome("mr/2", "A good film.", {1: "decent"}, similarity=0.8),
        outcome("mr/3", "A good film.", {1: "okay"}, similarity=0.95, queries=90),
        outcome("mr/4", "So dull.", {1: "slow"}, status="failed"),
        outcome("mr/5", "Not read rightly.", {}, status="skipped"),
    ]
)
NASTY = run(
    [
        outcome(f"<b>{i}</b>{words}", f"good {words}", {0: f"bad{words}"}, reason=words)
        for i, words in enumerate(HOSTILE)
    ]
    + [outcome(words, f"good {words}", {0: words}, status="failed", reason=words) for words in HOSTILE],
    name=HOSTILE[2],
    labels=(HOSTILE[0], HOSTILE[1]),
    victim=HOSTILE[2],
    note=" ".join(HOSTILE),
)


class Page(HTMLParser):
    """What a browser would make of it: elements, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        else:
            self.text += data

    def rows(self) -> list[dict[str, object]]:
        return json.loads(self.scripts[1])


@pytest.mark.parametrize(
    "html", [render(ORDINARY), render(NASTY), render_comparison([NASTY, replace(NASTY, name="b")])]
)
def test_page_fetches_nothing_and_runs_only_its_own_script(html: str) -> None:
    page = Page(html)
    assert html.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028\ud800-\udfff]", html)
    for tag, attributes in page.tags:
        assert tag not in {"img", "iframe", "link", "object", "embed", "base", "b"}
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        assert (attributes.get("href") or "#").startswith("#")  # marks and clips of the plots
    assert not re.search(r"url\((?!#)|@import", html)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    code = [s for s, (_, a) in zip(page.scripts, (t for t in page.tags if t[0] == "script"), strict=True) if not a]
    for script in code:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in policy


def test_hostile_text_shows_as_text() -> None:
    page = Page(render(NASTY))
    rows = page.rows()
    assert len(rows) == len(NASTY.outcomes)
    for row, words in zip(rows, HOSTILE, strict=False):
        assert row["diff"] == [["good", visible(f"bad{words}")], [visible(f" {words}")]]
        assert visible(words) in page.text
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3
    assert "{{ 7 * 7 }} {% raw %} {# gone #}" in page.text
    assert "49" not in [part.strip() for part in page.text.split()]


@pytest.mark.parametrize(
    ("string", "shown"),
    [("a\0b", "a[U+0000]b"), ("\u202eb", "[U+202E]b"), ("\x1b[31m", "[U+001B][31m"), ("\ud800", "[U+D800]")],
)
def test_hidden_characters_are_spelled_out(string: str, shown: str) -> None:
    assert visible(string) == shown
    assert visible("plain\ttext\nnaïve 你好 👩‍💻") == "plain\ttext\nnaïve 你好 👩‍💻"


def test_report_says_first_what_happened() -> None:
    html = render(ORDINARY)
    text = Page(html).text
    sentence = (
        "PWWS turned 3 of 4 verdicts of mr-cnn (75.0 %, 95 % interval 30.1 to 95.4) "
        "with a median of 1 changed word and 120 questions."
    )
    assert sentence in text
    assert text.index(sentence) < text.index("The smallest change that did it: positive 90.0 % → negative 70.0 %")
    assert "A <del>good</del><ins>okay</ins> film." in html
    for part in ("Why failed searches stopped", "budget", "Most effective substitutions", "versions.numpy", "MiniLM"):
        assert part in text


def test_report_is_deterministic() -> None:
    assert render(ORDINARY) == render(ORDINARY)


@pytest.mark.parametrize(
    ("outcomes", "config", "sentence"),
    [
        ([], {}, "PWWS has no outcome on mr/test yet."),
        (ORDINARY.outcomes[4:], {}, "PWWS attacked none of 1 text of mr/test: mr-cnn was wrong from the start."),
        (ORDINARY.outcomes[3:4], {}, "PWWS turned none of 1 verdict of mr-cnn (0.0 %, 95 % interval 0.0 to 79.3)."),
        (
            ORDINARY.outcomes[:1],
            {"target": "negative"},
            "PWWS turned 1 of 1 verdict of mr-cnn to negative (100.0 %, 95 %",
        ),
    ],
)
def test_report_of_little(outcomes: list[Outcome], config: dict[str, object], sentence: str) -> None:
    little = run(outcomes, **config)
    assert headline(little, summarise(outcomes, LABELS)).startswith(sentence)
    assert sentence in Page(render(little)).text


def test_hard_label_and_no_encoder() -> None:
    hard = [replace(o, probabilities_before=None, probabilities_after=None, similarity=None) for o in ORDINARY.outcomes]
    page = Page(render(run(hard, encoder=None)))
    assert "no sentence encoder measured it" in page.text
    assert page.rows()[0]["probability_before"] is None


def test_unknown_label_is_refused() -> None:
    with pytest.raises(UsageError, match="labels from 0 to 1"):
        render(run([outcome("a", "A good film.", {1: "bad"}, after=5)]))


def test_comparison_report() -> None:
    second = run([replace(o, status="failed") if o.id == "mr/3" else o for o in ORDINARY.outcomes], name="runs/b")
    text = Page(render_comparison([ORDINARY, second])).text
    assert "On 4 examples (attacked by both) the success rate is 75.0 % for runs/a and 50.0 % for runs/b" in text
    assert "McNemar, exact" in text
    three = Page(render_comparison([ORDINARY, second, replace(second, name="runs/c")])).text
    assert "on the same 5 texts, runs/a turned 75.0 %, runs/b turned 50.0 %, runs/c turned 50.0 %." in three


def test_most_striking_is_smallest_then_most_similar() -> None:
    chosen = most_striking(ORDINARY.outcomes)
    assert chosen is not None
    assert chosen.id == "mr/3"
    assert most_striking(ORDINARY.outcomes[3:]) is None


def test_pieces_of_replacement_insertion_and_deletion() -> None:
    replaced = outcome("a", "A good film.", {1: "so-so"})
    assert pieces(replaced) == (Piece("A ", "A "), Piece("good", "so-so"), Piece(" film.", " film."))
    text = Text("A good film.")
    for other in (text.insert(1, "very"), text.delete(1), text.insert(3, "indeed"), text.insert(0, "Such")):
        edited = replace(replaced, adversarial=str(other), changes=text.diff(other))
        assert "".join(piece.old for piece in pieces(edited)) == "A good film."
        assert "".join(piece.new for piece in pieces(edited)).split() == str(other).split()
        assert sum(piece.changed for piece in pieces(edited)) == 1


def test_changes_that_explain_nothing_show_the_whole_text() -> None:
    odd = replace(outcome("a", "A good film.", {}), adversarial="A good film!", changes=(Change(9, "x", "y"),))
    assert pieces(odd) == (Piece("A good film.", "A good film!"),)


def test_shorten_keeps_what_stands_around_changes() -> None:
    long = "word " * 400
    cut = shorten((Piece(long, long), Piece("old", "new"), Piece(long, long)), around=20)
    assert cut[1] == Piece("old", "new")
    assert cut[0].old == " … " + long[-20:]
    assert cut[2].old == long[:20] + " … "
    assert shorten((Piece("short", "short"),)) == (Piece("short", "short"),)


def test_show_outcome_for_the_terminal() -> None:
    shown = show_outcome(ORDINARY.outcomes[0], LABELS)
    assert "A [-fine-]{+ok+} [-film-]{+movie+}, really." in shown.plain
    assert "gold positive, verdict positive 90.0 % → negative 70.0 %" in shown.plain
    assert "2 of 4 words changed, 120 questions (130 with repeats), similarity 0.900" in shown.plain
    console = Console(width=200, record=True, file=io.StringIO())
    hostile = outcome("[red]x[/]", "good [bold]film[/bold] \x1b[2J", {0: "[link=http://x]bad"})
    console.print(show_outcome(hostile, LABELS))
    printed = console.export_text()
    assert "[bold]film[/bold] [U+001B][2J" in printed
    assert "{+[link=http://x]bad+}" in printed
    assert "\x1b" not in printed


def test_plots_are_deterministic_labelled_and_follow_the_page() -> None:
    runs = {"_first": ORDINARY.outcomes, "$second$ <b>": NASTY.outcomes}
    svg = success_by_questions(runs)
    assert svg == success_by_questions(runs)
    assert svg.startswith('<svg role="img" aria-label="Share of attacked texts turned, by number of questions')
    for part in (
        "unique questions to the victim, at most",
        "turned, % of attacked texts",
        "_first",
        "$second$ &lt;b&gt;",
    ):
        assert part in svg
    assert "currentColor" in svg
    assert "var(--series-2" in svg
    assert not re.search(r"#0[01]0[a-f0-9]0\d\b|<dc:date>|DOCTYPE|<b>", svg)
    assert ">3<" in turned_labels(ORDINARY.outcomes, LABELS)
    assert "positive to negative: 3" in turned_labels(ORDINARY.outcomes, LABELS)


def test_flatten_keeps_order_and_spells_values() -> None:
    assert flatten({"a": {"b": [1, 2], "c": "x"}, "d": True}) == [("a.b", "[1, 2]"), ("a.c", "x"), ("d", "true")]


def test_evaluation_loads_no_heavy_library_by_itself() -> None:
    code = (
        "import sys, turncoat.evaluation.report, turncoat.evaluation.show, turncoat.evaluation.frame\n"
        "print(*{'matplotlib', 'pandas', 'scipy', 'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_hostile_text_as_text(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(NASTY), encoding="utf-8")
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        f"--disable-component-update --disable-sync --dump-dom --user-data-dir={tmp_path / 'profile'}"
    )
    done = subprocess.run(
        ["chromium", *options.split(), page.as_uri()], capture_output=True, text=True, timeout=25, check=True
    )
    shown = Page(done.stdout)
    assert dict(shown.tags[[tag for tag, _ in shown.tags].index("body")][1]).get("id") is None
    assert not {"img", "b"} & {tag for tag, _ in shown.tags}
    assert f"{len(NASTY.outcomes)} of {len(NASTY.outcomes)} examples" in shown.text
    for words in HOSTILE:
        assert shown.text.count(visible(words)) >= 2  # its own rows, drawn by the page's script
