/* Explores the embedded vectors: neighbours and analogies by exact search, and a map by plotly, which
   labels as many words as fit, the most frequent first. */
"use strict";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const { words, size } = data;
const lower = words.map((word) => word.toLowerCase());
const rowOf = new Map(words.map((word, row) => [word, row]));
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const rows = new Int8Array(bytes(data.rows).buffer);
const places = new Int16Array(bytes(data.places).buffer);
const groups = bytes(data.groups);
const DOTS = 2500, LABELS = 90, FEW = 10, FONT = 12;

/* 1 / norm of each row; 0 for a row of zeros, so that its cosines are 0. */
const inverse = Float32Array.from(words, (_, row) => {
  let sum = 0;
  for (let k = row * size; k < (row + 1) * size; k++) sum += rows[k] * rows[k];
  return sum && 1 / Math.sqrt(sum);
});

/* ---- search */

/* The n rows nearest to a sum of [row, weight] terms, without the terms: [[row, cosine], ...]. */
function nearest(terms, n) {
  const query = new Float32Array(size);
  for (const [row, weight] of terms)
    for (let k = 0; k < size; k++) query[k] += weight * rows[row * size + k] * inverse[row];
  const norm = Math.hypot(...query) || 1, own = new Set(terms.map(([row]) => row)), best = [];
  for (let row = 0; row < words.length; row++) {
    if (own.has(row)) continue;
    let sum = 0;
    for (let k = 0, at = row * size; k < size; k++, at++) sum += query[k] * rows[at];
    const cosine = sum * inverse[row] / norm;
    if (best.length === n && cosine <= best[n - 1][1]) continue;
    let at = best.length;
    while (at && best[at - 1][1] < cosine) at--;
    best.splice(at, 0, [row, cosine]);
    if (best.length > n) best.pop();
  }
  return best;
}

/* The row of a typed word, if necessary in another case; undefined if there is none. */
function lookUp(typed) {
  const text = typed.trim();
  if (rowOf.has(text)) return rowOf.get(text);
  const row = lower.indexOf(text.toLowerCase());
  return row < 0 ? undefined : row;
}

/* Rows whose words start with the text, then those that contain it, the most frequent first. */
function completions(typed, n = 8) {
  const text = typed.trim().toLowerCase(), starting = [], containing = [];
  if (!text) return [];
  for (let row = 0; row < lower.length && starting.length < n; row++) {
    if (lower[row].startsWith(text)) starting.push(row);
    else if (containing.length < n && lower[row].includes(text)) containing.push(row);
  }
  return [...starting, ...containing].slice(0, n);
}

/* ---- an input that completes words, by WAI-ARIA's combobox pattern */

function element(tag, attributes = {}, ...children) {
  const result = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) result.setAttribute(key, value);
  result.append(...children);
  return result;
}

function combobox(input, onChoice) {
  const list = element("ul", { role: "listbox", id: `${input.id}-list`, "aria-label": "Words" });
  for (const [key, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go" }))
    input.setAttribute(key, value);
  input.after(list);
  let offered = [], active = -1;
  function offer(rows) {
    offered = rows;
    list.replaceChildren(...offered.map((row, k) =>
      element("li", { role: "option", id: `${list.id}-${k}`, "aria-selected": "false" }, words[row])));
    input.setAttribute("aria-expanded", String(offered.length > 0));
    mark(-1);
  }
  function mark(k) {
    active = k;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === k)));
    if (k < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[k].id);
  }
  function choose(row) {
    input.value = words[row];
    offer([]);
    onChoice(row);
  }
  input.addEventListener("input", () => offer(completions(input.value)));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => offer([]));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose(offered[[...list.children].indexOf(item)]);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !offered.length && step > 0) offer(completions(input.value));
    if (step && offered.length) {
      event.preventDefault();
      mark((active + step + offered.length + (active < 0 && step < 0)) % offered.length);
    } else if (event.key === "Escape" && offered.length) {
      event.preventDefault();
      offer([]);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(offered[active]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const row = lookUp(input.value);
      offer([]);
      if (row !== undefined) input.value = words[row];
      onChoice(row);
    }
  });
}

/* ---- results */

const shown = { word: undefined, count: FEW, marked: [] };
const unknown = (text) => text.trim()
  ? `“${text.trim()}” is not among the ${words.length.toLocaleString("en")} words.`
  : "Type a word.";

function showList(list, near) {
  list.replaceChildren(...near.map(([row, cosine]) => {
    const button = element("button", { type: "button" }, element("span", {}, words[row]),
      element("output", {}, cosine.toFixed(2).replace("-0.00", "0.00").replace("-", "−")));
    button.style.setProperty("--part", Math.min(1, Math.max(0, cosine)).toFixed(3));
    button.addEventListener("click", () => select(row));
    return element("li", {}, button);
  }));
}

