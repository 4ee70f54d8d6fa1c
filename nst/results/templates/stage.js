// A dark stage on which pictures are looked at: one or several panes that zoom and pan together. A pane has
// layers, one over the other: pictures of the same place.

const SWIPE = 60; // pixels
const LINGER = 250; // milliseconds
const NEARLY = 0.04; // fingers that leave the picture so near to the whole one mean that

// `swiped(right, down)` moves to another image, `changed()` follows every change of what is seen.
function makeStage({ swiped = () => {}, changed = () => {} } = {}) {
  const stage = { root: el("div", { class: "stage" }), panes: [], view: makeView(), pointer: null, grab: () => null };
  const { view, root } = stage;
  let isMeasured = false;

  stage.draw = () => {
    for (const pane of stage.panes) {
      for (const { img, size } of pane.layers.values()) {
        if (!size) continue;
        const at = view.place(areAlike(size, pane.size) ? pane.size : size, pane.origin);
        Object.assign(img.style, { width: `${at.width}px`, height: `${at.height}px`, transform: `translate(${at.left}px, ${at.top}px)` });
        // The whole picture is smooth, a closer look shows its pixels.
        img.classList.toggle("crisp", !view.isFit() && (at.width / size[0]) * devicePixelRatio > 1.001);
      }
    }
    root.classList.toggle("pans", view.canPan());
    changed();
  };
  const then = (change) => (...values) => { change(...values); stage.draw(); };
  stage.setFit = then(view.setFit);
  stage.setLevel = then((level) => view.setLevel(level, stage.pointer ?? undefined));
  stage.step = then((direction) => view.step(direction, stage.pointer ?? undefined));
  stage.toggle = then((point = stage.pointer ?? undefined) => (view.isFit() ? view.setLevel(1, point) : view.setFit()));
  stage.pan = then((right, down) => view.pan(right * view.box[0] * 0.2, down * view.box[1] * 0.2));

  stage.setPanes = (panes) => {
    stage.panes = panes;
    measure();
  };
  function measure() {
    const pane = stage.panes.find((one) => one.root.clientWidth);
    if (!pane) return;
    for (const one of stage.panes) {
      const { left, top } = one.root.getBoundingClientRect();
      one.origin = [left, top];
    }
    view.box = [pane.root.clientWidth, pane.root.clientHeight];
    const pixels = ([width, height]) => width * height;
    const before = isMeasured ? view.fit() : null;
    view.size = stage.panes.map((one) => one.size).reduce((most, size) => (pixels(size) > pixels(most) ? size : most));
    if (before && !view.isFit()) view.scale *= view.fit() / before; // the same part of a picture with more pixels
    isMeasured = true;
    view.pan(0, 0);
    stage.draw();
  }
  stage.measure = measure;
  new ResizeObserver(measure).observe(root);

  let swipe = [0, 0];
  const isAcross = () => Math.abs(swipe[0]) > Math.abs(swipe[1]);
  const slide = (right, down) => root.style.setProperty("--slide", `${right}px ${down}px`);
  listenForGestures(root, {
    grab: (event) => stage.grab(event),
    point: (point) => { stage.pointer = point; },
    zoom: then((factor, point) => view.zoomBy(factor, point)),
    pinch: then((factor, point) => view.zoomTo(view.now() * factor, point)),
    doubleTap: stage.toggle,
    drag(right, down, isSwipe) {
      if (view.canPan()) {
        view.pan(right, down);
        stage.draw();
      } else if (isSwipe) {
        swipe = [swipe[0] + right, swipe[1] + down];
        slide(isAcross() ? swipe[0] / 2 : 0, isAcross() ? 0 : swipe[1] / 2);
      }
    },
    drop(isSwipe) {
      if (Math.abs(view.now() / view.fit() - 1) < NEARLY) stage.setFit();
      const step = isAcross() ? [-Math.sign(swipe[0]), 0] : [0, -Math.sign(swipe[1])];
      const far = Math.max(...swipe.map(Math.abs)) > SWIPE;
      swipe = [0, 0];
      slide(0, 0);
      if (isSwipe && far) swiped(...step);
    },
  });
  return stage;
}

