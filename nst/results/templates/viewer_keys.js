// The keys of an open image and of a comparison.

const isImage = () => !state.open?.hole;
const canStep = (name) => (name === "x" && listNow() ? listNow().length > 1 : everyPicture.some((cell) => stepAlong(cell, name, 1)));
const listText = () => ({ images: "to the images before and after it", favourites: "to the favourites before and after it" })[state.view];

// What the grid has neither in its columns nor in its rows: the main axis first.
function otherDimension() {
  const { x, y } = state.places;
  return [nst.main, "style", "content", ...placeable.map((one) => one.key)]
    .find((key) => dimensionBy.get(key)?.values.length > 1 && key !== x && key !== y);
}

const backward = ["ArrowLeft", "ArrowUp"];

for (const [names, nameOfNow, text] of [
  [["ArrowLeft", "ArrowRight"], () => "x", () => listText() ?? "along the columns of the grid"],
  [["ArrowUp", "ArrowDown"], () => "y", "along the rows of the grid"],
  [["Shift+ArrowLeft", "Shift+ArrowRight"], otherDimension, () => `along ${dimensionBy.get(otherDimension()).name}`],
]) {
  onKey("cell", names, text, ({ key }) => stepCell(nameOfNow(), backward.includes(key) ? -1 : 1), { when: () => canStep(nameOfNow()) });
}

function onHold(place, text, hold, when) {
  onKey(place, [" ", "o"], text, (event) => {
    if (!when()) return false;
    hold(true);
    onRelease(event, () => hold(false));
  }, { when });
}

const onImage = (names, text, run, when = isImage) =>
  onKey("cell", names, text, (event) => (when() ? run(event) : false), { when });

// For the one of a comparison that is seen alone.
const onSolo = (names, text, run) =>
  onKey("compare", names, `${text}: the image alone`, () => run(side.cells[side.solo]), { when: () => side.solo !== null });

onHold("cell", "hold to see the content", holdOriginal, isImage);
onImage(["w"], "wipe: a line between the image and another one", () => toggleWiper());
onImage([",", "."], "move the line of the wiper", ({ key }) => open.wiper.set(Number(open.wiper.at()) + (key === "," ? -2 : 2)), () => isImage() && open.wiper.isOn());
onImage(["m"], "show the mask or the regions", toggleOverlay, () => (state.open ? overlayOf(state.open) !== null : nst.overlays.length > 0));
onStageKeys("cell", () => open.stage, isImage);
onImage(["1"], "100 %: a pixel of the image on a pixel of the screen", () => open.stage.setLevel(1));
onImage(["2"], "200 %", () => open.stage.setLevel(2));
onImage(["p"], "pin or unpin", () => togglePin(state.open));
onPointed(["p"], "pin or unpin", togglePin);
onSolo(["f"], "mark or unmark as favourite", toggleFavourite);
onSolo(["p"], "pin or unpin", togglePin);
onImage(["v"], "play or stop the film", toggleFilm, () => !state.open || (isImage() && filmsOf(state.open).size > 0));
onKey("cell", ["d"], "details", togglePanel);
onFullscreenKey("cell", () => open.viewer);
for (const place of [...VIEWS, "cell"]) {
  onKey(place, ["c"], "compare the pinned images", compareInstead, { when: () => pinned().length > 1 });
}

onKey("compare", ["1", "2", "3", "4"], "that image alone, in the same place; again: all of them", blinkSide);
onHold("compare", "hold to see the contents", holdOriginals, () => true);
onKey("compare", ["ArrowLeft", "ArrowRight"], "the next image alone, or further pinned images",
  ({ key }) => turnSide(key === "ArrowLeft" ? -1 : 1), { when: () => side.solo !== null || pinned().length > AT_ONCE });
onStageKeys("compare", () => side.stage);
onFullscreenKey("compare", () => side.viewer);
