// Pinned cells: a tray at the bottom of the page, and a dialog with all of them side by side.

const tray = document.getElementById("tray");
const compare = document.getElementById("compare");

// A pinned image that is being made again is shown when it is there.
const pinned = () => state.pins.filter((cell) => !cell.hole);

function togglePin(cell) {
  if (cell.hole) return;
  const at = state.pins.indexOf(cell);
  if (at >= 0) state.pins.splice(at, 1);
  else state.pins.push(cell);
  showPins();
  say(at >= 0 ? "Unpinned" : `Pinned; ${pinned().length} to compare`);
  writeAddress();
}

function pinButton() {
  const button = el("button", { type: "button", class: "pin", onclick: () => togglePin(button.cell) });
  return button;
}

// Make a button pin this cell and show whether it is pinned.
function setPin(button, cell) {
  const isPinned = state.pins.includes(cell);
  button.cell = cell;
  button.setAttribute("aria-pressed", String(isPinned));
  button.setAttribute("aria-label", `Pin ${nameOf(cell)}`);
  button.textContent = isPinned ? "Pinned" : "Pin";
  return button;
}

function showPins() {
  for (const button of document.querySelectorAll(".pin")) if (button.cell) setPin(button, button.cell);
  tray.hidden = pinned().length === 0;
  document.body.classList.toggle("with-tray", !tray.hidden);
  tray.replaceChildren(
    el("div", { class: "pinned" }, pinned().map((cell) =>
      el("button", { type: "button", class: "tile", "aria-label": nameOf(cell), onclick: () => openCell(cell) },
        cellImage(cell)))),
    el("button", { type: "button", class: "strong", onclick: openCompare }, `Compare ${pinned().length}`),
    el("button", { type: "button", onclick: clearPins }, "Clear"));
  if (state.open) showComparisons();
  if (!compare.open) return;
  if (tray.hidden) compare.close();
  else {
    fillCompare();
    compare.focus();
  }
}

function clearPins() {
  state.pins = [];
  showPins();
  writeAddress();
  document.getElementById(`to-${state.view}`).focus();
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
    el("div", { class: "side-by-side" }, pinned().map((cell) =>
      el("figure", {},
        cellImage(cell, nameOf(cell), picture(cell)),
        el("figcaption", {},
          el("strong", {}, pairOf(cell)), el("br"), axisText(cell),
          facts(cell),
          el("div", { class: "buttons" },
            el("button", { type: "button", onclick: () => { compare.close(); openCell(cell); } }, "Open"),
            setPin(pinButton(), cell)))))));
}
