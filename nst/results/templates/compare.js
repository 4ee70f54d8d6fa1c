// Two to four pinned images side by side, or one after the other in the same place. They zoom and pan together,
// and below each stands only what differs.

const compare = document.getElementById("compare");
const AT_ONCE = 4; // images at once
const side = { panes: [], cells: [], solo: null, holding: false };

function buildCompare() {
  side.title = el("h2", { id: "compare-title" });
  side.stage = makeStage({ swiped: (right) => { if (right) turnSide(right); }, changed: () => side.zoom.show() });
  side.zoom = zoomButtons(side.stage);
  side.panes = Array.from({ length: AT_ONCE }, (_, n) => buildSide(n));
  side.stage.root.append(...side.panes.map((one) => one.figure));
  side.page = el("span", { class: "faint" });
  const step = (text, name, by) => el("button", { type: "button", "aria-label": name, onclick: () => pageCompare(by) }, text);
  side.pager = el("div", { class: "zoom", role: "group", "aria-label": "Pinned images" }, step("‹", "Earlier images", -1), side.page, step("›", "Later images", 1));
  side.original = holdButton("Original", "Hold to see the contents (Space)", holdOriginals);
  side.viewer = el("div", { class: "viewer dark" });
  side.viewer.append(
    el("header", { class: "bar" }, side.title,
      el("div", { class: "tools-bar" }, side.pager, side.original, side.zoom.root),
      fullscreenButton(side.viewer), keysButton(),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => compare.close() }, "×")),
    el("div", { class: "body" }, el("div", { class: "shown" }, side.stage.root)));
  compare.replaceChildren(side.viewer);
  new ResizeObserver(arrangeSides).observe(side.stage.root);
}

function buildSide(n) {
  const pane = makePane("original", "image");
  const blink = el("button", { type: "button", class: "number", title: `Show it alone (${n + 1})`, onclick: () => showSolo(side.solo === n ? null : n) }, String(n + 1));
  const text = el("button", { type: "button", class: "differs", title: "Open this image", onclick: () => openCell(side.cells[n]) });
  const heart = heartButton(), unpin = el("button", { type: "button", class: "unpin", onclick: () => togglePin(side.cells[n]) }, "Unpin");
  return { pane, blink, text, heart, unpin, figure: el("figure", {}, pane.root, el("figcaption", {}, blink, text, heart, unpin)) };
}

function openCompare(write = "pushState") {
  state.compare = 1;
  side.solo = null;
  showDialog(compare, write);
  fillCompare();
  side.stage.setFit();
}

// The pinned images of which the first is number `state.compare`, four of them as long as there are so many. One
// that a run makes again comes back.
function fillCompare() {
  const cells = pinned(), absent = state.pins.length - cells.length;
  if (state.pins.length < 2) {
    if (!dialog.open) compare.close(); // else when the open image is closed
    return;
  }
  state.compare = Math.max(1, Math.min(state.compare, cells.length - AT_ONCE + 1));
  const before = side.cells;
  side.cells = cells.slice(state.compare - 1, state.compare - 1 + AT_ONCE);
  if (side.cells.length !== before.length && side.solo >= side.cells.length) side.solo = null;
  side.pager.hidden = cells.length <= AT_ONCE;
  side.page.textContent = `${state.compare}–${state.compare - 1 + side.cells.length} of ${cells.length}`;
  const { common, settings, numbers } = differences(side.cells);
  side.title.replaceChildren(common.join(", ") || "Comparing",
    absent ? el("span", { class: "faint" }, ` ${absent} of ${state.pins.length} pinned images ${absent === 1 ? "is" : "are"} not there now`) : "");
  side.panes.forEach((one, n) => {
    const cell = side.cells[n];
    one.figure.hidden = !cell;
    if (!cell) return;
    one.pane.set("image", imagePicture(cell));
    one.pane.set("original", comparisons(cell).get("content"));
    const parts = [settings[n], numbers[n]].filter((some) => some.length);
    one.text.replaceChildren(...parts.map((some) => el("span", {}, some.map(({ text, isMinor }, i) =>
      el("span", { class: isMinor ? "minor" : null }, i ? " · " : "", el("span", {}, text))))));
    one.text.setAttribute("aria-label", `Open ${nameOf(cell)}: ${parts.flat().map(({ text }) => text).join(", ")}`);
    setHeart(one.heart, cell);
    one.unpin.setAttribute("aria-label", `Unpin ${nameOf(cell)}`);
  });
  side.stage.setPanes(side.panes.filter((one) => !one.figure.hidden).map((one) => one.pane));
  showSolo(side.solo);
  if (!dialog.open && document.activeElement.closest("[hidden]")) compare.focus();
}

