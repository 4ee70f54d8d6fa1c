// The images that pass the filters, in their order, loaded a screenful at a time.

const wall = { root: document.getElementById("images"), cells: [], shown: 0 };
const SCREENFUL = 60; // images

wall.cards = el("div", { class: "cards" });
wall.more = el("button", { type: "button", onclick: () => showMore() }, "Show more");
wall.none = el("div", {});
wall.root.append(wall.none, wall.cards, wall.more);
new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) showMore(); },
  { rootMargin: "800px" }).observe(wall.more);

function showImages(cells) {
  wall.cells = cells;
  wall.shown = 0;
  wall.cards.replaceChildren();
  showNone();
  showMore();
}

const showNone = () => wall.none.replaceChildren(...(wall.cells.length ? [] : [nothingPasses()]));

// The same with what has changed: cards that stay are not touched, so that the page does not move.
function renewImages(cells) {
  wall.cells = cells;
  showNone();
  wall.shown = Math.min(cells.length, Math.max(wall.shown, SCREENFUL));
  const shown = cells.slice(0, wall.shown), ids = new Set(shown.map((cell) => cell.id));
  const cards = new Map([...wall.cards.children].map((one) => [one.dataset.cell, one]));
  for (const [id, one] of cards) if (!ids.has(id)) one.remove();
  let at = wall.cards.firstElementChild;
  for (const cell of shown) {
    let one = cards.get(cell.id);
    if (one?.dataset.looks !== looksOf(cell)) {
      const fresh = card(cell);
      if (one && one === at) at = fresh;
      one?.replaceWith(fresh);
      one = fresh;
    }
    if (one === at) at = at.nextElementSibling;
    else wall.cards.insertBefore(one, at);
  }
  wall.more.hidden = wall.shown >= cells.length;
}

const looksOf = (cell) => [cell.token, cell.knee, cell.front, cell.print?.token, ...usedNumbers().map((key) => shownNumber(key, cell))].join();

function showMore() {
  const next = wall.cells.slice(wall.shown, wall.shown + SCREENFUL);
  wall.cards.append(...next.map(card));
  wall.shown += next.length;
  wall.more.hidden = wall.shown >= wall.cells.length;
}

// The numbers by which the images are limited or sorted.
const numbersOnCard = (cell) => usedNumbers().map((key) => el("div", {}, `${NUMBERS[key].name} ${shortNumber(NUMBERS[key].of(cell))}`));

function card(cell) {
  const marks = [cell.knee ? "★ balance" : "",
    cell.outcome === "completed" || cell.maker ? "" : cell.outcome].filter(Boolean);
  return el("figure", { "data-cell": cell.id, "data-looks": looksOf(cell) },
    el("div", { class: "spot" },
      el("button", { type: "button", class: "tile", "aria-label": nameOf(cell), onclick: () => openCell(cell) },
        cellImage(cell), cell.print ? printMark() : [], cell.maker ? setMaker(makerMark(), cell) : []),
      setHeart(heartButton(), cell)),
    el("figcaption", {},
      el("strong", {}, pairOf(cell)), el("br"), axisText(cell),
      el("div", { class: "faint" }, numbersOnCard(cell), marks.join(", ")),
      setPin(pinButton(), cell)));
}
