// What the dialog shows of an image that is not there: a hatched box, why, and the end of the log.

const LOGGED = ["failed", "stopped", "killed", "running"]; // the states of which a log tells

function buildHole() {
  open.hole = holeBox();
  open.log = el("pre", { tabindex: 0, "aria-label": "The last lines of the log" });
  open.logPath = el("a", { target: "_blank" });
  open.why = el("div", { class: "why" }, el("h3", {}), el("p", {}), el("p", { class: "faint" }, "Log: ", open.logPath), open.log);
  open.absent = el("div", { class: "absent" }, open.hole, open.why);
}

function showWhy(cell) {
  fillHole(open.hole, cell);
  const [word, reason] = open.why.children;
  [word.textContent, reason.textContent] = holeWords(cell);
  if (cell.state === "missing" && !reason.textContent) reason.textContent = cell.reason;
}

function showHole(cell) {
  showWhy(cell);
  const [, reason, where] = open.why.children, { news } = cell;
  const path = `logs/cells/${cell.id}.log`;
  where.hidden = Boolean(files) || !LOGGED.includes(cell.state);
  if (!files) open.logPath.href = link(path);
  open.logPath.textContent = `results/${path}`;
  open.log.hidden = true;
  if (cell.maker) return; // nothing here has logged it
  detailsOf(cell).then(({ log }) => {
    if (cell !== state.open || cell.news !== news || !log) return;
    // The sentence above ends the log, too.
    open.log.textContent = log.split("\n").filter((line) => !cell.reason || !line.includes(cell.reason)).join("\n");
    open.log.hidden = !open.log.textContent.trim();
  }).catch((error) => { if (cell === state.open) reason.textContent += ` (${error.message})`; });
}
