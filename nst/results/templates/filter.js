// The bar above the grid, the images and the plot: what is shown of them, and in which order.

const tools = { root: document.getElementById("tools"), isSticky: true };

const NUMBER_NAMES = Object.fromEntries(Object.entries(NUMBERS).map(([key, { name }]) => [key, [name]]));
// By a number, what is closest to its original comes first.
const ORDERS = {
  grid: ["grid", (cell) => cell.number],
  ...Object.fromEntries(filterable.map((one) => [`by-${one.key}`, [one.name, (cell) => (one.of(cell) < 0 ? null : one.of(cell))]])),
  ...Object.fromEntries(Object.entries(NUMBERS).map(([key, { name, of, isHigh }]) =>
    [key, [name, isHigh ? (cell) => (of(cell) === null ? null : -of(cell)) : of]])),
};

// What both directions of an order are called.
function directions(sort) {
  if (!isNumber(sort)) return ["first to last", "last to first"];
  const { near } = NUMBERS[sort];
  return near ? [`closest to the ${near} first`, `farthest from the ${near} first`] : ["least first", "most first"];
}

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
  tools.down = el("select", { "aria-label": "direction", onchange: () => setField("down", tools.down.value) },
    ["", "1"].map((value) => el("option", { value })));
  tools.says = el("div", { class: "says of-cells", hidden: true });
  return [
    field("show", choose("only", { "": ["all"], front: ["unbeaten in both losses"], knee: ["★ balances"], favourite: ["favourites"] }), "of-cells"),
    el("div", { class: "field limits of-cells" }, el("span", {}, "limit"), choose("by", NUMBER_NAMES, { "aria-label": "number to limit" }), limit("least", "at least"), limit("most", "at most")),
    el("div", { class: "field of-images" }, el("label", { class: "field" }, el("span", {}, "sort by"), choose("sort", ORDERS)),
      tools.down),
    el("button", { type: "button", class: "of-cells", onclick: clearFilters }, "Clear all filters"),
    tools.says,
  ];
}

function setField(name, value) {
  state.fields[name] = value;
  if (name === "sort") showDirections();
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

const showDirections = () => directions(state.fields.sort).forEach((text, n) => { tools.down.options[n].textContent = text; });

// Of the numbers that can be chosen only those that an image has, and the one that is chosen.
function offerNumbers(list) {
  for (const one of list.options) one.hidden = one.disabled = isNumber(one.value) && one.value !== list.value && !isSomewhere(one.value);
}

// What the numbers are by which the images are sorted or limited.
function showSaid(keys) {
  tools.says.hidden = !keys.length;
  tools.says.replaceChildren(...explained(keys));
}

// The fields say what the address says.
function showFields() {
  tools.find.value = state.find;
  for (const name of Object.keys(FIELDS)) {
    tools[name].value = state.fields[name];
    if (tools[name].tagName === "SELECT" && tools[name].selectedIndex < 0) tools[name].value = state.fields[name] = FIELDS[name];
  }
  showDirections();
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

const isLimit = (text) => text.trim() !== "" && Number.isFinite(Number(text));

const limits = () => {
  const [least, most] = ["least", "most"].map((name) => (isLimit(state.fields[name]) ? Number(state.fields[name]) : null));
  return least === null && most === null ? null : [least ?? -Infinity, most ?? Infinity];
};

// By which numbers the images are limited or sorted.
const usedNumbers = () => [...new Set([
  ...(limits() ? [state.fields.by] : []), ...(state.view === "images" && isNumber(state.fields.sort) ? [state.fields.sort] : [])])];

// The images, and what other programs made.
const picturesThere = () => everyPicture.filter((cell) => !cell.hole);

function chosen() {
  const { by, sort, down, only } = state.fields;
  const value = NUMBERS[by].of, order = ORDERS[sort][1], range = limits();
  const sign = down ? -1 : 1;
  return picturesThere()
    .filter((cell) => filterable.every((one) => one.of(cell) < 0 || isShown(one, one.of(cell))))
    .filter((cell) => !only || (only === "favourite" ? isFavourite(cell) : cell[only]))
    .filter((cell) => !range || (value(cell) !== null && value(cell) >= range[0] && value(cell) <= range[1]))
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
  chooseMainNumbers();
  if (state.view === "images" || state.view === "plot") {
    const cells = chosen(), used = usedNumbers();
    [tools.by, tools.sort].forEach(offerNumbers);
    showSaid(used);
    const there = picturesThere(), others = cells.filter((cell) => cell.maker).length;
    const without = there.filter((cell) => used.some((key) => NUMBERS[key].of(cell) === null)).length;
    notes.unshift(`${cells.length} of ${there.length} images`,
      ...(others ? [`${others} of them by other programs`] : []),
      ...(nst.holes.length ? [`${nst.holes.length} not there`] : []),
      ...(without ? [`${without} without ${used.map((key) => NUMBERS[key].name).join(" or ")}`] : []));
    if (state.view === "images") (renewed ? renewImages : showImages)(cells);
    else showPlot(cells);
  }
  showSummary();
  tools.count.textContent = state.view === "sheets" ? showSheets() : notes.join("; ");
  showFavourites();
}
