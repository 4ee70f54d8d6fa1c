// What all views share: the data, and functions that create elements.

const nst = JSON.parse(document.getElementById("data").textContent);
const cellAt = new Map(); // content, style and axis positions -> cell

nst.cells.forEach((cell, number) => {
  Object.assign(cell, { number, group: null, front: false, knee: false });
  cellAt.set([cell.content, cell.style, ...cell.axes].join(), cell);
});
// Cells that are not made have a place in the grid and in the dialog, but no image and no numbers.
nst.holes.forEach((hole) => {
  hole.hole = true;
  cellAt.set([hole.content, hole.style, ...hole.axes].join(), hole);
});
nst.groups.forEach((group) => {
  for (const number of group.cells) nst.cells[number].group = group;
  for (const number of group.front) nst.cells[number].front = true;
  if (group.knee !== null) nst.cells[group.knee].knee = true;
});
const byId = new Map([...nst.cells, ...nst.holes].map((cell) => [cell.id, cell]));
const mainAxis = nst.axes.findIndex((axis) => axis.name === nst.main);

// A new element. Children that are strings become text, never markup, whatever a name holds.
function el(tag, attributes = {}, ...children) {
  const node = tag === "svg" || el.svg.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}
el.svg = new Set(["g", "circle", "line", "path", "polyline", "text"]);

// A link to a file beside the page, whatever its name.
const link = (path) => path.split("/").map(encodeURIComponent).join("/");
const picture = (cell) => link(`cells/${cell.id}.png`);
const small = (cell) => cell.full ? picture(cell) : link(`gallery/cells/${cell.id}.webp`);
const pairOf = (cell) => `${nst.contents[cell.content].name}/${nst.styles[cell.style].name}`;
const pairPath = (cell) => cell.id.split("/").slice(0, 2).join("/"); // names of files, not labels
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
  // In an open dialog, as screen readers do not read what is behind it.
  (document.querySelector("dialog[open]") ?? document.body).append(said);
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ""; }, 4000);
}

const varying = nst.axes.map((_, i) => i).filter((i) => nst.axes[i].values.length > 1);

// A slider for one axis; `moved(position)` is called when the user moves it, not by `set`.
function makeSlider(i, moved) {
  const { name, values } = nst.axes[i];
  const output = el("output", {});
  const input = el("input", {
    type: "range", min: 0, max: values.length - 1, step: 1, "data-axis": name,
    oninput: () => { set(Number(input.value)); moved(Number(input.value)); },
  });
  function set(position) {
    input.value = position;
    output.textContent = values[position];
    input.setAttribute("aria-valuetext", values[position]);
  }
  set(0);
  return { axis: i, set, root: el("label", { class: "slider" }, el("span", {}, words(name)), input, output) };
}
