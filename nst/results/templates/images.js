// The images that pass the filters, in their order, loaded a screenful at a time.

const wall = { root: document.getElementById("images"), cells: [], shown: 0 };
const SCREENFUL = 60; // images

wall.cards = el("div", { class: "cards" });
wall.more = el("button", { type: "button", onclick: () => showMore() }, "Show more");
wall.root.append(wall.cards, wall.more);
new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) showMore(); },
  { rootMargin: "800px" }).observe(wall.more);

function showImages(cells) {
  wall.cells = cells;
  wall.shown = 0;
  wall.cards.replaceChildren();
  showMore();
}

function showMore() {
  const next = wall.cells.slice(wall.shown, wall.shown + SCREENFUL);
  wall.cards.append(...next.map(card));
  wall.shown += next.length;
  wall.more.hidden = wall.shown >= wall.cells.length;
}

function card(cell) {
  const marks = [cell.knee ? "suggested" : cell.front ? "Pareto front" : "",
    cell.outcome === "completed" ? "" : cell.outcome].filter(Boolean);
  return el("figure", { "data-cell": cell.id },
    el("button", { type: "button", class: "tile", "aria-label": nameOf(cell), onclick: () => openCell(cell) },
      image(small(cell), cell.size, "")),
    el("figcaption", {},
      el("strong", {}, pairOf(cell)), el("br"), axisText(cell) || "only",
      el("div", { class: "faint" },
        `content loss ${number(cell.terms[0])}, style loss ${number(cell.terms[1])}`, el("br"),
        marks.join(", ") || "\u00a0"), // always one line, so that cards have one height
      setPin(pinButton(), cell)));
}
