// Where the reader is, beyond the address: kept when the page is loaded again.

const SCROLLED = ["html", "#cell .panel"];

function keep(name, value) {
  try { sessionStorage.setItem(name + location.pathname, JSON.stringify(value)); } catch { /* not here */ }
}

function kept(name) {
  try { return JSON.parse(sessionStorage.getItem(name + location.pathname)); } catch { return null; }
}

function place() {
  return {
    scrolled: SCROLLED.map((name) => document.querySelector(name)).map((one) => one && [one.scrollLeft, one.scrollTop]),
    folded: [...document.querySelectorAll("details")].map((one) => one.open),
    cards: wall.shown, filters: !tools.filters.hidden, against: open.against, line: open.wiper.at(), wiped: open.wiper.isOn(),
    looks: [open.stage, side.stage].map(({ view: { scale, x, y } }) => ({ scale, x, y })),
  };
}

function takePlace() {
  const was = kept("nst-place");
  keep("nst-place", null);
  if (!was) return;
  unfold(was.filters);
  open.against = was.against;
  open.wiper.set(was.line);
  toggleWiper(was.wiped);
  [open.stage, side.stage].forEach((stage, i) => { Object.assign(stage.view, was.looks[i]); stage.measure(); });
  document.querySelectorAll("details").forEach((one, i) => { one.open = was.folded[i] ?? one.open; });
  while (wall.shown < was.cards && !wall.more.hidden) showMore();
  const scroll = (name, i) => {
    if (was.scrolled[i]) document.querySelector(name)?.scrollTo({ left: was.scrolled[i][0], top: was.scrolled[i][1], behavior: "instant" });
  };
  SCROLLED.forEach(scroll);
  // The panel is as long as before once its record and curve are there.
  if (state.open) open.filled.then(() => scroll(SCROLLED[1], 1));
}
