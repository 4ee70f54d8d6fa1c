// The address of the page: view, sliders, pins and the open cell, so that it can be saved and sent.

const VIEWS = ["grid", "images", "favourites", "plot", "sheets"];
const suggested = nst.groups.find((group) => group.knee)?.knee;
const middle = nst.axes.map((axis) => Math.floor((axis.values.length - 1) / 2));
const start = () => ({ view: "grid", at: [...(suggested?.axes ?? middle)], pins: [], open: null, compare: 0 });
const state = start();

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, start());
  if (VIEWS.includes(asked.get("view"))) state.view = asked.get("view");
  nst.axes.forEach((axis, i) => {
    const position = axis.values.indexOf(asked.get(axis.name));
    if (position >= 0) state.at[i] = position;
  });
  state.pins = [...new Set(asked.getAll("pins").map((id) => byId.get(id)).filter(Boolean))];
  state.compare = Math.max(0, Math.trunc(Number(asked.get("compare"))) || 0);
  state.open = byId.get(asked.get("cell")) ?? null;
}

function address(view = state.view) {
  const parts = new URLSearchParams({ view });
  for (const i of varying) parts.set(nst.axes[i].name, nst.axes[i].values[state.at[i]]);
  for (const cell of state.pins) parts.append("pins", cell.id);
  if (state.compare) parts.set("compare", state.compare); // the number of the first of the pins that are shown
  if (state.open) parts.set("cell", state.open.id);
  return `#${parts}`;
}

// Delayed: browsers refuse an address that changes with every step of a slider.
function writeAddress() {
  clearTimeout(writeAddress.timer);
  writeAddress.timer = setTimeout(writeNow, 200);
}

function writeNow(write = "replaceState") {
  clearTimeout(writeAddress.timer);
  try {
    if (location.hash !== address()) history[write](null, "", address());
  } catch { /* too often: the next call writes it */ }
  for (const view of VIEWS) document.getElementById(`to-${view}`).href = address(view);
}
