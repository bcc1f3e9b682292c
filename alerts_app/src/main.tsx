import { render } from "preact";
import { diagnostics } from "./app/diagnostics";
import { Preferences } from "./app/preferences";
import { Session } from "./app/session";
import { Shop } from "./app/shop";
import { App } from "./ui/App";
import { WorldContext } from "./ui/context";
import { dressDocument } from "./ui/theme";
// In this order: what comes later may refine what came before.
import "./ui/style/colours.css";
import "./ui/style/base.css";
import "./ui/style/sign.css";
import "./ui/style/now.css";
import "./ui/style/map.css";
import "./ui/style/first.css";
import "./ui/style/alerts.css";
import "./ui/style/settings.css";
import "./ui/style/shelves.css";
import "./ui/style/day.css";
import "./ui/style/box.css";
import "./ui/style/door-sign.css";
import "./ui/style/desk.css";

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    // Refused by the browser's settings; choices then last as long as the page.
    return null;
  }
}

const kept = storage();
const preferences = new Preferences(kept, navigator.languages);
const session = new Session(kept);
const shop = new Shop(preferences, session);
const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");

window.__miseban = diagnostics;
dressDocument(preferences);
render(
  <WorldContext.Provider value={{ shop, preferences, session }}>
    <App />
  </WorldContext.Provider>,
  root,
);

// After the first paint: the connection's library is larger than the whole page.
requestAnimationFrame(() => {
  setTimeout(() => void shop.start());
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") shop.wake();
});
addEventListener("online", () => {
  shop.wake();
});
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // A page that cannot be kept for offline use is still the whole page.
  navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}
