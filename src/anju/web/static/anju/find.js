// One's own place: the ticket is digested here, and only a shard of the list is asked for.
"use strict";
(() => {
  const card = document.querySelector("[data-find]");
  if (!card || !window.Anju) return;
  const form = card.querySelector("form");
  const found = card.querySelector("[data-found]");
  const utf8 = new TextEncoder();
  card.hidden = false;

  const nameOf = (ticket) => Array.from(window.Anju.sm3(utf8.encode(`anju-find-1 ${card.dataset.code} ${ticket}`)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  async function fetchJson(name) {
    const answer = await fetch(`${card.dataset.find}${name}.json`, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function say(kind) {
    const drawn = card.querySelector(`template[data-${kind}]`).content.cloneNode(true);
    found.replaceChildren(drawn);
    return found;
  }

  function show(row, shared) {
    const drawn = say("row");
    const put = (name, words) => { drawn.querySelector(`[data-${name}]`).textContent = words; };
    put("place", String(row.place));
    put("ticket", row.ticket);
    put("batch", `第 ${row.batch} 批 · ${row.stratum}`);
    put("words", row.words);
    put("homes", row.homes.length ? row.homes.join("、") : "还没有选");
    put("shared", `这份清单里共有 ${shared} 户，服务器不知道您查的是哪一户。`);
    const proof = drawn.querySelector("[data-proof]");
    if (row.event) proof.href = `${card.dataset.site}/proof/${row.event}/`; else proof.parentElement.remove();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ticket = form.elements.ticket.value.trim().toUpperCase();
    if (!ticket) return;
    found.textContent = "正在查…";
    try {
      const index = await fetchJson("index");
      const shard = nameOf(ticket).slice(0, index.digits) || "all";
      const rows = index.shards.includes(shard) ? (await fetchJson(shard)).rows : [];
      const row = rows.find((one) => one.ticket.toUpperCase() === ticket);
      if (row) show(row, rows.length); else say("none");
    } catch {
      say("lost");
    }
  });
})();
