"use strict";
// The code on a certificate carries, after the #, the beginning of what its data must digest to. It
// never reaches the server: here it is laid beside what the register holds.
(() => {
  const part = document.getElementById("intact");
  const told = location.hash.slice(1).toLowerCase();
  if (!part || !/^[0-9a-f]{16,64}$/.test(told)) return;
  const isSame = part.dataset.digest.startsWith(told);
  part.className = `card answer ${isSame ? "unknown" : "no"}`;
  document.getElementById("intact-said").textContent = isSame ? "码对得上，纸还要核" : "码对不上";
  if (!isSame) {
    document.getElementById("intact-why").textContent =
      "这个码说的内容，同登记簿里这一本的不一样。不要相信手里这份。";
  }
})();
