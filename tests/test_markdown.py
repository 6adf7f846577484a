"""Tables in Markdown: nothing in a cell acts, but what is ours."""

from __future__ import annotations

import pytest

from turncoat.evaluation.markdown import Markdown, plain, tabulated


@pytest.mark.parametrize("string", ["0.234 (0.172 to 0.290)", "ag_news, squared_l2", "x → y", "-", "1e-4"])
def test_plain_strings_stay(string: str) -> None:
    assert plain(string) == string


@pytest.mark.parametrize(
    ("string", "shown"),
    [
        ("[a](javascript:b)", r"\[a\](javascript:b)"),
        ("<img src=x> & **b**", r"&lt;img src=x> &amp; \*\*b\*\*"),
        ("> a > b", "&gt; a > b"),
        ("_a_ a_b a__b __c__", r"\_a\_ a_b a\_\_b \_\_c\_\_"),
        ("`a|b` ~~c~~ \\d", r"\`a\|b\` \~\~c\~\~ \\d"),
        ("one\nline\u202e", r"one line\[U+202E\]"),
    ],
)
def test_strings_do_not_act(string: str, shown: str) -> None:
    assert plain(string) == shown


def test_a_table_escapes_all_but_ours() -> None:
    rows = [["*", Markdown("[a|b](c.md)")], ["x", "y"]]
    assert tabulated(["k|l", "m"], rows) == "\n".join(
        ["| k\\|l | m |", "| --- | --- |", "| \\* | [a\\|b](c.md) |", "| x | y |"]
    )
