// A household's sheet: what it got, why it stands where it stands, and the proof behind the seal.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const { h, fill, seal, sayReason, sayNeed, sayFact, sayPoints, sayCount } = Anju.words;
  const store = Anju.store;
  const sheet = Anju.sheet;
  const proofs = Anju.proofs;
  let shown = null;

  sheet.openHousehold = function (ticket) {
    shown = ticket;
    const household = store.householdBy.get(ticket);
    const place = store.placeBy.get(ticket);
    const choice = store.choiceBy.get(ticket);
    if (!household || !place || !choice) return;
    const proof = h("section", { class: "proof", hidden: true, "aria-live": "polite" });
    const score = store.hasScores ? h("section", null, h("h3", null, "得分从哪来"), h("p", { class: "muted" }, "正在读取……")) : null;
    const draw = h("section", null, h("h3", null, "签号从哪来"), h("p", { class: "muted" }, "正在读取……"));
    const placed = choice.units.length > 0;
    sheet.show(household.name, [h("span", { class: "pill " + (placed ? "jade" : "amber") }, placed ? "已选定" : Anju.words.sayTurn(choice.state))], [
      h("p", { class: "muted" }, "票号 " + ticket + " · " + household.street + " · " + household.stratum),
      drawOutcome(choice, proof, ticket), proof,
      sheet.facts([["选房顺序", "第 " + sayCount(place.place) + " 位"], ["批次", "第 " + place.batch + " 批"],
        ["签号", sayCount(place.draw_number)], ["得分", store.hasScores ? sayPoints(place.total) : null]]),
      h("section", null, h("h3", null, "志愿"), drawWishes(household, choice)),
      score, draw,
      h("section", null, h("h3", null, "公开的事实"), sheet.facts(
        Object.keys(household.facts).map((code) => sayFact(code, household.facts[code]))
          .concat([["特殊需要", household.needs.map(sayNeed).join("、") || "无"]]))),
    ], "#t=" + encodeURIComponent(ticket));
    if (score) loadInto(score, "得分从哪来", ticket, ["scores", "rules"], (scores, rules) => drawScore(scores, rules, ticket));
    loadInto(draw, "签号从哪来", ticket, ["draws"], (draws) => drawNumber(draws, place));
  };

  // The same sheet with its proof already open: what the seal in a list does.
  sheet.openProof = function (ticket) {
    sheet.openHousehold(ticket);
    document.querySelector("#sheet .outcome .seal").click();
  };

  // Fills a part of the sheet when its files are read, unless another sheet was opened meanwhile.
  function loadInto(element, title, ticket, names, make) {
    Promise.all(names.map(store.load)).then((data) => {
      if (shown === ticket) fill(element, h("h3", null, title), make.apply(null, data));
    }).catch((error) => {
      if (shown === ticket) fill(element, h("h3", null, title), h("p", { class: "notice warn" }, error.message));
    });
  }

  function drawOutcome(choice, proof, ticket) {
    const open = () => {
      proof.hidden = !proof.hidden;
      if (!proof.hidden) showProof(proof, ticket);
    };
    const homes = choice.units.map((number) => h("li", null,
      h("button", { type: "button", class: "link", click: () => sheet.openHome(number) }, store.sayUnit(number)),
      h("span", { class: "muted" }, sayArea(number))));
    const said = choice.units.length
      ? h("ul", { class: "homes" }, homes)
      : store.isLive ? h("p", null, h("b", null, Anju.words.sayTurn(choice.state)), "。")
      : h("p", null, "志愿里的房源都没有得到。", h("b", null, "请等待现场选房的通知，"), "选房顺序不变。");
    const total = choice.units.length > 1 ? h("p", { class: "muted" }, "合计 " + choice.area_sqm + " ㎡") : null;
    return h("div", { class: "outcome" + (choice.units.length ? "" : " waits") }, h("div", null, said, total), seal("这一户的存证", open));
  }

  function sayArea(number) {
    const unit = store.unitBy.get(number);
    return unit ? [unit.area_sqm + " ㎡", unit.layout, unit.community].filter(Boolean).join(" · ") : "";
  }

  // Each wish with what became of it: refused (why), given, or no longer needed.
  function drawWishes(household, choice) {
    if (!household.wishes.length) return h("p", { class: "empty" }, "没有填写志愿。");
    return h("ol", { class: "wishes" }, household.wishes.map((wish, i) => {
      const given = (store.isLive ? store.wishOf(choice) : choice.wish) === i + 1;
      const codes = store.isLive ? null : choice.refused[i];
      const kind = given ? "given" : codes ? "refused" : "unused";
      const why = given ? "得到了" : store.isLive ? "现场选房，没有选它" : codes ? codes.map(sayReason).join("；") : "前面的志愿已满足，没有用到";
      return h("li", { class: kind }, h("b", null, wish.map(store.sayUnit).join(" ＋ ")),
        h("span", null, h("i", { "aria-hidden": "true" }, { given: "✓", refused: "×", unused: "–" }[kind]), why));
    }), choice.units.length && choice.wish === null
      ? h("li", { class: "given" }, h("b", null, choice.units.map(store.sayUnit).join(" ＋ ")), h("span", null, "按规则给了房源表里第一套合适的"))
      : null);
  }

  // Clause, source and whether it is settled, from the published rules.
  function clauseOf(rules, line) {
    const listed = rules.rules && Array.isArray(rules.rules.scoring) ? rules.rules.scoring : [];
    return listed.find((rule) => rule.code === line.code) || listed.find((rule) => rule.clause === line.clause) || null;
  }

  function drawScore(scores, rules, ticket) {
    const own = scores.find((row) => row.ticket === ticket);
    if (!own) return h("p", { class: "empty" }, "没有公布这一户的得分。");
    const rows = own.lines.map((line) => {
      const rule = line.code === "care" ? null : clauseOf(rules, line);
      const open = rule && (rule.certainty === "P" || rule.certainty === "U");
      return h("tr", null,
        h("td", null, h("b", null, line.code === "care" ? "照顾项目合计" : line.label),
          h("small", { class: "muted" }, line.code === "care" ? "为保护隐私不分列" : [rule && rule.source, line.clause].filter(Boolean).join(" · ")),
          open && h("span", { class: "pill amber" }, "待确认")),
        h("td", { class: "n" }, line.quantity > 1 ? "× " + line.quantity : ""),
        h("td", { class: "n" }, sayPoints(line.tenths)));
    });
    return h("table", { class: "score" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "项目与依据"), h("th", { scope: "col", class: "n" }, "数量"), h("th", { scope: "col", class: "n" }, "分"))),
      h("tbody", null, rows.length ? rows : h("tr", null, h("td", { colspan: 3 }, "没有得分项。"))),
      h("tfoot", null, h("tr", null, h("th", { scope: "row", colspan: 2 }, "合计"), h("td", { class: "n" }, sayPoints(own.total)))));
  }

  // The draw key, and the one line with which anybody recomputes it outside this page.
  function drawNumber(draws, place) {
    const draw = draws.find((row) => row.stratum === place.stratum);
    if (!draw) return h("p", { class: "empty" }, "没有公布这一类的摇号。");
    const seed = proofs.digestOf(draw.expected.seed);
    const input = proofs.rankInput(draw.scheme, seed, place.ticket);
    const key = proofs.hexOf(Anju.sm3(input));
    return [
      h("p", null, "“" + place.stratum + "”共 " + sayCount(draw.expected.order.length) + " 户，按签键从小到大排，这一户是第 " + sayCount(place.draw_number) + " 个。"),
      h("p", { class: "seed" }, h("span", null, "签键"), h("code", null, key)),
      h("details", null, h("summary", null, "用一行命令自己算"),
        h("pre", null, h("code", null, "echo " + proofs.hexOf(input) + " | xxd -r -p | openssl dgst -sm3"))),
    ];
  }

  // Ledger: the published row gives the commit, the commit the leaf, the path leads to the root.
  function showProof(element, ticket) {
    fill(element, h("p", { class: "muted" }, "正在核对存证……"));
    const at = store.choiceAt.get(ticket);
    Promise.all([store.load("ledger"), store.loadProof(at)]).then(([ledger, proof]) => {
      if (shown === ticket) fill(element, drawProof(store.choices[at], ledger, proof));
    }).catch((error) => {
      if (shown === ticket) fill(element, h("p", { class: "notice warn" }, error.message));
    });
  }

  function drawProof(choice, ledger, proof) {
    const entry = ledger.entries[proof.index];
    const commit = proofs.hexOf(proofs.commitBody(choice));
    const leaf = proofs.hashEntry(entry);
    const root = proofs.climbPath(leaf, proof.index, ledger.checkpoint.size, proof.path);
    const binds = entry.commit === commit && entry.header.target === choice.ticket;
    const leads = root !== null && proofs.hexOf(root) === store.manifest.root;
    const said = binds && leads ? "这一户的结果就是存证里的那一条，一字未改。"
      : binds ? "存证路径走不到公布的根，请保留本文件夹并提出异议。" : "这一户的结果与存证里的那一条不一致，请保留本文件夹并提出异议。";
    return [
      h("p", { class: "verdict" + (binds && leads ? "" : " warn") }, h("b", null, binds && leads ? "✓ 核对一致" : "× 核对不一致"), " ", said),
      h("dl", { class: "digest-list" }, [
        ["存证第 " + sayCount(proof.index) + " 条", entry.header.action], ["承诺 commit", commit], ["叶 leaf", proofs.hexOf(leaf)],
        ["根 root", store.manifest.root],
      ].map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, h("code", null, value))))),
      h("details", null, h("summary", null, "从叶到根的路径（" + proof.path.length + " 步）"),
        h("ol", { class: "path" }, proof.path.map((step) => h("li", null, h("code", null, step))))),
      h("p", { class: "muted" }, "请把根与打印件或见证人手里的比对。"),
    ];
  }
})();
