// Parts that are folded. The browser keeps which ones are open, from image to image and from visit to visit.

const FOLDS = "nst-folds";
const folds = readFolds();

function readFolds() {
  try { return new Map(Object.entries(JSON.parse(localStorage.getItem(FOLDS)) ?? {}).filter(([, on]) => typeof on === "boolean")); } catch { return new Map(); }
}

function keepFold(name, isOpen) {
  folds.set(name, isOpen);
  try { localStorage.setItem(FOLDS, JSON.stringify(Object.fromEntries(folds))); } catch { /* for this visit only */ }
}

function fold(name, isOpen, ...content) {
  // By the click, which is at once, and not by the event `toggle`, for which a page that is left does not wait.
  const root = el("details", { open: folds.get(name) ?? isOpen }, el("summary", { onclick: () => keepFold(name, !root.open) }, name), content);
  return root;
}
