// Two numbers against each other; every cell is a point. By default the two that place an image between its content
// and its style. The axes are linear, as the star is found on linear ones (nst/results/pareto.py); on logarithmic
// ones there is none.

const plot = { root: document.getElementById("plot"), cells: [], points: [], active: null };
const MARGIN = { left: 64, right: 18, top: 16, bottom: 48 };
// Okabe & Ito (2008): distinct for colour-blind people, too.
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", "#0072b2", "#b8a800", "#8a8a8a"];
const REACH = 30; // pixels; the pointer selects the nearest point within
// Of what has no value there, as pictures by other programs on most axes, the number is negative.
const colourOf = (number) => (number < 0 ? "var(--faint)" : COLOURS[number % COLOURS.length]);
// Where the colours begin again, the marks have another shape: within a square of 2 around 0.
const SHAPES = ["", "M-.9 -.9H.9V.9H-.9Z", "M0 -1.15 1.1 .8H-1.1Z", "M0 -1.25 1.25 0 0 1.25 -1.25 0Z", "M0 1.15 1.1 -.8H-1.1Z",
  "M-.4 -1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z"];
const shapeOf = (number) => (number < 0 ? SHAPES.at(-1) : SHAPES[Math.floor(number / COLOURS.length) % SHAPES.length]);
// A mark for a value of the dimension that the colours stand for.
const markOfKind = (number, x, y, attributes = {}) => shapeOf(number)
  ? el("path", { d: shapeOf(number), transform: `translate(${x} ${y}) scale(5)`, "vector-effect": "non-scaling-stroke", fill: colourOf(number), ...attributes })
  : el("circle", { cx: x, cy: y, r: 5, fill: colourOf(number), ...attributes });
const colour = (cell) => colourOf(coloured().of(cell));

// The numbers at the two axes.
const plotted = () => ["across", "up"].map((axis, n) => state.plot[axis] || mainNumbers[n]);
// The lines and stars are of content and style loss.
const hasFronts = () => [...plotted()].sort().join() === "content,style";

// What the colours stand for: at first what keeps losses from being compared, or else the style.
const colourable = placeable.filter((one) => one.values.length > 1);
const APART = ["recipe", "backbone", "size"];
const coloured = () => dimensionBy.get(state.plot.colour || firstColoured());
function firstColoured() {
  const keys = [...APART, ...(nst.makers.length ? [nst.main] : [])];
  const apart = keys.find((key) => colourable.some((one) => one.key === key));
  return mainNumbers.includes("content") || !apart ? (nst.styles.length > 1 ? "style" : "content") : apart;
}

plot.tip = el("div", { class: "tip", hidden: true });
plot.figure = el("div", { class: "figure" });
plot.legend = el("div", { class: "legend" });
plot.lists = {};
plot.scale = el("label", { class: "field" },
  el("input", { type: "checkbox", onchange: (event) => { state.log = event.target.checked; filtered(true); writeAddress(); } }),
  el("span", {}, "logarithmic axes"));
plot.lines = el("span", {});
plot.says = el("div", { class: "says" });
plot.root.append(el("div", { class: "plot-bar" },
  plotList("across", NUMBER_NAMES, "horizontal"), plotList("up", NUMBER_NAMES, "vertical"),
  colourable.length > 1 ? plotList("colour", Object.fromEntries(colourable.map(({ key, name }) => [key, [name]]))) : null,
  plot.scale,
  el("details", { class: "hint faint" }, el("summary", {}, "How to read it"), plot.lines,
    "Point at an image or use the arrow keys; click or press Enter to open it.")),
  plot.figure, plot.legend, plot.says);

// A list for an axis or the colours; its choice is kept if it is not what the page takes by itself.
function plotList(name, table, label = name) {
  plot.lists[name] = el("select", { "data-plot": name, onchange: ({ target }) => {
    state.plot[name] = "";
    state.plot[name] = target.value === listed(name) ? "" : target.value;
    filtered(true);
    writeAddress();
  } }, Object.entries(table).map(([key, [text]]) => el("option", { value: key }, text)));
  return el("label", { class: "field" }, el("span", {}, label), plot.lists[name]);
}

const listed = (name) => (name === "colour" ? coloured().key : plotted()[name === "up" ? 1 : 0]);

new ResizeObserver(() => {
  if (state.view === "plot" && plot.figure.clientWidth !== plot.width) drawPlot();
}).observe(plot.figure);

function showPlot(cells) {
  const values = plotted().map((key) => NUMBERS[key].of);
  plot.cells = cells.filter((cell) => values.every((of) => of(cell) !== null && (!state.log || of(cell) > 0)));
  plot.left = cells.length - plot.cells.length;
  plot.scale.querySelector("input").checked = state.log;
  for (const [name, list] of Object.entries(plot.lists)) list.value = listed(name);
  offerNumbers(plot.lists.across);
  offerNumbers(plot.lists.up);
  showReading();
  drawPlot();
}

