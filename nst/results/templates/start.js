// What happens when the page opens, the address changes or a key is pressed.

function showView() {
  for (const name of VIEWS) {
    document.getElementById(name).hidden = name !== state.view;
    const tab = document.getElementById(`to-${name}`);
    if (name === state.view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  filters.root.hidden = !["images", "plot"].includes(state.view);
  filtered();
}

function followAddress() {
  readAddress();
  showGrid();
  showView();
  if (state.open) {
    showCell(state.open);
    if (!dialog.open) { dialog.showModal(); dialog.focus(); }
  } else if (dialog.open) dialog.close();
  showPins();
  writeNow();
}

document.querySelector("nav").addEventListener("click", (event) => {
  const tab = event.target.closest("a");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  state.view = tab.id.slice(3);
  showView();
  writeNow();
});

// Closed by its button, Escape or a press beside it: the history entry of its opening is removed, too.
dialog.addEventListener("close", () => {
  if (!state.open) return;
  state.open = null;
  if (open.pushed) {
    open.pushed = false;
    open.leaving = true;
    history.back();
  } else writeNow();
});

window.addEventListener("popstate", () => {
  if (open.leaving || (dialog.open && !location.hash.includes("cell="))) { // keeps what was pinned since
    open.leaving = open.pushed = false;
    state.open = null;
    if (dialog.open) dialog.close();
    writeNow();
  }
});
window.addEventListener("hashchange", () => { if (location.hash !== address()) followAddress(); });

// A press beside a dialog closes it; one that began inside, as when selecting text, does not.
for (const each of [dialog, compare, keyList]) {
  const beside = (event) => {
    const box = each.getBoundingClientRect();
    return event.target === each && (event.clientX < box.left || event.clientX > box.right
      || event.clientY < box.top || event.clientY > box.bottom);
  };
  each.addEventListener("pointerdown", (event) => { each.pressed = beside(event); });
  each.addEventListener("click", (event) => { if (each.pressed && beside(event)) each.close(); });
}

onKey("cell", ["p"], "pin or unpin", () => togglePin(state.open), { when: () => !state.open?.hole });
if (varying.includes(mainAxis)) {
  const back = (event) => (event.key === "ArrowLeft" ? -1 : 1);
  for (const [place, step] of [["cell", stepCell], ["grid", stepGrid]]) {
    onKey(place, ["ArrowLeft", "ArrowRight"], `along ${words(nst.main)}`, (event) => step(back(event)));
  }
}

buildGrid();
buildFilters();
buildCell();
followAddress();
takePlace();
ask();
