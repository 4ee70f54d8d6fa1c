// What happens when the page opens, the address changes, or a key is pressed.

function showView() {
  for (const name of VIEWS) {
    document.getElementById(name).hidden = name !== state.view;
    document.getElementById(`to-${name}`).toggleAttribute("aria-current", name === state.view);
  }
  filters.root.hidden = !["images", "plot"].includes(state.view);
  filtered();
}

function followAddress() {
  const open = state.open;
  readAddress();
  showView();
  showPins();
  if (state.open) openCell(state.open);
  else if (open) dialog.close();
}

document.querySelector("nav").addEventListener("click", (event) => {
  const target = event.target.closest("a");
  if (!target) return;
  event.preventDefault();
  state.view = target.id.slice(3);
  showView();
  writeAddress();
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const typing = event.target.matches("input, select, textarea");
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (state.open && event.key === "p") togglePin(state.open);
  else if (step && state.open) stepCell(step);
  else if (step && state.view === "grid" && !compare.open) stepGrid(step);
  else return;
  event.preventDefault();
});

readAddress();
buildGrid();
buildFilters();
followAddress();
window.addEventListener("hashchange", followAddress);
