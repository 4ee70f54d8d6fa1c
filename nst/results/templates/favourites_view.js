// The view of the favourites: their list with notes, their file, and what can be made of them.

const liked = { root: document.getElementById("favourites"), cards: new Map(), undo: null };

function buildFavourites() {
  const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);
  const file = el("input", { type: "file", accept: ".yaml,.yml", hidden: true, onchange: () => {
    if (file.files[0]) readFile(file.files[0]);
    file.value = "";
  } });
  liked.notice = el("div", { class: "notice", role: "status", hidden: true });
  liked.undoBar = el("div", { class: "notice undo", hidden: true });
  liked.none = el("p", { class: "empty" }, "No favourites yet. Choose them with the heart on an image, or with the key f.");
  liked.save = button("Save favourites.yaml", saveFile);
  liked.copy = button("Copy commands to collect them", copyList);
  liked.all = button("Remove all", () => removeFavourites([...favourites.ids], many(favourites.ids.size, "favourite"), true));
  liked.large = makeLarge();
  liked.commands = el("div", { class: "panel-box", hidden: true });
  liked.list = el("div", { class: "cards" });
  liked.gone = el("div", { class: "gone", hidden: true });
  liked.root.replaceChildren(
    el("div", { class: "buttons" }, files ? null : [liked.large.button, liked.copy], liked.save,
      button("Read favourites.yaml", () => file.click()), liked.all, file),
    liked.notice, liked.undoBar, liked.large.root, liked.commands, liked.none, liked.list, liked.gone,
    el("p", { class: "faint hint" }, "This browser keeps favourites and notes for this page. ",
      files ? "To tell your choice to whoever made the page, send them a saved favourites.yaml: their page reads it."
        : "Put a saved favourites.yaml into the project's folder to keep them there, too: the page reads it when it is next written, and adds what is new."));
}

// What has happened, with buttons for what can be done about it; "" for nothing.
function notice(text, ...buttons) {
  liked.notice.replaceChildren(text, ...(buttons.length ? [el("div", { class: "buttons" }, buttons)] : []));
  liked.notice.hidden = !text;
}

function showFavourites() {
  const { ids } = favourites;
  const count = document.querySelector("#to-favourites span");
  count.textContent = ids.size || "";
  if (state.view !== "favourites") return;
  const cells = [...ids].map((id) => byId.get(id)).filter(Boolean), made = cells.filter((cell) => !cell.hole);
  liked.none.hidden = ids.size > 0;
  liked.save.disabled = liked.all.disabled = !ids.size;
  liked.copy.disabled = !made.length;
  showCards(cells);
  showGone([...ids].filter((id) => !byId.has(id)));
  liked.large.show(made, cells.length - made.length);
  if (!liked.commands.hidden) fillCommands(made);
}

// Cards that stay are not touched, so that a note that is being written is not.
function showCards(cells) {
  const wanted = new Set(cells);
  for (const [cell, one] of liked.cards) {
    if (wanted.has(cell)) continue;
    if (one.root.contains(document.activeElement)) focusBeside(one.root);
    one.root.remove();
    liked.cards.delete(cell);
  }
  let at = liked.list.firstElementChild;
  for (const cell of cells) {
    let one = liked.cards.get(cell);
    if (!one) liked.cards.set(cell, one = favouriteCard(cell));
    one.show();
    if (one.root === at) at = at.nextElementSibling;
    else liked.list.insertBefore(one.root, at);
  }
}

function focusBeside(root) {
  const other = root.nextElementSibling ?? root.previousElementSibling;
  (other?.querySelector(".heart") ?? document.getElementById("to-favourites")).focus();
}

function favouriteCard(cell) {
  const spot = el("div", { class: "spot" });
  const root = el("figure", { "data-cell": cell.id }, spot,
    el("figcaption", {}, el("strong", {}, pairOf(cell)), el("br"), axisText(cell),
      setNoteField(noteField(), cell.id, nameOf(cell))));
  let looks = null;
  function show() {
    const now = [cell.token, ...(cell.hole ? holeWords(cell) : [])].join();
    if (now === looks) return;
    looks = now;
    const box = cell.hole ? holeBox() : cellImage(cell);
    if (cell.hole) fillHole(box, cell);
    spot.replaceChildren(
      el("button", { type: "button", class: "tile", "aria-label": nameOf(cell), onclick: () => openCell(cell) }, box),
      setHeart(heartButton(), cell));
  }
  return { root, show };
}