function makePane(...names) {
  const pane = { root: el("div", { class: "pane" }), layers: new Map(), size: [1, 1] };
  for (const name of names) {
    const img = el("img", { alt: "", draggable: "false" });
    const root = el("div", { class: `layer ${name}` }, img);
    pane.layers.set(name, { root, img, size: null });
    pane.root.append(root);
  }
  // Put a picture in a layer; the size of the pane is that of its image.
  pane.set = (name, { src, size, alpha, name: alt }) => {
    const layer = pane.layers.get(name);
    if (name === "image" && alt !== layer.img.alt) linger(layer); // not in the place of its own new version
    layer.size = size;
    layer.img.alt = alt;
    layer.img.classList.toggle("see-through", Boolean(alpha)); // and nothing of another layer shines through
    showSurely(layer.img, src);
    if (name === "image") pane.size = size;
  };
  pane.clear = (name) => {
    const layer = pane.layers.get(name);
    layer.size = null;
    layer.img.alt = "";
    layer.img.removeAttribute("src");
  };
  // Only these layers are seen, also by those who listen.
  pane.only = (...seen) => { for (const [name, { root }] of pane.layers) root.classList.toggle("unseen", !seen.includes(name)); };
  return pane;
}

// What was seen stays for a moment, until the next picture is there: so that nothing flickers. The words beside it,
// which are of the next one already, are hidden meanwhile (viewer.css).
function linger({ root, img }) {
  const isSeen = () => img.complete && img.naturalWidth && !img.classList.contains("unsure");
  if (!isSeen() || root.classList.contains("unseen")) return;
  const until = performance.now() + LINGER, copy = img.cloneNode();
  copy.alt = "";
  const ghost = el("div", { class: "layer ghost", "aria-hidden": "true" }, copy);
  ghost.style.clipPath = root.style.clipPath;
  root.before(ghost);
  const look = () => { if (isSeen() || performance.now() > until) ghost.remove(); else requestAnimationFrame(look); };
  requestAnimationFrame(look);
}

// Buttons for the zoom, with what it is now between them.
function zoomButtons(stage) {
  const level = el("button", { type: "button", class: "level", onclick: () => stage.toggle() });
  const step = (text, name, direction) =>
    el("button", { type: "button", class: "by-mouse", "aria-label": name, onclick: () => stage.step(direction) }, text);
  const root = el("div", { class: "zoom", role: "group", "aria-label": "Zoom" }, step("−", "Zoom out", -1), level, step("+", "Zoom in", 1));
  const show = () => {
    const { view } = stage, percent = `${Math.round(100 * view.level())} %`;
    level.textContent = view.isFit() ? "fit" : percent;
    level.title = view.isFit() ? `The whole picture, at ${percent}` : "Show the whole picture";
    level.setAttribute("aria-label", view.isFit() ? `Zoom: fit, ${percent}; show 100 %` : `Zoom: ${percent}; show the whole picture`);
  };
  return { root, show };
}

function onStageKeys(place, stageOf, when = () => true) {
  const key = (names, text, run) =>
    onKey(place, names, text, (event) => (when() ? run(stageOf(), event.key) : false), { when });
  key(["+", "=", "-", "_"], "zoom in, out", (stage, name) => stage.step("+=".includes(name) ? 1 : -1));
  key(["z"], "the whole picture, or 100 %", (stage) => stage.toggle());
  key(["0"], "the whole picture", (stage) => stage.setFit());
  const ways = { h: [1, 0], j: [0, -1], k: [0, 1], l: [-1, 0] };
  key(Object.keys(ways), "pan left, down, up, right", (stage, name) => stage.pan(...ways[name]));
}
