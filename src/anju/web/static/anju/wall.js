// The wall, live: one stream tells what changed, and only that is drawn anew. Without it the page says so and asks again.
"use strict";
(() => {
  const root = document.querySelector("[data-wall]");
  if (!root) return;
  const NAMES = { f: "free", t: "taken", h: "held", r: "reserved", n: "named" };
  const FRESH_MS = 20000;
  const line = document.querySelector("[data-line]");
  let revision = root.dataset.revision;
  // The wall's clock when this page began, as page and stream tell it; this device's is not asked.
  let ahead = root.dataset.now ? Date.parse(root.dataset.now) - performance.now() : null;
  let waited = 2000;

  if (new URLSearchParams(location.search).get("hall") === "1") document.documentElement.dataset.audience = "hall";

  const shown = [], lost = [];

  const sayLine = (state, words) => { if (line) { line.dataset.line = state; line.textContent = words; } };

  // Façades: a sign a home, in the order in which they are drawn.
  const cells = () => root.querySelectorAll(".storey i:not(.gap)");
  let signs = Array.from(root.querySelector("[data-facades]").dataset.signs);
  function paint(changed) {
    const drawn = cells();
    for (const [at, sign] of changed) {
      const cell = drawn[at];
      if (!cell || !NAMES[sign] || signs[at] === sign) continue;
      signs[at] = sign;
      cell.className = NAMES[sign];
      const tower = cell.closest(".tower");
      tower.querySelector("[data-free]").textContent = tower.querySelectorAll("i.free, i.reserved").length;
      if (sign === "t") { cell.classList.add("fresh-home"); setTimeout(() => cell.classList.remove("fresh-home"), FRESH_MS); }
    }
  }

  function show(told) {
    if (told.homes && told.homes.length !== signs.length) { location.reload(); return; } // another set of homes
    if (told.homes) paint(Array.from(told.homes).map((sign, at) => [at, sign]));
    if (told.changed) paint(Object.entries(told.changed));
    for (const [name, html] of Object.entries(told.parts)) {
      const part = root.querySelector(`[data-part="${CSS.escape(name)}"]`);
      if (part) { part.innerHTML = html; localise(part); }
    }
    const headline = root.querySelector("h1");
    if (headline) document.title = `${headline.textContent} · 安居`;
    revision = String(told.revision);
    tick();
    for (const call of shown) call();
  }

  // The stream's links stand for the site that publishes; on the site itself they stay on it.
  function localise(part) {
    const site = root.dataset.site;
    if (!site) return;
    for (const link of part.querySelectorAll("a[href]")) {
      if (link.getAttribute("href").startsWith(site)) link.setAttribute("href", link.getAttribute("href").slice(site.length) || "/");
    }
  }

  function listen() {
    const stream = new EventSource(`${root.dataset.stream}?revision=${encodeURIComponent(revision)}`);
    stream.addEventListener("open", () => { waited = 2000; sayLine("live", "直播中"); });
    stream.addEventListener("clock", (event) => { ahead = Date.parse(event.data) - performance.now(); tick(); });
    stream.addEventListener("wall", (event) => show(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      sayLine("lost", "连接断开，正在重连");
      for (const call of lost) call();
      if (stream.readyState !== EventSource.CLOSED) return;
      waited = Math.min(60000, waited * 2);
      setTimeout(listen, waited + ((performance.now() * 7919) % waited)); // not everybody at once
    });
  }

  const write = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  function tick() {
    if (ahead === null) return;
    // While the choosing is paused no clock runs: all of them show the moment of the pause.
    const pause = root.querySelector("[data-paused-at]");
    const now = Math.min(performance.now() + ahead, pause ? Date.parse(pause.dataset.pausedAt) : Infinity);
    for (const clock of root.querySelectorAll(".turn-clock")) {
      const called = Date.parse(clock.dataset.called);
      const limit = Date.parse(clock.dataset.limitAt);
      const left = Math.ceil((limit - now) / 1000);
      clock.dataset.runs = "";
      clock.classList.toggle("over", left < 0);
      clock.querySelector("[data-said]").textContent = pause ? "计时停止，还剩" : left < 0 ? "已超时" : "剩余";
      clock.querySelector("[data-left]").textContent = write(Math.abs(left));
      const used = Math.max(0, Math.min(1, (now - called) / (limit - called)));
      clock.querySelector("[data-bar]").setAttribute("width", String(Math.round(used * 1000)));
    }
  }

  window.AnjuWall = {
    now: () => (ahead === null ? null : performance.now() + ahead),
    hear: (moment) => { if (ahead === null && Number.isFinite(moment)) ahead = moment - performance.now(); },
    revision: () => revision,
    show,
    onShow: (call) => shown.push(call),
    onLost: (call) => lost.push(call),
  };
  setInterval(tick, 500);
  tick();
  if (root.dataset.stream) listen();
})();
