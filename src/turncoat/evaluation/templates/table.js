"use strict";
// The table of outcomes. Every string reaches the page through textContent: none of it is ever read as HTML.
const STEP = 50, AROUND = 160;
const rows = JSON.parse(document.getElementById("outcomes").textContent);
const labels = JSON.parse(document.getElementById("labels").textContent);
const body = document.querySelector("#outcome-table tbody");
const more = document.getElementById("more");
const found = document.getElementById("found");
const search = document.getElementById("search");
const headers = [...document.querySelectorAll("#outcome-table th[data-key]")];
const numbers = new Intl.NumberFormat("en");
let chosen = rows, shown = 0, key = null, direction = 1;

function element(name, content, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined) made.append(...[content].flat().map((part) => part instanceof Node ? part : String(part)));
  return made;
}

const percent = (share) => share === null ? "" : (100 * share).toFixed(1) + " %";

function cut(string, before, after) {
  const keep = AROUND * (before && after ? 2 : 1);
  if (string.length <= keep + AROUND) return string;
  return (before || !after ? string.slice(0, AROUND) : "") + " … " + (after ? string.slice(-AROUND) : "");
}

function diff(pieces, whole) {
  const paragraph = element("div", undefined, "diff");
  pieces.forEach((piece, i) => {
    if (piece.length === 1) {
      paragraph.append(whole ? piece[0] : cut(piece[0], i > 0, i < pieces.length - 1));
      return;
    }
    if (piece[0]) paragraph.append(element("del", piece[0]));
    if (piece[1]) paragraph.append(element("ins", piece[1]));
  });
  return paragraph;
}

function details(row) {
  const list = element("dl");
  const tell = (term, content) => list.append(element("dt", term), element("dd", content));
  tell("Example", row.id);
  tell("Gold label", row.gold);
  tell("Search stopped", row.reason);
  tell("Changed", `${row.changed} of ${row.words} words`);
  tell("Questions", `${numbers.format(row.questions)} unique, ${numbers.format(row.repeated)} with repeats`);
  if (row.probabilities_before) {
    labels.forEach((label, i) => {
      const after = row.probabilities_after ? " → " + percent(row.probabilities_after[i]) : "";
      tell("P(" + label + ")", percent(row.probabilities_before[i]) + after);
    });
  }
  return element("div", list, "details");
}

function told(row) {
  if (!row.told.length) return [];
  const list = element("dl", undefined, "told");
  for (const [term, pieces] of row.told) list.append(element("dt", term), element("dd", diff(pieces, true)));
  return [list];
}

function textCell(row) {
  const cell = element("td", undefined, "text");
  const toggle = element("button", "details", "toggle");
  toggle.type = "button";
  toggle.setAttribute("aria-label", "Details of example " + row.id);
  const draw = (open) => {
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? "less" : "details";
    cell.replaceChildren(diff(row.diff, open), ...told(row), toggle, ...(open ? [details(row)] : []));
  };
  toggle.addEventListener("click", () => {
    draw(toggle.getAttribute("aria-expanded") !== "true");
    toggle.focus();
  });
  draw(false);
  return cell;
}

function verdictCell(row) {
  const line = (name, probability) => element("div", `${name} ${percent(probability)}`.trim());
  const cell = element("td", line(row.before, row.probability_before), "verdicts");
  if (row.after !== null) cell.append(line("→ " + row.after, row.probability_after));
  else cell.append(element("div", "gold: " + row.gold, "quiet"));
  return cell;
}

function line(row) {
  const attacked = row.status !== "skipped";
  return element("tr", [
    element("td", element("span", row.status === "success" ? "turned" : row.status, "status " + row.status)),
    textCell(row),
    verdictCell(row),
    element("td", attacked ? row.changed : "–", "number"),
    element("td", numbers.format(row.questions), "number"),
    element("td", row.similarity === null ? "–" : row.similarity.toFixed(3), "number"),
  ]);
}

function extend() {
  const next = chosen.slice(shown, shown + STEP);
  body.append(...next.map(line));
  shown += next.length;
  more.hidden = shown >= chosen.length;
  more.textContent = `Show ${Math.min(STEP, chosen.length - shown)} more of ${numbers.format(chosen.length)}`;
}

function words(row) {
  row.words_to_search ??= [row.id, row.reason, row.gold, row.before, row.after ?? "", ...row.diff.flat(), ...row.told.flat(3)].join(" ").toLowerCase();
  return row.words_to_search;
}

function compare(a, b) {
  const x = a[key], y = b[key];
  if (x === y) return 0;
  if (x === null) return 1; // what is missing stands last either way
  if (y === null) return -1;
  return (x < y ? -1 : 1) * direction;
}

function refresh() {
  const status = document.querySelector("input[name=status]:checked").value;
  const wanted = search.value.toLowerCase().trim();
  chosen = rows.filter((row) => (!status || row.status === status) && (!wanted || words(row).includes(wanted)));
  if (key) chosen.sort(compare);
  body.replaceChildren();
  shown = 0;
  extend();
  found.textContent = `${numbers.format(chosen.length)} of ${numbers.format(rows.length)} examples`;
}

for (const header of headers) {
  header.querySelector("button").addEventListener("click", () => {
    direction = key === header.dataset.key ? -direction : 1;
    key = header.dataset.key;
    for (const other of headers) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    refresh();
  });
}
for (const choice of document.querySelectorAll("input[name=status]")) choice.addEventListener("change", refresh);
search.addEventListener("input", refresh);
more.addEventListener("click", extend);
refresh();
