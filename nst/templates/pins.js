// Pinned cells: a tray at the foot of the page, and all of them side by side.

const tray = document.getElementById("tray");
const compare = document.getElementById("compare");

function togglePin(cell) {
  const at = state.pins.indexOf(cell);
  if (at >= 0) state.pins.splice(at, 1);
  else state.pins.push(cell);
  showPins();
  say(at >= 0 ? "Unpinned" : `Pinned; ${state.pins.length} to compare`);
  writeAddress();
}

function pinButton(cell) {
  const pinned = state.pins.includes(cell);
  return el("button", {
    type: "button", class: "pin", "aria-pressed": String(pinned), "data-pin": cell.id,
    "aria-label": `Pin ${nameOf(cell)}`, onclick: () => togglePin(cell),
  }, pinned ? "Pinned" : "Pin");
}

function showPins() {
  for (const button of document.querySelectorAll("[data-pin]")) {
    const pinned = state.pins.some((cell) => cell.id === button.dataset.pin);
    button.setAttribute("aria-pressed", String(pinned));
    button.textContent = pinned ? "Pinned" : "Pin";
  }
  tray.hidden = state.pins.length === 0;
  document.body.classList.toggle("with-tray", !tray.hidden);
  tray.replaceChildren(
    el("div", { class: "pinned" }, state.pins.map((cell) =>
      el("button", { type: "button", class: "tile", "aria-label": nameOf(cell), onclick: () => openCell(cell) },
        image(small(cell), cell.size, "")))),
    el("button", { type: "button", class: "strong", onclick: openCompare }, `Compare ${state.pins.length}`),
    el("button", { type: "button", onclick: () => { state.pins = []; showPins(); writeAddress(); } }, "Clear"));
  if (compare.open) state.pins.length ? fillCompare() : compare.close();
}

function openCompare() {
  fillCompare();
  compare.showModal();
  compare.focus();
}

function fillCompare() {
  compare.replaceChildren(
    el("header", {},
      el("h2", { id: "compare-title" }, "Side by side"),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => compare.close() }, "×")),
    el("div", { class: "side-by-side" }, state.pins.map((cell) =>
      el("figure", {},
        image(picture(cell), cell.size, nameOf(cell)),
        el("figcaption", {},
          el("strong", {}, pairOf(cell)), el("br"), axisText(cell),
          facts(cell),
          el("div", { class: "buttons" },
            el("button", { type: "button", onclick: () => { compare.close(); openCell(cell); } }, "Open"),
            pinButton(cell)))))));
}
