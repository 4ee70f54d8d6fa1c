// The bar above the grid, the images and the plot: what is shown of them, and in which order.

const tools = { root: document.getElementById("tools"), isSticky: true };

const ORDERS = {
  grid: ["grid", (cell) => cell.number],
  ...Object.fromEntries(filterable.map((one) => [`by-${one.key}`, [one.name, one.of]])),
  ...LOSSES,
  evaluations: ["evaluations", (cell) => cell.evaluations],
  seconds: ["seconds", (cell) => cell.seconds],
};

function buildTools() {
  tools.find = el("input", { type: "search", class: "find", placeholder: "Find names", "aria-label": "Find contents and styles by name",
    oninput: () => { state.find = tools.find.value; changed(); } });
  tools.fold = el("button", { type: "button", "aria-controls": "filters", onclick: foldTools });
  tools.count = el("p", { class: "faint", role: "status" });
  tools.hidden = el("div", { class: "chips", role: "group", "aria-label": "Hidden values" });
  tools.controls = el("div", { class: "controls" });
  tools.filters = el("div", { class: "filters", id: "filters" }, 
    el("span", { class: "of-grid" }, "hide values"), filterable.filter((one) => one.values.length > 1).map(menu), fields());
  tools.root.replaceChildren(el("div", { class: "bar" }, tools.find, tools.controls, sizeButtons(), tools.fold, tools.count), tools.filters, tools.hidden);
  new ResizeObserver(fitTools).observe(tools.root);
}

// The fields for numbers and order, which the grid does without.
function fields() {
  const choose = (name, table, attributes = {}) => tools[name] = el("select",
    { onchange: () => setField(name, tools[name].value), ...attributes }, Object.entries(table).map(([key, [text]]) => el("option", { value: key }, text)));
  const limit = (name, text) => tools[name] = el("input",
    { type: "number", step: "any", placeholder: text, "aria-label": text, oninput: () => setField(name, tools[name].value) });
  const field = (label, control, group) => el("label", { class: `field ${group}` }, el("span", {}, label), control);
  tools.down = el("input", { type: "checkbox", onchange: () => setField("down", tools.down.checked ? "1" : "") });
  return [
    field("show", choose("only", { "": ["all"], front: ["unbeaten in both losses"], knee: ["★ balances"], favourite: ["favourites"] }), "of-cells"),
    el("div", { class: "field of-cells" }, choose("by", LOSSES, { "aria-label": "loss to limit" }), limit("least", "at least"), limit("most", "at most")),
    field("sort by", choose("sort", ORDERS), "of-images"),
    el("label", { class: "field of-images" }, tools.down, "descending"),
    el("button", { type: "button", class: "of-cells", onclick: clearFilters }, "Clear all filters"),
  ];
}

function setField(name, value) {
  state.fields[name] = value;
  filtered();
  writeAddress();
}

function unfold(on) {
  tools.filters.hidden = !on;
  tools.fold.setAttribute("aria-expanded", String(on));
}

// The browser keeps whether the grid's are open; those of the images are while one of them is set.
function foldTools() {
  unfold(tools.filters.hidden);
  if (state.view === "grid") keepFold("arrange", !tools.filters.hidden);
}

const isFiltered = () => countHidden() > 0 || Object.entries(FIELDS).some(([name, text]) => state.fields[name] !== text);

// Shown instead of images when the filters leave none.
const nothingPasses = () => el("div", { class: "empty" }, nst.cells.length
  ? [el("p", {}, "No image passes the filters."), el("button", { type: "button", onclick: clearFilters }, "Clear all filters")]
  : el("p", {}, "No image has been made yet."));

function clearFilters() {
  state.hidden.clear();
  Object.assign(state, { find: "", fields: { ...FIELDS } });
  showFields();
  changed();
}

// The fields say what the address says.
function showFields() {
  tools.find.value = state.find;
  for (const name of Object.keys(FIELDS)) {
    if (name === "down") tools.down.checked = state.fields.down !== "";
    else tools[name].value = state.fields[name];
    if (tools[name].tagName === "SELECT" && tools[name].selectedIndex < 0) tools[name].value = state.fields[name] = FIELDS[name];
  }
}

function showTools() {
  const { view } = state;
  tools.root.hidden = !["grid", "images", "plot", "sheets"].includes(view);
  tools.fold.hidden = view === "sheets";
  tools.root.dataset.view = view;
  tools.fold.textContent = { grid: "Arrange", plot: "Filter" }[view] ?? "Filter and sort";
  tools.controls.hidden = view !== "grid";
  unfold(view === "grid" ? folds.get("arrange") ?? isArranged() : view !== "sheets" && isFiltered());
}

// The bar stays in sight if it leaves room for what is below it.
function fitTools() {
  tools.isSticky = tools.root.offsetHeight < 0.3 * innerHeight;
  tools.root.classList.toggle("sticky", tools.isSticky);
  document.body.style.setProperty("--bar", `${tools.isSticky && !tools.root.hidden ? tools.root.offsetHeight : 0}px`);
}

// After another choice of what is shown.
function changed() {
  showGrid();
  showHidden();
  filtered();
  writeAddress();
}

function chosen() {
  const { by, sort, down, only } = state.fields;
  const value = LOSSES[by][1], order = ORDERS[sort][1];
  const least = state.fields.least === "" ? -Infinity : Number(state.fields.least);
  const most = state.fields.most === "" ? Infinity : Number(state.fields.most);
  const limited = least > -Infinity || most < Infinity;
  const sign = down ? -1 : 1;
  return nst.cells
    .filter((cell) => filterable.every((one) => one.of(cell) < 0 || isShown(one, one.of(cell))))
    .filter((cell) => !only || (only === "favourite" ? isFavourite(cell) : cell[only]))
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
  const unknown = unknownWords();
  const notes = unknown.length ? [`no content or style is called “${unknown.join(" ")}”`] : [];
  if (state.view === "images" || state.view === "plot") {
    const cells = chosen();
    if (nst.holes.length) notes.unshift(`${nst.holes.length} not there`);
    notes.unshift(`${cells.length} of ${nst.cells.length} images`);
    if (state.view === "images") (renewed ? renewImages : showImages)(cells);
    else showPlot(cells);
  }
  showSummary();
  tools.count.textContent = state.view === "sheets" ? showSheets() : notes.join("; ");
  showFavourites();
}
