/* Shows the embedded lessons step by step, and the sources of each number. All numbers are in the data.
   The state at a step is rebuilt from the first step on, so that any step can be opened directly. */
"use strict";

const lessons = JSON.parse(document.getElementById("lessons").textContent);
const $ = (id) => document.getElementById(id);
const at = { lesson: 0, step: 0, focus: [0, 0] };
let tables = {}, remembering;

const number = (value, digits = 3) =>
  digits ? value.toFixed(digits).replace(/^-(0\.0+)$/, "$1").replace("-", "−")
         : value.toLocaleString("en");
const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));

/* name → value after step s of a lesson; -1 is before the first step. */
function state(lesson, s) {
  const values = {};
  for (const step of lesson.steps.slice(0, s + 1)) {
    for (const name of step.clear ?? []) delete values[name];
    values[step.target] = step.value;
  }
  return values;
}

/* The rows or columns that match a source pattern for the entry (i, j). */
function places(pattern, size, step, i, j) {
  if (pattern === "i") return [i];
  if (pattern === "j") return [j];
  if (pattern === "*") return [...Array(size).keys()];
  if (pattern === "rows") return i < step.map.length ? [step.map[i]] : [];
  if (pattern === "slot") return step.map.flatMap((row, slot) => (row === i ? [slot] : []));
  if (pattern === "own") return i === step.own ? [0] : [];
  return [pattern];
}

/* For each source of the entry (i, j), a list of entries [name, row, column]. */
function sources(lesson, step, i, j) {
  if (step.rows !== undefined && i >= step.rows) return step.from.map(() => []);
  return step.from.map(([name, row, col]) => {
    const variable = lesson.variables[name];
    return places(row, variable.rows.length, step, i, j).flatMap((r) =>
      places(col, variable.cols.length, step, i, j).map((c) => [name, r, c]));
  });
}

function sum(terms) {
  return terms.length > 6 ? `${terms.slice(0, 5).join(" + ")} + … (${terms.length} terms)`
                          : terms.join(" + ");
}

/* The arithmetic of an entry as text, without the result. */
function arithmetic(step, lists) {
  const [a = [], b = []] = lists;
  const pairs = (show) => sum(a.map((x, k) => show(x, b[k])));
  switch (step.op) {
    case "copy": return number(a[0]);
    case "dot": return pairs((x, y) => `${factor(x)} · ${factor(y)}`);
    case "times": return `${factor(a[0])} · ${factor(b[0])}`;
    case "minus": return a.length ? `${number(a[0])} − ${factor(b[0])}` : "";
    case "divide": return `${number(a[0])} / ${number(b[0])}`;
    case "sum": return sum(a.map(factor));
    case "sigma": return a.length ? `1 / (1 + exp(${number(-a[0])}))` : "";
    case "slope": return `${factor(a[0])} · ${factor(b[0])} · (1 − ${number(b[0])})`;
    case "square": return `½ (${pairs((x, y) => `(${number(x)} − ${factor(y)})²`)})`;
    case "softmax": return `exp(${number(a[0])}) / (${sum(b.map((x) => `exp(${number(x)})`))})`;
    case "entropy":
      return sum(a.flatMap((t, k) => (t ? [`− ${t === 1 ? "" : number(t) + " · "}log ${number(b[k])}`] : [])));
    case "update": return b.length ? `${number(a[0])} − ${step.lr} · ${factor(b[0])}` : number(a[0]);
    case "mix": return sum(lists.slice(1).map((x, k) => `${factor(a[k])} · ${factor(x[0])}`));
    case "outer": return a.length ? sum(a.map((x) => `${factor(x)} · ${factor(b[0])}`)) : "";
    default: return "";
  }
}

function changed(step, before, i, j) {
  if (step.op !== "update") return false;
  return before[step.from[0][0]][i][j] !== step.value[i][j];
}

