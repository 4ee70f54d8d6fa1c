// The numbers of a cell, as in losses.csv. Losses without their weights are those that compare between cells.

const LOSSES = {
  content: ["content loss", (cell) => cell.terms[0]],
  style: ["style loss", (cell) => cell.terms[1]],
  tv: ["tv loss", (cell) => cell.terms[2]],
  "weighted-content": ["weighted content loss", (cell) => cell.losses.content],
  "weighted-style": ["weighted style loss", (cell) => cell.losses.style],
  "weighted-tv": ["weighted tv loss", (cell) => cell.losses.tv],
  total: ["total loss", (cell) => cell.losses.total],
};

// A loss, and what it adds to the total, if its weight is not 1.
function lossRows(cell, name) {
  const [plain, weighted] = [name, `weighted-${name}`].map((key) => [LOSSES[key][0], number(LOSSES[key][1](cell))]);
  return plain[1] === weighted[1] ? [plain] : [plain, weighted];
}

function facts(cell) {
  const rows = [
    ...["content", "style", "tv"].filter((name) => cell.losses[name]).flatMap((name) => lossRows(cell, name)),
    ["total loss", number(cell.losses.total)],
    ["evaluations", cell.evaluations],
    ["seconds", number(cell.seconds)],
    ["device", cell.device],
    ["outcome", cell.outcome],
    ["pixels", cell.size.join(" × ") + (cell.made_size ? `, made with ${cell.made_size.join(" × ")}` : "")],
  ];
  return el("dl", { class: "facts" }, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
}
