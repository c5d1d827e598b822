// "自己核验": reads all files, runs the numbered checks one after another, and says what each found and how long it took.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const { h, fill } = Anju.words;
  const store = Anju.store;
  const FILES = ["rules", "units", "roster", "scores", "draws", "order", "ledger"];

  // Puts the bundle together again as it was published: the proofs go back into the rows of choices.json.
  async function gatherBundle() {
    const bundle = { manifest: store.manifest, digests: {}, redrawn: new Map(), files: {} };
    for (const name of store.isLive ? FILES.concat("turns") : FILES) {
      bundle[name] = await store.load(name);
      bundle.files[name + ".json"] = bundle[name];
    }
    const all = await store.loadProofs();
    bundle.choices = store.choices.map((row, i) => Object.assign({}, row, { proof: all[i] }));
    bundle.files["choices.json"] = bundle.choices;
    return bundle;
  }

  function saySeconds(milliseconds) {
    return (milliseconds / 1000).toFixed(milliseconds < 100 ? 2 : 1) + " 秒";
  }

  function drawStep(check) {
    const said = h("span", { class: "said" }, check.run ? "等待" : "本页不重算，用下面的程序核验");
    const element = h("li", { class: check.run ? "todo" : "other", value: check.number, "data-check": check.number },
      h("i", { "aria-hidden": "true" }, check.run ? "○" : "–"), h("b", null, check.number + "　" + check.title), said);
    return { check, element, said, sign: element.querySelector("i") };
  }

  function mark(step, kind, sign, text) {
    step.element.className = kind;
    step.sign.textContent = sign;
    step.said.textContent = text;
  }

  async function runStep(step, bundle) {
    mark(step, "now", "◉", "正在核验……");
    await new Promise((resolve) => setTimeout(resolve, 0));
    const from = performance.now();
    try {
      const found = await step.check.run(bundle);
      mark(step, "done", "✓", found + " · " + saySeconds(performance.now() - from));
      return true;
    } catch (error) {
      // A malformed file must end in a number too, never in silence.
      const why = error instanceof Anju.CheckFailed ? error.message : "数据残缺（" + error.message + "）";
      mark(step, "failed", "×", step.check.means + "。" + why);
      return false;
    }
  }

  function drawVerdict(failed, made, milliseconds) {
    if (!failed.length) {
      return h("p", { class: "verdict" }, h("b", null, "✓ 本页核验的 " + made + " 项全部一致"), " 用时 " + saySeconds(milliseconds) + "。另外几项请用下面的程序。");
    }
    const first = failed[0];
    return h("p", { class: "verdict warn" }, h("b", null, "× 第 " + first.number + " 项不一致：" + first.means),
      failed.length > 1 ? "；不一致的还有第 " + failed.slice(1).map((check) => check.number).join("、") + " 项。" : "。",
      "这份文件夹可能被改动或拷贝不全：请换一份再核验；仍不一致，请保留它并提出异议。");
  }

  async function runChecks(view, button) {
    button.disabled = true;
    button.textContent = "正在核验……";
    const steps = Anju.checks.map(drawStep);
    const verdict = h("div", { role: "status", class: "verdict-box" });
    fill(view, h("ol", { class: "checks" }, steps.map((step) => step.element)), verdict);
    const from = performance.now();
    try {
      const bundle = await gatherBundle();
      const failed = [];
      for (const step of steps.filter((one) => one.check.run)) {
        if (!(await runStep(step, bundle))) failed.push(step.check);
      }
      const made = steps.filter((one) => one.check.run).length;
      fill(verdict, drawVerdict(failed, made, performance.now() - from));
    } catch (error) {
      mark(steps[0], "failed", "×", error.message);
      fill(verdict, h("p", { class: "verdict warn" }, h("b", null, "× 第 1 项不一致：" + error.message),
        "。请把整个文件夹重新拷贝一遍再核验。"));
    }
    button.disabled = false;
    button.textContent = "再核验一次";
  }

  Anju.startChecking = function (view) {
    const results = h("div");
    const button = h("button", { type: "button", class: "btn plain wide", id: "check-run", click: () => runChecks(results, button) }, "在本页自己核验");
    fill(view, h("p", { class: "muted" }, "用本页自带的 SM3 重算名单根、承诺、公告、种子、每一户的签序、选房顺序和存证。不联网，断网也能做。"), button, results);
  };
})();
