// The details of a cell, loaded when it is opened: its command, config and record to copy, its curve.

const details = new Map(); // id of a cell -> its record, command, config and curve
const loading = new Map(); // pair -> promise of the script that brings them
const figureSizes = new Map(); // pair -> width and height of its figure
const COPIED = ["command", "config", "record"];
const copies = {};

nst.received = (pair) => {
  for (const [id, parts] of Object.entries(pair.cells)) details.set(id, parts);
  figureSizes.set(Object.keys(pair.cells)[0].split("/").slice(0, 2).join("/"), pair.figure);
};

function detailsOf(cell) {
  const pair = pairPath(cell);
  if (!loading.has(pair)) {
    loading.set(pair, new Promise((resolve, reject) => {
      document.head.append(el("script", {
        src: link(`gallery/pairs/${pair}.js`), onload: resolve,
        onerror: () => {
          loading.delete(pair); // the next cell of the pair tries again
          reject(new Error("results/gallery is not beside this page"));
        },
      }));
    }));
  }
  return loading.get(pair).then(() => details.get(cell.id));
}

function buildCopies() {
  copies.fault = el("p", {});
  const rows = COPIED.map((name) => {
    copies[name] = el("pre", { tabindex: 0, "aria-label": `The ${name}` });
    return el("div", { class: "again" },
      el("details", { open: name === "command" }, el("summary", {}, `The ${name}`), copies[name]),
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
  if (!details.has(cell.id)) showCurve(null);
  const isShown = () => cell === state.open; // else another one was opened in the meantime
  detailsOf(cell).then((parts) => {
    if (!isShown()) return;
    for (const name of COPIED) copies[name].textContent = parts[name];
    showCurve(parts.curve, nameOf(cell));
    const size = figureSizes.get(pairPath(cell));
    const img = open.pairFigure.querySelector("img");
    if (size) [img.width, img.height] = size;
    ready(true);
  }).catch((error) => { if (isShown()) copies.fault.textContent = error.message; });
}

async function copy(text, name) {
  const done = await navigator.clipboard.writeText(text).then(() => true, () => copyByHand(text));
  say(done ? `Copied the ${name}` : `The browser does not let this page copy: select the ${name} below it`);
}

// For a page that may not use the clipboard API.
function copyByHand(text) {
  const area = el("textarea", {});
  dialog.append(area);
  area.value = text;
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
