// The keys of the page: where each one works, what it does, and how the list of keys names it: a text, or a function that returns one.

const KEYS = [];

// `place` is a view of the page, "cell" or "compare" for the dialogs, or "everywhere"; `run` returns false
// where the key does nothing now, which then is the browser's. `when` says whether the list offers it.
function onKey(place, names, text, run, { when = () => true } = {}) {
  KEYS.push({ place, names, text, run, when });
}

const placeNow = () => (dialog.open ? "cell" : compare.open ? "compare" : state.view);

// What has a use of its own for a key, where the focus is.
const MOVES = ["Arrow", "Home", "End", "Page", " "];
function isTaken(target, pressed) {
  if (target.matches("input[type=range], input[type=radio], pre, .panel")) return MOVES.some((name) => pressed.startsWith(name));
  if (target.matches("button, summary, a, input[type=checkbox]")) return [" ", "Enter"].includes(pressed);
  return target.matches("input, select, textarea");
}

const isTyping = (target = document.activeElement) =>
  target.matches("textarea, input:not([type=range], [type=radio], [type=checkbox])");

// What happens when the key of an event is let go, or the window is left.
const releases = new Map();
const onRelease = (event, run) => releases.set(event.code, run);

function letGo(code, event) {
  const run = releases.get(code);
  releases.delete(code);
  run?.(event);
}
document.addEventListener("keyup", (event) => letGo(event.code, event));
window.addEventListener("blur", (event) => { for (const code of [...releases.keys()]) letGo(code, event); });

// One thing at a time: browsers close all dialogs at once that an address has opened.
function closeTop() {
  const top = [keyList, dialog, compare].find((one) => one.open);
  top?.close();
  return top || closeMenu();
}

// Out of a field, without closing the image.
function leaveField(target) {
  if (!isTyping(target) && !target.matches("select")) return false;
  const root = target.closest("dialog");
  root?.focus({ preventScroll: true });
  return Boolean(root);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (leaveField(event.target) || closeTop())) return event.preventDefault();
  if (event.ctrlKey || event.altKey || event.metaKey || keyList.open) return;
  const pressed = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
  if (isTaken(event.target, pressed)) return;
  const places = [placeNow(), "everywhere"];
  for (const { run } of KEYS.filter((key) => places.includes(key.place) && key.names.includes(pressed))) {
    if (run(event) === false) continue;
    event.preventDefault();
    return;
  }
});