function select(row, remember = true) {
  if (row !== shown.word) shown.count = FEW;
  shown.word = row;
  const near = nearest([[row, 1]], shown.count);
  showList($("near"), near);
  $("near-title").replaceChildren("Nearest to ", element("b", {}, words[row]), " ",
    element("small", {}, `word ${(row + 1).toLocaleString("en")}`));
  $("more").hidden = near.length < shown.count;
  $("word").value = words[row];
  $("word-problem").textContent = "";
  shown.marked = near.map(([other]) => other);
  $("live").textContent = `Nearest to ${words[row]}: ${shown.marked.slice(0, 5).map((r) => words[r]).join(", ")}`;
  if (remember) {
    try { history.pushState(null, "", `#${encodeURIComponent(words[row])}`); }
    catch { /* a page in a frame may not change the address */ }
  }
  show(row);
}

function answer() {
  const inputs = ["a", "b", "c"].map($), terms = inputs.map((input) => lookUp(input.value));
  const missing = inputs.find((_, k) => terms[k] === undefined);
  $("analogy-problem").textContent = missing ? unknown(missing.value) : "";
  if (missing) {
    $("answers").replaceChildren();
    return missing.focus();
  }
  const [a, b, c] = terms, answers = nearest([[a, -1], [b, 1], [c, 1]], 5);
  showList($("answers"), answers);
  $("live").textContent = `${words[a]} is to ${words[b]} as ${words[c]} is to ${answers.length ? words[answers[0][0]] : "nothing"}`;
  shown.marked = [a, b, c, ...answers.map(([row]) => row)];
  redraw();
}

/* Move to the first empty input of the analogy, or answer it. */
function continueAnalogy(row) {
  const empty = ["a", "b", "c"].map($).find((input) => !input.value.trim());
  if (empty && row !== undefined) empty.focus(); else answer();
}

/* ---- the map */

const map = $("map");
const x = (row) => places[2 * row], y = (row) => places[2 * row + 1];
const cssVariable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/* plotly interprets some HTML in text. */
const escaped = (word) => word.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
const canvas = document.createElement("canvas").getContext("2d");
let drawn = "";

/* The ranges of the axes that show the first n words. */
function rangesOf(n) {
  const range = (coordinate) => {
    let low = Infinity, high = -Infinity;
    for (let row = 0; row < n; row++) { low = Math.min(low, coordinate(row)); high = Math.max(high, coordinate(row)); }
    const margin = 0.08 * (high - low) || 1;
    return [low - margin, high + margin];
  };
  return { x: range(x), y: range(y) };
}
const view = () => ({ x: [...map.layout.xaxis.range], y: [...map.layout.yaxis.range] });

/* The words to draw in a view: dots, and labels that do not overlap. */
function pickWords(now) {
  const wide = map.clientWidth, high = map.clientHeight;
  const inside = (row) => x(row) >= now.x[0] && x(row) <= now.x[1] && y(row) >= now.y[0] && y(row) <= now.y[1];
  const marked = [...new Set([...(shown.word === undefined ? [] : [shown.word]), ...shown.marked])];
  const among = new Set(marked), dots = [], taken = [], labels = new Set();
  let count = 0;
  for (let row = 0; row < words.length; row++) {
    if (!inside(row)) continue;
    count++;
    if (!among.has(row) && dots.length < DOTS) dots.push(row);
  }
  canvas.font = `${FONT}px system-ui, sans-serif`;
  for (const row of [...marked.filter(inside), ...dots]) {
    if (labels.size >= LABELS) break;
    const left = (x(row) - now.x[0]) / (now.x[1] - now.x[0]) * wide - 4;
    const middle = (now.y[1] - y(row)) / (now.y[1] - now.y[0]) * high;
    const text = canvas.measureText(words[row]).width;
    const box = [left, middle - 8, left + 14 + 1.15 * text, middle + 8];
    if (!among.has(row) && box[2] > wide) continue;
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    labels.add(row);
  }
  return { dots, labels, marked, count };
}

/* plotly reuses the elements of empty labels, so words with and without labels are separate traces. */
function traces(pick) {
  const own = (row) => cssVariable(`--group-${groups[row]}`);
  const trace = (rows, color, marker, weight) => ({
    type: "scatter", x: rows.map(x), y: rows.map(y), customdata: rows, hoverinfo: "text",
    hovertext: rows.map((row) => escaped(words[row])), showlegend: false,
    mode: weight ? "markers+text" : "markers", marker: { color, ...marker },
    ...(weight && { text: rows.map((row) => escaped(words[row])), textposition: "middle right",
      textfont: { size: FONT, color, weight, family: "system-ui, sans-serif" } }) });
  const labelled = (row) => pick.labels.has(row);
  const near = pick.marked.filter((row) => row !== shown.word);
  const chosen = pick.marked.filter((row) => row === shown.word);
  const small = { size: 5, opacity: 0.6 }, large = { size: 8 };
  const rest = pick.dots.filter((row) => !labelled(row)), named = pick.dots.filter(labelled);
  return [
    trace(rest, rest.map(own), small),
    trace(named, named.map(own), { size: 5 }, 400),
    trace(near.filter((row) => !labelled(row)), cssVariable("--accent"), large),
    trace(near.filter(labelled), cssVariable("--accent"), large, 600),
    trace(chosen, cssVariable("--focus-line"), { size: 12, symbol: "diamond" }, 700),
  ];
}

