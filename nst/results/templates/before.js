// Before anything is drawn: the reader's choice, or what the system says.
document.documentElement.dataset.theme = (() => {
  try { if (["light", "dark"].includes(localStorage.getItem("nst-theme"))) return localStorage.getItem("nst-theme"); } catch { /* none is kept */ }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})();
