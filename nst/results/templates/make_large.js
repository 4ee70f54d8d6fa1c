// The text for config.yaml that asks for large prints of the favourites, and roughly how long they take.

const PRINT = { size: 1024, evaluations: 200 }; // larger ones take hours without a GPU
const MOST = { size: 16384, evaluations: 100000 };
const WIDE = 100; // characters of a line of YAML

function printsYaml(ids, { size, evaluations }) {
  const line = `  cells: [${ids.map(yamlId).join(", ")}]`;
  const cells = line.length <= WIDE ? line : `  cells:\n${ids.map((id) => `    - ${yamlId(id)}`).join("\n")}`;
  return `prints:\n  settings: {size: ${size}, evaluations: ${evaluations}}\n${cells}\n`;
}

// Twice the size of the largest image, at least.
const largestOf = (cells) => Math.max(0, ...cells.flatMap((cell) => cell.size));
const firstSize = (cells) => Math.min(MOST.size, Math.max(PRINT.size, 2 * largestOf(cells)));

// The time of an image grows with its pixels and its evaluations.
function printSeconds(cells, { size, evaluations }) {
  return cells.reduce((sum, cell) => {
    const grown = (size / Math.max(...cell.size)) ** 2;
    return sum + (cell.evaluations ? (cell.seconds * grown * evaluations) / cell.evaluations : 0);
  }, 0);
}

function makeLarge() {
  const asked = { ...PRINT, size: firstSize(nst.cells) };
  const button = el("button", { type: "button", class: "strong", "aria-expanded": "false", "aria-controls": "large", onclick: toggle }, "Make these large");
  const text = el("pre", { tabindex: 0, "aria-label": "The text for config.yaml" });
  const command = el("pre", { tabindex: 0, "aria-label": "The command" }, "snakemake prints");
  const time = el("p", {});
  const fields = Object.keys(PRINT).map((name) => {
    const input = el("input", { type: "number", min: 1, max: MOST[name], step: 1, value: asked[name], oninput: () => {
      if (input.checkValidity() && input.value) asked[name] = Number(input.value);
      fill();
    } });
    return el("label", { class: "field" }, el("span", {}, name), input);
  });
  const step = (words, from, name) => el("div", { class: "step" },
    el("p", {}, words), el("button", { type: "button", "aria-label": `Copy the ${name}`, onclick: () => copy(from.textContent, name) }, "Copy"), from);
  const root = el("section", { id: "large", class: "panel-box", "aria-label": "Make these large", hidden: true },
    el("div", { class: "buttons" }, fields),
    step(["1. Put this into config.yaml (replace ", el("code", {}, "prints:"), " if it is there):"], text, "text for config.yaml"),
    step("2. Run this in the project's folder:", command, "command"), time);
  let cells = [], left = 0;

  function toggle() {
    root.hidden = !root.hidden;
    button.setAttribute("aria-expanded", String(!root.hidden));
    fill();
  }

  function fill() {
    if (root.hidden) return;
    text.textContent = printsYaml(cells.map((cell) => cell.id), asked);
    const largest = largestOf(cells);
    if (asked.size <= largest) {
      time.textContent = `A print must be larger than its image, and the largest one here has ${largest} pixels.`;
      return;
    }
    const devices = [...new Set(cells.map((cell) => cell.device))].join(", ");
    const takes = span(printSeconds(cells, asked));
    time.replaceChildren(`${/^[0-9]/.test(takes) ? `About ${takes}` : takes.replace("l", "L")} on ${devices}. `, el("code", {}, "snakemake -n prints"),
      " gives a better estimate. If config.yaml has changed, run ", el("code", {}, "snakemake"), " first.",
      left ? ` ${many(left, "favourite")} without an image ${left === 1 ? "is" : "are"} left out.` : "");
  }

  function show(made, others) {
    [cells, left] = [made, others];
    button.disabled = !cells.length;
    if (!cells.length) root.hidden = true;
    button.setAttribute("aria-expanded", String(!root.hidden));
    fill();
  }
  return { button, root, show };
}