// What cells have in common, and for each what it has of its own: settings first, then numbers. Losses stand there
// where they can be compared, or where nothing else was measured. A narrow window leaves out what is minor.
function differences(cells) {
  const settings = [
    (cell) => nst.contents[cell.content].name, (cell) => nst.styles[cell.style].name,
    ...varying.map((i) => (cell) => valueText(cell, i))].map((of) => ({ of }));
  const measured = METRICS.filter((key) => cells.some((cell) => NUMBERS[key].of(cell) !== null));
  const isAlike = !isMixed() || cells.every((cell) => cell.group === cells[0].group);
  const keys = [...(isAlike || !measured.length ? ["content", "style"] : []), ...measured];
  const numbers = [
    ...keys.map((key) => ({
      of: (cell) => (cell.maker && NUMBERS[key].of(cell) === null ? "" : `${NUMBERS[key].name} ${shortNumber(NUMBERS[key].of(cell))}`),
      isMinor: measured.length > 0 && !["lpips", "style_distance"].includes(key),
    })),
    { of: (cell) => `${Math.max(...cell.size)} pixels`, isMinor: measured.length > 0 },
    { of: (cell) => (cell.maker || cell.outcome === "completed" ? "" : cell.outcome) }];
  const differ = ({ of }) => new Set(cells.map(of)).size > 1;
  const own = (all) => cells.map((cell) => all.filter(differ).map(({ of, isMinor }) => ({ text: of(cell), isMinor })).filter(({ text }) => text)
    .sort((a, b) => Boolean(a.isMinor) - Boolean(b.isMinor)));
  return {
    common: cells.length ? settings.filter((one) => !differ(one)).map(({ of }) => of(cells[0])) : [],
    settings: own(settings), numbers: own(numbers),
  };
}

// As many columns as make the images largest; two stand side by side wherever the window is wider than high.
function arrangeSides() {
  const { clientWidth: width, clientHeight: height } = side.stage.root;
  const count = side.solo === null ? side.cells.length : 1;
  const caption = 48, [w, h] = side.cells[0]?.size ?? [1, 1];
  const scaleOf = (columns) => Math.min(width / columns / w, (height / Math.ceil(count / columns) - caption) / h);
  const choices = Array.from({ length: count }, (_, n) => n + 1);
  const best = count === 2 && width > height ? 2 : choices.reduce((one, other) => (scaleOf(other) > scaleOf(one) ? other : one), 1);
  side.stage.root.style.setProperty("--columns", best);
  side.stage.measure();
}

// One image alone, in the place of all; null for all of them.
function showSolo(n) {
  side.solo = n;
  side.stage.root.classList.toggle("solo", n !== null);
  side.panes.forEach((one, i) => {
    one.figure.classList.toggle("unseen", n !== null && i !== n);
    one.blink.setAttribute("aria-pressed", String(i === n));
    one.blink.setAttribute("aria-label", `Image ${i + 1} alone`);
  });
  holdOriginals(side.holding, true);
  arrangeSides();
}

// A key shows an image alone: for good when it is tapped, or as long as it is held; again, and all are back.
const HELD = 300; // milliseconds

function blinkSide(event) {
  const n = Number(event.key) - 1;
  if (n >= side.cells.length || event.repeat) return;
  const before = side.solo, began = event.timeStamp;
  showSolo(before === n ? null : n);
  onRelease(event, (later) => { if (later.timeStamp - began > HELD) showSolo(before); });
}

function holdOriginals(isOn, again = false) {
  if (side.holding === isOn && !again) return;
  side.holding = isOn;
  for (const { pane } of side.panes) pane.only(isOn ? "original" : "image");
}

// The next one alone, or the next of more than four.
function turnSide(by) {
  if (side.solo === null) pageCompare(by);
  else showSolo((side.solo + by + side.cells.length) % side.cells.length);
}

function pageCompare(by) {
  state.compare += by * AT_ONCE;
  fillCompare();
  writeAddress();
}
