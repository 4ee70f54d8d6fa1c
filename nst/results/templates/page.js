// What all views share: the data, and functions that create elements.

const nst = JSON.parse(document.getElementById("data").textContent);
const pairPath = (cell) => cell.id.split("/").slice(0, 2).join("/"); // names of files, not labels
const cellAt = new Map(); // content, style and axis positions -> cell, or what another program made; see `pictureAt`

// Pictures that other programs made: each program follows the values of the main axis and has no place on the
// others. They are shown beside the cells and are none: nothing counts them as images to make.
const MADE_BY = "made_by"; // the axis of a grid that has none
const shownMakers = new Set(nst.externals.filter((one) => !one.state).map((one) => one.maker)); // those with a picture
nst.makers = nst.makers.filter((maker) => shownMakers.has(maker));
nst.externals = nst.externals.filter((one) => shownMakers.has(one.maker));
if (nst.makers.length && !nst.main) {
  nst.axes = [{ name: MADE_BY, values: ["made here"], title: "", text: "", texts: [""] }];
  nst.main = MADE_BY;
  for (const cell of [...nst.cells, ...nst.holes]) cell.axes = [0];
}
const mainAxis = nst.axes.findIndex((axis) => axis.name === nst.main);
for (const axis of nst.axes) axis.own = axis.values.length; // values; what follows are programs
for (const one of nst.externals) {
  one.axes = nst.axes.map((axis, i) => (i === mainAxis ? axis.own + nst.makers.indexOf(one.maker) : -1));
}
nst.axes[mainAxis]?.values.push(...nst.makers);
nst.axes[mainAxis]?.texts.push(...nst.makers.map(() => ""));

// Cells that are not made have a place in the grid and in the dialog, but no image and no numbers. What a
// cell is may change while a run is under way; the object stays the same.
const positionOf = (cell) => [cell.content, cell.style, ...cell.axes];
const everyPicture = [...nst.cells, ...nst.holes, ...nst.externals].sort((a, b) => {
  const [one, other] = [a, b].map((cell) => positionOf(cell).map((at) => (at < 0 ? Infinity : at)));
  const at = one.findIndex((position, i) => position !== other[i]);
  return one[at] - other[at];
});
const everyCell = everyPicture.filter((cell) => !cell.maker);
const cellsOf = new Map(); // pair -> its cells
const withoutFigure = new Set(); // pairs whose figure shows other images than there are now

const beUnmarked = (cell) => Object.assign(cell, { hole: Boolean(cell.state), group: null, front: false, knee: false });

// What is at a position, whatever the other axes say of what another program made.
const pictureAt = (position) => cellAt.get(position.join())
  ?? cellAt.get(position.map((at, i) => (i < 2 || i === mainAxis + 2 ? at : -1)).join());

everyPicture.forEach((cell, number) => {
  cell.number = number;
  cellAt.set(positionOf(cell).join(), cell);
  if (cell.maker) return;
  const pair = pairPath(cell);
  if (!cellsOf.has(pair)) cellsOf.set(pair, []);
  cellsOf.get(pair).push(cell);
});

// A group with cells in the place of what `of` finds them by; its cells are marked.
function markGroup(group, of) {
  const cells = group.cells.map(of), front = group.front.map(of), knee = group.knee === null ? null : of(group.knee);
  const marked = { ...group, cells, front, knee };
  for (const cell of cells) cell.group = marked;
  for (const cell of front) cell.front = true;
  if (knee) knee.knee = true;
  return marked;
}

function sortCells() {
  nst.cells = everyCell.filter((cell) => !cell.hole);
  nst.holes = everyCell.filter((cell) => cell.hole);
}

everyPicture.forEach(beUnmarked);
sortCells();
nst.groups = nst.groups.map((group) => markGroup(group, (number) => nst.cells[number]));
nst.underWay = new Map(); // id of a cell that is being made -> its evaluation
const byId = new Map(everyPicture.map((cell) => [cell.id, cell]));

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

// The files of a page that is one file, as data: URLs; null for a page with files beside it.
const files = JSON.parse(document.getElementById("files")?.textContent ?? "null");
const isThere = (path) => !files || Object.hasOwn(files, path);
// A link to a file of the page, whatever its name.
const link = (path) => (files ? files[path] ?? "" : path.split("/").map(encodeURIComponent).join("/"));
// With its token: another image at the same place is loaded again.
const dated = (path, cell) => (files ? link(path) : `${link(path)}?${cell.token ?? nst.base}`);
const fileOf = (cell) => cell.picture ?? `cells/${cell.id}.png`;
const picture = (cell) => dated(fileOf(cell), cell);
const small = (cell) => cell.full ? picture(cell) : dated(`gallery/cells/${cell.id}.webp`, cell);
const pairOf = (cell) => `${nst.contents[cell.content].name}/${nst.styles[cell.style].name}`;
const words = (name) => name.replaceAll("_", " ");
const titleOf = (axis) => axis.title || words(axis.name);
// A value of an axis with its name; what another program made has none, but its own.
function valueText(cell, i) {
  const axis = nst.axes[i], at = cell.axes[i];
  if (at < 0) return "";
  return axis.name === MADE_BY || at >= axis.own ? axis.values[at] : `${titleOf(axis)} ${axis.values[at]}`;
}
const axisText = (cell) => nst.axes.map((_, i) => valueText(cell, i)).filter(Boolean).join(", ");
const nameOf = (cell) =>
  [`${nst.contents[cell.content].name} in the style of ${nst.styles[cell.style].name}`, axisText(cell)]
    .filter(Boolean).join(", ");

// An image or an original for the stage.
const imagePicture = (cell) => ({ src: picture(cell), size: cell.size, alpha: cell.alpha, name: nameOf(cell) });
const originalPicture = (kind, one) => ({ src: link(one.picture), size: one.size, alpha: one.alpha, name: `the ${kind}, ${one.name}`, isContent: kind === "content" });

function number(value) {
  if (value === null || value === undefined) return "–";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function image(src, [width, height], alt, attributes = {}) {
  return el("img", { loading: "lazy", decoding: "async", src, width, height, alt, ...attributes });
}

// What has transparent parts stands on a checkerboard.
const groundOf = (one) => (one.alpha ? "see-through" : null);

// An image of a cell beside what is known of it.
const cellImage = (cell, alt = "", src = small(cell)) =>
  showSurely(el("img", { loading: "lazy", decoding: "async", width: cell.size[0], height: cell.size[1], alt, class: groundOf(cell) }), src);

// A content or a style beside its name.
const originalImage = (one) => image(link(one.picture), one.size, "", { class: groundOf(one) });

const said = document.getElementById("said");

function say(text) {
  // In an open dialog, as screen readers do not read what is behind it.
  (document.fullscreenElement ?? document.querySelector("dialog[open]") ?? document.body).append(said);
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ""; }, 4000);
}

const varying = nst.axes.map((_, i) => i).filter((i) => nst.axes[i].values.length > 1);
