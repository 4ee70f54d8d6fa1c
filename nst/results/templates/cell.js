// One cell: the image over its originals, its numbers, its curves and films, and how to make it again.
// Built once, so that what a person opened, dragged or chose is kept from cell to cell.

const OF_IMAGE = ["buttons", "remark", "facts", "pairFigure", "film", "walk", "copies"]; // not of a hole
const dialog = document.getElementById("cell");
const open = { sliders: [], against: "content" }; // the parts of the dialog that change with the cell

function buildCell() {
  open.title = el("h2", { id: "cell-title" });
  open.wiper = makeWiper();
  open.which = el("select", { onchange: () => { open.against = open.which.value; showWiper(); } });
  open.hole = holeBox();
  open.log = el("pre", { tabindex: 0, "aria-label": "The last lines of the log" });
  open.why = el("div", { class: "why" }, el("h3", {}), el("p", {}), open.log);
  open.full = el("a", { class: "button" }, "Full size");
  open.pin = pinButton();
  open.heart = heartButton();
  open.sliders = varying.map((i) => makeSlider(i, (position) => moveCell(i, position)));
  open.remark = el("p", { class: "remark" });
  open.facts = el("div", {});
  open.pairFigure = folded("Curves of the whole pair", figure("pair-figure"));
  open.film = folded("Film of the evaluations", el("img", { loading: "lazy", class: "film" }));
  open.walk = folded(`Film along ${words(nst.main ?? "")}`, el("img", { loading: "lazy", class: "film" }));
  open.buttons = el("div", { class: "buttons" },
    el("label", { class: "field" }, el("span", {}, "compare with"), open.which), open.full, open.pin, open.heart);
  open.copies = buildCopies();
  dialog.replaceChildren(
    el("header", {}, open.title, keysButton(),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×")),
    el("div", { class: "open" },
      el("div", {}, open.wiper.root, open.hole, open.buttons,
        el("div", { class: "sliders" }, open.sliders.map((one) => one.root))),
      el("div", {}, open.why, open.remark, open.facts, curve.root, open.pairFigure, open.film, open.walk, open.copies)));
}

const folded = (name, content) => el("details", {}, el("summary", {}, name), content);

function figure(name) {
  return el("a", {}, el("img", { loading: "lazy", class: name }));
}

function setFigure(root, src, alt, size) {
  const img = root.querySelector("img");
  if (img.parentElement.tagName === "A") img.parentElement.href = src;
  if (size) [img.width, img.height] = size;
  img.alt = alt;
  showSurely(img, src);
}

function openCell(cell) {
  askAgain();
  const first = !dialog.open;
  state.open = cell;
  showCell(cell);
  if (first) {
    dialog.showModal();
    dialog.focus();
    writeNow("pushState"); // so that Back closes it: on a phone it looks like a page
    open.pushed = true;
  } else writeAddress();
}

function showCell(cell) {
  open.title.replaceChildren(pairOf(cell), el("span", { class: "faint" }, ` ${axisText(cell)}`));
  for (const one of open.sliders) one.set(cell.axes[one.axis]);
  for (const part of [open.hole, open.why]) part.hidden = !cell.hole;
  for (const part of OF_IMAGE) open[part].hidden = Boolean(cell.hole);
  open.wiper.root.hidden = curve.root.hidden = Boolean(cell.hole);
  if (cell.hole) {
    showHole(cell);
    return;
  }
  showComparisons();
  open.full.href = link(`cells/${cell.id}.png`);
  setPin(open.pin, cell);
  setHeart(open.heart, cell);
  showRemark(cell);
  open.facts.replaceChildren(facts(cell));
  open.pairFigure.hidden = withoutFigure.has(pairPath(cell));
  setFigure(open.pairFigure, link(`curves/${pairPath(cell)}/all.svg`), `Losses of all images of ${pairOf(cell)} by evaluation`);
  const walk = nst.films[walkOf(cell)];
  open.walk.hidden = !walk;
  if (walk) setFigure(open.walk, link(walk), `${pairOf(cell)} along ${words(nst.main)}`, cell.size);
  open.film.hidden = !cell.film;
  if (cell.film) setFigure(open.film, dated(cell.film, cell), `How ${nameOf(cell)} developed`, cell.size);
  showDetails(cell);
}

function showRemark(cell) {
  open.remark.textContent = cell.knee ? "★ suggested: a balance of content and style (arithmetic, not taste)"
    : cell.front ? "on its pair's Pareto front" : "";
}

// By the position of a film's first cell, 0 on the main axis.
const walkOf = (cell) => [cell.content, cell.style, ...cell.axes.map((at, i) => (i === mainAxis ? 0 : at))].join();

function showWhy(cell) {
  fillHole(open.hole, cell);
  const [word, reason] = open.why.children;
  [word.textContent, reason.textContent] = holeWords(cell);
  if (cell.state === "missing" && !reason.textContent) reason.textContent = cell.reason;
}

function showHole(cell) {
  showWhy(cell);
  const reason = open.why.children[1], { news } = cell;
  open.log.textContent = "";
  open.log.hidden = true;
  detailsOf(cell).then(({ log }) => {
    if (cell !== state.open || cell.news !== news || !log) return;
    open.log.textContent = log;
    open.log.hidden = false;
  }).catch((error) => { if (cell === state.open) reason.textContent += ` (${error.message})`; });
}

// What the image can be compared with: its originals and all pinned images.
function comparisons(cell) {
  const content = nst.contents[cell.content], style = nst.styles[cell.style];
  return new Map([
    ["content", { name: `the content, ${content.name}`, src: link(content.picture), size: content.size }],
    ["style", { name: `the style, ${style.name}`, src: link(style.picture), size: style.size }],
    ...pinned().filter((pin) => pin !== cell)
      .map((pin) => [pin.id, { name: nameOf(pin), src: picture(pin), size: pin.size }]),
  ]);
}

function showComparisons() {
  if (state.open.hole) return;
  const pictures = comparisons(state.open);
  open.which.replaceChildren(...[...pictures].map(([key, { name }]) => el("option", { value: key }, name)));
  open.which.value = pictures.has(open.against) ? open.against : "content";
  showWiper();
}

function showWiper() {
  const cell = state.open;
  open.wiper.show(comparisons(cell).get(open.which.value), { name: "the image", src: picture(cell) }, cell.size);
}

// To a position of an axis, past the cells that the config leaves out.
function moveCell(axis, position) {
  const { content, style, axes } = state.open;
  const step = Math.sign(position - axes[axis]);
  for (let at = position; step && at >= 0 && at < nst.axes[axis].values.length; at += step) {
    const other = cellAt.get([content, style, ...axes.map((old, i) => (i === axis ? at : old))].join());
    if (other) return openCell(other);
  }
  for (const one of open.sliders) one.set(axes[one.axis]);
}

function stepCell(step) {
  if (mainAxis < 0) return;
  const last = nst.axes[mainAxis].values.length - 1;
  moveCell(mainAxis, Math.min(last, Math.max(0, state.open.axes[mainAxis] + step)));
}
