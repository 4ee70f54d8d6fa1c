// What the reader chooses of the grid as a whole: what stands where, and how large the tiles are.

const arrange = { lists: {}, sizes: [] };
const SIZE_TEXTS = { fit: "fit the window", S: "small", M: "medium", L: "large" };

function buildArrange() {
  const places = Object.keys(GRID_PLACES).filter((place) => !place.startsWith("super") || placeable.length > 2);
  const list = (place) => {
    const options = [...(place.startsWith("super") ? [["", "none"]] : []), ...placeable.map((one) => [one.key, one.name])];
    arrange.lists[place] = el("select", { "data-place": place, onchange: (event) => { setPlace(place, event.target.value); changed(); } },
      options.map(([value, text]) => el("option", { value }, text)));
    return el("label", { class: "field" }, el("span", {}, GRID_PLACES[place]), arrange.lists[place]);
  };
  tools.filters.prepend(el("div", { class: "filters of-grid" }, places.map(list)));
  tools.filters.append(el("div", { class: "filters of-grid" }, pictureButton()));
}

function sizeButtons() {
  arrange.sizes = SIZES.map((size) => el("button",
    { type: "button", "data-size": size, "aria-label": SIZE_TEXTS[size], onclick: () => { state.tiles = size; changed(); } }, size));
  return el("div", { class: "segments of-grid", role: "group", "aria-label": "Size of the images" }, arrange.sizes);
}

const isArranged = () => JSON.stringify(state.places) !== JSON.stringify(firstPlaces());

function showArrange() {
  for (const [place, list] of Object.entries(arrange.lists)) list.value = state.places[place];
  for (const one of arrange.sizes) one.setAttribute("aria-pressed", String(one.dataset.size === state.tiles));
}
