// Lets a drawn clock run between two answers of the server, which alone decides what is late.
"use strict";
(() => {
  const started = new WeakMap();
  const words = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const tick = () => {
    for (const clock of document.querySelectorAll("[data-clock]")) {
      if (!started.has(clock)) started.set(clock, performance.now());
      if (clock.dataset.stopped !== undefined) continue;
      const limit = Number(clock.dataset.limit);
      const used = Number(clock.dataset.used) + Math.floor((performance.now() - started.get(clock)) / 1000);
      const left = limit - used;
      clock.querySelector("[data-left]").textContent = left >= 0 ? words(left) : `超 ${words(-left)}`;
      clock.querySelector("[data-told]").textContent = `已用 ${words(used)}`;
      const bar = clock.querySelector("[data-bar]");
      bar.setAttribute("width", `${Math.min(100, (100 * used) / Math.max(1, limit))}%`);
      bar.setAttribute("class", left < 0 ? "over" : "used");
      clock.toggleAttribute("data-over", left < 0);
    }
  };
  setInterval(tick, 500);
})();
