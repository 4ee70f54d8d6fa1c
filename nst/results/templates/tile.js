// One place in the grid: its image, or a hatched box where there is none.

// What a hatched tile says: a word, and the reason.
function holeWords(cell) {
  const now = nst.underWay.get(cell.id);
  if (now) return ["under way", now.evaluation ? `evaluation ${now.evaluation} of ${now.of}` : "just begun"];
  if (cell.state === "missing") return ["to be made", ""];
  return [cell.state === "running" ? "under way" : cell.state, cell.reason];
}

// A hatched box in the place of an image that is not there; an outdated image shows through, faintly.
const holeBox = () => el("span", { class: "hole" }, el("img", { alt: "", loading: "lazy" }),
  el("i", { hidden: true }), el("strong", {}), el("span", {}));

function fillHole(box, cell) {
  const [width, height] = nst.contents[cell.content].size;
  box.style.setProperty("--ratio", width / height);
  const [img, bar, word, reason] = box.children;
  img.hidden = !cell.old;
  if (cell.old) showSurely(img, small(cell));
  const now = nst.underWay.get(cell.id);
  bar.hidden = !now;
  bar.style.width = now ? `${(100 * now.evaluation) / now.of}%` : "";
  [word.textContent, reason.textContent] = holeWords(cell);
}

// What says that a picture was not made here.
const makerMark = () => el("span", { class: "maker-mark", hidden: true });

function setMaker(mark, cell) {
  mark.textContent = mark.title = cell.maker ?? "";
  mark.hidden = !cell.maker || Boolean(cell.hole);
  return mark;
}

// Whether the head of a row or a column of the grid says it.
const isMakerInHeads = () => Object.values(state.places).includes(nst.main);

// The parts of a tile, which shows a cell once `showTile` is called.
function makeTile() {
  const shown = image("data:,", [1, 1], ""), hole = holeBox(), star = el("span", { class: "star", "aria-hidden": "true" }, "★"), print = printMark();
  const maker = makerMark(), isNamed = isMakerInHeads();
  const tile = { shown, hole, star, print, maker, isNamed, heart: heartButton() };
  tile.button = el("button", { type: "button", class: "tile", tabindex: -1, onclick: () => openCell(tile.button.cell) }, shown, hole, star, print, maker);
  tile.heart.tabIndex = -1;
  tile.root = el("div", { class: "spot" }, tile.button, tile.heart);
  return tile;
}

function showTile(tile, cell, src) {
  const looks = [cell.id, cell.token, cell.knee, cell.print?.token, cell.old, src, ...(cell.hole ? holeWords(cell) : [])].join();
  if (tile.looks === looks) return;
  const before = tile.button.cell; // a step of a slider shows the next image as soon as it is there
  tile.button.cell = cell;
  setHeart(tile.heart, cell);
  tile.looks = looks;
  const [width, height] = cell.hole ? nst.contents[cell.content].size : cell.size;
  tile.root.style.setProperty("--ratio", width / height);
  tile.shown.hidden = Boolean(cell.hole);
  tile.hole.hidden = !cell.hole;
  setMaker(tile.maker, cell);
  if (tile.isNamed) tile.maker.hidden = true;
  tile.star.hidden = !cell.knee;
  tile.print.hidden = !cell.print;
  if (cell.hole) {
    fillHole(tile.hole, cell);
    tile.button.setAttribute("aria-label", [nameOf(cell), ...holeWords(cell).slice(0, 1)].join(", "));
    return;
  }
  [tile.shown.width, tile.shown.height] = cell.size;
  tile.shown.classList.toggle("see-through", Boolean(cell.alpha));
  showSurely(tile.shown, src, !before || before === cell || before.hole);
  tile.button.setAttribute("aria-label", nameOf(cell) + (cell.knee ? ", suggested" : "") + (cell.print ? ", with a print" : ""));
}
