// The hall's screen: its clock, its voice, its pages, and that it never stands still unnoticed. Beside wall.js.
"use strict";
(() => {
  const root = document.querySelector("[data-wall]");
  if (!root || !window.AnjuWall) return;
  const wall = window.AnjuWall;
  const stale = document.querySelector("[data-stale]");
  const clock = document.querySelector("[data-clock]");
  const LOOK_MS = 5000;
  const PATIENCE_MS = 4000;
  const PAGE_MS = 9000;
  const ROWS = 7;
  const UNWATCHED_MS = 300000;
  const beijing = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

  // Whether what is shown is what is so: asked every few seconds, for a dead line says nothing by itself.
  let fresh = null;
  const write = (moment) => (moment === null ? "" : beijing.format(moment));
  const stopped = () => (fresh === null ? "画面还没有连上，正在连接" : `画面停在 ${write(fresh)}，正在重新连接`);
  const say = (words) => { stale.hidden = !words; stale.textContent = words; root.classList.toggle("stopped", Boolean(words)); };
  async function fetchJson(name) {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(root.dataset.look + name, { cache: "no-cache", signal: cut.signal });
      wall.hear(Date.parse(answer.headers.get("date"))); // the server's clock, where the stream has not told it yet
      return answer.ok ? await answer.json() : null;
    } finally { clearTimeout(timer); }
  }
  async function look() {
    try {
      const told = await fetchJson("wall.json");
      if (!told) throw new Error("no wall");
      fresh = wall.now();
      if (String(told.revision) !== wall.revision()) wall.show(told);
      const watch = await fetchJson("watch.json").catch(() => null);
      const age = watch && wall.now() !== null ? wall.now() - Date.parse(watch.looked_at) : 0;
      say(age > UNWATCHED_MS ? `平台已 ${Math.floor(age / 60000)} 分钟没有核对公示，工作人员正在处理` : "");
    } catch {
      say(stopped());
    }
    setTimeout(look, LOOK_MS);
  }

  // The voice: a browser speaks only after somebody has pressed something.
  const voice = document.querySelector("[data-voice]");
  const spoken = new Set();
  let speaks = false;
  const calls = () => Array.from(root.querySelectorAll("[data-call]"));
  function speak() {
    for (const call of calls()) {
      if (spoken.has(call.dataset.call)) continue;
      spoken.add(call.dataset.call);
      if (!speaks) continue;
      for (let time = 0; time < 2; time += 1) {
        const said = new SpeechSynthesisUtterance(call.dataset.spoken);
        said.lang = "zh-CN";
        said.rate = 0.9;
        speechSynthesis.speak(said);
      }
    }
  }
  if ("speechSynthesis" in window) {
    voice.hidden = false;
    voice.addEventListener("click", () => {
      speaks = !speaks;
      voice.setAttribute("aria-pressed", String(speaks));
      voice.textContent = speaks ? "语音叫号已开启" : "开启语音叫号";
      if (speaks) spoken.clear(); else speechSynthesis.cancel();
      speak();
    });
  }

  // More homes than fit are turned over: first what is left by layout, then the houses.
  const panel = document.querySelector("[data-panel]");
  let turned = 0;
  function pages() {
    const rows = Array.from(panel.querySelectorAll(".stock tbody tr"));
    const street = panel.querySelector("[data-facades]");
    const towers = Array.from(street.querySelectorAll(".tower"));
    const wide = Math.max(1, Math.floor(panel.clientWidth / (9.5 * parseFloat(getComputedStyle(document.documentElement).fontSize))));
    const cut = (all, size) => Array.from({ length: Math.ceil(all.length / size) }, (_, page) => all.slice(page * size, (page + 1) * size));
    return { rows, street, towers, all: [...cut(rows, ROWS).map((shown) => ({ shown, head: "剩余房源" })), ...cut(towers, wide).map((shown) => ({ shown, head: "房源一览" }))] };
  }
  // A tall house gets lower storeys, so that its name and its figure stay in sight.
  function fit(houses) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const storeys = Math.max(...houses.map((house) => house.querySelectorAll(".storey").length), 1);
    const room = panel.clientHeight - 10.5 * rem;
    panel.style.setProperty("--storey", `${Math.max(3, Math.min(0.7 * rem, room / storeys - 2))}px`);
  }
  function turn(step) {
    const { rows, street, towers, all } = pages();
    if (!all.length) return;
    turned = (turned + step) % all.length;
    const { shown, head } = all[turned];
    for (const one of [...rows, ...towers]) one.hidden = !shown.includes(one);
    const isStock = rows.includes(shown[0]);
    panel.querySelector("[data-part=stock]").hidden = !isStock;
    street.hidden = isStock;
    for (const group of street.querySelectorAll(".street")) {
      const isSeen = Boolean(group.querySelector(".tower:not([hidden])"));
      group.hidden = !isSeen;
      const name = group.previousElementSibling;
      if (name && name.matches(".community")) name.hidden = !isSeen;
    }
    if (!isStock) fit(shown);
    panel.querySelector("[data-panel-head]").textContent = head;
    panel.querySelector("[data-panel-page]").textContent = all.length > 1 ? `${turned + 1} / ${all.length}` : "";
  }

  wall.onShow(() => { fresh = wall.now(); speak(); turn(0); });
  wall.onLost(() => say(stopped()));
  setInterval(() => { clock.textContent = write(wall.now()); }, 500);
  setInterval(() => turn(1), PAGE_MS);
  fresh = wall.now();
  speak();
  turn(0);
  look();
})();
