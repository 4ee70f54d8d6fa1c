// The address of the page: all that the reader has chosen, so that it can be saved, sent and gone back to.

const VIEWS = ["grid", "images", "favourites", "plot", "sheets", "summary"];
const SIZES = ["fit", "S", "M", "L"];
// What the images and the plot are limited to and sorted by; see filter.js.
const FIELDS = { sort: "grid", down: "", only: "", by: "content", least: "", most: "" };
const suggested = nst.groups.find((group) => group.knee)?.knee;
const middle = dimensions.map((one) => (one.pictures ? 0 : Math.floor((one.own - 1) / 2)));
const start = () => ({
  view: nst.shared?.chosen ? "favourites" : "grid", at: suggested ? [...middle.slice(0, 2), ...suggested.axes] : [...middle], places: firstPlaces(), hidden: new Map(),
  find: "", tiles: "fit", fields: { ...FIELDS }, pins: [], open: null, compare: 0, log: false,
  plot: { across: "", up: "", colour: "" }, // "" is what the page takes by itself; see scatter.js
});
const state = start();

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, start());
  if (VIEWS.includes(asked.get("view"))) state.view = asked.get("view");
  if (SIZES.includes(asked.get("tiles"))) state.tiles = asked.get("tiles");
  for (const place of Object.keys(GRID_PLACES)) if (asked.has(place)) setPlace(place, asked.get(place));
  for (const { key, values, index } of dimensions) {
    const position = values.indexOf(asked.get(key));
    if (position >= 0) state.at[index] = position;
  }
  for (const text of asked.getAll("hide")) readHidden(text);
  state.find = asked.get("find") ?? "";
  state.log = asked.get("axes") === "log"; // of the plot
  for (const name of ["across", "up"]) if (isNumber(asked.get(name))) state.plot[name] = asked.get(name);
  if (colourable.some((one) => one.key === asked.get("colour"))) state.plot.colour = asked.get("colour");
  for (const name of Object.keys(FIELDS)) state.fields[name] = asked.get(name) ?? FIELDS[name];
  for (const name of ["least", "most"]) if (!isLimit(state.fields[name])) state.fields[name] = "";
  state.pins = [...new Set(asked.getAll("pins").map((id) => byId.get(id)).filter(Boolean))];
  state.compare = Math.max(0, Math.trunc(Number(asked.get("compare"))) || 0);
  state.open = byId.get(asked.get("cell")) ?? null;
}

// As `style:marble`.
function readHidden(text) {
  const dimension = filterable.find((one) => one.key === text.split(":", 1)[0]);
  const position = dimension?.values.indexOf(text.slice(dimension.key.length + 1)) ?? -1;
  if (position >= 0) hide(dimension, [position]);
}

// Put a dimension in a place of the grid; one that is there already takes the place that it leaves.
function setPlace(place, key) {
  const known = placeable.some((one) => one.key === key);
  if (!known && (key !== "" || !place.startsWith("super"))) return;
  const places = { ...state.places };
  const from = Object.keys(GRID_PLACES).find((other) => key && places[other] === key);
  if (from) places[from] = places[place];
  places[place] = key;
  for (const needed of ["x", "y"]) {
    places[needed] ||= placeable.find((one) => !Object.values(places).includes(one.key))?.key;
    if (!places[needed]) return; // too few dimensions
  }
  state.places = places;
}

function address(view = state.view) {
  const parts = new URLSearchParams({ view });
  const first = firstPlaces();
  for (const place of Object.keys(GRID_PLACES)) if (state.places[place] !== first[place]) parts.set(place, state.places[place]);
  for (const { key, values, index } of controlled()) parts.set(key, values[state.at[index]]);
  for (const { key, values } of filterable) for (const at of state.hidden.get(key) ?? []) parts.append("hide", `${key}:${values[at]}`);
  if (state.find) parts.set("find", state.find);
  if (state.log) parts.set("axes", "log");
  for (const [name, value] of Object.entries(state.plot)) if (value) parts.set(name, value);
  if (state.tiles !== "fit") parts.set("tiles", state.tiles);
  for (const [name, value] of Object.entries(state.fields)) if (value !== FIELDS[name]) parts.set(name, value);
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

// What Back takes back; the rest changes too often, or too little.
const STEPS = ["view", "hide", "across", "up", "colour", ...Object.keys(GRID_PLACES)];
const stepsOf = (hash) => JSON.stringify(STEPS.map((name) => new URLSearchParams(hash.slice(1)).getAll(name)));

const wayToWrite = () => (stepsOf(location.hash) === stepsOf(address()) ? "replaceState" : "pushState");

// An entry of the history that the page has written has a state.
function writeNow(write = wayToWrite()) {
  clearTimeout(writeAddress.timer);
  try {
    if (location.hash !== address() || !history.state) history[write](true, "", address());
  } catch { /* too often: the next call writes it */ }
  for (const view of VIEWS) document.getElementById(`to-${view}`).href = address(view);
}
