// The grid as one picture: exactly what it shows, with heads, values and title.

const drawnPictures = new Map(); // id of a cell, or of a content or style -> its token and its picture, as a data: URL
const MOST_SIDE = 16000, MOST_AREA = 1e8; // pixels of a canvas that every browser can hold
const fromDisk = () => !files && location.protocol === "file:"; // where what is drawn from files cannot be read

nst.drawn = (pictures) => { for (const [id, one] of Object.entries(pictures)) drawnPictures.set(id, one); };

const picturePx = () => [128, 192, 256, 384, 512, 768, 1024].filter((px) => px <= (files ? nst.shared.px : fromDisk() ? nst.drawn_px : 1024));

// Where everything stands in the picture, in pixels.
function planPicture(px) {
  const font = Math.max(12, Math.min(26, Math.round(px / 13))), gap = Math.max(4, Math.round(px / 40));
  const pictured = (place) => Boolean(dimensionAt(place)?.pictures);
  const head = pictured("x") || pictured("superx") ? Math.round(px * 0.45) : 0;
  const left = Math.max(Math.round(px * 0.5), 8 * font), ratios = ratiosOfRows();
  const heights = ratios.map((ratio) => Math.round(Math.min(1.25 * px, px / ratio)));
  const titled = 3.6 * font, superHead = dimensionAt("superx") ? 2 * font : 0;
  const superRows = dimensionAt("supery") ? shownOf(dimensionAt("y")).length : 0;
  const top = titled + superHead + (pictured("x") ? head : 0) + 2.4 * font;
  let y = top;
  const tops = heights.map((height, n) => {
    if (superRows && n % superRows === 0) y += 2 * font;
    const at = y;
    y += height + gap;
    return at;
  });
  const width = 2 * gap + left + grid.columns.length * (px + gap);
  return { px, font, gap, head, left, heights, tops, top, titled, superHead, superRows, width: Math.ceil(width), height: Math.ceil(y + gap) };
}

async function savePicture(px) {
  const plan = planPicture(px);
  if (plan.width > MOST_SIDE || plan.height > MOST_SIDE || plan.width * plan.height > MOST_AREA) {
    return say(`${plan.width} × ${plan.height} pixels are too many for a browser: hide values, or choose smaller images`);
  }
  say("Drawing the picture …");
  const spots = [...grid.spots.values()].map((spot) => ({ ...spot, cell: cellOf(spot) })).filter((spot) => spot.cell);
  if (fromDisk()) await loadDrawn(spots);
  const canvas = el("canvas", { width: plan.width, height: plan.height }), at = canvas.getContext("2d");
  const style = getComputedStyle(document.body);
  const colour = { ink: style.color, paper: style.backgroundColor, faint: style.getPropertyValue("--faint"), line: style.getPropertyValue("--line") };
  at.fillStyle = colour.paper;
  at.fillRect(0, 0, plan.width, plan.height);
  await drawHeads(at, plan, colour);
  let absent = 0;
  for (const spot of spots) {
    const box = [plan.left + plan.gap + spot.column * (px + plan.gap), plan.tops[spot.row], px, plan.heights[spot.row]];
    const shown = spot.cell.hole ? null : await loaded(urlOf(spot.cell, px));
    if (shown) drawInside(at, shown, ...box);
    else {
      absent += 1;
      drawHatched(at, box, spot.cell, plan, colour);
    }
  }
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  if (!blob) return say("This browser could not make the picture: choose smaller images");
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: `${nst.project}.png` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  return say(`Saved ${nst.project}.png, ${plan.width} × ${plan.height} pixels${absent ? `; ${many(absent, "image")} could not be drawn and left hatched` : ""}`);
}

// The scripts of the pairs that are shown, a few at a time.
async function loadDrawn(spots) {
  const cells = spots.map((spot) => spot.cell).filter((cell) => !cell.hole && drawnPictures.get(cell.id)?.[0] !== cell.token);
  const paths = [...new Set(cells.map((cell) => `drawn/pairs/${pairPath(cell)}.js`))];
  if (!drawnPictures.has(nst.contents[0].id)) paths.unshift("drawn/originals.js");
  for (let from = 0; from < paths.length; from += 8) await Promise.all(paths.slice(from, from + 8).map(load));
}

const drawnUrl = (id, mark) => { const [token, url] = drawnPictures.get(id) ?? []; return token === mark ? url : null; };
const urlOf = (cell, px) => (fromDisk() ? drawnUrl(cell.id, cell.token) : px > nst.small ? picture(cell) : small(cell));

