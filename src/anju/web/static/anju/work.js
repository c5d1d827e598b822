// A day's work by keyboard: up and down the queue, tick, write, send. Without it every form works as it is.
"use strict";
const isTyping = (field) => field.matches("input:not([type=checkbox]):not([type=radio]), select, textarea");

function step(by) {
  const links = [...document.querySelectorAll("[data-row] [data-open]")];
  const at = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))];
  if (next) next.focus();
}

function tick() {
  const row = document.activeElement.closest("[data-row]");
  const box = row && row.querySelector("input[type=checkbox]");
  if (box) box.checked = !box.checked;
}

function tickAll() {
  const boxes = [...document.querySelectorAll("[data-row] input[type=checkbox]")];
  const isAll = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !isAll;
}

const PATHS = { j: () => step(1), k: () => step(-1), x: tick, a: tickAll };

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = field.form || document.querySelector(".decide form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (isTyping(field)) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const asked = document.querySelector(`[data-focus-key="${CSS.escape(key)}"]`);
  if (asked) {
    event.preventDefault();
    asked.focus();
  } else if (PATHS[key] && document.querySelector("[data-row]")) {
    event.preventDefault();
    PATHS[key]();
  }
});
