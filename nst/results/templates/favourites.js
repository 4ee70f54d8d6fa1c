// The images that the reader likes, and notes on images. The browser keeps them for this page alone: pages
// that are opened from disk may share one storage.

const KEPT_AS = `nst-favourites ${nst.project} ${location.pathname}`;
const HEART = "M12 20.5 4.6 13a5 5 0 0 1 7-7l.4.4.4-.4a5 5 0 0 1 7 7Z";
// The ids of the favourites in the order of their choice; notes by id, also of what is no favourite now; what
// has been taken from the project's favourites.yaml, notes by id.
const favourites = { ids: new Set(), notes: new Map(), taken: new Map(), refused: false, isTold: false };

const isFavourite = (cell) => favourites.ids.has(cell.id);
const noteOf = (id) => favourites.notes.get(id) ?? "";
const textPairs = (list) => (Array.isArray(list) ? list : []).filter((pair) =>
  Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string"));

// What the browser keeps, also from another window; where it keeps nothing, all stays as it is.
function readFavourites() {
  if (favourites.refused) return;
  let was = null;
  try {
    was = localStorage.getItem(KEPT_AS);
  } catch {
    favourites.refused = true;
    return;
  }
  try { was = JSON.parse(was) ?? {}; } catch { was = {}; }
  favourites.ids = new Set((Array.isArray(was.ids) ? was.ids : []).filter((id) => typeof id === "string"));
  favourites.notes = new Map(textPairs(was.notes));
  favourites.taken = new Map(textPairs(was.taken));
}

function keepFavourites() {
  const { ids, notes, taken, refused, isTold } = favourites;
  try {
    if (!refused) localStorage.setItem(KEPT_AS, JSON.stringify({ ids: [...ids], notes: [...notes], taken: [...taken] }));
  } catch {
    favourites.refused = true;
  }
  if (!favourites.refused || isTold) return;
  favourites.isTold = true;
  say("This browser does not keep favourites: save them as a file");
}

// Every change begins with what another window may have changed.
function changeFavourites(change) {
  readFavourites();
  change(favourites);
  keepFavourites();
}

function toggleFavourite(cell) {
  if (cell.maker || (cell.hole && !isFavourite(cell))) return;
  if (isFavourite(cell)) removeFavourites([cell.id], nameOf(cell));
  else {
    say(`Favourite; ${favourites.ids.size + 1} in all`);
    changeFavourites(({ ids }) => ids.add(cell.id));
  }
  showHearts(cell);
}

// A note makes an image a favourite: else it would be in no list and no file.
function setNote(id, text) {
  changeFavourites(({ ids, notes }) => {
    if (text) {
      notes.set(id, text);
      ids.add(id);
    } else notes.delete(id);
  });
  showHearts(byId.get(id));
}

function heartButton() {
  const button = el("button", { type: "button", class: "heart", title: "Favourite (f)", onclick: () => toggleFavourite(button.cell) },
    el("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: HEART })));
  return button;
}

// Make a button the heart of this cell and show whether it is set.
function setHeart(button, cell) {
  button.cell = cell;
  button.hidden = Boolean(cell.maker) || (Boolean(cell.hole) && !isFavourite(cell));
  button.setAttribute("aria-pressed", String(isFavourite(cell)));
  button.setAttribute("aria-label", `Favourite: ${nameOf(cell)}`);
  return button;
}

function noteField() {
  const field = el("textarea", { class: "note", rows: 2, maxlength: 5000, placeholder: "Note", oninput: () => setNote(field.of, field.value) });
  return field;
}

function setNoteField(field, id, name) {
  field.of = id;
  field.setAttribute("aria-label", `Note on ${name}`);
  if (field.value !== noteOf(id)) field.value = noteOf(id);
  return field;
}

// Show the hearts and notes of one cell, or of all.
function showHearts(cell = null) {
  for (const button of document.querySelectorAll(".heart")) {
    if (button.cell && (!cell || button.cell === cell)) setHeart(button, button.cell);
  }
  for (const field of document.querySelectorAll(".note")) {
    if (field !== document.activeElement && field.of && field.value !== noteOf(field.of)) field.value = noteOf(field.of);
  }
  if (state.fields.only === "favourite" && state.view === "images") filtered(true);
  showFavourites();
}

// The cell of the tile under the pointer or with the focus: what came last.
let isPointerLast = false;
document.addEventListener("focusin", () => { isPointerLast = false; });
// Browsers also report a pointer that rests while the page moves under it.
document.addEventListener("pointermove", ({ movementX, movementY }) => { isPointerLast ||= Boolean(movementX || movementY); });

function pointedCell() {
  const tiles = [document.activeElement.closest(".spot"), document.querySelector(".spot:hover")];
  const tile = isPointerLast ? tiles[1] ?? tiles[0] : tiles[0] ?? tiles[1];
  return tile?.querySelector(".heart")?.cell;
}

function onPointed(names, text, run) {
  for (const view of ["grid", "images", "favourites"]) {
    onKey(view, names, `${text}: the image under the pointer or with the focus`, () => {
      const cell = pointedCell();
      return cell ? run(cell) : false;
    });
  }
}

// Another window has changed them.
window.addEventListener("storage", (event) => {
  if (event.key !== KEPT_AS) return;
  readFavourites();
  showHearts();
});

onKey("cell", ["f"], "mark or unmark as favourite", () => toggleFavourite(state.open), { when: () => !state.open?.hole && !state.open?.maker });
onKey("cell", ["n"], "write a note", () => (state.open?.maker ? false : writeNote()), { when: () => !state.open?.maker });
onPointed(["f"], "mark or unmark as favourite", toggleFavourite);
readFavourites();
