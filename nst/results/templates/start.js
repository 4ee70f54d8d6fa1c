// What happens when the page opens, the address changes or a key is pressed.

function showView() {
  document.body.dataset.view = state.view;
  for (const name of VIEWS) {
    document.getElementById(name).hidden = name !== state.view;
    const tab = document.getElementById(`to-${name}`);
    if (name === state.view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  showTools();
  filtered();
}

function followAddress(isBack = false) {
  const { pins } = state;
  readAddress();
  if (isBack) state.pins = pins; // also those pinned since
  showFields();
  showView();
  showGrid();
  showHidden();
  showDialogs();
  showPins();
  writeNow("replaceState");
}

document.querySelector("nav").addEventListener("click", (event) => {
  const tab = event.target.closest("a");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  state.view = tab.id.slice(3);
  showView();
  showGrid();
  writeNow();
});

// A press beside the list of keys closes it.
keyList.addEventListener("click", (event) => {
  const box = keyList.getBoundingClientRect(), { clientX: x, clientY: y } = event;
  if (event.target === keyList && (x < box.left || x > box.right || y < box.top || y > box.bottom)) keyList.close();
});

onKey("grid", ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "to the next image, if one has the focus", walkGrid);
for (const names of [["ArrowLeft", "ArrowRight"], ["Shift+ArrowLeft", "Shift+ArrowRight"]]) {
  onKey("grid", names, "along the first slider above the grid", ({ key }) => stepGrid(key === "ArrowLeft" ? -1 : 1), { when: () => grid.controls.length > 0 });
}

document.querySelector(".head").prepend(el("div", { class: "head-buttons" }, themeButton(), keysButton()));
onKey("everywhere", ["?"], "this list", openKeys);

showHead(false);
buildTools();
buildArrange();
buildCell();
buildCompare();
buildFavourites();
takeProjectFile();
followAddress();
takePlace();
ask();
