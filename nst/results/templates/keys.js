// The keys of the page: where each one works, what it does, and how the list of keys names it.

const KEYS = [];

// `place` is a view of the page, or "cell" or "compare" for the dialogs; `run` returns false where the key
// does nothing now, which then is the browser's.
function onKey(place, names, text, run) {
  KEYS.push({ place, names, text, run });
}

const placeNow = () => (compare.open ? "compare" : dialog.open ? "cell" : state.view);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !dialog.open && !compare.open && closeMenu()) return;
  const typing = event.target.matches("input, select, textarea, pre");
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const pressed = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
  const place = placeNow();
  for (const { run } of KEYS.filter((key) => key.place === place && key.names.includes(pressed))) {
    if (run(event) === false) continue;
    event.preventDefault();
    return;
  }
});