function loaded(url) {
  if (!url) return null;
  return new Promise((resolve) => {
    const img = new Image();
    img.onload = () => resolve(img);
    img.onerror = () => resolve(null);
    img.src = url;
  });
}

function drawInside(at, img, x, y, width, height) {
  const share = Math.min(width / img.naturalWidth, height / img.naturalHeight);
  const [w, h] = [img.naturalWidth * share, img.naturalHeight * share];
  at.imageSmoothingQuality = "high";
  at.drawImage(img, x + (width - w) / 2, y + (height - h) / 2, w, h);
}

function drawHatched(at, [x, y, width, height], cell, plan, colour) {
  at.save();
  at.beginPath();
  at.rect(x, y, width, height);
  at.clip();
  at.strokeStyle = colour.line;
  at.lineWidth = 2;
  for (let n = -height; n < width; n += 12) {
    at.beginPath();
    at.moveTo(x + n, y + height);
    at.lineTo(x + n + height, y);
    at.stroke();
  }
  at.restore();
  at.strokeStyle = colour.line;
  at.strokeRect(x, y, width, height);
  write(at, cell.hole ? holeWords(cell)[0] : "not drawn", x + width / 2, y + height / 2, width - 8, plan.font, colour.ink);
}

// One line of text, cut where it would be too wide.
function write(at, text, x, y, width, font, colour, { align = "center", bold = false } = {}) {
  at.font = `${bold ? "600 " : ""}${font}px system-ui, sans-serif`;
  at.textAlign = align;
  at.textBaseline = "middle";
  at.fillStyle = colour;
  let shown = text;
  while (shown.length > 1 && at.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  at.fillText(shown, x, y);
}

async function drawHeads(at, plan, colour) {
  const { px, font, gap, left, top } = plan, inner = shownOf(dimensionAt("x")).length;
  const words = [...grid.controls.map((one) => `${one.dimension.name} ${one.dimension.values[state.at[one.dimension.index]]}`),
    ...["x", "y"].map((place) => [GRID_PLACES[place], dimensionAt(place)]).filter(([, one]) => !one.pictures).map(([where, one]) => `${where}: ${one.name}`)];
  write(at, nst.title, 2 * gap, 1.2 * font, plan.width - 4 * gap, Math.round(1.4 * font), colour.ink, { align: "left", bold: true });
  write(at, words.join(", "), 2 * gap, 2.7 * font, plan.width - 4 * gap, font, colour.faint, { align: "left" });
  for (const [n, column] of grid.columns.entries()) {
    const x = left + gap + n * (px + gap);
    if (plan.superHead && n % inner === 0) {
      write(at, headText(column[0]), x, plan.titled + font, inner * (px + gap), font, colour.ink, { align: "left", bold: true });
    }
    await drawHead(at, column.at(-1), [x, top - 2 * font - plan.head, px, plan.head], [x + px / 2, top - font, px], plan, colour);
  }
  for (const [n, row] of grid.rows.entries()) {
    if (plan.superRows && n % plan.superRows === 0) {
      write(at, headText(row[0]), 2 * gap, plan.tops[n] - font, plan.width - 4 * gap, font, colour.ink, { align: "left", bold: true });
    }
    const middle = plan.tops[n] + plan.heights[n] / 2, high = Math.min(plan.heights[n] - 2 * font, left);
    const pictured = row.at(-1)[0].pictures;
    await drawHead(at, row.at(-1), [gap, middle - high / 2 - font / 2, left - 2 * gap, high],
      [left / 2, pictured ? middle + high / 2 + font / 2 : middle, left - gap], plan, colour);
  }
}

const headText = ([dimension, position]) => (dimension.pictures ? "" : `${dimension.name} `) + dimension.values[position];

async function drawHead(at, [dimension, position], box, [x, y, width], plan, colour) {
  const one = dimension.pictures?.[position];
  const img = one && await loaded(fromDisk() ? drawnUrl(one.id, "") : link(one.picture));
  if (img) drawInside(at, img, ...box);
  write(at, dimension.values[position], x, y, width, plan.font, colour.ink, { bold: true });
}

// A button, and how large an image is in the picture.
function pictureButton() {
  const sizes = picturePx();
  const list = el("select", { "aria-label": "pixels of an image in the picture" },
    sizes.map((px) => el("option", { value: px, selected: px === Math.min(256, sizes.at(-1)) }, `${px} px`)));
  const button = grid.save = el("button", { type: "button", onclick: async () => {
    button.disabled = true;
    await savePicture(Number(list.value)).finally(() => { button.disabled = !grid.empty.hidden; });
  } }, "Save as one picture");
  return el("div", { class: "field" }, button, list);
}
