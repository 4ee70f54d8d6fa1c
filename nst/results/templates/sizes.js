// How large the tiles of the grid are. The page itself scrolls both ways: a box that scrolls would take the
// wheel from it, and heads stay in sight only of what scrolls.

const WIDTHS = { S: 110, M: 220, L: 420 }, PHONE_WIDTHS = { S: 76, M: 160, L: 320 };
const FEW = 40; // images at most that are shown themselves where their small copies are too small

const isPhone = () => matchMedia("(max-width: 760px)").matches;

function sizeGrid() {
  if (state.view !== "grid" || !grid.columns.length || !grid.rows.length) return leaveWide();
  const page = document.documentElement.clientWidth, style = getComputedStyle(document.body);
  const room = page - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const gap = isPhone() ? 4 : 8, heads = isPhone() ? 62 : 128;
  // What is unfolded above does not count, so that the images keep their size when it is.
  const above = grid.table.getBoundingClientRect().top + scrollY - (tools.filters.hidden ? 0 : tools.filters.offsetHeight);
  const high = innerHeight - grid.table.tHead.offsetHeight - above - gap;
  const ratios = ratiosOfRows();
  const { width, most } = tileSize((room - heads - 2 * gap) / grid.columns.length - gap, room - heads - 2 * gap, gap, high, ratios);
  grid.table.style.setProperty("--width", `${width}px`);
  grid.table.style.setProperty("--heads", `${heads}px`);
  const filled = new Set([...grid.spots.values()].filter(cellOf).map((spot) => spot.row)); // the others are as low as their heads
  for (const tr of grid.table.querySelectorAll("tr[data-row]")) {
    const row = Number(tr.dataset.row);
    tr.style.setProperty("--height", `${filled.has(row) ? Math.round(Math.min(most, width / ratios[row])) : 0}px`);
  }
  const dense = Math.min(devicePixelRatio, 3) * Math.max(width, Math.min(most, width / Math.min(...ratios)));
  grid.sharp = dense > 1.2 * nst.small && grid.rows.length * grid.columns.length <= FEW;
  const wide = heads + grid.columns.length * (width + gap) + gap;
  grid.table.style.width = `${wide}px`;
  setWide(room, wide);
}

// The width of all tiles and the greatest height of one.
function tileSize(share, room, gap, high, ratios) {
  const widths = isPhone() ? PHONE_WIDTHS : WIDTHS;
  if (state.tiles !== "fit") return { width: widths[state.tiles], most: Math.min(0.7 * innerHeight, 1.25 * widths[state.tiles]) };
  // Two rows, or the only one, are seen whole without scrolling, if that does not make them small.
  const rows = Math.min(2, grid.rows.length), most = Math.max(120, (0.6 / rows) * innerHeight, high / rows - gap);
  const narrow = isPhone() ? 84 : 150;
  // Where not all columns fit, half a one shows that there are more; a few rows may fill the height.
  const least = isPhone() ? narrow : Math.max(narrow, Math.min(2 * narrow, (high / grid.rows.length - gap) * Math.min(...ratios)));
  const some = Math.max(1.5, Math.floor(room / (least + gap) - 0.5) + 0.5);
  const width = share >= narrow ? share : room / some - gap;
  return { width: Math.floor(Math.min(width, most * Math.max(...ratios))), most };
}

// For every row, width through height of its tallest image.
function ratiosOfRows() {
  const ratio = (at) => nst.contents[at].size[0] / nst.contents[at].size[1];
  const [content] = dimensions;
  const across = grid.columns.flatMap((column) => column.filter(([one]) => one === content).map(([, at]) => ratio(at)));
  const rest = across.length ? across.reduce((a, b) => Math.min(a, b)) : ratio(state.at[0]);
  return grid.rows.map((row) => {
    const own = row.find(([one]) => one === content);
    return own ? ratio(own[1]) : rest;
  });
}

function setWide(room, wide) {
  document.body.classList.toggle("wide", wide > room);
  document.body.style.setProperty("--room", `${room}px`);
  document.body.style.setProperty("--wide", `${wide}px`);
  showBeyond();
}

function leaveWide() {
  document.body.classList.remove("wide");
  showBeyond();
}

// How many columns lie to the left and to the right of the window.
function showBeyond() {
  const wide = state.view === "grid" && document.body.classList.contains("wide");
  const heads = wide ? [...grid.table.tHead.rows].at(-1).cells : [];
  const step = heads.length > 2 ? heads[2].offsetLeft - heads[1].offsetLeft : Infinity;
  const left = wide ? Math.round(scrollX / step) : 0;
  const right = wide ? Math.round((document.documentElement.scrollWidth - document.documentElement.clientWidth - scrollX) / step) : 0;
  for (const [button, count, text] of [[grid.before, left, `‹ ${left} more`], [grid.after, right, `${right} more ›`]]) {
    button.hidden = !count;
    button.textContent = text;
  }
}

const scrollPage = (way) => scrollBy({ left: way * 0.7 * document.documentElement.clientWidth, behavior: "smooth" });
addEventListener("scroll", () => { if (state.view === "grid") showBeyond(); }, { passive: true });
addEventListener("resize", () => { if (state.view === "grid") showGrid(); });
