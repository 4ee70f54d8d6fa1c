// A line over a pane, to drag between two of its layers: left of it is what the image is compared with, right
// of it the image. It lies within what is seen of the image, and its position is kept.

function makeWiper(stage, pane) {
  const range = el("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, oninput: () => set(range.value) });
  const line = el("span", { class: "line", "aria-hidden": "true" });
  const names = [el("span", { class: "side" }), el("span", { class: "side" })];
  const root = el("div", { class: "wiper", hidden: true }, line, ...names, range);
  const above = pane.layers.get("image").root, overlay = pane.layers.get("overlay").root;
  let isAlike = false; // whether what lies over the image lies over what it is compared with, too
  pane.root.append(root);

  // What is seen of the image.
  function seen() {
    const { left, top, width, height } = stage.view.place(pane.size, pane.origin), [across, down] = stage.view.box;
    return { left: Math.max(0, left), right: Math.min(across, left + width), top: Math.max(0, top), bottom: Math.max(0, down - top - height) };
  }
  function draw() {
    const { left, right, top, bottom } = seen(), at = left + ((right - left) * range.value) / 100;
    Object.assign(line.style, { left: `${at}px`, top: `${top}px`, bottom: `${bottom}px` });
    above.style.clipPath = root.hidden ? "" : `inset(0 0 0 ${at}px)`;
    overlay.style.clipPath = isAlike ? "" : above.style.clipPath;
    names[0].style.left = `${left}px`;
    names[1].style.right = `${stage.view.box[0] - right}px`;
    for (const one of names) one.style.marginBottom = `${bottom}px`;
  }
  function set(percent) {
    range.value = percent;
    draw();
  }
  function follow(event) {
    const { left, right } = seen(), box = pane.root.getBoundingClientRect();
    set((100 * (event.clientX - box.left - left)) / (right - left));
  }
  // The whole picture is wiped from wherever it is pressed; a part of it is panned, but by the line.
  stage.grab = (event) => {
    if (root.hidden) return null;
    const away = Math.abs(event.clientX - line.getBoundingClientRect().left);
    return !stage.view.canPan() || away < 28 ? follow : null;
  };
  function show(against, name) {
    root.hidden = !against;
    isAlike = Boolean(against?.isContent);
    if (against) {
      [names[0].textContent, names[1].textContent] = [against.name, name];
      range.setAttribute("aria-label", `Wipe between ${against.name} and ${name}`);
    }
    draw();
  }
  return { root, show, draw, set, at: () => range.value, isOn: () => !root.hidden };
}
