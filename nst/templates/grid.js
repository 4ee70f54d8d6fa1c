// The grid: contents x styles at one position of the sliders.

const grid = { root: document.getElementById("grid"), buttons: [] };

const head = (original) => [
  image(link(original.picture), original.size, ""),
  el("span", {}, original.name),
];

function buildGrid() {
  const sliders = varying.map((i) =>
    slider(i, state.at[i], (position) => {
      state.at[i] = position;
      showGrid();
      writeAddress();
    }));
  const rows = nst.contents.map((content, c) =>
    el("tr", {},
      el("th", { scope: "row" }, head(content)),
      nst.styles.map((_, s) => el("td", {}, gridButton(c, s)))));
  const table = el("table", { class: "grid", style: `--columns: ${nst.styles.length}` },
    el("thead", {}, el("tr", {}, el("td", {}), nst.styles.map((s) => el("th", { scope: "col" }, head(s))))),
    el("tbody", {}, rows));
  grid.root.replaceChildren(
    el("div", { class: "sliders" }, sliders),
    el("p", { class: "faint hint" },
      mainAxis >= 0 && varying.length ? `← → move along ${words(nst.main)}. ` : "",
      "★ marks the suggested balance of a pair, see Plot."),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Images by content and style" }, table));
  showGrid();
}

function gridButton(content, style) {
  const cell = places.get([content, style, ...state.at].join());
  const shown = image(small(cell), cell.size, "");
  const star = el("span", { class: "star", "aria-hidden": "true" }, "★");
  const button = el("button", { type: "button", class: "tile", onclick: () => openCell(button.cell) },
    shown, star);
  grid.buttons.push({ button, shown, star, content, style });
  return button;
}

function showGrid() {
  for (const { button, shown, star, content, style } of grid.buttons) {
    const cell = places.get([content, style, ...state.at].join());
    if (button.cell === cell) continue;
    button.cell = cell;
    [shown.width, shown.height] = cell.size;
    if (!shown.src.endsWith(small(cell))) shown.src = small(cell);
    star.hidden = !cell.knee;
    button.setAttribute("aria-label", nameOf(cell) + (cell.knee ? ", suggested" : ""));
  }
}

// One step along the main axis, as the arrow keys ask for.
function stepGrid(step) {
  const input = grid.root.querySelector(`input[data-axis="${nst.main}"]`);
  if (!input) return;
  input.value = Number(input.value) + step;
  input.dispatchEvent(new Event("input"));
}
