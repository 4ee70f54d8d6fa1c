// A control for one dimension: a slider for numbers, buttons for a few names, a list for many.

const MOST_BUTTONS = 8, MOST_LETTERS = 70; // of buttons in a row
const CYCLE = 1600; // milliseconds for which a value is shown while they pass by themselves

// `moved(position)` is called when the reader moves it, not by `set`.
function makeControl(dimension, moved, positions = dimension.values.map((_, at) => at)) {
  const texts = positions.map((at) => dimension.values[at]);
  const letters = texts.join("").length;
  const programs = dimension.numeric ? positions.filter((at) => at >= dimension.own).length : 0;
  const isRange = dimension.numeric && positions.length - programs > (programs ? 1 : 0);
  const make = isRange ? (programs ? makeRangeAndButtons : makeRange) : positions.length <= MOST_BUTTONS && letters <= MOST_LETTERS ? makeButtons : makeList;
  const control = make(dimension, texts, (n) => { stopCycle(); moved(positions[n]); }, programs);
  const set = (at) => { control.at = positions.indexOf(at); control.show(Math.max(0, control.at)); };
  set(positions[0]);
  const step = (by) => {
    const next = control.at + by;
    if (next < 0 || next >= positions.length) return false;
    moved(positions[next]);
    return true;
  };
  return { dimension, set, step, next: () => moved(positions[(control.at + 1) % positions.length]), root: control.root };
}

function makeRange({ key, name }, texts, moved) {
  const output = el("output", {}), last = texts.length - 1;
  const input = el("input", {
    type: "range", min: 0, max: last, step: 1, "data-axis": key, "aria-label": name,
    oninput: () => { show(Number(input.value)); moved(Number(input.value)); },
  });
  const every = Math.ceil(texts.join("").length / 44); // ticks with a label: few enough not to touch
  const ticks = el("span", { class: "ticks", "aria-hidden": "true" }, texts.map((text, n) =>
    el("i", { style: `--at: ${last ? n / last : 0}` }, n % every === 0 || n === last && last % every > every / 2 ? text : "")));
  function show(n) {
    input.value = n;
    output.textContent = texts[n];
    input.setAttribute("aria-valuetext", texts[n]);
  }
  return { show, root: el("label", { class: "slider" }, el("span", {}, name), el("span", { class: "track" }, input, ticks), output) };
}

// A slider for the values, and after it a button for each of the programs, the last of the texts.
function makeRangeAndButtons(dimension, texts, moved, programs) {
  const first = texts.length - programs;
  const range = makeRange(dimension, texts.slice(0, first), moved);
  const buttons = makeButtons(dimension, texts.slice(first), (n) => moved(first + n)).root.lastChild;
  const input = range.root.querySelector("input"), output = range.root.querySelector("output");
  const root = el("div", { class: "choice", role: "group", "aria-label": dimension.name }, range.root, buttons);
  function show(n) {
    root.classList.toggle("at-program", n >= first);
    [...buttons.children].forEach((one, i) => one.setAttribute("aria-pressed", String(first + i === n)));
    if (n < first) range.show(n);
    else output.textContent = "";
  }
  // Back to the value at which the slider stands already.
  input.addEventListener("click", () => { if (root.classList.contains("at-program")) moved(Number(input.value)); });
  return { show, root };
}

function makeButtons({ key, name }, texts, moved) {
  const buttons = texts.map((text, n) => el("button", { type: "button", onclick: () => { show(n); moved(n); } }, text));
  const show = (n) => buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(i === n)));
  return { show, root: el("div", { class: "choice", role: "group", "aria-label": name, "data-axis": key },
    el("span", {}, name), el("span", { class: "segments" }, buttons)) };
}

function makeList({ key, name }, texts, moved) {
  const list = el("select", { "data-axis": key, onchange: () => moved(list.selectedIndex) }, texts.map((text) => el("option", {}, text)));
  return { show: (n) => { list.selectedIndex = n; }, root: el("label", { class: "choice" }, el("span", {}, name), list) };
}

// A control for an axis, as the dialog of an image has them.
const makeSlider = (i, moved) => ({ ...makeControl(dimensions[i + 2], moved), axis: i });

// The values of a control one after the other, for a lesson or an exhibition, until the reader takes over.
const cycle = { timer: null, key: "" };

function stopCycle() {
  clearInterval(cycle.timer);
  cycle.timer = null;
  cycle.key = "";
  for (const one of document.querySelectorAll(".cycle")) one.setAttribute("aria-pressed", "false");
}

function cycleButton(control) {
  const { key, name } = control.dimension;
  return el("button", {
    type: "button", class: "cycle", "aria-pressed": String(cycle.key === key), "aria-label": `Show one ${name} after the other`,
    onclick: ({ currentTarget }) => {
      const was = cycle.key;
      stopCycle();
      if (was === key) return;
      cycle.key = key;
      currentTarget.setAttribute("aria-pressed", "true");
      cycle.timer = setInterval(() => { if (!document.hidden && state.view === "grid" && !state.open) grid.controls.find((one) => one.dimension.key === key)?.next(); }, CYCLE);
    },
  }, "▶");
}
