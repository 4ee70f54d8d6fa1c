// The losses of a cell by evaluation, in the look of the pairs' figures (nst/results/curve_svg.py). Axes and
// ticks come with the data, so that both agree.

const curve = { root: el("div", { class: "curve" }), shown: null };
const PLOT = { left: 46, right: 70, top: 30, height: 200, bottom: 40 };
const CURVE_TITLE = "losses, weighted as optimized";
const LABEL_STEP = 13; // pixels between the labels of two lines

new ResizeObserver(() => {
  if (curve.shown && curve.root.clientWidth !== curve.width) drawCurve();
}).observe(curve.root);

// Show the curve of a cell, or none while its data are on their way.
function showCurve(data, name = "") {
  curve.shown = data ? { data, name } : null;
  if (data) drawCurve();
  else curve.root.replaceChildren();
}

function drawCurve() {
  const { data, name } = curve.shown;
  curve.width = curve.root.clientWidth;
  const width = Math.min(560, Math.max(280, curve.width));
  const inner = width - PLOT.left - PLOT.right;
  const height = PLOT.top + PLOT.height + PLOT.bottom;
  const right = (x) => PLOT.left + (inner * x) / data.last;
  // What lies below the axis runs along it.
  const down = (y) => PLOT.top + PLOT.height
    * (1 - Math.max(0, (Math.log10(y) - data.low) / (data.high - data.low)));
  const title = el("text", { x: 0, y: 14, class: "strong-text" }, CURVE_TITLE);
  const here = el("line", { class: "here", y1: PLOT.top, y2: PLOT.top + PLOT.height, hidden: true });
  curve.root.replaceChildren(
    el("svg", {
      width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Losses of ${name} by evaluation`,
      onpointermove: (event) => readOut(data, ((event.offsetX - PLOT.left) * data.last) / inner, right, title, here),
      onpointerleave: () => { title.textContent = CURVE_TITLE; here.setAttribute("hidden", ""); },
    },
      title, here,
      data.lines.length ? [curveAxes(data, right, down, width), data.lines.map((line) => curveLine(line, right, down)),
        curveLabels(data.lines, down, width)] : el("text", { x: 0, y: 60 }, "no finite loss above 0")),
    data.note ? el("p", { class: "faint hint" }, data.note) : "");
}

// The losses at the evaluation that is nearest to the pointer, in the place of the title.
function readOut(data, pointed, right, title, here) {
  const nearest = ({ x }) => x.reduce((best, other) => (Math.abs(other - pointed) < Math.abs(best - pointed) ? other : best));
  if (!data.lines.length) return;
  const at = nearest(data.lines[0]);
  const values = data.lines.map((line) => [line.name, line.y[line.x.indexOf(nearest(line))]]).filter(([, y]) => y);
  title.textContent = [`evaluation ${at}`, ...values.map(([name, y]) => `${name} ${number(y)}`)].join(" · ");
  for (const end of ["x1", "x2"]) here.setAttribute(end, right(at));
  here.removeAttribute("hidden");
}

function curveAxes(data, right, down, width) {
  const bottom = PLOT.top + PLOT.height;
  return el("g", { class: "axes" },
    data.y_ticks.map(([y, label]) => [
      el("line", { x1: PLOT.left, x2: width - PLOT.right, y1: down(y), y2: down(y) }),
      el("text", { x: PLOT.left - 8, y: down(y) + 4, "text-anchor": "end" }, label)]),
    data.x_ticks.map(([x, label]) => el("text", { x: right(x), y: bottom + 16, "text-anchor": "middle" }, label)),
    el("text", { x: (PLOT.left + width - PLOT.right) / 2, y: bottom + 33, "text-anchor": "middle" }, "evaluations"));
}

const lineColours = ([light, dark]) => `--light: ${light}; --dark: ${dark}`;

function curveLine({ name, colours, x, y }, right, down) {
  let path = "", length = 0; // of the points since the last gap
  y.forEach((value, i) => {
    if (value === null) {
      if (length === 1) path += "h0"; // a single point is a dot
      length = 0;
      return;
    }
    path += `${length ? "L" : "M"}${right(x[i]).toFixed(1)} ${down(value).toFixed(1)}`;
    length += 1;
  });
  if (length === 1) path += "h0";
  return el("path", { d: path, class: name === "total" ? "line total" : "line", style: lineColours(colours) });
}

// Labels at the ends of lines, each as close to its end as the others allow.
function curveLabels(lines, down, width) {
  const left = width - PLOT.right;
  const ends = lines
    .map((line) => ({ line, end: down(line.y.findLast((value) => value !== null)) }))
    .sort((a, b) => a.end - b.end);
  const heights = [];
  for (const { end } of ends) heights.push(heights.length ? Math.max(end, heights.at(-1) + LABEL_STEP) : end);
  let limit = PLOT.top + PLOT.height;
  for (let i = heights.length - 1; i >= 0; i -= 1) {
    heights[i] = Math.min(heights[i], limit);
    limit = heights[i] - LABEL_STEP;
  }
  return ends.map(({ line, end }, i) => [
    el("path", { class: "line", style: lineColours(line.colours), d: `M${left + 2} ${end}L${left + 12} ${heights[i]}h5` }),
    el("text", { x: left + 21, y: heights[i] + 4, class: line.name === "total" ? "strong-text" : null }, line.name)]);
}
