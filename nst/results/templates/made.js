// What an image was made with beside its content and its style.

function buildMade() {
  open.madeRows = el("dl", { class: "made" });
  open.ground = el("p", { class: "faint hint" }, "Transparent parts of the content were laid over white; ", el("code", {}, "alpha: keep"), " keeps them.");
  open.made = fold("Made with", true, open.madeRows, open.ground);
}

// What is known at once; the rest comes with the details.
function showMade(cell, { made = [] } = {}) {
  const isOverWhite = Boolean(nst.contents[cell.content].alpha) && !cell.alpha && !cell.maker;
  open.ground.hidden = !isOverWhite;
  open.madeRows.replaceChildren(...made.flatMap(([name, lines]) =>
    [el("dt", {}, name), el("dd", {}, lines.map((line) => el("div", {}, line)))]));
  open.made.hidden = !made.length && !isOverWhite;
}
