// Pinned cells: a tray at the bottom of the page, from which they are compared.

const tray = document.getElementById("tray");

// A pinned image that is being made again is shown when it is there.
const pinned = () => state.pins.filter((cell) => !cell.hole);

function togglePin(cell) {
  if (cell.hole) return;
  const at = state.pins.indexOf(cell);
  if (at >= 0) state.pins.splice(at, 1);
  else state.pins.push(cell);
  showPins();
  const count = pinned().length;
  say(at >= 0 ? "Unpinned" : count > 1 ? `Pinned; ${count} to compare` : "Pinned; pin another one to compare them");
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
  const cells = pinned();
  tray.hidden = !cells.length;
  document.body.classList.toggle("with-tray", !tray.hidden);
  tray.replaceChildren(
    el("div", { class: "pinned" }, cells.map((cell) =>
      el("button", { type: "button", class: "tile", "aria-label": nameOf(cell), onclick: () => openCell(cell) },
        cellImage(cell)))),
    cells.length > 1 ? el("button", { type: "button", class: "strong", onclick: () => openCompare() }, `Compare ${cells.length}`)
      : el("span", { class: "faint" }, "Pin another one to compare"),
    el("button", { type: "button", onclick: clearPins }, "Clear"));
  if (state.open) showComparisons();
  if (compare.open) fillCompare();
}

function clearPins() {
  state.pins = [];
  showPins();
  writeAddress();
  document.getElementById(`to-${state.view}`).focus();
}
