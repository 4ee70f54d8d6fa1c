// Menus of the values of each dimension, to hide and to show them, and what is hidden now.

const outcomes = [...new Set(nst.cells.map((cell) => cell.outcome))];
const filterable = [...dimensions,
  { key: "outcome", name: "outcome", values: outcomes, of: (cell) => outcomes.indexOf(cell.outcome) }];
const MANY = 12; // values from which a menu has a field to find one
const MOST_CHIPS = 8;

// A menu closes on Escape and on a press elsewhere.
const openMenus = () => document.querySelectorAll(".menu[open]");
document.addEventListener("pointerdown", (event) => {
  for (const one of openMenus()) if (!one.contains(event.target)) one.open = false;
});

function closeMenu() {
  const [one] = openMenus();
  if (!one) return false;
  one.open = false;
  one.querySelector("summary").focus();
  return true;
}

const everyValue = (dimension) => dimension.values.map((_, at) => at);

function menu(dimension) {
  const count = el("span", { class: "faint" });
  const set = (hidden, positions = everyValue(dimension)) => { hide(dimension, positions, hidden); changed(); };
  const only = (at) => { hide(dimension, everyValue(dimension)); set(false, [at]); };
  const rows = dimension.values.map((value, at) => {
    const box = el("input", { type: "checkbox", onchange: () => set(!box.checked, [at]) });
    return el("div", { class: "value" }, el("label", {}, box, value),
      el("button", { type: "button", "aria-label": `only ${value}`, onclick: () => only(at) }, "only"));
  });
  const find = el("input", {
    type: "search", placeholder: "find", "aria-label": `find a ${dimension.name}`,
    oninput: () => rows.forEach((row, at) => { row.hidden = !dimension.values[at].toLowerCase().includes(find.value.trim().toLowerCase()); }),
  });
  dimension.showMenu = () => {
    const hidden = state.hidden.get(dimension.key) ?? new Set();
    count.textContent = hidden.size ? `${rows.length - hidden.size} of ${rows.length}` : "all";
    rows.forEach((row, at) => { row.querySelector("input").checked = !hidden.has(at); });
  };
  return el("details", { class: "menu", "data-filter": dimension.key },
    el("summary", {}, dimension.name, " ", count),
    el("div", {},
      el("div", { class: "buttons" },
        el("button", { type: "button", onclick: () => set(false) }, "All"),
        el("button", { type: "button", onclick: () => set(true) }, "None"),
        rows.length > MANY ? find : null),
      rows));
}

// What is hidden, each value with a way to show it again.
function showHidden() {
  const all = filterable.flatMap((dimension) => [...(state.hidden.get(dimension.key) ?? [])].map((at) => [dimension, at]));
  const chip = ([dimension, at]) => el("button", {
    type: "button", class: "chip", "aria-label": `Show ${dimension.values[at]} again`,
    onclick: () => { hide(dimension, [at], false); changed(); },
  }, dimension.pictures ? "" : `${dimension.name} `, dimension.values[at], el("span", { "aria-hidden": "true" }, " ×"));
  tools.hidden.hidden = !all.length;
  tools.hidden.replaceChildren(el("span", { class: "faint" }, "Hidden:"), ...all.slice(0, MOST_CHIPS).map(chip),
    all.length > MOST_CHIPS ? el("span", { class: "faint" }, `and ${all.length - MOST_CHIPS} more`) : "",
    el("button", { type: "button", class: "chip", onclick: () => { state.hidden.clear(); changed(); } }, "Show all"));
  for (const dimension of filterable) dimension.showMenu?.();
}
