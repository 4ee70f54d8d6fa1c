// The panel beside an open image: its numbers, curves, films, and how to make it again.

function buildPanel() {
  open.remark = el("p", { class: "faint hint" });
  open.facts = el("div", {});
  open.says = el("div", { class: "says" });
  open.figure = el("a", { target: "_blank" }, el("img", { loading: "lazy", class: "pair-figure" }));
  open.pairFigure = fold("Curves of the whole pair", false, open.figure);
  open.curve = fold("Curve", true, curve.root);
  open.file = el("a", { class: "button", target: "_blank" }, "Open the file");
  open.beside = el("a", { class: "button", target: "_blank" });
  buildMade();
  open.ofPrint = fold("The print", true, buildPrintFacts());
  open.copies = buildCopies();
  open.note = noteField();
  open.texts = el("dl", { class: "texts" });
  // What an image has only while it is there. Its note can be written at any time.
  open.ofImage = [
    el("div", { class: "buttons" }, files ? null : open.file, files ? null : open.beside, open.films),
    el("div", {}, open.made, fold("Numbers", true, open.facts, open.remark, fold("What the numbers say", false, open.says)), open.ofPrint, open.curve, open.pairFigure, open.copies),
  ];
  open.panel = el("aside", { class: "panel themed", tabindex: 0, "aria-label": "Details" },
    open.ofImage[0], open.note, open.texts, open.ofImage[1],
    files ? el("p", { class: "faint hint" }, `This page is one file. Its pictures have at most ${nst.shared.px} pixels a side; the images in full`,
      " size, their records and commands are in the project it was made from.") : null);
}

function togglePanel() {
  keepFold("panel", open.panel.hidden);
  showPanel();
}

function writeNote() {
  if (open.panel.hidden) togglePanel();
  open.note.focus();
}

function showPanel() {
  const isOpen = Boolean(folds.get("panel")) && !(state.open?.maker && state.open.hole); // of which there is nothing to say
  open.panel.hidden = !isOpen;
  for (const part of open.ofImage) part.hidden = Boolean(state.open?.hole);
  open.more.setAttribute("aria-expanded", String(isOpen));
  open.more.setAttribute("aria-pressed", String(isOpen));
}

function showWords(cell) {
  open.note.hidden = Boolean(cell.maker);
  setNoteField(open.note, cell.id, nameOf(cell));
  open.texts.replaceChildren(...dimensions.map((one) => [one, textOf(one, one.of(cell))]).filter(([, text]) => text)
    .flatMap(([one, text]) => [el("dt", {}, `${one.pictures ? "" : `${one.name} `}${one.values[one.of(cell)]}`), el("dd", {}, text)]));
}

// The image in another format, for printing.
function showFileBeside(cell) {
  open.beside.href = dated(cell.beside, cell);
  open.beside.textContent = cell.beside.endsWith(".png") ? "Open the PNG of 16 bits" : `Open the .${cell.beside.split(".").pop()}`;
}

function showNumbers(cell) {
  open.file.href = link(fileOf(cell));
  open.beside.hidden = !cell.beside;
  if (cell.beside) showFileBeside(cell);
  // What another program made has no curve, command, config or record.
  for (const part of [open.curve, open.copies, open.pairFigure]) part.hidden = Boolean(cell.maker);
  showRemark(cell);
  showMade(cell, details.get(cell.id));
  showPrintFacts(cell);
  open.facts.replaceChildren(facts(cell));
  open.says.replaceChildren(...explained(numbersOf(cell)));
  if (cell.maker) return;
  const path = `curves/${pairPath(cell)}/all.svg`;
  open.pairFigure.hidden = withoutFigure.has(pairPath(cell)) || !isThere(path);
  const src = link(path), img = open.figure.firstChild;
  if (!files) open.figure.href = src; // browsers do not open data: URLs
  img.alt = `Losses of all images of ${pairOf(cell)} by evaluation`;
  if (src) showSurely(img, src);
  showDetails(cell);
}

function showRemark(cell) {
  if (cell.maker) open.remark.textContent = [`This picture was ${cell.maker}, not here: it has no settings, losses or record.`, cell.reason && `It has ${cell.reason}.`].filter(Boolean).join(" ");
  else open.remark.textContent = cell.knee ? "★ a balance of content and style: arithmetic, not taste" : "";
}
