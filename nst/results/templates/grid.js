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
      varying.includes(mainAxis) ? el("span", { class: "by-key" }, `← → move along ${words(nst.main)}. `) : "",
      suggested ? "★ marks the suggested balance of a pair, see Plot." : ""),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Images by content and style" }, table));
}

function gridTile(content, style) {
  const shown = image("data:,", [1, 1], "");
  const star = el("span", { class: "star", "aria-hidden": "true" }, "★");
  const hole = holeBox();
  const button = el("button", { type: "button", class: "tile", onclick: () => openCell(button.cell) },
    shown, hole, star);
  const heart = heartButton();
  grid.tiles.push({ button, shown, hole, star, heart, content, style });
  return el("div", { class: "spot" }, button, heart);
}

// What a hatched tile says: a word, and the reason.
function holeWords(cell) {
  const now = nst.underWay.get(cell.id);
  if (now) return ["under way", now.evaluation ? `evaluation ${now.evaluation} of ${now.of}` : "just begun"];
  if (cell.state === "missing") return ["to be made", ""];
  return [cell.state === "running" ? "under way" : cell.state, cell.reason];
}

// A hatched box in the place of an image that is not there; an outdated image shows through, faintly.
const holeBox = () => el("span", { class: "hole" }, el("img", { alt: "", loading: "lazy" }),
  el("i", { hidden: true }), el("strong", {}), el("span", {}));

function fillHole(box, cell) {
  const [width, height] = nst.contents[cell.content].size;
  box.style.setProperty("--ratio", width / height);
  const [img, bar, word, reason] = box.children;
  img.hidden = !cell.old;
  if (cell.old) showSurely(img, small(cell));
  const now = nst.underWay.get(cell.id);
  bar.hidden = !now;
  bar.style.width = now ? `${(100 * now.evaluation) / now.of}%` : "";
  [word.textContent, reason.textContent] = holeWords(cell);
}

function showGrid() {
  for (const one of grid.sliders) one.set(state.at[one.axis]);
  for (const { button, shown, hole, star, heart, content, style } of grid.tiles) {
    const cell = cellAt.get([content, style, ...state.at].join());
    button.parentElement.hidden = !cell; // left out by the config
    if (!cell) continue;
    const looks = [cell.id, cell.token, cell.knee, cell.old, ...(cell.hole ? holeWords(cell) : [])].join();
    if (button.looks === looks) continue;
    const before = button.cell; // a step of a slider shows the next image as soon as it is there
    button.cell = cell;
    button.looks = looks;
    setHeart(heart, cell);
    shown.hidden = Boolean(cell.hole);
    hole.hidden = !cell.hole;
    star.hidden = !cell.knee;
    if (cell.hole) {
      fillHole(hole, cell);
      button.setAttribute("aria-label", [nameOf(cell), ...holeWords(cell).slice(0, 1)].join(", "));
      continue;
    }
    [shown.width, shown.height] = cell.size;
    showSurely(shown, small(cell), !before || before === cell || before.hole);
    button.setAttribute("aria-label", nameOf(cell) + (cell.knee ? ", suggested" : ""));
  }
}

function moveGrid(axis, position) {
  state.at[axis] = Math.min(nst.axes[axis].values.length - 1, Math.max(0, position));
  askAgain();
  showGrid();
  writeAddress();
}

// One step along the main axis, for the arrow keys.
const stepGrid = (step) => { if (varying.includes(mainAxis)) moveGrid(mainAxis, state.at[mainAxis] + step); };
