// The details of a cell, loaded when it is opened: its command, config and record to copy, its curve.

const details = new Map(); // id of a cell -> its record, command, config and curve
const loading = new Map(); // script -> promise that it is there
const figureSizes = new Map(); // pair -> width and height of its figure
const COPIED = files ? ["config"] : ["command", "config", "record"];
const copies = {};

nst.received = (pair) => {
  for (const [id, parts] of Object.entries(pair.cells)) {
    const cell = byId.get(id); // a pair's script may be older than what its cells have of their own
    if (cell && (!details.has(id) || details.get(id).token !== markOf(cell))) details.set(id, parts);
  }
  if (pair.figure) figureSizes.set(pairPath({ id: Object.keys(pair.cells)[0] }), pair.figure);
};

// The script that brings the details of a cell: its pair's, or its own if it is newer than the page.
const scriptOf = (cell) => cell.own ? `gallery/live/${cell.id}.${cell.own}.js` : `gallery/pairs/${pairPath(cell)}.js`;

const markOf = (cell) => cell.own ?? cell.token;

for (const pair of nst.pairs ?? []) nst.received(pair); // of a page that is one file

async function detailsOf(cell) {
  const path = scriptOf(cell), mark = markOf(cell);
  if (!loading.has(path)) loading.set(path, load(path));
  if (!(await loading.get(path))) {
    loading.delete(path); // the next cell of the pair tries again
    throw new Error("results/gallery is not beside this page");
  }
  const parts = details.get(cell.id);
  if (parts && parts.token === mark) return parts;
  loading.delete(path);
  if (cell.hole) return {};
  throw new Error("The curve, command, config and record of this image come when the run ends.");
}

function buildCopies() {
  copies.fault = el("p", {});
  copies.where = el("p", { class: "faint" }, "Run it in the project's folder. It does not replace files that are there already.");
  const rows = COPIED.map((name) => {
    copies[name] = el("pre", { tabindex: 0, "aria-label": `The ${name}` });
    return el("div", { class: "again" },
      fold(`The ${name}`, false, name === "command" ? copies.where : [], copies[name]),
      el("button", {
        type: "button", "data-copy": name, "aria-label": `Copy the ${name}`,
        onclick: () => copy(copies[name].textContent, name),
      }, "Copy"));
  });
  return el("div", {}, copies.fault, rows);
}

function showDetails(cell) {
  const ready = (on) => { for (const button of dialog.querySelectorAll("[data-copy]")) button.disabled = !on; };
  ready(false);
  copies.fault.textContent = "";
  const { token } = cell;
  if (details.get(cell.id)?.token !== token) {
    showCurve(null);
    for (const name of COPIED) copies[name].textContent = "";
  }
  // Else another one was opened, or this one was made again in the meantime.
  const isShown = () => cell === state.open && cell.token === token;
  open.filled = detailsOf(cell).then((parts) => {
    if (!isShown()) return;
    for (const name of COPIED) copies[name].textContent = parts[name];
    showCurve(parts.curve, nameOf(cell));
    showMade(cell, parts);
    const size = figureSizes.get(pairPath(cell));
    const img = open.pairFigure.querySelector("img");
    if (size) [img.width, img.height] = size;
    ready(true);
  }).catch((error) => { if (isShown()) copies.fault.textContent = error.message; });
}

async function copy(text, name) {
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copyByHand(text);
  say(done ? `Copied the ${name}` : "The browser does not let this page copy: select the text yourself");
}

// For a page that may not use the clipboard API.
function copyByHand(text) {
  const area = el("textarea", {});
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.value = text;
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
