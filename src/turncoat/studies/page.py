"""A page of tables, as HTML that fetches nothing and as Markdown; whatever is written on it is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from turncoat.evaluation.markdown import plain, tabulated
from turncoat.evaluation.visible import visible

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Section:
    """A heading with a table, a plot, or a few words under it.

    Attributes:
        title: heading.
        rows: table; the columns are those of the first row.
        note: said under the heading.
        plot: an SVG of ours, taken as it is.
    """

    title: str
    rows: Sequence[Mapping[str, str]] = ()
    note: str = ""
    plot: str = ""


@dataclass(frozen=True)
class Page:
    """A title, what was found in a sentence or two, and sections."""

    title: str
    headline: str
    sections: Sequence[Section]

    def html(self) -> str:
        """A whole document."""
        style = Markup((files("turncoat.evaluation") / "templates/style.css").read_text(encoding="utf-8"))  # noqa: S704
        head = Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
            '<header>\n<p class="kicker">{title}</p>\n<h1>{headline}</h1>\n</header>\n'
        ).format(policy=POLICY, title=visible(self.title), style=style, headline=visible(self.headline))
        return head + Markup("\n").join(map(_section, self.sections)) + Markup("\n</main>\n</body>\n</html>\n")

    def markdown(self) -> str:
        """The same without plots."""
        parts = [f"# {plain(self.title)}", plain(self.headline)]
        for section in self.sections:
            if section.rows or section.note:
                told = tabulated([*section.rows[0]], [[*row.values()] for row in section.rows]) if section.rows else ""
                parts += filter(None, [f"## {plain(section.title)}", plain(section.note), told])
        return "\n\n".join(parts) + "\n"


def _section(section: Section) -> Markup:
    parts = [Markup("<section>\n<h2>{}</h2>").format(visible(section.title))]
    if section.note:
        parts.append(Markup('<p class="note">{}</p>').format(visible(section.note)))
    if section.plot:
        parts.append(Markup('<figure class="plot">{}</figure>').format(Markup(section.plot)))  # noqa: S704
    if section.rows:
        head = Markup("").join(Markup('<th scope="col">{}</th>').format(visible(name)) for name in section.rows[0])
        body = [
            Markup("<tr>{}</tr>").format(
                Markup("").join(Markup("<td>{}</td>").format(visible(cell)) for cell in row.values())
            )
            for row in section.rows
        ]
        table = '<div class="wide"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table></div>'
        parts.append(Markup(table).format(head, Markup("\n").join(body)))  # noqa: S704
    return Markup("\n").join([*parts, Markup("</section>")])
