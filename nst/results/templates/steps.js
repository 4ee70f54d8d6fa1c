// Steps from one image to another: along the columns ("x") or the rows ("y") of the page, or along a dimension.

const columns = varying.includes(mainAxis) ? nst.main : "style";
const dimensionAt = (name) => ({ x: columns, y: "content" })[name] ?? name;

// The next cell from one, past what the config leaves out; null at the end.
function stepAlong(cell, name, step) {
  const position = [cell.content, cell.style, ...cell.axes], key = dimensionAt(name);
  const index = ["content", "style", ...nst.axes.map((axis) => axis.name)].indexOf(key);
  const { length } = [nst.contents, nst.styles, ...nst.axes.map((axis) => axis.values)][index];
  for (let at = position[index] + step; at >= 0 && at < length; at += step) {
    position[index] = at;
    const other = cellAt.get(position.join());
    if (other) return other;
  }
  return null;
}
