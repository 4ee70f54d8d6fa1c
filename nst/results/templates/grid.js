// The grid: rows and columns of the dimensions that the reader has placed, for one position of the others.
// Tiles are made when they come near the window, so that thousands of images are as quick as ten.

const grid = { root: document.getElementById("grid"), controls: [], rows: [], columns: [], spots: new Map() };
const NEAR = "400px";

grid.table = el("table", { class: "grid" });
grid.before = el("button", { type: "button", class: "beyond left", tabindex: -1, "aria-hidden": "true", onclick: () => scrollPage(-1) });
grid.after = el("button", { type: "button", class: "beyond right", tabindex: -1, "aria-hidden": "true", onclick: () => scrollPage(1) });
grid.empty = el("p", { class: "faint", hidden: true }, "Nothing is left to show here: all values are hidden.");
grid.about = el("div", { class: "about" });
grid.root.append(grid.about, grid.empty, grid.table, grid.before, grid.after);
grid.near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting) fillSpot(grid.spots.get(target));
}, { rootMargin: NEAR });

// Every combination of the shown values of the dimensions in some places, the last one changing fastest.
function combinations(places) {
  return places.map(dimensionAt).filter(Boolean).reduce((lists, dimension) =>
    lists.flatMap((list) => shownOf(dimension).map((at) => [...list, [dimension, at]])), [[]]);
}

// Build the rows and columns again if the reader has placed, hidden or found something else.
function arrangeGrid() {
  const looks = JSON.stringify([state.places, placeable.map(shownOf)]);
  if (grid.looks === looks) return;
  grid.looks = looks;
  grid.columns = combinations(["superx", "x"]);
  grid.rows = combinations(["supery", "y"]);
  grid.near.disconnect();
  grid.spots.clear();
  buildControls();
  grid.empty.hidden = grid.rows.length > 0 && grid.columns.length > 0;
  grid.table.hidden = !grid.empty.hidden;
  grid.save.disabled = !grid.empty.hidden;
  grid.table.replaceChildren(
    el("colgroup", {}, el("col", { class: "of-heads" }), el("col", { class: "of-tiles", span: grid.columns.length || 1 })),
    el("thead", {}, columnHeads()), ...bodies());
  grid.table.setAttribute("aria-label", `Images by ${dimensionAt("y").name} and ${dimensionAt("x").name}`);
  grid.active = null;
  showHidden();
}

function columnHeads() {
  const inner = el("tr", {}, corner(), grid.columns.map((one) => headOf(one.at(-1), { scope: "col" })));
  const outer = dimensionAt("superx");
  if (!outer) return inner;
  const span = shownOf(dimensionAt("x")).length;
  return [
    el("tr", { class: "super" }, el("td", {}), shownOf(outer).map((at) => headOf([outer, at], { scope: "colgroup", colspan: span }))),
    inner,
  ];
}

function bodies() {
  const outer = dimensionAt("supery");
  const count = outer ? shownOf(dimensionAt("y")).length : grid.rows.length;
  const groups = [];
  for (let from = 0; from < grid.rows.length; from += count || 1) {
    groups.push(el("tbody", {},
      outer ? el("tr", { class: "super" }, headOf(grid.rows[from][0], { scope: "rowgroup", colspan: grid.columns.length + 1 })) : null,
      grid.rows.slice(from, from + count).map((row, n) => gridRow(row, from + n))));
  }
  return groups;
}

function gridRow(row, number) {
  const inner = shownOf(dimensionAt("x")).length;
  return el("tr", { "data-row": number }, headOf(row.at(-1), { scope: "row" }), grid.columns.map((column, n) => {
    const td = el("td", { class: n && n % inner === 0 ? "next-grid" : null });
    grid.spots.set(td, { td, row: number, column: n, fixed: [...row, ...column] });
    grid.near.observe(td);
    return td;
  }));
}

// The head of a row or a column; a click hides its value.
function headOf([dimension, at], attributes) {
  const picture = dimension.pictures?.[at], value = dimension.values[at];
  const masked = picture?.masked ?? [], hasMask = masked.length ? `, with ${masked.join(" and ")}` : "";
  const wide = attributes.scope.endsWith("group");
  return el("th", attributes,
    el("button", { type: "button", class: "hider", title: `Hide ${value}`, "aria-label": `${value}${hasMask}: hide`, onclick: () => hideHead(dimension, at) },
      picture ? originalImage(picture) : null,
      masked.length ? el("i", { class: "mask-marks", title: `${value}${hasMask}` }, masked.map((one) => el("i", {}, one))) : null,
      el("span", {}, wide && !dimension.pictures ? `${dimension.name} ${value}` : value)),
    textOf(dimension, at) && el("p", { class: "text", title: textOf(dimension, at) }, textOf(dimension, at)));
}

