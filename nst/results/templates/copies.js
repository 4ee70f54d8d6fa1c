// What a person may want to take along of a cell: its command, its config, its record.

const details = new Map(); // id of a cell -> its record, command and config
const loading = new Map(); // pair -> promise of the script that brings them
const curves = new Map(); // pair -> width and height of its figure
const COPIED = ["command", "config", "record"];
const copies = {};

nst.received = (pair) => {
  for (const [id, found] of Object.entries(pair.cells)) details.set(id, found);
  curves.set(Object.keys(pair.cells)[0].split("/").slice(0, 2).join("/"), pair.curve);
};

function detailsOf(cell) {
  const pair = pairOf(cell);
  if (!loading.has(pair)) {
    loading.set(pair, new Promise((resolve, reject) => {
      document.head.append(el("script", {
        src: link(`gallery/pairs/${pair}.js`), onload: resolve,
        onerror: () => reject(new Error("results/gallery is not beside this page")),
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

function showCopies(cell) {
  const ready = (on) => { for (const button of dialog.querySelectorAll("[data-copy]")) button.disabled = !on; };
  ready(false);
  detailsOf(cell).then((found) => {
    if (cell !== state.open) return; // another one was opened in the meantime
    for (const name of COPIED) copies[name].textContent = found[name];
    if (curves.get(pairOf(cell))) {
      [open.pairCurve.querySelector("img").width, open.pairCurve.querySelector("img").height] = curves.get(pairOf(cell));
    }
    ready(true);
  }).catch((error) => { copies.fault.textContent = error.message; });
}

async function copy(text, name) {
  const done = await navigator.clipboard.writeText(text).then(() => true, () => copyByHand(text));
  say(done ? `Copied the ${name}` : `The browser does not let this page copy: select the ${name} below it`);
}

// For a page that may not use the clipboard by itself.
function copyByHand(text) {
  const area = el("textarea", {});
  dialog.append(area);
  area.value = text;
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
