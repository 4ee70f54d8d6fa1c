// Two pictures, one over the other, and a line to drag between them.

function wiper(below, above, [width, height]) {
  const box = el("div", { class: "wiper", style: `--ratio: ${width / height}; --at: 50%` });
  const range = el("input", {
    type: "range", min: 0, max: 100, step: 0.5, value: 50,
    "aria-label": `Wipe between ${below.name} and ${above.name}`,
    oninput: () => box.style.setProperty("--at", `${range.value}%`),
  });
  box.append(
    el("img", { src: below.src, alt: below.name, class: below.whole ? "whole" : null }),
    el("img", { src: above.src, alt: above.name, class: "above" }),
    el("span", { class: "line", "aria-hidden": "true" }),
    range);
  return box;
}