// What the two numbers are, and what the plot shows of them.
function showReading() {
  plot.says.replaceChildren(...explained([...new Set(plotted())]));
  plot.lines.textContent = hasFronts()
    ? "A line connects the images of a pair that no other image of the pair beats in both losses (its Pareto front)."
      + " ★ marks where a line of at least five images bends most: a balance of content and style by arithmetic. " : cornerText();
}

// Which corner of a plot of two metrics is near the originals.
function cornerText() {
  const [across, up] = plotted().map((key) => NUMBERS[key]);
  if (across === up || !across.isMetric || !up.isMetric) return "";
  const corner = `${up.isHigh ? "upper" : "lower"} ${across.isHigh ? "right" : "left"}`;
  const says = across.near === up.near ? `closest to the ${up.near} by both numbers.`
    : "close to both content and style, those at the opposite corner to neither.";
  return `Images at the ${corner} are ${says} Compare images of the same content and style. `;
}

// Round numbers between two others, few enough to be read. Not those of ticks.py: they belong to the curves.
function linearTicks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 2));
  const step = power * ([5, 2].find((n) => (high - low) / (n * power) >= 2) ?? 1);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(6)));
}

function logarithmicTicks(low, high) {
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const candidates = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const step of steps) candidates.push(Number((step * 10 ** power).toPrecision(3)));
  }
  const inside = candidates.filter((tick) => tick >= low && tick <= high);
  return inside.length > 2 ? inside : linearTicks(low, high);
}

// The scale of one axis, from one pixel to another: a bit wider than the range of the values.
function scale(values, from, to) {
  const least = values.reduce((a, b) => Math.min(a, b)), most = values.reduce((a, b) => Math.max(a, b));
  const room = most > least ? (most - least) / 16 : Math.abs(most) / 8 || 1;
  const [low, high] = state.log ? [least / 1.12, most * 1.12] : [least - room, most + room];
  const of = state.log ? Math.log : (value) => value;
  const share = (value) => (of(value) - of(low)) / (of(high) - of(low));
  const ticks = state.log ? logarithmicTicks : linearTicks;
  return { at: (value) => from + share(value) * (to - from), ticks: ticks(low, high).filter((tick) => tick >= 0 || least < 0) };
}

function drawPlot() {
  plot.width = plot.figure.clientWidth;
  const width = Math.max(280, plot.width);
  const active = plot.points[plot.active]?.cell;
  plot.active = null;
  plot.points = [];
  if (!plot.cells.length) {
    const names = [...new Set(plotted())].map((key) => NUMBERS[key].name).join(" and ");
    plot.figure.replaceChildren(plot.left ? el("p", {}, `No image here has ${names}${state.log ? " above 0" : ""}.`) : nothingPasses());
    plot.legend.replaceChildren();
    return;
  }
  drawLegend();
  // All of it, with its legend and what it says, is in the first window.
  const above = plot.figure.getBoundingClientRect().top + scrollY, below = plot.legend.offsetHeight + plot.says.offsetHeight + 16;
  const height = Math.round(Math.max(280, Math.min(width * 0.7, innerHeight - above - below)));
  const [across, up] = plotted().map((key) => NUMBERS[key]);
  const x = scale(plot.cells.map(across.of), MARGIN.left, width - MARGIN.right);
  const y = scale(plot.cells.map(up.of), height - MARGIN.bottom, MARGIN.top);
  plot.points = plot.cells
    .map((cell) => ({ cell, x: x.at(across.of(cell)), y: y.at(up.of(cell)) }))
    .sort((a, b) => a.x - b.x);
  plot.fronts = el("g", {});
  plot.ring = el("circle", { r: 9, class: "ring", hidden: true });
  const svg = el("svg", {
    width, height, viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "application",
    "aria-label": `${plot.cells.length} images by ${across.name} and ${up.name}; arrow keys move, Enter opens`,
    onpointermove: (event) => activate(nearestPoint(event)),
    onpointerleave: () => activate(-1),
    onclick: (event) => { const hit = nearestPoint(event); if (hit >= 0) openCell(plot.points[hit].cell); },
    onkeydown: plotKey,
  }, axes(x, y, width, height), plot.fronts, plot.points.map(mark), plot.ring);
  const groups = new Set(hasFronts() ? plot.cells.map((cell) => cell.group) : []);
  plot.always = groups.size <= 12 ? [...groups] : [];
  plot.figure.replaceChildren(svg, plot.tip);
  activate(plot.points.findIndex(({ cell }) => cell === active));
}

