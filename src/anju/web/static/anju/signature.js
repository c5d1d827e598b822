// A name written on the glass with a finger, a pen or a mouse. What is sent are the strokes; the server draws them.
// Without this script, or for whoever cannot write, the name is typed below the sheet.
"use strict";
(() => {
  const LEAST = 3; // units between two points: finer tells nothing, and a phone sends hundreds
  const MOST = 6000;

  function setUp(pad) {
    const sheet = pad.querySelector("canvas");
    const field = pad.querySelector("[data-strokes]");
    const pen = sheet.getContext("2d");
    let strokes = [];
    let count = 0;
    let writing = null;

    pen.lineWidth = 7;
    pen.lineCap = pen.lineJoin = "round";

    function show() {
      field.value = strokes.length ? JSON.stringify(strokes) : "";
      pad.classList.toggle("written", strokes.length > 0);
      pad.querySelector("[data-clear]").disabled = strokes.length === 0;
    }

    function pointOf(event) {
      const box = sheet.getBoundingClientRect();
      const within = (share, most) => Math.min(most, Math.max(0, Math.round(share * most)));
      return [
        within((event.clientX - box.left) / box.width, sheet.width),
        within((event.clientY - box.top) / box.height, sheet.height),
      ];
    }

    function add(event) {
      const [x, y] = pointOf(event);
      const [lastX, lastY] = writing.slice(-2);
      if (count >= MOST || (writing.length && Math.abs(x - lastX) < LEAST && Math.abs(y - lastY) < LEAST)) return;
      if (writing.length) {
        pen.beginPath();
        pen.moveTo(lastX, lastY);
        pen.lineTo(x, y);
        pen.stroke();
      }
      writing.push(x, y);
      count += 1;
    }

    sheet.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || writing) return;
      event.preventDefault();
      sheet.setPointerCapture(event.pointerId);
      writing = [];
      strokes.push(writing);
      add(event);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!writing) return;
      const finer = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const one of finer.length ? finer : [event]) add(one);
    });
    const lift = () => { writing = null; show(); };
    sheet.addEventListener("pointerup", lift);
    sheet.addEventListener("pointercancel", lift);
    pad.querySelector("[data-clear]").addEventListener("click", () => {
      strokes = [];
      count = 0;
      pen.clearRect(0, 0, sheet.width, sheet.height);
      show();
    });
    pad.hidden = false;
    show();
  }

  for (const pad of document.querySelectorAll("[data-pad]")) {
    setUp(pad);
    // Where one can write, typing is the other way, folded; without this script it stands open.
    const typed = pad.closest("form")?.querySelector("[data-typed]");
    if (typed && !typed.dataset.keep) typed.open = false;
  }
})();
