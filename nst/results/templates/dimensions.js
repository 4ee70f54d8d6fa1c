// The dimensions of the grid: content, style and every axis; which of their values are shown; steps along them.

const axisOf = (axis) => ({
  key: axis.name, name: titleOf(axis), values: axis.values, own: axis.own, text: axis.text, texts: axis.texts,
  numeric: axis.values.slice(0, axis.own).every((value) => value !== "" && Number.isFinite(Number(value))),
});
const dimensions = [
  { key: "content", name: "content", values: nst.contents.map((one) => one.name), pictures: nst.contents },
  { key: "style", name: "style", values: nst.styles.map((one) => one.name), pictures: nst.styles },
  ...nst.axes.map(axisOf),
].map((dimension, index) => ({
  text: "", texts: dimension.pictures?.map((one) => one.text), ...dimension, index, of: (cell) => positionOf(cell)[index],
}));
const dimensionBy = new Map(dimensions.map((one) => [one.key, one]));
const placeable = dimensions.filter((one) => one.pictures || one.values.length > 1);

// What the config says of a value.
const textOf = (dimension, at) => dimension.texts[at] || null;

// The places in the grid that a dimension can have; one without a place has a control above the grid.
const GRID_PLACES = { x: "columns", y: "rows", superx: "grids side by side", supery: "grids one below the other" };

function firstPlaces() {
  const free = placeable.filter((one) => one.values.length > 1).map((one) => one.key);
  const next = () => free.splice(Math.max(0, free.indexOf(nst.main)), 1)[0];
  const take = (key) => free.includes(key) && free.splice(free.indexOf(key), 1)[0];
  let y = take("content"), x = take("style");
  if (!y && x) [y, x] = [x, next()];
  x = x || next();
  y = y || next() || (x === "content" ? "style" : "content");
  if (x === undefined) x = y === "style" ? "content" : "style";
  if (y === "style" && x === "content") [x, y] = [y, x];
  return { x, y, superx: "", supery: "" };
}

// The dimension with a place, by its place, or any dimension by its own name.
const dimensionAt = (name) => dimensionBy.get(state.places[name] ?? name);
const controlled = () => placeable.filter((one) => one.values.length > 1 && !Object.values(state.places).includes(one.key));

// The reader hides values, in all views; and looks for names: each word where it is one.
const isShown = (dimension, at) => !state.hidden.get(dimension.key)?.has(at) && found(dimension)[at];
const shownOf = (dimension) => dimension.values.map((_, at) => at).filter((at) => isShown(dimension, at));

function found(dimension) {
  if (dimension.found?.text === state.find) return dimension.found.shown;
  const names = dimension.values.map((value) => value.toLowerCase());
  const asked = dimension.pictures ? wordsOf(state.find).filter((word) => names.some((name) => name.includes(word))) : [];
  const all = names.map((name) => asked.every((word) => name.includes(word)));
  const shown = all.includes(true) ? all : names.map((name) => asked.some((word) => name.includes(word)));
  dimension.found = { text: state.find, shown };
  return shown;
}

const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
const unknownWords = () => wordsOf(state.find).filter((word) =>
  !placeable.some((one) => one.pictures && one.values.some((value) => value.toLowerCase().includes(word))));

function hide(dimension, positions, hidden = true) {
  if (!state.hidden.has(dimension.key)) state.hidden.set(dimension.key, new Set());
  const set = state.hidden.get(dimension.key);
  for (const at of positions) hidden ? set.add(at) : set.delete(at);
}

const countHidden = () => [...state.hidden.values()].reduce((sum, set) => sum + set.size, 0);

// A position without gaps: where something is on no axis, those of the image that was open before it, or of the grid.
const filled = (position) => position.map((at, i) => (at < 0 ? open.axes?.[i - 2] ?? state.at[i] : at));

// The next cell from one along a dimension, named as for `dimensionAt`: past what is hidden and what the config
// leaves out; null at the end.
function stepAlong(cell, name, step) {
  const dimension = dimensionAt(name), position = filled(positionOf(cell));
  if (!dimension) return null;
  for (let at = position[dimension.index] + step; at >= 0 && at < dimension.values.length; at += step) {
    position[dimension.index] = at;
    const other = isShown(dimension, at) && pictureAt(position);
    if (other && other !== cell) return other;
  }
  return null;
}
