// The numbers of a cell. Losses without their weights are those that compare between cells.

const LOSSES = {
  content: ["content loss", (cell) => cell.terms[0]],
  style: ["style loss", (cell) => cell.terms[1]],
  total: ["total loss, weighted", (cell) => cell.losses.total],
  "weighted-content": ["content loss, weighted", (cell) => cell.losses.content],
  "weighted-style": ["style loss, weighted", (cell) => cell.losses.style],
  "weighted-tv": ["tv loss, weighted", (cell) => cell.losses.tv],
};

function facts(cell) {
  const rows = [
    ...Object.values(LOSSES).map(([name, of]) => [name, number(of(cell))]),
    ["evaluations", cell.evaluations],
    ["seconds", number(cell.seconds)],
    ["device", cell.device],
    ["outcome", cell.outcome],
    ["pixels", cell.size.join(" × ")],
  ];
  return el("dl", { class: "facts" }, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
}
