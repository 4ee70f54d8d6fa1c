// Light or dark: what the system says until the reader says otherwise, which the browser keeps.

function themeButton() {
  const button = el("button", { type: "button", title: "Light or dark", onclick: () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem("nst-theme", theme); } catch { /* for this time only */ }
    show();
  } }, "\u25d0");
  const show = () => button.setAttribute("aria-label", `Make the page ${document.documentElement.dataset.theme === "dark" ? "light" : "dark"}`);
  show();
  return button;
}
