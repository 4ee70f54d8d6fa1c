// The numbers of a cell, as in losses.csv, each with one sentence that says what it is. Within a pair, losses without
// their weights can be compared between cells of one recipe, network and size; metrics between all.

const loss = (i) => (cell) => cell.terms?.[i] ?? null;
const weighted = (name) => (cell) => cell.losses?.[name] ?? null;
const metric = (name) => (cell) => cell.metrics?.[name] ?? null;

// `near` is the original to which an image is close where the number is low, or high if `isHigh`.
const NUMBERS = {
  content: { name: "content loss", of: loss(0), near: "content", isLoss: true,
    says: "how far the image is from its content, as the network of its recipe sees them, without the weight" },
  style: { name: "style loss", of: loss(1), near: "style", isLoss: true,
    says: "how far the image's textures and colours are from the style's, as the network of its recipe sees them, without the weight" },
  tv: { name: "tv loss", of: loss(2), isLoss: true, says: "how much pixels differ from their neighbours, without the weight" },
  "weighted-content": { name: "weighted content loss", of: weighted("content"), isLoss: true, says: "content loss times its weight" },
  "weighted-style": { name: "weighted style loss", of: weighted("style"), isLoss: true, says: "style loss times its weight" },
  "weighted-tv": { name: "weighted tv loss", of: weighted("tv"), isLoss: true, says: "tv loss times its weight" },
  total: { name: "total loss", of: weighted("total"), isLoss: true, says: "the sum of the weighted losses, which was minimized" },
  lpips: { name: "LPIPS", of: metric("lpips"), near: "content", isMetric: true,
    says: "how different image and content look to a network that was fitted to people's judgements; 0 is the same" },
  ssim: { name: "SSIM", of: metric("ssim"), near: "content", isMetric: true, isHigh: true,
    says: "how much of the content's light and dark structure the image keeps; 1 is all of it" },
  style_distance: { name: "style distance", of: metric("style_distance"), near: "style", isMetric: true,
    says: "how far the image's mix of textures, as a network sees them, is from the style's; 0 is the same mix" },
  colour_distance: { name: "colour distance", of: metric("colour_distance"), near: "style", isMetric: true,
    says: "how far the image's colours must move to become the style's: 0 is the same colours, 1 a difference that can just be seen" },
  seconds: { name: "seconds", of: (cell) => cell.seconds ?? null, says: "the time that the image took to compute" },
  evaluations: { name: "evaluations", of: (cell) => cell.evaluations ?? null, says: "how many times the losses were computed to make the image" },
};
const NOT_TASTE = "None of these numbers measures taste: they tell how close an image is to its content or style, not how good it looks.";
const LOSSES_ALIKE = "Losses can be compared only between images of the same content, style, recipe, network and size;"
  + " metrics, between all images of the same content and style.";
const METRICS_ALIKE = "Metrics can be compared between all images of the same content and style.";

const shortNumber = (value) => (value === null || value === undefined ? "–" : number(Number(value.toPrecision(3))));
// A number of a cell as the page shows it.
const shownNumber = (key, cell) => (NUMBERS[key].isMetric ? shortNumber : number)(NUMBERS[key].of(cell));
const isNumber = (key) => Object.hasOwn(NUMBERS, key);
const METRICS = Object.keys(NUMBERS).filter((key) => NUMBERS[key].isMetric);
const isSomewhere = (key) => nst.cells.some((cell) => NUMBERS[key].of(cell) !== null);

// The sentences that explain some numbers.
const sentences = (keys) => el("dl", {}, keys.flatMap((key) => [el("dt", {}, `${NUMBERS[key].name}:`), el("dd", {}, NUMBERS[key].says)]));

// Whether losses of some images do not compare with those of others; what other programs made has none.
const isMixed = () => nst.varied || nst.externals.some((one) => !one.state) || nst.groups.some((group) => group.label);

// What is said of some numbers where they are chosen or listed.
function explained(keys) {
  const [isLoss, isMetric] = ["isLoss", "isMetric"].map((kind) => keys.some((key) => NUMBERS[key][kind]));
  const alike = isMixed() || cellsOf.size > 1 ? (isLoss ? LOSSES_ALIKE : METRICS_ALIKE) : "";
  return [sentences(keys), isLoss || isMetric ? el("p", {}, [alike, NOT_TASTE].filter(Boolean).join(" ")) : ""];
}

// The two numbers that place an image between its content and its style: losses, or where these do not compare, metrics,
// as soon as half of the images are measured.
let mainNumbers = ["content", "style"];

function chooseMainNumbers() {
  const pair = ["lpips", "style_distance"];
  const measured = nst.cells.filter((cell) => pair.every((key) => NUMBERS[key].of(cell) !== null)).length;
  mainNumbers = isMixed() && measured && 2 * measured >= nst.cells.length ? pair : ["content", "style"];
}

// A loss without its weight, and with it if that is another number.
const isWeighted = (cell, name) => shownNumber(name, cell) !== shownNumber(`weighted-${name}`, cell);
const lossesOf = (cell) => ["content", "style", "tv"].filter((name) => cell.losses?.[name]);
const weightedOf = (cell) => [...lossesOf(cell).filter((name) => isWeighted(cell, name)).map((name) => `weighted-${name}`),
  ...(cell.losses ? ["total"] : [])];
const metricsOfCell = (cell) => METRICS.filter((key) => NUMBERS[key].of(cell) !== null);
const costsOf = (cell) => ["evaluations", "seconds"].filter((key) => NUMBERS[key].of(cell) !== null);

// The numbers that a cell has, in their order.
const numbersOf = (cell) => [metricsOfCell, lossesOf, weightedOf, costsOf].flatMap((of) => of(cell));

// Metrics first; then losses, those with their weights folded; then how the image was made.
function facts(cell) {
  const list = (rows) => el("dl", {}, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
  const numbers = (keys) => keys.map((key) => [NUMBERS[key].name, shownNumber(key, cell)]);
  const group = (title, keys, more = []) => (keys.length ? [el("h3", {}, title), list(numbers(keys)), more] : []);
  const weights = weightedOf(cell), made = [
    ...numbers(costsOf(cell)),
    ["device", cell.device],
    ["outcome", ["completed", "external"].includes(cell.outcome) ? undefined : cell.outcome],
    ["pixels", cell.size.join(" × ") + (cell.made_size ? `, made with ${cell.made_size.join(" × ")}` : "")],
  ].filter(([, value]) => value !== undefined);
  return el("div", { class: "facts" },
    group("Metrics", metricsOfCell(cell)),
    group("Losses", lossesOf(cell), weights.length ? fold("With their weights", false, list(numbers(weights))) : []),
    list(made));
}
