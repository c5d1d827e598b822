// The live draw: an order unfolds once, and not at all where that was asked for; the page itself is refreshed by htmx.
"use strict";
(() => {
  const root = document.documentElement;
  const KEY = "anju-still";
  const stage = document.getElementById("stage");
  if (!stage) return;
  const asked = () => { try { return localStorage.getItem(KEY) === "1"; } catch { return false; } };
  let shown = Boolean(stage.querySelector(".drawn"));

  function settle() {
    const box = document.getElementById("still");
    if (box) box.checked = asked();
    if (asked()) root.dataset.still = "";
    document.title = `${stage.querySelector("h1").textContent} · 安居`;
  }

  stage.addEventListener("htmx:afterSwap", () => {
    // What has been seen does not move again.
    if (shown) root.dataset.still = "";
    shown = Boolean(stage.querySelector(".drawn"));
    settle();
  });
  stage.addEventListener("change", (event) => {
    if (event.target.id !== "still") return;
    try { localStorage.setItem(KEY, event.target.checked ? "1" : "0"); } catch { /* a private window: for this page only */ }
    if (event.target.checked) root.dataset.still = "";
  });
  settle();
})();