function drawLegend() {
  const dimension = coloured(), kinds = [...new Set(plot.cells.map(dimension.of))].sort((a, b) => a - b);
  plot.legend.replaceChildren(
    ...kinds.map((n) => el("span", {}, el("svg", { width: 14, height: 14, viewBox: "-7 -7 14 14", "aria-hidden": "true" }, markOfKind(n, 0, 0, { class: hasFronts() ? "mark" : "mark full" })), n < 0 ? "by other programs" : dimension.values[n])),
    el("span", { class: "faint" }, plot.left ? `${plot.left} without one of the numbers${state.log ? " above 0" : ""}` : ""));
}

// The name of a number at its axis; turned, the arrow points down or up.
function axisName({ name, near, isHigh }) {
  if (!near) return name;
  return isHigh ? `${name}  ·  closer to the ${near} →` : `← closer to the ${near}  ·  ${name}`;
}

function axes(x, y, width, height) {
  const bottom = height - MARGIN.bottom;
  return el("g", { class: "axes" },
    x.ticks.map((tick) => [
      el("line", { x1: x.at(tick), x2: x.at(tick), y1: MARGIN.top, y2: bottom }),
      el("text", { x: x.at(tick), y: bottom + 18, "text-anchor": "middle" }, number(tick))]),
    y.ticks.map((tick) => [
      el("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y.at(tick), y2: y.at(tick) }),
      el("text", { x: MARGIN.left - 8, y: y.at(tick) + 4, "text-anchor": "end" }, number(tick))]),
    el("text", { x: (MARGIN.left + width) / 2, y: height - 8, "text-anchor": "middle" }, axisName(NUMBERS[plotted()[0]])),
    el("text", { transform: `translate(14 ${height / 2}) rotate(-90)`, "text-anchor": "middle" }, axisName(NUMBERS[plotted()[1]])));
}

const mark = ({ cell, x, y }) => cell.knee && hasFronts() && !state.log
  ? el("text", { x, y: y + 7, "text-anchor": "middle", class: "knee", style: `fill: ${colour(cell)}` }, "★")
  : markOfKind(coloured().of(cell), x, y, { class: cell.front || !hasFronts() ? "mark full" : "mark" });

function drawFronts(groups) {
  const at = new Map(plot.points.map((point) => [point.cell, point]));
  plot.fronts.replaceChildren(...groups.filter(Boolean).map((group) =>
    el("polyline", {
      class: "front", stroke: new Set(group.cells.map(coloured().of)).size === 1 ? colour(group.cells[0]) : "var(--faint)",
      points: group.front.map((cell) => at.get(cell)).filter(Boolean).map(({ x, y }) => `${x},${y}`).join(" "),
    })));
}

function nearestPoint(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const [left, top] = [event.clientX - box.left, event.clientY - box.top];
  let best = -1, least = REACH;
  plot.points.forEach(({ x, y }, i) => {
    const distance = Math.hypot(x - left, y - top);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

function activate(i) {
  if (i === plot.active) return;
  plot.active = i;
  const point = plot.points[i];
  plot.tip.hidden = !point;
  plot.ring.toggleAttribute("hidden", !point);
  drawFronts(point && hasFronts() && !plot.always.length ? [point.cell.group] : plot.always);
  if (!point) return;
  const { cell, x, y } = point;
  plot.ring.setAttribute("cx", x);
  plot.ring.setAttribute("cy", y);
  plot.tip.replaceChildren(cellImage(cell), el("strong", {}, pairOf(cell)), el("br"), axisText(cell),
    ...tipNumbers(cell).flatMap((text) => [el("br"), text]));
  const { offsetWidth: wide, offsetHeight: high } = plot.tip;
  const left = x > plot.figure.clientWidth / 2 ? x - 16 - wide : x + 16;
  plot.tip.style.left = `${Math.max(0, Math.min(left, plot.figure.clientWidth - wide))}px`;
  plot.tip.style.top = `${Math.max(0, y > 260 ? y - high : y)}px`;
}

// Those of the axes first, then what else was measured.
const tipNumbers = (cell) => [...new Set([...plotted(), ...METRICS.filter((key) => NUMBERS[key].of(cell) !== null)])]
  .map((key) => `${NUMBERS[key].name} ${shownNumber(key, cell)}`);

function plotKey(event) {
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (step) {
    const last = plot.points.length - 1;
    activate(!(plot.active >= 0) ? 0 : Math.min(last, Math.max(0, plot.active + step)));
    const { cell } = plot.points[plot.active];
    say([nameOf(cell), ...tipNumbers(cell).slice(0, 2)].join(", "));
  } else if (event.key === "Enter" && plot.active >= 0) openCell(plot.points[plot.active].cell);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
