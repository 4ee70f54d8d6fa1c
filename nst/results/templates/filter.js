// The cells that the images and the plot show, and their order.

const filters = { root: document.getElementById("filters"), hidden: new Map() };

// The dimensions of the grid: name, values, and the position of a cell among them.
const dimensions = [
  { name: "content", values: nst.contents.map((c) => c.name), of: (cell) => cell.content },
  { name: "style", values: nst.styles.map((s) => s.name), of: (cell) => cell.style },
  ...nst.axes.map((axis, i) => ({ name: words(axis.name), values: axis.values, of: (cell) => cell.axes[i] })),
];
const outcomes = [...new Set(nst.cells.map((cell) => cell.outcome))];
dimensions.push({ name: "outcome", values: outcomes, of: (cell) => outcomes.indexOf(cell.outcome) });

const ORDERS = {
  grid: ["grid", (cell) => cell.number],
  ...Object.fromEntries(dimensions.map((d, i) => [`by-${i}`, [d.name, d.of]])),
  ...LOSSES,
  evaluations: ["evaluations", (cell) => cell.evaluations],
  seconds: ["seconds", (cell) => cell.seconds],
};

function buildFilters() {
  const options = (table) => Object.entries(table).map(([key, [name]]) => el("option", { value: key }, name));
  const field = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);
  filters.sort = el("select", { onchange: () => filtered() }, options(ORDERS));
  filters.down = el("input", { type: "checkbox", onchange: () => filtered() });
  filters.only = el("select", { onchange: () => filtered() },
    el("option", { value: "" }, "all"),
    el("option", { value: "front" }, "on their Pareto front"),
    el("option", { value: "knee" }, "suggested"),
    el("option", { value: "favourite" }, "favourites"));
  filters.by = el("select", { onchange: filtered, "aria-label": "loss to limit" }, options(LOSSES));
  filters.least = el("input", { type: "number", step: "any", oninput: () => filtered(), placeholder: "at least", "aria-label": "at least" });
  filters.most = el("input", { type: "number", step: "any", oninput: () => filtered(), placeholder: "at most", "aria-label": "at most" });
  filters.count = el("p", { class: "faint", role: "status" });
  filters.root.replaceChildren(
    el("details", { class: "tools", open: matchMedia("(min-width: 761px)").matches },
      el("summary", {}, "Filter and sort"),
      el("div", { class: "filters" },
        dimensions.filter((d) => d.values.length > 1).map(menu),
        field("show", filters.only),
        el("div", { class: "field" }, filters.by, filters.least, filters.most),
        field("sort by", filters.sort),
        el("label", { class: "field" }, filters.down, "descending"),
        el("button", { type: "button", onclick: clearFilters }, "Clear"))),
    filters.count);
}

// A menu closes on Escape and on a press elsewhere.
const openMenus = () => document.querySelectorAll(".menu[open]");
document.addEventListener("pointerdown", (event) => {
  for (const one of openMenus()) if (!one.contains(event.target)) one.open = false;
});

function closeMenu() {
  const [one] = openMenus();
  if (!one) return false;
  one.open = false;
  one.querySelector("summary").focus();
  return true;
}

// A menu of the values of one dimension; all are shown until one is unchecked.
function menu(dimension) {
  const hidden = new Set();
  filters.hidden.set(dimension, hidden);
  const count = el("span", { class: "faint" });
  const boxes = dimension.values.map((value, i) => el("input", {
    type: "checkbox", checked: true,
    onchange: (event) => { event.target.checked ? hidden.delete(i) : hidden.add(i); filtered(); },
  }));
  const set = (keep) => boxes.forEach((box, i) => { box.checked = keep; keep ? hidden.delete(i) : hidden.add(i); });
  dimension.show = () => {
    count.textContent = hidden.size ? `${boxes.length - hidden.size} of ${boxes.length}` : "all";
  };
  dimension.clear = () => set(true);
  dimension.hide = (values) => dimension.values.forEach((value, i) => {
    if (values.includes(value)) { boxes[i].checked = false; hidden.add(i); }
  });
  return el("details", { class: "menu", "data-filter": dimension.name },
    el("summary", {}, dimension.name, " ", count),
    el("div", {},
      el("div", { class: "buttons" },
        el("button", { type: "button", onclick: () => { set(true); filtered(); } }, "All"),
        el("button", { type: "button", onclick: () => { set(false); filtered(); } }, "None")),
      boxes.map((box, i) => el("label", {}, box, dimension.values[i]))));
}

function clearFilters() {
  for (const dimension of filters.hidden.keys()) dimension.clear();
  filters.only.value = filters.least.value = filters.most.value = "";
  filtered();
}

function chosen() {
  const value = LOSSES[filters.by.value][1];
  const least = filters.least.value === "" ? -Infinity : Number(filters.least.value);
  const most = filters.most.value === "" ? Infinity : Number(filters.most.value);
  const limited = least > -Infinity || most < Infinity;
  const order = ORDERS[filters.sort.value][1];
  const sign = filters.down.checked ? -1 : 1;
  return nst.cells
    .filter((cell) => [...filters.hidden].every(([d, hidden]) => !hidden.has(d.of(cell))))
    .filter((cell) => !filters.only.value || (filters.only.value === "favourite" ? isFavourite(cell) : cell[filters.only.value]))
    .filter((cell) => !limited || (value(cell) !== null && value(cell) >= least && value(cell) <= most))
    .sort((a, b) => compared(order(a), order(b), sign) || a.number - b.number);
}

// Cells without this number come last in both directions.
function compared(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * (a - b);
}

// `renewed` if the reader has changed nothing.
function filtered(renewed = false) {
  for (const dimension of filters.hidden.keys()) dimension.show();
  const cells = chosen();
  const absent = nst.holes.length ? `; ${nst.holes.length} not there` : "";
  filters.count.textContent = `${cells.length} of ${nst.cells.length} images${absent}`;
  if (state.view === "images") (renewed ? renewImages : showImages)(cells);
  if (state.view === "plot") showPlot(cells);
  showFavourites();
}

// What is chosen here, for a page that is loaded again.
const FIELDS = ["sort", "only", "by", "least", "most"];
const keptFilters = () => ({
  ...Object.fromEntries(FIELDS.map((name) => [name, filters[name].value])),
  down: filters.down.checked,
  hidden: [...filters.hidden].map(([dimension, hidden]) => [dimension.name, [...hidden].map((i) => dimension.values[i])]),
});

function setFilters(was) {
  for (const name of FIELDS) filters[name].value = was[name];
  filters.down.checked = was.down;
  for (const [name, values] of was.hidden) dimensions.find((one) => one.name === name)?.hide?.(values);
  filtered();
}
