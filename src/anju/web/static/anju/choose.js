// Choosing, with a little help: what is picked so far stands on the button. The server alone decides what is lawful.
"use strict";
(() => {
  const form = document.getElementById("pick");
  const button = form?.querySelector("[data-go]");
  if (!button) return;
  const single = form.dataset.single === "1";

  // Hundredths of a square metre as whole numbers: what is shown is never rounded.
  const hundredths = (text) => {
    const [whole, part = ""] = text.split(".");
    return Number(whole) * 100 + Number(part.padEnd(2, "0").slice(0, 2));
  };
  const write = (sum) => String(sum / 100);

  function tell() {
    const picked = Array.from(form.querySelectorAll("input[data-area]:checked"));
    const carried = form.querySelectorAll("input[data-carried]");
    if (single && picked.length) carried.forEach((input) => { input.disabled = true; });
    const sum = picked.reduce((total, input) => total + hundredths(input.dataset.area), 0);
    const more = single && picked.length ? 0 : carried.length;
    button.disabled = picked.length + more === 0;
    if (button.disabled) button.textContent = "请先点选一套";
    else if (single) button.textContent = picked.length ? `下一步：核对这套 ${write(sum)} ㎡` : "下一步：核对";
    else button.textContent = `下一步：核对 ${picked.length + more} 套` + (more ? "" : `，共 ${write(sum)} ㎡`);
  }

  form.addEventListener("change", tell);
  tell();
})();
