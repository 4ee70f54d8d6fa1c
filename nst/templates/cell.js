// One cell: the image over its originals, its numbers, its curve and film, and how to make it again.

const dialog = document.getElementById("cell");
const details = new Map(); // id of a cell -> its record, command and config
const loading = new Map(); // pair -> promise of the script that brings them
let against = "content"; // what the wiper shows beside the image

nst.received = (cells) => { for (const id of Object.keys(cells)) details.set(id, cells[id]); };

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

function facts(cell) {
  const rows = [
    ["total loss", number(cell.losses.total)],
    ["content loss", number(cell.losses.content)],
    ["style loss", number(cell.losses.style)],
    ["tv loss", number(cell.losses.tv)],
    ["evaluations", cell.evaluations],
    ["seconds", number(cell.seconds)],
    ["device", cell.device],
    ["outcome", cell.outcome],
    ["pixels", cell.size.join(" × ")],
  ];
  return el("dl", { class: "facts" }, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
}

function openCell(cell) {
  state.open = cell;
  fillCell(cell);
  if (!dialog.open) {
    dialog.showModal();
    dialog.focus();
  }
  writeAddress();
}

dialog.addEventListener("close", () => { state.open = null; writeAddress(); });
for (const each of [dialog, document.getElementById("compare")]) {
  each.addEventListener("click", (event) => { if (event.target === each) each.close(); }); // beside it
}

function fillCell(cell) {
  const copies = el("div", { class: "again" });
  const place = el("div", {});
  const which = el("select", {
    onchange: () => { against = which.value; place.replaceChildren(wiperOf(cell)); },
  }, [...comparisons(cell).entries()].map(([key, { name }]) => el("option", { value: key }, name)));
  if (!comparisons(cell).has(against)) against = "content";
  which.value = against;
  place.append(wiperOf(cell));
  const remark = cell.knee ? "suggested: the bend of its pair's Pareto front"
    : cell.front ? "on its pair's Pareto front" : "";
  dialog.replaceChildren(
    el("header", {},
      el("h2", { id: "cell-title" }, pairOf(cell), el("span", { class: "faint" }, ` ${axisText(cell)}`)),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×")),
    el("div", { class: "open" },
      el("div", {}, place,
        el("div", { class: "buttons" },
          el("label", { class: "field" }, el("span", {}, "beside"), which),
          el("a", { class: "button", href: picture(cell) }, "Full size"), pinButton(cell)),
        cellSliders(cell)),
      el("div", {},
        remark ? el("p", { class: "remark" }, `${cell.knee ? "★ " : ""}${remark}`) : null,
        facts(cell), curve(cell), films(cell), copies)));
  fillCopies(cell, copies);
}

// What the image can be wiped against: its originals, and whatever is pinned.
function comparisons(cell) {
  const content = nst.contents[cell.content], style = nst.styles[cell.style];
  return new Map([
    ["content", { name: `the content, ${content.name}`, src: link(content.picture) }],
    ["style", { name: `the style, ${style.name}`, src: link(style.picture), whole: true }],
    ...state.pins.filter((pin) => pin !== cell).map((pin) => [pin.id, { name: nameOf(pin), src: picture(pin) }]),
  ]);
}

const wiperOf = (cell) =>
  wiper(comparisons(cell).get(against), { name: "the image", src: picture(cell) }, cell.size);

function cellSliders(cell) {
  return el("div", { class: "sliders" }, varying.map((i) =>
    slider(i, cell.axes[i], (position) => moveCell(i, position))));
}

function moveCell(axis, position) {
  const { content, style, axes } = state.open;
  const at = axes.map((old, i) => (i === axis ? position : old));
  const other = places.get([content, style, ...at].join());
  if (!other || other === state.open) return;
  const name = document.activeElement?.dataset?.axis;
  openCell(other);
  if (name) dialog.querySelector(`input[data-axis="${name}"]`)?.focus(); // the slider in hand is a new one
  else dialog.focus();
}

const stepCell = (step) => {
  const last = nst.axes[mainAxis]?.values.length - 1;
  if (mainAxis >= 0) moveCell(mainAxis, Math.min(last, Math.max(0, state.open.axes[mainAxis] + step)));
};

function curve(cell) {
  const shown = (path, alt, size) => el("a", { href: link(path) },
    el("img", { src: link(path), alt, class: "curve", loading: "lazy", ...size }));
  return [
    shown(`curves/${cell.id}.svg`, `Losses of ${nameOf(cell)} by evaluation`, { width: 548, height: 367 }),
    el("details", {}, el("summary", {}, "Curves of the whole pair"),
      shown(`curves/${pairOf(cell)}/all.svg`, `Losses of all images of ${pairOf(cell)} by evaluation`)),
  ];
}

// The films: how the image came about, and the walk along the main axis from its first cell on.
function films(cell) {
  const first = [cell.content, cell.style, ...cell.axes.map((at, i) => (i === mainAxis ? 0 : at))].join();
  const one = (name, path, alt) => el("details", { class: "film" }, el("summary", {}, name),
    image(link(path), cell.size, alt));
  return [
    cell.film ? one("Film of its evaluations", `cells/${cell.id}.webp`, `How ${nameOf(cell)} came about`) : null,
    nst.films[first] ? one(`Film along ${words(nst.main)}`, nst.films[first], `${pairOf(cell)} along ${words(nst.main)}`) : null,
  ];
}

function fillCopies(cell, root) {
  detailsOf(cell).then(({ command, config, record }) => {
    root.replaceChildren(...[["command", command], ["config", config], ["record", record]].map(([name, text]) =>
      el("details", { open: name === "command" },
        el("summary", {}, `The ${name}`, el("button", {
          type: "button", "data-copy": name, "aria-label": `Copy the ${name}`,
          onclick: (event) => { event.preventDefault(); copy(text, name); },
        }, "Copy")),
        el("pre", { tabindex: 0 }, text))));
  }).catch((error) => root.replaceChildren(el("p", {}, error.message)));
}

async function copy(text, name) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // older browsers, or a page that has lost the focus
    const area = el("textarea", {});
    dialog.append(area);
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`Copied the ${name}`);
}
