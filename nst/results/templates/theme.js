// Light or dark: what the system says until the reader says otherwise, which the browser keeps.

function themeButton() {
  const button = el("button", { type: "button", title: "Light or dark", onclick: () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem("nst-theme", theme); } catch { /* for this time only */ }
    show();
  } }, "\u25d0");
  const show = () => button.setAttribute("aria-label", `Make the page ${document.documentElement.dataset.theme === "dark" ? "light" : "dark"}`);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
    try { if (localStorage.getItem("nst-theme")) return; } catch { /* none is kept */ }
    document.documentElement.dataset.theme = matches ? "dark" : "light";
    show();
  });
  show();
  return button;
}