function redraw() {
  const now = view(), pick = pickWords(now);
  drawn = JSON.stringify(now);
  $("map-note").textContent = pick.count > DOTS
    ? `The ${DOTS.toLocaleString("en")} most frequent of ${pick.count.toLocaleString("en")} words here; more as you zoom in. `
    : `${pick.count.toLocaleString("en")} words here. `;
  return Plotly.react(map, traces(pick), { ...map.layout, ...colours() });
}

const colours = () => ({
  paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
  hoverlabel: { bgcolor: cssVariable("--card"), bordercolor: cssVariable("--line"), font: { color: cssVariable("--ink") } } });

function setView(now) {
  return Plotly.relayout(map, { "xaxis.range": now.x, "yaxis.range": now.y });
}

/* Zoom around the selected word if it is visible, else around the middle. */
function zoom(factor) {
  const now = view(), row = shown.word, own = row === undefined ? {} : { x: x(row), y: y(row) };
  const seen = ["x", "y"].every((axis) => own[axis] >= now[axis][0] && own[axis] <= now[axis][1]);
  for (const axis of ["x", "y"]) {
    const [low, high] = now[axis], fixed = seen ? own[axis] : (low + high) / 2;
    now[axis] = [fixed - (fixed - low) * factor, fixed + (high - fixed) * factor];
  }
  setView(now);
}

/* Move by fractions of the visible range. */
function move(right, up) {
  const now = view(), wide = now.x[1] - now.x[0], high = now.y[1] - now.y[0];
  setView({ x: now.x.map((v) => v + right * wide), y: now.y.map((v) => v + up * high) });
}

/* Draw again; if the word is not visible or close to the edge, centre it first. */
function show(row) {
  const now = view(), at = { x: x(row), y: y(row) };
  const out = ["x", "y"].some((axis) => {
    const [low, high] = now[axis], margin = 0.1 * (high - low);
    return at[axis] < low + margin || at[axis] > high - margin;
  });
  if (!out) return redraw();
  for (const axis of ["x", "y"]) {
    const half = (now[axis][1] - now[axis][0]) / 2;
    now[axis] = [at[axis] - half, at[axis] + half];
  }
  setView(now).then(redraw);
}

function fromAddress() {
  let word;
  try { word = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const row = lookUp(word);
  if (row !== undefined && row !== shown.word) select(row, false);
}

const first = rangesOf(Math.min(words.length, DOTS)), everything = rangesOf(words.length);
const axis = { showgrid: false, zeroline: false, showticklabels: false, ticks: "", showline: false };
Plotly.newPlot(map, [], {
  margin: { l: 0, r: 0, t: 0, b: 0 }, dragmode: "pan", hovermode: "closest", showlegend: false,
  xaxis: { ...axis, range: first.x }, yaxis: { ...axis, range: first.y, scaleanchor: "x" },
  ...colours(),
}, { scrollZoom: true, displayModeBar: false, doubleClick: false, responsive: true }).then(() => {
  map.on("plotly_relayout", () => { if (JSON.stringify(view()) !== drawn) redraw(); });
  map.on("plotly_click", (event) => select(event.points[0].customdata));
  new ResizeObserver(() => redraw()).observe(map);
  combobox($("word"), (row) => {
    if (row === undefined) $("word-problem").textContent = unknown($("word").value);
    else select(row);
  });
  for (const id of ["a", "b", "c"]) combobox($(id), continueAnalogy);
  $("analogy").addEventListener("submit", (event) => { event.preventDefault(); answer(); });
  $("more").addEventListener("click", () => {
    shown.count += 20;
    const row = shown.word;
    select(row, false);
  });
  $("in").addEventListener("click", () => zoom(0.6));
  $("out").addEventListener("click", () => zoom(1 / 0.6));
  $("all").addEventListener("click", () => setView(everything));
  map.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const act = { ArrowLeft: () => move(-0.15, 0), ArrowRight: () => move(0.15, 0),
      ArrowUp: () => move(0, 0.15), ArrowDown: () => move(0, -0.15), "+": () => zoom(0.6),
      "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), 0: () => setView(everything) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input")) return;
    event.preventDefault();
    $("word").focus();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
  window.addEventListener("hashchange", fromAddress);
  window.addEventListener("popstate", fromAddress);
  $("more").hidden = true;
  fromAddress();
  if (shown.word === undefined) select(0, false);
  document.documentElement.dataset.ready = "yes";
});
