// What stands out: where to look first, what is not there or did not complete, what it took.

const summaryView = { root: document.getElementById("summary"), all: false };
const MOST_ROWS = 100, SLOWEST = 5;

function showSummary() {
  if (state.view !== "summary") return;
  const suggested = nst.groups.filter((group) => group.knee), without = nst.groups.length - suggested.length;
  const labelled = suggested.some((group) => group.label);
  const pairs = new Set(nst.groups.map((group) => pairPath(group.cells[0]))).size;
  const across = nst.across.map(acrossNow).filter(Boolean);
  const means = metricRows(), unfinished = nst.cells.filter((cell) => cell.outcome !== "completed");
  summaryView.root.replaceChildren(...[
    nst.holes.length ? section("Images that are not there", ["image", "state", "reason"],
      nst.holes.map((cell) => [openButton(cell), ...holeWords(cell)])) : null,
    suggested.length ? section("Where to look first", ["content", "style", ...(labelled ? ["group"] : []), "suggestion", "content loss", "style loss", "total loss"],
      suggested.map((group) => suggestionRow(group, labelled)),
      "A suggestion is a balance of content and style by arithmetic on two losses, not taste: look there first, then at its "
      + "neighbours. Losses of different rows cannot be compared; content and style losses are without their weights."
      + (without ? ` Not listed: ${many(without, without + suggested.length > pairs ? "group" : "pair")} with fewer than five images to choose from, or without a balance.` : "")) : null,
    across.length ? section("Where to look first across recipes, networks and sizes", ["content", "style", "suggestion", "LPIPS", "style distance"],
      across.map(acrossRow), "As above, by LPIPS and style distance in place of the two losses, which cannot be compared between these images.") : null,
    unfinished.length ? section("Images that did not complete", ["image", "outcome", "meaning"],
      unfinished.map((cell) => [openButton(cell), cell.outcome, nst.outcomes[cell.outcome] ?? "unknown"])) : null,
    means.length ? section("Metrics", ["variant", "images", ...METRICS.map((key) => NUMBERS[key].name)], means,
      el("div", { class: "says" }, sentences(METRICS), el("p", {}, MEANS))) : null,
    nst.cells.length ? section("The slowest images", ["image", "time", "evaluations", "device"],
      [...nst.cells].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST)
        .map((cell) => [openButton(cell), spent(cell.seconds), cell.evaluations, cell.device])) : null,
    nst.cells.length ? section("Cost", ["device", "images", "evaluations", "time"], costs(), "Times are of the computation only, those of parallel jobs added up.") : null,
  ].filter(Boolean));
}

function suggestionRow(group, labelled) {
  const [first] = group.cells;
  const range = (of) => {
    const values = group.cells.map(of).filter((value) => value !== null); // some are, as there is a suggestion
    return [...new Set([values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))].map(number))].join(" to ");
  };
  return [nst.contents[first.content].name, nst.styles[first.style].name, ...(labelled ? [group.label] : []),
    openButton(group.knee, axisText(group.knee)), range((cell) => cell.terms[0]), range((cell) => cell.terms[1]),
    range((cell) => cell.losses.total)];
}

// The pairs whose images differ in recipe, network or size are compared when the page is written.
function acrossNow({ knee, cells }) {
  const now = [knee, ...cells].map((id) => byId.get(id));
  return now.every((cell) => cell && !cell.hole && !cell.news) ? { knee: now[0], cells: now.slice(1) } : null;
}

const acrossRow = ({ knee, cells }) => [nst.contents[knee.content].name, nst.styles[knee.style].name, openButton(knee, axisText(knee)),
  ...["lpips", "style_distance"].map((key) => {
    const values = cells.map(NUMBERS[key].of).sort((a, b) => a - b);
    return [...new Set([values[0], values.at(-1)].map(shortNumber))].join(" to ");
  })];

const MOST_VARIANTS = 30; // whose means are listed
const MEANS = "Each number is a mean over the images of a row: compare rows with the same number of images. None of these numbers measures taste.";

// The means of every variant, and of every other program, over the pairs.
function metricRows() {
  if (nst.axes.reduce((count, axis) => count * axis.own, 1) > MOST_VARIANTS) return [];
  const rows = new Map();
  for (const cell of everyPicture) {
    const name = axisText(cell) || "all";
    if (!rows.has(name)) rows.set(name, []);
    rows.get(name).push(cell);
  }
  return [...rows].map(([name, cells]) => {
    const found = cells.filter((cell) => !cell.hole && cell.metrics);
    const mean = (key) => {
      const values = found.map(NUMBERS[key].of).filter((value) => value !== null);
      return values.length ? shortNumber(values.reduce((a, b) => a + b) / values.length) : "too small";
    };
    return found.length ? [name, found.length < cells.length ? `${found.length} of ${cells.length}` : cells.length, ...METRICS.map(mean)] : null;
  }).filter(Boolean);
}

function costs() {
  const devices = Map.groupBy ? Map.groupBy(nst.cells, (cell) => cell.device)
    : new Map([...new Set(nst.cells.map((cell) => cell.device))].map((device) => [device, nst.cells.filter((cell) => cell.device === device)]));
  const sum = (cells, of) => cells.reduce((total, cell) => total + of(cell), 0);
  return [...devices].map(([device, cells]) => [device, cells.length, sum(cells, (cell) => cell.evaluations), spent(sum(cells, (cell) => cell.seconds))]);
}

const spent = (seconds) => (seconds < 99.5 ? `${Math.round(seconds)} s` : span(seconds));

const openButton = (cell, text = nameOf(cell)) => el("button", { type: "button", class: "as-link", onclick: () => openCell(cell) }, text);

function section(title, heads, rows, note = "") {
  const shown = summaryView.all ? rows : rows.slice(0, MOST_ROWS);
  return el("section", {}, el("h2", {}, title),
    el("div", { class: "wide-table" }, el("table", {},
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, shown.map((row) => el("tr", {}, row.map((part) => el("td", {}, typeof part === "number" ? String(part) : part))))))),
    rows.length > shown.length ? el("button", { type: "button", onclick: () => { summaryView.all = true; showSummary(); } }, `Show all ${rows.length}`) : null,
    note && el(typeof note === "string" ? "p" : "div", { class: "faint hint" }, note));
}
