// The list of keys, a small dialog that "?" opens. It shows those that do something where the reader is.

const keyList = document.getElementById("keys");
const KEY_PLACES = { grid: "Grid", images: "Images", favourites: "Favourites", plot: "Plot", sheets: "Sheets", cell: "One image", compare: "Comparing" };
const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", " ": "Space", PageUp: "Page ↑", PageDown: "Page ↓" };

const TWINS = ["=", "_"]; // on the keys of + and -

const signOf = (name) => name.split(/\+(?=.)/).map((part) => SIGNS[part] ?? part).join(" ");

function keyRows(place) {
  const here = KEYS.filter((key) => key.place === place && key.when());
  return here.map(({ names, text }) => [
    el("dt", {}, names.filter((name) => !TWINS.includes(name)).map((name) => el("kbd", {}, signOf(name)))),
    el("dd", {}, typeof text === "function" ? text() : text)]);
}

function openKeys() {
  const place = placeNow();
  const escape = ["cell", "compare"].includes(place) ? [el("dt", {}, el("kbd", {}, "Esc")), el("dd", {}, "close")] : [];
  const sections = [...new Set([place, ...(escape.length ? [] : ["cell", "compare"])])];
  keyList.replaceChildren(
    el("header", {}, el("h2", { id: "keys-title" }, "Keys"),
      el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => keyList.close() }, "×")),
    ...sections.flatMap((each) => {
      const rows = [...keyRows(each), ...(each === place ? [...escape, ...keyRows("everywhere")] : [])];
      return rows.length ? [el("h3", {}, KEY_PLACES[each]), el("dl", { class: "keys" }, rows)] : [];
    }));
  keyList.showModal();
}

// Where there is no keyboard to speak of, the style sheet hides it.
const keysButton = () =>
  el("button", { type: "button", class: "keys-button", "aria-label": "Keys", title: "Keys (?)", onclick: openKeys }, "?");