// Favourites of images that this page does not have are kept, as the config may ask for them again.
function showGone(ids) {
  liked.gone.hidden = !ids.length;
  if (!ids.length) return liked.gone.replaceChildren();
  const drop = (some, name) => el("button", { type: "button", onclick: () => removeFavourites(some, name, true) }, some === ids ? "Drop all of these" : "Drop");
  liked.gone.replaceChildren(
    el("h2", {}, `Not on this page: ${many(ids.length, "favourite")}`),
    el("p", { class: "faint" }, "The grid has no such images now. They stay in favourites.yaml until you drop them."),
    el("ul", {}, ids.map((id) => el("li", {}, el("code", {}, id), noteOf(id) ? ` ${noteOf(id)} ` : " ", drop([id], id)))),
    ...(ids.length > 1 ? [drop(ids, many(ids.length, "favourite"))] : []));
}

// A single heart keeps its note, which comes back with the heart; otherwise notes are removed, too.
function removeFavourites(some, name, withNotes = false) {
  let order, notes;
  changeFavourites((kept) => {
    [order, notes] = [[...kept.ids], new Map(kept.notes)];
    for (const id of some) {
      kept.ids.delete(id);
      if (withNotes) kept.notes.delete(id);
    }
  });
  liked.undo = () => changeFavourites((kept) => {
    const later = [...kept.ids];
    const back = new Set(some);
    kept.ids = new Set([...order.filter((id) => back.has(id) || kept.ids.has(id)), ...later]);
    for (const id of some) if (!kept.notes.has(id) && notes.has(id)) kept.notes.set(id, notes.get(id));
  });
  liked.undoBar.replaceChildren(`Removed ${name}. `, el("button", { type: "button", onclick: undoRemoval }, "Undo"));
  liked.undoBar.hidden = false;
  say(`Removed ${name}`);
  showHearts();
}

function undoRemoval() {
  liked.undo();
  liked.undoBar.hidden = true;
  document.getElementById("to-favourites").focus();
  showHearts();
}

function saveFile() {
  const entries = [...favourites.ids].map((id) => ({ id, note: noteOf(id) }));
  const href = URL.createObjectURL(new Blob([favouritesYaml(nst.project, entries)], { type: "application/yaml" }));
  el("a", { href, download: "favourites.yaml" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
  say("Saved favourites.yaml among your downloads");
}

const shellWord = (text) => (/^[A-Za-z0-9._+=/][A-Za-z0-9._+=/-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// One line for each image and each print; those whose names would be one name are numbered.
function copyCommands(cells) {
  const used = new Set();
  const nameFor = (stem) => {
    let name = stem;
    for (let n = 2; used.has(name.toLowerCase()); n += 1) name = `${stem}-${n}`;
    used.add(name.toLowerCase());
    return `favourites/${name}.png`;
  };
  const line = (path, stem) => `cp ${shellWord(`results/${path}`)} ${shellWord(nameFor(stem.replaceAll("/", "_")))}`;
  return ["mkdir -p favourites", ...cells.flatMap(({ id, print }) =>
    [line(`cells/${id}.png`, id), ...(print ? [line(print.picture, `${id}_print`)] : [])])].join("\n");
}

function fillCommands(cells) {
  liked.commands.replaceChildren(
    el("p", { class: "faint" }, "To be run in the project's folder; the copies will be in its folder favourites."),
    el("pre", { tabindex: 0, "aria-label": "The cp commands" }, copyCommands(cells)));
}

function copyList() {
  const made = nst.cells.filter(isFavourite);
  liked.commands.hidden = false;
  fillCommands(made);
  copy(copyCommands(made), "cp commands");
}
