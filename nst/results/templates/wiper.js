// Two pictures, one over the other, and a line to drag between them; its position is kept.

function makeWiper() {
  const range = el("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, oninput: () => setLine(range.value) });
  const below = el("img", { alt: "" });
  const above = el("img", { alt: "", class: "above" });
  const root = el("div", { class: "wiper" }, below, above, el("span", { class: "line", "aria-hidden": "true" }), range);

  function setLine(percent) {
    range.value = percent;
    root.style.setProperty("--at", `${range.value}%`);
  }
  // Pointers take the line from wherever they press; the slider is for the keyboard.
  function drag(event) {
    const box = root.getBoundingClientRect();
    setLine((100 * (event.clientX - box.left)) / box.width);
  }
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    range.focus({ preventScroll: true });
    drag(event);
    event.preventDefault();
  });
  root.addEventListener("pointermove", (event) => { if (root.hasPointerCapture(event.pointerId)) drag(event); });

  function show(under, over, [width, height]) {
    root.style.setProperty("--ratio", width / height);
    const [w, h] = under.size;
    below.classList.toggle("whole", Math.abs(Math.log((w * height) / (h * width))) > 0.04); // never stretched
    for (const [img, { src, name }] of [[below, under], [above, over]]) {
      showSurely(img, src);
      img.alt = name;
    }
    range.setAttribute("aria-label", `Wipe between ${under.name} and ${over.name}`);
  }
  setLine(50);
  return { root, show, set: setLine, at: () => range.value };
}
