// The grid: contents x styles for one position of the sliders.

const grid = { root: document.getElementById("grid"), tiles: [], sliders: [] };

const head = (original) => [
  image(link(original.picture), original.size, ""),
  el("span", {}, original.name),
];

function buildGrid() {
  grid.sliders = varying.map((i) => makeSlider(i, (position) => moveGrid(i, position)));
  const rows = nst.contents.map((content, c) =>
    el("tr", {},
      el("th", { scope: "row" }, head(content)),
      nst.styles.map((_, s) => el("td", {}, gridTile(c, s), el("span", { class: "left-out" }, "left out")))));
  const table = el("table", { class: "grid", style: `--columns: ${nst.styles.length}` },
    el("thead", {}, el("tr", {}, el("td", {}), nst.styles.map((s) => el("th", { scope: "col" }, head(s))))),
    el("tbody", {}, rows));
  grid.root.replaceChildren(
    el("div", { class: "sliders" }, grid.sliders.map((one) => one.root)),
    el("p", { class: "faint hint" },
      varying.includes(mainAxis) ? `← → move along ${words(nst.main)}. ` : "",
      suggested ? "★ marks the suggested balance of a pair, see Plot." : ""),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Images by content and style" }, table));
}

function gridTile(content, style) {
  const shown = image("data:,", [1, 1], "");
  const star = el("span", { class: "star", "aria-hidden": "true" }, "★");
  const hole = holeBox();
  const button = el("button", { type: "button", class: "tile", onclick: () => openCell(button.cell) },
    shown, hole, star);
  grid.tiles.push({ button, shown, hole, star, content, style });
  return button;
}

// A hatched box in the place of an image that is not there; an outdated image shows through, faintly.
const holeBox = () => el("span", { class: "hole" }, el("img", { alt: "", loading: "lazy" }), el("strong", {}), el("span", {}));

function fillHole(box, cell, old) {
  const [width, height] = nst.contents[cell.content].size;
  box.style.setProperty("--ratio", width / height);
  const [img, word, reason] = box.children;
  img.hidden = !cell.old;
  if (cell.old) img.src = old(cell);
  word.textContent = cell.state;
  reason.textContent = cell.reason;
}

function showGrid() {
  for (const one of grid.sliders) one.set(state.at[one.axis]);
  for (const { button, shown, hole, star, content, style } of grid.tiles) {
    const cell = cellAt.get([content, style, ...state.at].join());
    button.hidden = !cell; // left out by the config
    if (button.cell === cell || !cell) continue;
    button.cell = cell;
    shown.hidden = Boolean(cell.hole);
    hole.hidden = !cell.hole;
    star.hidden = !cell.knee;
    if (cell.hole) {
      fillHole(hole, cell, small);
      button.setAttribute("aria-label", `${nameOf(cell)}, ${cell.state}`);
      continue;
    }
    [shown.width, shown.height] = cell.size;
    shown.src = small(cell);
    button.setAttribute("aria-label", nameOf(cell) + (cell.knee ? ", suggested" : ""));
  }
}

function moveGrid(axis, position) {
  state.at[axis] = Math.min(nst.axes[axis].values.length - 1, Math.max(0, position));
  showGrid();
  writeAddress();
}

// One step along the main axis, for the arrow keys.
const stepGrid = (step) => { if (varying.includes(mainAxis)) moveGrid(mainAxis, state.at[mainAxis] + step); };
