// A proof checked by whoever reads it: the entry's hash, its way to the root, and what the checkpoint says.
"use strict";
(() => {
  const card = document.querySelector("[data-proof]");
  const data = JSON.parse(document.getElementById("proof-data")?.textContent || "null");
  if (!card || !data) return;
  const { encode, bytesOf, hexOf, climbPath, utf8, canonicalText } = Anju.proofs;

  function leafOf() {
    const header = JSON.parse(data.header);
    if (canonicalText(header) !== data.header) throw new Error("记录头不是规范写法");
    const body = encode(["anju-ledger-1/leaf", utf8(data.header), bytesOf(data.commit)]);
    const whole = new Uint8Array(body.length + 1);
    whole.set(body, 1);
    return Anju.sm3(whole);
  }

  // The signed note: text of three lines (origin, size, root), an empty line, then signatures.
  function readNote(note) {
    const [, size, root] = note.split("\n");
    const raw = atob(root);
    return { size: Number(size), root: hexOf(Uint8Array.from(raw, (one) => one.charCodeAt(0))) };
  }

  const steps = {
    leaf() {
      const leaf = hexOf(leafOf());
      return { good: leaf === data.leaf, said: `算得 ${leaf}` };
    },
    path() {
      const root = climbPath(leafOf(), data.index, data.size, data.path);
      return { good: root !== null && hexOf(root) === data.root, said: root ? `沿路径算得根 ${hexOf(root)}` : "路径不完整" };
    },
    note() {
      if (!data.note) return { none: true, said: "还没有签名；几秒后刷新再看" };
      const told = readNote(data.note);
      const good = told.size === data.size && told.root === data.root;
      return { good, said: good ? `检查点写着 ${told.size} 条，根相同；签名可以用结果包里的核验程序再验` : "检查点说的是另一本日志" };
    },
  };

  function check() {
    let broken = false;
    for (const [name, step] of Object.entries(steps)) {
      const item = card.querySelector(`[data-step="${name}"]`);
      let found;
      try { found = step(); } catch (error) { found = { good: false, said: `算不下去：${error.message}` }; }
      item.className = found.none ? "none" : found.good ? "good" : "bad";
      item.querySelector(".muted").textContent = found.said;
      broken = broken || item.className === "bad";
    }
    card.classList.toggle("broken", broken);
    card.classList.toggle("proven", !broken);
    card.querySelector("[data-verdict]").textContent = broken
      ? "对不上。请保存本页，向监督员反映。"
      : "您的浏览器刚刚算过：这条记录在日志里，没有被改过";
    card.querySelector("[data-again]").hidden = false;
  }

  card.querySelector("[data-again]").addEventListener("click", check);
  check();
})();
