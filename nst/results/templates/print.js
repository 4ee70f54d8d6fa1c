// The print of an image, if there is one: marked on its tile, seen in the place of the image, and its numbers.

const printMark = () => el("span", { class: "print-mark", title: "there is a print of it" }, "print");
const printPicture = (cell) => ({ src: dated(cell.print.picture, cell.print), size: cell.print.size, alpha: cell.print.alpha, name: `the print of ${nameOf(cell)}` });

function buildPrint() {
  open.print = false; // whether the print is seen in the place of the image
  open.printed = el("button", { type: "button", title: "Switch between image and print (r)", onclick: () => togglePrint() }, "Print");
}

const seesPrint = (cell = state.open) => open.print && Boolean(cell.print);

function togglePrint() {
  open.print = !open.print;
  if (open.print) open.against = "print"; // what a wipe then shows: the image
  showPrint();
}

// The picture of the open cell: its image, or its print while that is chosen and there.
function showPrint() {
  const cell = state.open, isPrint = seesPrint();
  open.printed.hidden = !cell.print;
  open.printed.setAttribute("aria-pressed", String(isPrint));
  open.pane.set("image", isPrint ? printPicture(cell) : imagePicture(cell));
  setOverlay(cell);
  open.stage.setPanes([open.pane]);
  showComparisons();
}

// What an image with a print is compared with, beside its originals: the print, or the image while the print is seen.
function printComparison(cell) {
  if (!cell.print) return [];
  if (cell === state.open && seesPrint()) return [["print", { ...imagePicture(cell), name: `the image, ${Math.max(...cell.size)} pixels` }]];
  return [["print", { ...printPicture(cell), name: `the print, ${Math.max(...cell.print.size)} pixels` }]];
}

function buildPrintFacts() {
  open.printFacts = el("div", {});
  open.printFile = el("a", { class: "button", target: "_blank" }, "Open the print");
  open.printRecord = el("a", { class: "button", target: "_blank" }, "Its record");
  const command = el("button", { type: "button", onclick: () => copy(state.open.print.command, "command of the print") }, "Copy its command");
  return el("div", {}, open.printFacts, el("div", { class: "buttons" }, open.printFile, open.printRecord, command));
}

const STARTS = { cell: "from the image", afresh: "afresh" };

function showPrintFacts(cell) {
  open.ofPrint.hidden = !cell.print;
  if (!cell.print) return;
  open.printFile.href = dated(cell.print.picture, cell.print);
  open.printRecord.href = dated(cell.print.record, cell.print);
  const differ = Object.entries(cell.print.settings).map(([name, value]) => (name === "evaluations" ? many(value, "evaluation") : `${words(name)} ${value}`)).join(", ");
  open.printFacts.replaceChildren(
    el("p", { class: "faint hint" }, `made ${STARTS[cell.print.start]}${differ ? `; asked: ${differ}` : ", with the same settings"}`), facts(cell.print));
}

onKey("cell", ["r"], "switch between image and print", () => (state.open?.print ? togglePrint() : false), { when: () => Boolean(state.open?.print) });
