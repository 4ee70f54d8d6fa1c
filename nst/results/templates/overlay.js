// The mask and the regions of an image: laid over it while they are asked for, with a legend in words.

const overlayOf = (cell) => {
  const one = nst.overlays[cell?.overlay];
  return one && !cell.hole && isThere(one.picture) ? one : null;
};

function buildOverlay() {
  open.laid = false;
  open.mask = el("button", { type: "button", onclick: toggleOverlay });
  open.legend = el("ul", { class: "laid", hidden: true });
}

function toggleOverlay() {
  open.laid = !open.laid;
  showLayers();
}

// It has the place of the image, whatever its own size.
function setOverlay(cell) {
  const one = overlayOf(cell);
  open.mask.hidden = !one;
  if (!one) return open.pane.clear("overlay");
  const name = one.kind[0].toUpperCase() + one.kind.slice(1);
  open.mask.textContent = name;
  open.mask.title = `Show the ${one.kind} (m)`;
  open.legend.setAttribute("aria-label", name);
  open.legend.replaceChildren(...one.rows.map(([colour, text]) =>
    el("li", {}, el("i", { style: colour && `background: ${colour}` }), text)));
  return open.pane.set("overlay", { src: link(one.picture), size: open.pane.size, name: `${name} of ${nameOf(cell)}` });
}

function showsOverlay() {
  const isOn = open.laid && Boolean(overlayOf(state.open)) && !open.playing;
  open.mask.setAttribute("aria-pressed", String(isOn));
  open.legend.hidden = !isOn;
  return isOn;
}
