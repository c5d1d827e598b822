// A form with [data-once] carries the number of its act. Sent again under the same number it is done once, so that a
// page whose line went dead may say honestly that it does not know, and ask again until it does.
"use strict";
(() => {
  const PATIENCE_MS = 8000;
  const AGAIN_MS = 2500;
  const GONE = new Set([502, 503, 504]);
  let waiting = null;

  const told = () => document.getElementById("told");

  function showUnsure() {
    const words = document.getElementById("unsure");
    if (!words || told().querySelector("[data-unsure]")) return;
    told().replaceChildren(words.content.cloneNode(true));
    told().querySelector("[data-again]").addEventListener("click", () => { if (waiting) ask(waiting); });
    told().scrollIntoView({ block: "nearest" });
  }

  function setBusy(act, isBusy) {
    for (const button of act.form.querySelectorAll("button")) button.toggleAttribute("data-busy", isBusy);
    act.form.toggleAttribute("aria-busy", isBusy);
  }

  async function ask(act) {
    clearTimeout(act.timer);
    if (act.isAsking) return;
    act.isAsking = true;
    let answer;
    try {
      answer = await fetch(act.address, {
        method: "POST",
        body: act.body,
        headers: { "HX-Request": "true" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch { answer = null; }
    act.isAsking = false;
    if (answer === null || GONE.has(answer.status)) {
      showUnsure();
      act.timer = setTimeout(() => ask(act), AGAIN_MS);
      return;
    }
    waiting = null;
    const next = answer.headers.get("HX-Redirect");
    if (next) {
      if (next.split("#")[0] === location.pathname + location.search) location.reload();
      else location.assign(next);
      return;
    }
    setBusy(act, false);
    told().innerHTML = await answer.text();
    told().scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || !told()) return;
    event.preventDefault();
    // Pressed twice: the first one is on its way. Another act waits until this one is known.
    if (waiting) return;
    const body = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
    waiting = { form, address: form.action, body, isAsking: false, timer: 0 };
    setBusy(waiting, true);
    ask(waiting);
  });
  // Shown again by the back button: the form is as it was, and so is its number.
  window.addEventListener("pageshow", () => { if (waiting) setBusy(waiting, false); waiting = null; });
})();
