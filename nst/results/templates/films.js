// Films, played on the stage in the place of the image, and only while they are asked for: a browser cannot
// halt an animated picture.

// What can be played of a cell: names and files. A film along the main axis is found by its first cell.
function filmsOf(cell) {
  const walk = !cell.maker && nst.films[walkOf(cell)];
  return new Map([
    ...(cell.film ? [["the evaluations", dated(cell.film, cell)]] : []),
    ...(walk ? [[dimensionBy.get(nst.main).name, link(walk)]] : []),
  ].filter(([, src]) => src)); // a page that is one file has none
}

const walkOf = (cell) => [cell.content, cell.style, ...cell.axes.map((at, i) => (i === mainAxis ? 0 : at))].join();

function buildFilms() {
  open.films = el("span", { class: "films", role: "group", "aria-label": "Films" });
  open.stop = el("button", { type: "button", class: "stop", onclick: () => playFilm(null) });
}

function showFilms(cell) {
  playFilm(null);
  const films = cell.hole ? new Map() : filmsOf(cell);
  open.films.hidden = !films.size;
  open.films.replaceChildren(...[...films.keys()].map((name) =>
    el("button", { type: "button", "data-film": name, "aria-pressed": "false", onclick: () => playFilm(open.playing === name ? null : name) },
      `▶ Film of ${name}`)), cell.alpha ? el("span", { class: "faint hint" }, "Films have no transparency: they are over white.") : "");
}

function playFilm(name) {
  const cell = state.open, src = name && filmsOf(cell).get(name);
  open.playing = src ? name : null;
  if (src) open.pane.set("film", { src, size: cell.size, name: `Film of ${name}: ${nameOf(cell)}` });
  else open.pane.clear("film");
  for (const button of open.films.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.film === open.playing));
  open.stop.hidden = !src;
  open.stop.textContent = cell?.alpha ? "■ Stop the film, which is over white" : "■ Stop the film";
  showLayers();
  open.stage.draw();
}

// The first film, for a key.
function toggleFilm() {
  const [name] = filmsOf(state.open).keys();
  playFilm(open.playing ? null : name);
}
