// The address of the page: view, sliders, pins and the open cell, so that they can be kept or sent.

const VIEWS = ["grid", "images", "plot", "sheets"];
const suggested = nst.cells[nst.groups.find((group) => group.knee !== null)?.knee];
const middle = nst.axes.map((axis) => Math.floor((axis.values.length - 1) / 2));
const start = () => ({ view: "grid", at: [...(suggested?.axes ?? middle)], pins: [], open: null });
const state = start();

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, start());
  if (VIEWS.includes(given.get("view"))) state.view = given.get("view");
  nst.axes.forEach((axis, i) => {
    const found = axis.values.indexOf(given.get(axis.name));
    if (found >= 0) state.at[i] = found;
  });
  state.pins = [...new Set(given.getAll("pins").map((id) => byId.get(id)).filter(Boolean))];
  state.open = byId.get(given.get("cell")) ?? null;
}

function address(view = state.view) {
  const kept = new URLSearchParams({ view });
  for (const i of varying) kept.set(nst.axes[i].name, nst.axes[i].values[state.at[i]]);
  for (const cell of state.pins) kept.append("pins", cell.id);
  if (state.open) kept.set("cell", state.open.id);
  return `#${kept}`;
}

// Browsers refuse an address that changes with every move of a slider.
function writeAddress() {
  clearTimeout(writeAddress.timer);
  writeAddress.timer = setTimeout(writeNow, 200);
}

function writeNow(write = "replaceState") {
  clearTimeout(writeAddress.timer);
  try {
    if (location.hash !== address()) history[write](null, "", address());
  } catch { /* too often: the next one will do */ }
  for (const view of VIEWS) document.getElementById(`to-${view}`).href = address(view);
}
