// Fullscreen for what a dialog holds: the pictures alone; the bars come while the pointer moves.

const CORNERS = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
const AWAKE = 2500; // milliseconds

const canFill = document.fullscreenEnabled;

function fillScreen(root) {
  if (document.fullscreenElement) document.exitFullscreen();
  else root.requestFullscreen().catch(() => say("The browser does not allow fullscreen here"));
}

function fullscreenButton(root) {
  const button = el("button", { type: "button", class: "icon fill", title: "Fullscreen (Enter)", "aria-label": "Fullscreen", hidden: !canFill,
    onclick: () => fillScreen(root) }, el("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: CORNERS })));
  let timer;
  for (const event of ["pointermove", "pointerdown", "focusin"]) {
    root.addEventListener(event, () => {
      root.classList.add("awake");
      clearTimeout(timer);
      timer = setTimeout(() => root.classList.remove("awake"), AWAKE);
    });
  }
  return button;
}

function onFullscreenKey(place, root) {
  onKey(place, ["Enter"], "fullscreen", (event) => { if (!event.repeat) fillScreen(root()); }, { when: () => canFill });
}
