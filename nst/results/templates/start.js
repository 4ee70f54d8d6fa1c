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
  showDialogs();
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

// A press beside the list of keys closes it.
keyList.addEventListener("click", (event) => {
  const box = keyList.getBoundingClientRect(), { clientX: x, clientY: y } = event;
  if (event.target === keyList && (x < box.left || x > box.right || y < box.top || y > box.bottom)) keyList.close();
});

for (const view of ["grid", "images"]) onKey(view, ["f"], "favourite or not: the image with the focus", togglePointed);
if (varying.includes(mainAxis)) {
  onKey("grid", ["ArrowLeft", "ArrowRight"], `along ${words(nst.main)}`, ({ key }) => stepGrid(key === "ArrowLeft" ? -1 : 1));
}

buildGrid();
buildFilters();
buildCell();
buildCompare();
buildFavourites();
takeProjectFile();
followAddress();
takePlace();
ask();
