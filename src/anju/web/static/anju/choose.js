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

  const budget = document.querySelector("[data-budget]");

  function tellBudget(sum) {
    if (!budget) return;
    const most = hundredths(budget.dataset.budget);
    const share = budget.querySelector("[data-share]");
    share.setAttribute("width", `${Math.min(100, Math.floor((100 * sum) / Math.max(1, most)))}%`);
    share.classList.toggle("over", sum > most);
    const left = sum > most ? `，超出 ${write(sum - most)} ㎡` : `，还剩 ${write(most - sum)} ㎡`;
    budget.querySelector("[data-picked]").textContent = sum ? `已点选 ${write(sum)} ㎡${left}` : "还没有点选";
  }

  function tell() {
    const picked = Array.from(form.querySelectorAll("input[data-area]:checked"));
    const carried = Array.from(form.querySelectorAll("input[data-carried]"));
    if (single && picked.length) carried.forEach((input) => { input.disabled = true; });
    const all = single && picked.length ? picked : [...picked, ...carried];
    const sum = all.reduce((total, input) => total + hundredths(input.dataset.area), 0);
    button.disabled = all.length === 0;
    if (button.disabled) button.textContent = "请先点选一套";
    else if (single) button.textContent = `下一步：核对这套 ${write(sum)} ㎡`;
    else button.textContent = `下一步：核对 ${all.length} 套，共 ${write(sum)} ㎡`;
    tellBudget(sum);
  }

  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // the back button restores what was picked
  tell();
})();
