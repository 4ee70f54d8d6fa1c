// What every view shares: the data, the address that holds the state, and small makers of elements.

const nst = JSON.parse(document.getElementById("data").textContent);
const places = new Map(); // content, style and axis positions -> cell

nst.cells.forEach((cell, number) => {
  Object.assign(cell, { number, group: null, front: false, knee: false });
  places.set([cell.content, cell.style, ...cell.axes].join(), cell);
});
nst.groups.forEach((group) => {
  for (const number of group.cells) nst.cells[number].group = group;
  for (const number of group.front) nst.cells[number].front = true;
  if (group.knee !== null) nst.cells[group.knee].knee = true;
});
const byId = new Map(nst.cells.map((cell) => [cell.id, cell]));
const mainAxis = nst.axes.findIndex((axis) => axis.name === nst.main);

// An element; text is only ever text, whatever a name holds.
function el(tag, attributes = {}, ...children) {
  const made = tag === "svg" || el.svg.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}
el.svg = new Set(["g", "circle", "line", "path", "polyline", "text"]);

// A link to a file beside the page, whatever its name.
const link = (path) => path.split("/").map(encodeURIComponent).join("/");
const picture = (cell) => link(`cells/${cell.id}.png`);
const small = (cell) => link(`gallery/cells/${cell.id}.webp`);
const pairOf = (cell) => `${nst.contents[cell.content].name}/${nst.styles[cell.style].name}`;
const words = (name) => name.replaceAll("_", " ");
const axisText = (cell) =>
  nst.axes.map((axis, i) => `${words(axis.name)} ${axis.values[cell.axes[i]]}`).join(", ");
const nameOf = (cell) =>
  [`${nst.contents[cell.content].name} in the style of ${nst.styles[cell.style].name}`, axisText(cell)]
    .filter(Boolean).join(", ");

function number(value) {
  if (value === null || value === undefined) return "–";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function image(src, [width, height], alt, attributes = {}) {
  return el("img", { loading: "lazy", decoding: "async", src, width, height, alt, ...attributes });
}

const said = document.getElementById("said");

function say(text) {
  (document.querySelector("dialog[open]") ?? document.body).append(said); // what is behind one is not read out
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ""; }, 4000);
}

// The state. All of it but the filters is in the address, so that a view can be kept or sent.
const VIEWS = ["grid", "images", "plot", "sheets"];
const suggested = nst.cells[nst.groups.find((group) => group.knee !== null)?.knee];
const middle = nst.axes.map((axis) => Math.floor((axis.values.length - 1) / 2));
const state = { view: "grid", at: [...(suggested?.axes ?? middle)], pins: [], open: null };

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (VIEWS.includes(given.get("view"))) state.view = given.get("view");
  nst.axes.forEach((axis, i) => {
    const found = axis.values.indexOf(given.get(axis.name));
    if (found >= 0) state.at[i] = found;
  });
  if (given.has("pins")) state.pins = given.getAll("pins").map((id) => byId.get(id)).filter(Boolean);
  state.open = byId.get(given.get("cell")) ?? null;
}

function writeAddress() {
  const kept = new URLSearchParams({ view: state.view });
  nst.axes.forEach((axis, i) => {
    if (axis.values.length > 1) kept.set(axis.name, axis.values[state.at[i]]);
  });
  for (const cell of state.pins) kept.append("pins", cell.id);
  if (state.open) kept.set("cell", state.open.id);
  history.replaceState(null, "", `#${kept}`);
}

// A slider for one axis; `moved(position)` is called when it moves.
function slider(i, position, moved) {
  const { name, values } = nst.axes[i];
  const output = el("output", {}, values[position]);
  const input = el("input", {
    type: "range", min: 0, max: values.length - 1, step: 1, value: position,
    "aria-valuetext": values[position], "data-axis": name,
    oninput: () => {
      output.textContent = values[input.value];
      input.setAttribute("aria-valuetext", values[input.value]);
      moved(Number(input.value));
    },
  });
  return el("label", { class: "slider" }, el("span", {}, words(name)), input, output);
}
const varying = nst.axes.map((_, i) => i).filter((i) => nst.axes[i].values.length > 1);
