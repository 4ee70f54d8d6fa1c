// One image, as large as the window allows: zoomed, wiped against others, moved along the grid. The numbers
// are in a panel. Built once, so that what a person opened, dragged or chose is kept from image to image.

const dialog = document.getElementById("cell");
const open = { sliders: [], against: "content", holding: false, playing: null }; // the parts that change with the cell

function buildCell() {
  open.title = el("h2", { id: "cell-title" });
  open.pane = makePane("original", "against", "image", "film", "overlay");
  open.stage = makeStage({ swiped: (right, down) => stepCell(right ? "x" : "y", right || down), changed: () => { open.zoom.show(); open.wiper.draw(); } });
  open.wiper = makeWiper(open.stage, open.pane);
  open.zoom = zoomButtons(open.stage);
  open.which = el("select", { onchange: () => { open.against = open.which.value; showWiper(); } });
  open.with = el("label", { class: "field" }, el("span", {}, "wipe against"), open.which);
  open.pin = pinButton();
  open.heart = heartButton();
  open.wipe = el("button", { type: "button", title: "Wipe (w)", onclick: () => toggleWiper() }, "Wipe");
  open.original = holdButton("Original", "Hold to see the content (Space)", holdOriginal);
  open.said = el("span", { class: "side held" });
  open.sliders = varying.map((i) => makeSlider(i, (position) => moveCell(i, position)));
  buildFilms();
  buildOverlay();
  buildHole();
  buildPanel();
  buildPrint();
  open.more = el("button", { type: "button", title: "Details (d)", onclick: togglePanel }, "Details");
  open.tools = el("div", { class: "tools-bar" }, open.heart, open.pin, open.original, open.printed, open.wipe, open.mask, open.zoom.root, open.more);
  open.pane.root.append(open.said, open.stop, open.legend);
  open.stage.root.append(open.pane.root);
  open.foot = el("div", { class: "foot" }, open.sliders.map((one) => one.root), open.with);
  open.viewer = el("div", { class: "viewer dark" });
  open.viewer.append(
    el("header", { class: "bar" }, open.title, open.tools, fullscreenButton(open.viewer), keysButton(),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×")),
    el("div", { class: "body" }, el("div", { class: "shown" }, open.stage.root, open.absent, open.foot), open.panel));
  dialog.replaceChildren(open.viewer);
  showPanel();
}

// A button that does something while it is pressed, by a pointer or by a key.
function holdButton(text, title, hold) {
  const button = el("button", { type: "button", class: "hold", title }, text);
  const on = (value) => (event) => {
    if (event.key && ![" ", "Enter"].includes(event.key)) return;
    if (event.key || event.type === "pointerdown") event.preventDefault();
    hold(value);
  };
  for (const name of ["pointerdown", "keydown"]) button.addEventListener(name, on(true));
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(name, on(false));
  return button;
}

function openCell(cell) {
  askAgain();
  const first = !dialog.open;
  state.open = cell;
  showCell(cell);
  if (first) showDialog(dialog);
  else writeAddress();
}

function showCell(cell) {
  const at = listNow()?.indexOf(cell) ?? -1;
  if (at >= 0) open.listed = at;
  open.title.replaceChildren(pairOf(cell), el("span", { class: "faint" }, ` ${axisText(cell)}`));
  if (!cell.maker) open.axes = cell.axes;
  for (const one of open.sliders) {
    one.root.hidden = cell.axes[one.axis] < 0;
    one.set(cell.axes[one.axis]);
  }
  open.absent.hidden = !cell.hole;
  open.stage.root.hidden = Boolean(cell.hole);
  for (const tool of open.tools.children) tool.hidden = Boolean(cell.hole) && (Boolean(cell.maker) || ![open.more, open.heart].includes(tool));
  showFilms(cell);
  showPanel();
  showWords(cell);
  setHeart(open.heart, cell);
  if (cell.hole) {
    open.with.hidden = true;
    return showHole(cell);
  }
  showPrint();
  setPin(open.pin, cell);
  showNumbers(cell);
}

// What the image can be compared with: its originals and all pinned images.
function comparisons(cell) {
  return new Map([
    ...printComparison(cell),
    ["content", originalPicture("content", nst.contents[cell.content])],
    ["style", originalPicture("style", nst.styles[cell.style])],
    ...pinned().filter((pin) => pin !== cell).map((pin) => [pin.id, imagePicture(pin)]),
  ]);
}

function showComparisons() {
  if (state.open.hole) return;
  const pictures = comparisons(state.open);
  open.which.replaceChildren(...[...pictures].map(([key, { name }]) => el("option", { value: key }, name)));
  open.which.value = pictures.has(open.against) ? open.against : "content";
  open.pane.set("original", pictures.get("content"));
  open.said.textContent = pictures.get("content").name;
  showWiper();
}

function showWiper() {
  const against = comparisons(state.open).get(open.which.value);
  const isOn = open.wiper.isOn();
  if (isOn) open.pane.set("against", against);
  open.wiper.show(isOn ? against : null, seesPrint() ? "the print" : "the image");
  showLayers();
  open.stage.draw();
}

// A film that plays makes room.
function toggleWiper(isOn = Boolean(open.playing) || !open.wiper.isOn()) {
  if (open.playing) playFilm(null);
  open.wiper.root.hidden = !isOn;
  if (state.open) showWiper();
}

function holdOriginal(isOn) {
  if (open.holding === isOn || state.open?.hole) return;
  open.holding = isOn;
  showLayers();
}

// Which of the pictures are seen.
function showLayers() {
  const isWiped = open.wiper.isOn() && !open.playing;
  open.with.hidden = !isWiped;
  open.wipe.setAttribute("aria-pressed", String(isWiped));
  open.said.hidden = !open.holding;
  open.wiper.root.classList.toggle("unseen", open.holding || Boolean(open.playing));
  const laid = showsOverlay() ? ["overlay"] : [];
  if (open.holding) open.pane.only("original", ...laid);
  else if (open.playing) open.pane.only("film");
  else open.pane.only("image", ...(open.wiper.isOn() ? ["against"] : []), ...laid);
}

// To a position of an axis, past the cells that the config leaves out.
function moveCell(axis, position) {
  const { content, style, axes } = state.open;
  const step = Math.sign(position - axes[axis]);
  for (let at = position; step && at >= 0 && at < nst.axes[axis].values.length; at += step) {
    const other = pictureAt(filled([content, style, ...axes.map((old, i) => (i === axis ? at : old))]));
    if (other) return openCell(other);
  }
  for (const one of open.sliders) one.set(axes[one.axis]);
}

// The list that the open image came from, which left and right walk; in the other views it is the grid.
const LISTS = { images: () => wall.cells, favourites: () => [...favourites.ids].map((id) => byId.get(id)).filter(Boolean) };
const listNow = () => LISTS[state.view]?.();

// An image that has left the list, or was reached by a slider, stands before the one in its place.
function stepInList(list, step) {
  const at = list.indexOf(state.open);
  return list[at >= 0 ? at + step : (open.listed ?? 0) - (step < 0 ? 1 : 0)];
}

function nextCell(name, step) {
  return name === "x" && listNow() ? stepInList(listNow(), step) : stepAlong(state.open, name, step);
}

function stepCell(name, step) {
  const next = nextCell(name, step);
  if (next) openCell(next);
}
