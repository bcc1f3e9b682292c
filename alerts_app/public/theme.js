// Runs before the first paint, so that a chosen theme never flashes in the other colours.
try {
  const theme = localStorage.getItem("miseban.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage refused: the phone's own preference stands.
}