function hideHead(dimension, at) {
  if (shownOf(dimension).length < 2) return say(`${dimension.values[at]} is the last ${dimension.name} that is shown`);
  const heads = () => [...grid.table.querySelectorAll(".hider")], number = heads().indexOf(document.activeElement);
  hide(dimension, [at]);
  changed();
  if (number >= 0) heads()[Math.min(number, heads().length - 1)].focus({ preventScroll: true });
  say(`${dimension.values[at]} is hidden`);
}

// What all images of the grid share, in its corner.
function corner() {
  grid.corner = el("div", { class: "corner" });
  return el("td", {}, grid.corner);
}

function showCorner() {
  const given = dimensions.filter((one) => one.pictures && !Object.values(state.places).includes(one.key));
  const arrows = [["x", "→"], ["y", "↓"]].map(([place, arrow]) => [dimensionAt(place), arrow])
    .filter(([one]) => !one.pictures).map(([one, arrow]) => el("span", { class: "faint" }, `${one.name} ${arrow}`));
  grid.corner.replaceChildren(
    ...given.map((one) => {
      const original = one.pictures[state.at[one.index]];
      return el("span", {}, originalImage(original), original.name);
    }), ...arrows);
}

// What the config says of the dimensions themselves.
function showTexts() {
  const placed = [...new Set(Object.values(state.places).map((key) => dimensionBy.get(key)).filter(Boolean))];
  grid.about.replaceChildren(...placed.filter((one) => one.text)
    .map((one) => el("p", {}, el("strong", {}, one.name), " ", one.text)));
  grid.controls.forEach((control, n) => {
    const { dimension } = control, text = tools.controls.children[n].querySelector(".text");
    text.title = text.textContent = [dimension.text, textOf(dimension, state.at[dimension.index])].filter(Boolean).join(": ");
  });
}

function buildControls() {
  stopCycle();
  grid.controls = controlled().filter((one) => shownOf(one).length).map((dimension) => {
    const shown = shownOf(dimension), at = state.at[dimension.index];
    state.at[dimension.index] = shown.reduce((best, one) => (Math.abs(one - at) < Math.abs(best - at) ? one : best));
    return makeControl(dimension, (position) => moveGrid(dimension, position), shown);
  });
  const focused = document.activeElement?.closest(".controls") && document.activeElement.dataset.axis;
  tools.controls.replaceChildren(...grid.controls.map((one) =>
    el("div", { class: "control" }, one.root, one.dimension.values.length > 2 ? cycleButton(one) : null, el("p", { class: "text" }))));
  if (focused) tools.controls.querySelector(`input[data-axis="${focused}"]`)?.focus();
}

const cellOf = (spot) => {
  const position = [...state.at];
  for (const [dimension, at] of spot.fixed) position[dimension.index] = at;
  return pictureAt(position);
};

function fillSpot(spot) {
  if (spot.tile) return;
  grid.near.unobserve(spot.td);
  spot.tile = makeTile();
  spot.leftOut = el("span", { class: "left-out" }, nst.shared?.chosen ? "not chosen" : "left out");
  spot.td.append(spot.tile.root, spot.leftOut);
  spot.tile.button.place = spot;
  if (!grid.active) setActive(spot);
  showSpot(spot);
}

function showSpot(spot) {
  const cell = cellOf(spot);
  spot.tile.root.hidden = !cell; // left out by the config
  spot.leftOut.hidden = Boolean(cell);
  if (cell) showTile(spot.tile, cell, grid.sharp && cell.size && Math.max(...cell.size) > nst.small ? picture(cell) : small(cell));
}

function showGrid() {
  arrangeGrid();
  showArrange();
  for (const one of grid.controls) one.set(state.at[one.dimension.index]);
  showCorner();
  showTexts();
  sizeGrid();
  for (const spot of grid.spots.values()) if (spot.tile) showSpot(spot);
}

function moveGrid(dimension, position) {
  state.at[dimension.index] = position;
  askAgain();
  showGrid();
  writeAddress();
}

// A step along what has a control: the main axis, or the first.
function stepGrid(step) {
  const control = grid.controls.find((one) => one.dimension.key === nst.main) ?? grid.controls[0];
  stopCycle();
  return control?.step(step) ?? false;
}

// One tile is reached with the tabulator, the others from it with the arrow keys.
function setActive(spot) {
  for (const [one, index] of [[grid.active, -1], [spot, 0]]) {
    if (one) one.tile.button.tabIndex = one.tile.heart.tabIndex = index;
  }
  grid.active = spot;
}
grid.table.addEventListener("focusin", ({ target }) => { if (target.place) setActive(target.place); });

// To the next tile that is an image, if one has the focus.
function walkGrid(event) {
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const from = document.activeElement?.place;
  if (!from) return false;
  for (let row = from.row + down, column = from.column + right; ; row += down, column += right) {
    const td = grid.table.querySelector(`tr[data-row="${row}"]`)?.children[column + 1];
    const spot = column >= 0 && grid.spots.get(td);
    if (!spot) return true;
    fillSpot(spot);
    if (spot.tile.root.hidden) continue;
    spot.tile.button.focus();
    return true;
  }
}
