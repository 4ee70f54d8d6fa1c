// Follows a run while the page is open: asks for gallery/live.js, which says what has changed since the page
// was written, and puts it in its place. An image beside numbers is hidden until an answer that was asked for
// after it had been loaded: a job may have replaced it in the meantime, and its numbers are withdrawn before.

const EVERY = 3000; // milliseconds between two questions while a run is under way
const IDLE = 30000; // ... after it: another one may begin
const SOON = 500; // ... while the page is of another base than the news
const SILENCE = 30; // seconds without news after which a run may have been killed
const follow = { news: null, chunks: 0, count: 0, strange: 0, asked: -Infinity, heard: performance.now(), written: 0, alone: false };
const unsure = new Map(); // image that has been loaded since the last question -> its loading
const groupsOf = new Map(); // pair -> its groups as text, from the news
const metricsOf = new Map(); // pair -> the metrics of its images as text, from the news

nst.live = (news) => { follow.news = news; };
nst.chunk = (base, changes, groups, metrics) => { if (base === nst.base) put(changes, groups, metrics); };

// A script beside the page, never from a cache; whether it is there.
function load(path) {
  if (files) return Promise.resolve(path.startsWith("gallery/pairs/")); // all of these have come with the page
  return new Promise((resolve) => {
    const ended = (event) => { event.target.remove(); resolve(event.type === "load"); };
    follow.count += 1;
    document.head.append(el("script", { src: `${link(path)}?${nst.base}-${follow.count}`, onload: ended, onerror: ended }));
  });
}

let asking = null, next = null;

// Ask now, or after the answer that is on its way: what comes was asked for after this call.
function ask() {
  if (asking) return next ??= asking.then(() => { next = null; return ask(); });
  return asking = hear().finally(() => { asking = null; });
}

async function hear() {
  const loaded = [...unsure];
  clearTimeout(follow.timer);
  follow.news = null;
  follow.asked = performance.now();
  follow.alone = !(await load("gallery/live.js"));
  const { news } = follow;
  let pause = null, sure = follow.alone;
  if (news && news.base === nst.base) {
    follow.strange = 0;
    sure = await hearChunks(news.chunks);
    put(news.changes, news.groups, news.metrics);
    pause = sure ? hearRun(news.status) : SOON;
  } else if (news) [sure, pause] = hearStranger(news);
  if (pause) follow.timer = setTimeout(pause === IDLE ? askAgain : ask, pause);
  if (!sure) return;
  for (const [img, loading] of loaded) {
    if (unsure.get(img) !== loading) continue; // it shows another picture by now
    unsure.delete(img);
    img.classList.remove("unsure");
  }
}

async function hearChunks(count) {
  while (follow.chunks < count) {
    if (!(await load(`gallery/live/${nst.base}-${follow.chunks}.js`))) return false;
    follow.chunks += 1;
  }
  return true;
}

// The news are of another page: the one on disk, which is loaded in the place of this one, once.
function hearStranger(news) {
  follow.strange += 1;
  if (follow.strange < 2) return [false, SOON]; // it is just being written
  if (kept("nst-reloaded") !== news.base) {
    if (isTyping()) return [false, EVERY];
    keep("nst-reloaded", news.base);
    keep("nst-place", place());
    location.reload();
    return [false, null];
  }
  return [true, IDLE];
}

// How the run is; the time to the next question, none for a page without a run.
function hearRun(run) {
  if (run && run.written !== follow.written) {
    // The clock of another machine may be wrong: only what does not change is old.
    follow.heard = follow.written ? performance.now() : performance.now() - Math.max(0, Date.now() - 1000 * run.written);
    follow.written = run.written;
    follow.first = follow.first ?? performance.now();
  }
  const silent = performance.now() - follow.heard > 1000 * SILENCE;
  const running = run?.state === "running";
  showProgress(running && !silent ? run.under_way : []);
  showRun(run, silent);
  showHead(running && !silent);
  if (running && (!silent || performance.now() - follow.first < 1000 * SILENCE)) return EVERY;
  return run ? IDLE : null;
}

// Show an image of a cell; hidden until it is sure that it is the one that the numbers are of.
function showSurely(img, src, hidden = true) {
  if (img.getAttribute("src") === src) return img;
  unsure.delete(img);
  img.dataset.of = "cell";
  if (hidden) img.classList.add("unsure");
  img.src = src;
  return img;
}

for (const event of ["load", "error"]) {
  document.addEventListener(event, ({ target }) => {
    if (target.tagName !== "IMG" || !target.dataset.of) return;
    unsure.set(target, {});
    if (follow.alone) target.classList.remove("unsure");
    else ask();
  }, true);
}

// A page that is not seen asks before it is used again.
function askAgain() {
  if (!document.hidden && performance.now() - follow.asked > 1000) ask();
}
window.addEventListener("focus", askAgain);
document.addEventListener("visibilitychange", askAgain);

function put(changes, groups, metrics = {}) {
  const changed = new Set();
  for (const [id, entry] of Object.entries(changes)) {
    const cell = byId.get(id), text = JSON.stringify(entry);
    if (!cell || cell.news === text) continue;
    const { content, style, axes, number, overlay, token, metrics } = cell;
    for (const name of Object.keys(cell)) delete cell[name];
    Object.assign(cell, { id, content, style, axes, number, overlay, ...entry, news: text });
    if (metrics && cell.token === token) cell.metrics = metrics; // still of this image
    beUnmarked(cell);
    changed.add(cell);
    // Drawn by the end of the run from all images of a pair.
    delete nst.films[walkOf(cell)];
    withoutFigure.add(pairPath(cell));
    metricsOf.delete(pairPath(cell)); // what was told of its pair may be of this image
  }
  let regrouped = false;
  for (const [pair, parts] of Object.entries(groups)) {
    const text = JSON.stringify(parts);
    if (groupsOf.get(pair) === text) continue;
    groupsOf.set(pair, text);
    regroup(pair, parts);
    regrouped = true;
  }
  const measured = Object.entries(metrics).flatMap(([pair, parts]) => putMetrics(pair, parts));
  if (changed.size || regrouped || measured.length) showChanges(new Set([...changed, ...measured]));
}

// The images of a pair that have been measured since; numbers of an image that was there before are not those of this one.
function putMetrics(pair, parts) {
  const text = JSON.stringify(parts);
  if (metricsOf.get(pair) === text) return [];
  metricsOf.set(pair, text);
  return Object.entries(parts).flatMap(([id, [token, metrics]]) => {
    const cell = byId.get(id);
    return cell?.token === token ? [Object.assign(cell, { metrics })] : [];
  });
}

function regroup(pair, parts) {
  cellsOf.get(pair)?.forEach(beUnmarked);
  nst.groups = nst.groups.filter((group) => pairPath(group.cells[0]) !== pair);
  nst.groups.push(...parts.map((group) => markGroup(group, (id) => byId.get(id))));
}

// Where the reader sees it: everything else stays as it is.
function showChanges(changed) {
  sortCells();
  showGrid();
  filtered(true);
  showPins();
  if (changed.has(state.open)) showCell(state.open);
  else if (state.open) showRemark(state.open);
}

function showProgress(list) {
  nst.underWay = new Map(list.map((one) => [one.id, one]));
  showGrid();
  if (state.open?.hole) showWhy(state.open);
}
