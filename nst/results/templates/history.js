// The dialogs and the history of the browser: Back closes what was opened last, as it looks like a page on a
// phone; closing it by hand takes its entry back. An image may be open over a comparison, not the other way.

const DIALOGS = [
  { root: dialog, of: "open", none: null, in: "cell=" },
  { root: compare, of: "compare", none: 0, in: "compare=" },
];

function showDialog(root, write = "pushState") {
  root.showModal();
  root.focus();
  writeNow(write);
  root.pushed = true;
}

for (const { root, of, none } of DIALOGS) {
  // Keys are for the picture again after a press of a button, or a move of a slider, by the pointer.
  root.addEventListener("click", ({ detail, target }) => { if (detail && target.closest("button") && !keyList.open) root.focus({ preventScroll: true }); });
  root.addEventListener("change", ({ target }) => { if (target.type === "range" && !target.matches(":focus-visible")) root.focus({ preventScroll: true }); });
  root.addEventListener("close", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    if (!state[of]) return; // the address says so already
    const seen = state.open;
    state[of] = none;
    if (root.pushed) {
      root.pushed = false;
      root.leaving = true;
      history.back();
    } else writeNow();
    if (compare.open && !dialog.open) fillCompare();
    else if (tileOf(seen)) tileOf(seen).focus();
    else if (!document.activeElement.checkVisibility() || document.activeElement === document.body) document.getElementById(`to-${state.view}`).focus();
  });
}

// The tile on the page of the image that was looked at last.
const tileOf = (cell) => cell && [...document.querySelectorAll(`#${state.view} .tile`)].find((tile) => tile.cell === cell);

window.addEventListener("popstate", () => {
  let isGone = false;
  for (const { root, of, none, in: part } of DIALOGS) {
    if (!root.leaving && !(root.open && !location.hash.includes(part))) continue;
    root.leaving = root.pushed = false;
    state[of] = none;
    if (root.open) root.close();
    isGone = true;
  }
  if (isGone) writeNow("replaceState"); // keeps what was pinned since
});
window.addEventListener("hashchange", () => { if (location.hash !== address()) followAddress(history.state); });

// As the address says.
function showDialogs() {
  if (!state.compare && compare.open) compare.close();
  if (!state.open && dialog.open) dialog.close();
  if (state.compare && pinned().length < 2) state.compare = 0;
  if (state.compare) {
    if (!compare.open) compare.showModal();
    fillCompare();
    if (compare.open && !state.open) compare.focus();
  }
  if (!state.open) return;
  showCell(state.open);
  if (!dialog.open) { dialog.showModal(); dialog.focus(); }
}

// To the comparison, in the place of the open image.
function compareInstead() {
  if (pinned().length < 2) return false;
  const { pushed } = dialog, isBelow = compare.open;
  if (!dialog.open) return openCompare();
  if (!isBelow) {
    state.open = null; // so that its closing leaves the history as it is
    dialog.pushed = false;
  }
  dialog.close();
  if (!isBelow) openCompare(pushed ? "replaceState" : "pushState");
}
