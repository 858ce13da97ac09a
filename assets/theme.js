// The reader's theme. Loaded in the head as a classic script, so that the first paint is right.
// Without a choice (or without this script) the system decides.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const read = () => {
    try {
      return localStorage.getItem("theme") ?? "";
    } catch {
      return "";
    }
  };
  const write = (theme) => {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // storage is switched off: the choice holds for this page
    }
  };

  root.dataset.theme = read();
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    write(root.dataset.theme);
  });
})();