/* The entry selected at first: the first that changed, or the first that is not zero. */
function first(step, before) {
  for (let i = 0; i < step.value.length; i++)
    for (let j = 0; j < step.value[i].length; j++)
      if (step.op === "update" ? changed(step, before, i, j) : step.value[i][j] !== 0) return [i, j];
  return [0, 0];
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function build(lesson) {
  tables = {};
  const container = $("matrices");
  container.replaceChildren();
  for (const [name, variable] of Object.entries(lesson.variables)) {
    const label = element("span");
    label.innerHTML = variable.label;
    const size = `${variable.rows.length} × ${variable.cols.length}`;
    const caption = element("figcaption", {}, label, element("small", {}, size));
    const table = element("table", { "aria-label": `${variable.plain}, ${size}` });
    const named = variable.rows.some(Boolean);
    if (variable.cols.some(Boolean)) {
      const row = element("tr", {}, ...(named ? [element("td")] : []));
      for (const col of variable.cols) row.append(element("th", { scope: "col" }, col));
      table.append(element("thead", {}, row));
    }
    const body = element("tbody");
    const cells = variable.rows.map((label, r) => {
      const row = element("tr", {}, ...(named ? [element("th", { scope: "row" }, label)] : []));
      const made = variable.cols.map((_, c) => element("td", { "data-r": r, "data-c": c }));
      row.append(...made);
      body.append(row);
      return made;
    });
    table.append(body);
    const figure = element("figure", { "data-name": name }, caption,
      element("div", { class: "scroll" }, table));
    container.append(figure);
    tables[name] = { figure, table, cells };
  }
}

function render(announce = true) {
  const lesson = lessons[at.lesson], step = lesson.steps[at.step];
  const before = state(lesson, at.step - 1), now = state(lesson, at.step);
  const [i, j] = at.focus, from = sources(lesson, step, i, j);
  const source = new Set(from.flat().map((entry) => entry.join()));
  const giving = new Set(from.flat().map(([name]) => name));
  for (const [name, { figure, table, cells }] of Object.entries(tables)) {
    const value = now[name], target = name === step.target;
    figure.classList.toggle("waiting", !value);
    figure.classList.toggle("target", target);
    figure.classList.toggle("source", !target && giving.has(name));
    if (target) table.setAttribute("role", "grid"); else table.removeAttribute("role");
    cells.forEach((row, r) => row.forEach((cell, c) => {
      const focus = target && r === i && c === j;
      const idle = target && step.rows !== undefined && r >= step.rows;
      cell.textContent = value && !idle ? number(value[r][c], target ? step.digits : 3) : "·";
      cell.className = "";
      cell.classList.toggle("from", source.has([name, r, c].join()));
      cell.classList.toggle("changed", target && changed(step, before, r, c));
      cell.classList.toggle("focus", focus);
      if (target) cell.setAttribute("tabindex", focus ? 0 : -1); else cell.removeAttribute("tabindex");
    }));
  }
  const variable = lesson.variables[step.target];
  const place = [variable.rows[i], variable.cols[j]].filter(Boolean).join(", ");
  const lists = from.map((entries) => entries.map(([name, r, c]) => (before[name] ?? now[name])[r][c]));
  const written = arithmetic(step, lists);
  const result = number(step.value[i][j], step.digits);
  $("worked").textContent = `${variable.plain}${place ? ` (${place})` : ""} = ${
    written && written !== result ? `${written} = ` : ""}${result}`;
  $("step-title").textContent = step.title;
  $("step-text").textContent = step.text;
  $("formula").innerHTML = step.math;
  const count = lesson.steps.length, position = `Step ${at.step + 1} of ${count}`;
  $("count").textContent = position;
  $("slider").max = count - 1;
  $("slider").value = at.step;
  $("slider").setAttribute("aria-valuetext", `${position}: ${step.title}`);
  $("back").disabled = at.step === 0;
  $("forward").disabled = at.step === count - 1;
  if (announce) $("live").textContent = `${position}. ${step.title}. ${step.text} ${$("worked").textContent}`;
}

function go(step) {
  const lesson = lessons[at.lesson];
  at.step = Math.max(0, Math.min(step, lesson.steps.length - 1));
  at.focus = first(lesson.steps[at.step], state(lesson, at.step - 1));
  render();
  document.querySelector("figure.target").scrollIntoView({ block: "nearest" });
  clearTimeout(remembering);
  remembering = setTimeout(remember, 200);
}

/* Called with a delay: browsers throttle pages that rewrite the address at every key repeat. */
function remember() {
  try {
    history.replaceState(null, "", `#${lessons[at.lesson].id}/${at.step + 1}`);
  } catch { /* not allowed inside a frame */ }
}

function open(index, step = 0) {
  at.lesson = index;
  const lesson = lessons[index];
  document.querySelectorAll("nav a").forEach((link, k) => {
    if (k === index) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    if (k === index) link.scrollIntoView({ block: "nearest", inline: "center" });
  });
  $("title").textContent = lesson.title;
  $("source").textContent = lesson.source;
  $("intro").textContent = lesson.intro;
  build(lesson);
  go(step);
}

function look(i, j) {
  const { value } = lessons[at.lesson].steps[at.step];
  at.focus = [Math.max(0, Math.min(i, value.length - 1)), Math.max(0, Math.min(j, value[0].length - 1))];
  render();
}

function fromAddress() {
  const [id, step] = decodeURIComponent(location.hash.slice(1)).split("/");
  const index = lessons.findIndex((lesson) => lesson.id === id);
  open(Math.max(0, index), index < 0 ? 0 : (parseInt(step, 10) || 1) - 1);
}

lessons.forEach((lesson, k) => {
  const link = element("a", { href: `#${lesson.id}/1` }, lesson.title);
  link.addEventListener("click", (event) => { event.preventDefault(); open(k); });
  $("contents").append(element("li", {}, link));
});
$("back").addEventListener("click", () => go(at.step - 1));
$("forward").addEventListener("click", () => go(at.step + 1));
$("slider").addEventListener("input", () => go(Number($("slider").value)));
const cellOf = (event) => event.target.closest("figure.target td[data-r]");
$("matrices").addEventListener("click", (event) => {
  const cell = cellOf(event);
  if (cell) look(Number(cell.dataset.r), Number(cell.dataset.c));
});
/* A click selects an entry and keeps the arrow keys for the steps; Tab moves the focus into the matrix. */
$("matrices").addEventListener("mousedown", (event) => { if (cellOf(event)) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target === $("slider")) return;
  const cell = cellOf(event);
  if (cell) {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    look(at.focus[0] + move[0], at.focus[1] + move[1]);
    document.querySelector("td.focus").focus();
  } else {
    const count = lessons[at.lesson].steps.length;
    const to = { ArrowLeft: at.step - 1, ArrowRight: at.step + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  }
});
window.addEventListener("hashchange", fromAddress);
fromAddress();
