// The numbered checks this page makes by itself. The numbers are those of verify_bundle.py: a number that fails here
// means the same there. What this page does not recompute (2, 5, 13, 16, 17, 18) it says, and does not tick.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const proofs = Anju.proofs;
  const { sayCount } = Anju.words;
  const HEX = /^[0-9a-f]{64}$/;
  const TICKET = /^[A-Z0-9-]{1,32}$/;
  const DECIMAL = /^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$/;
  const TIME = /^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\+08:00$/;
  const BEACON = { close: /^(0|[1-9][0-9]{0,8})\.[0-9]{2}$/, turnover: /^(0|[1-9][0-9]{0,17})$/ };

  class Failed extends Error {}

  function need(met, what) {
    if (!met) throw new Failed(what);
  }

  // Lets the page draw and scroll while 20,000 rows are hashed.
  let rested = 0;
  function rest() {
    if (performance.now() - rested < 40) return null;
    return new Promise((resolve) => setTimeout(() => {
      rested = performance.now();
      resolve();
    }, 0));
  }

  function same(a, b) {
    return proofs.canonicalText(a) === proofs.canonicalText(b);
  }

  // 1: what the page shows is byte for byte the published JSON file, and the manifest lists it.
  async function checkManifest(b) {
    need(["anju-bundle-1", "anju-bundle-1/live"].includes(b.manifest.format), "清单格式不认识：" + b.manifest.format);
    for (const name of Object.keys(b.files)) {
      const digest = proofs.hexOf(Anju.sm3(proofs.utf8(proofs.canonicalText(b.files[name]))));
      b.digests[name] = digest;
      need(b.manifest.files[name] === digest, name + " 的摘要与清单不同");
      await rest();
    }
    const unknown = Object.keys(b.manifest.files).filter((name) => name.endsWith(".json") && !(name in b.files));
    need(!unknown.length, "清单里多出 " + unknown[0]);
    return Object.keys(b.files).length + " 个文件";
  }

  // 3: tickets spelt rightly, sorted, none twice; no commitment used for two households.
  async function checkRoster(b) {
    const commits = new Set();
    let last = "";
    for (const row of b.roster) {
      need(TICKET.test(row.ticket) && HEX.test(row.commit), "票号或承诺写法不对：" + row.ticket);
      need(row.ticket > last, "票号重复或没有排好：" + row.ticket);
      need(!commits.has(row.commit), "两户承诺值相同（撞号）：" + row.ticket);
      commits.add(row.commit);
      last = row.ticket;
    }
    return sayCount(b.roster.length) + " 户";
  }

  // 4: no home listed twice, none given to two households, none given that is not listed.
  async function checkHomes(b) {
    const listed = new Set();
    for (const unit of b.units) {
      need(unit.number && !listed.has(unit.number), "房号重复：" + unit.number);
      need(DECIMAL.test(unit.area_sqm) && /[1-9]/.test(unit.area_sqm), "面积不是正数：" + unit.number);
      listed.add(unit.number);
    }
    const given = new Set();
    for (const row of b.choices) {
      for (const unit of row.units) {
        need(listed.has(unit), "分出的房源不在房源表里：" + unit);
        need(!given.has(unit), "一套房给了两户：" + unit);
        given.add(unit);
      }
    }
    return sayCount(b.units.length) + " 套，给出 " + sayCount(given.size) + " 套，没有一套给了两户";
  }

  // Every part of the beacon, in the one spelling its rule allows.
  function checkBeacon(rule, parts) {
    const left = parts.slice();
    for (const source of rule.split(";")) {
      const cut = source.indexOf(":");
      const spec = cut < 0 ? "" : source.slice(cut + 1);
      const balls = /^([1-9][0-9]?)x([0-9]{2})-([0-9]{2})$/.exec(spec);
      need(cut > 0, "信标规则读不懂：" + rule);
      for (const word of balls ? [spec] : spec.split(",")) {
        const part = left.shift();
        need(typeof part === "string", "信标缺一段：" + word);
        const known = balls
          ? part.split(" ").length === Number(balls[1]) && part.split(" ").every((n) => /^[0-9]{2}$/.test(n) && n >= balls[2] && n <= balls[3])
          : Object.prototype.hasOwnProperty.call(BEACON, word) && BEACON[word].test(part);
        need(known, "信标写法不对：" + part);
      }
    }
    need(!left.length, "信标多出一段");
  }

  // 6: one draw a stratum over exactly the roster's lines; a rehearsal is never taken for a real draw.
  async function checkInputs(b) {
    const strata = b.manifest.project.strata;
    const scheme = b.manifest.rehearsal === true ? "anju-draw-1/rehearsal" : "anju-draw-1";
    need(same(b.draws.map((draw) => draw.stratum), strata), "不是每一类恰好一次摇号");
    need(new Set(b.draws.map((draw) => draw.input.draw_id)).size === strata.length, "摇号编号重复");
    for (const draw of b.draws) {
      const given = draw.input;
      need(draw.scheme === scheme, "演练与正式的标记不一致：" + draw.stratum);
      need(given.stratum === draw.stratum, "类别不一致：" + draw.stratum);
      const lines = b.roster.filter((row) => row.stratum === draw.stratum)
        .map((row) => ({ ticket: row.ticket, commit_h: row.commit }));
      need(same(given.lines, lines), "摇号名单与名册不同：" + draw.stratum);
      const listed = new Set(b.roster.map((row) => row.ticket));
      need(given.disputed.every((line) => TICKET.test(line.ticket) && HEX.test(line.commit_h) && !listed.has(line.ticket)),
        "争议户有误：" + draw.stratum);
      need(TIME.test(given.freeze_at) && TIME.test(given.beacon_at), "时间写法不对：" + draw.stratum);
      const past = given.beacon_at < given.freeze_at;
      need(b.manifest.rehearsal === true ? past : given.freeze_at < given.beacon_at, "冻结与信标的先后不对：" + draw.stratum);
      checkBeacon(given.beacon_rule, given.beacon);
    }
    need(b.roster.every((row) => strata.includes(row.stratum)), "有住户不属于任何一类");
    return b.draws.length + " 次摇号，" + sayCount(b.roster.length) + " 户都在其中";
  }

  // Steps 2 to 7 of the protocol for one draw, once; later checks compare their own part.
  async function redraw(b, draw) {
    if (b.redrawn.has(draw)) return b.redrawn.get(draw);
    const given = draw.input;
    const rootR = proofs.rootOfLines(given.lines);
    await rest();
    const rootP = proofs.rootOfLines(given.disputed);
    const commitments = given.committers.map((one) => proofs.commitmentOf(draw.scheme, given, one));
    const announced = proofs.announcementOf(draw.scheme, given, rootR, rootP, commitments);
    const seed = proofs.seedOf(draw.scheme, announced, given);
    const keys = [];
    for (const line of given.lines) {
      keys.push([proofs.keyOf(draw.scheme, seed, line.ticket), line.ticket]);
      await rest();
    }
    keys.sort((x, y) => proofs.compareText(x[0], y[0]) || proofs.compareText(x[1], y[1]));
    const before = given.disputed.map((line) => {
      const own = proofs.keyOf(draw.scheme, seed, line.ticket);
      const next = keys.find((key) => key[0] > own || (key[0] === own && key[1] > line.ticket));
      return { ticket: line.ticket, before: next ? next[1] : null };
    });
    const opened = {};
    given.committers.forEach((one, i) => (opened[one.who] = proofs.hexOf(commitments[i])));
    const result = {
      R: proofs.hexOf(rootR), P: proofs.hexOf(rootP), A: proofs.hexOf(announced), seed: proofs.hexOf(seed),
      commitments: opened, order: keys.map((key) => key[1]), disputed_would_stand_before: before,
    };
    b.redrawn.set(draw, result);
    return result;
  }

  function compareDrawn(names, said) {
    return async function (b) {
      for (const draw of b.draws) {
        const own = await redraw(b, draw);
        for (const name of names) need(same(draw.expected[name], own[name]), draw.stratum + "：" + name + " 与重算不同");
      }
      return said(b);
    };
  }

  // 8: each secret opens its commitment; nobody and nothing twice.
  async function checkCommitments(b) {
    for (const draw of b.draws) {
      const committers = draw.input.committers;
      const people = new Set(committers.map((one) => one.who));
      const secrets = new Set(committers.map((one) => one.secret));
      need(committers.length && people.size === committers.length && !people.has(""), draw.stratum + "：承诺人重复或缺少");
      need(secrets.size === people.size, draw.stratum + "：一个秘密用了两次");
      need(committers.every((one) => HEX.test(one.secret)), draw.stratum + "：秘密写法不对");
    }
    return compareDrawn(["commitments"], () => b.draws.reduce((n, draw) => n + draw.input.committers.length, 0) + " 份承诺都能打开")(b);
  }

  // 12: strata in order, within one by score and draw number, or by draw number alone; batches full.
  async function checkOrder(b) {
    const scored = b.manifest.project.mode === "score";
    const totals = new Map();
    for (const row of b.scores) {
      need(row.lines.reduce((sum, line) => sum + line.tenths, 0) === row.total, "得分各项之和不等于合计：" + row.ticket);
      totals.set(row.ticket, row.total);
    }
    let place = 0;
    let batch = 0;
    for (const draw of b.draws) {
      const queue = draw.expected.order.map((ticket, i) => ({ ticket, number: i + 1, total: scored ? totals.get(ticket) : null }));
      if (scored) queue.sort((x, y) => y.total - x.total || x.number - y.number);
      for (let i = 0; i < queue.length; i++) {
        if (i % b.manifest.project.batch_size === 0) batch += 1;
        const turn = queue[i];
        const wanted = { place: place + 1, ticket: turn.ticket, stratum: draw.stratum, batch, total: turn.total, draw_number: turn.number };
        need(b.order[place] && same(b.order[place], wanted), "第 " + (place + 1) + " 位应是 " + turn.ticket);
        const row = b.choices[place];
        need(row && row.seq === place + 1 && row.place === place + 1 && row.ticket === turn.ticket && row.batch === batch,
          "选房结果第 " + (place + 1) + " 行与顺序不同");
        place += 1;
      }
    }
    need(b.order.length === place && b.choices.length === place, "顺序里多出或少了住户");
    return sayCount(place) + " 位，" + sayCount(batch) + " 批";
  }

  // What the ledger must say: files, draws, the order, then each household's row.
  function bodiesOf(b) {
    const ofFile = (action, name) => [action, name, { file: name, digest: b.digests[name] }];
    const bodies = [
      ofFile("project.plan.frozen", "rules.json"), ofFile("inventory.units.imported", "units.json"),
      ofFile("eligibility.roster.frozen", "roster.json"), ofFile("scoring.sheets.published", "scores.json"),
    ];
    for (const draw of b.draws) bodies.push(["draws.draw.published", draw.input.draw_id, draw]);
    bodies.push(ofFile("selection.order.published", "order.json"));
    if (b.turns) bodies.push(ofFile("selection.turns.published", "turns.json"));
    for (const row of b.choices) {
      bodies.push([row.units.length ? "selection.home.chosen" : "selection.turn." + (row.state || "waiting"), row.ticket, proofs.bodyOf(row)]);
    }
    return bodies;
  }

  // 14: the entries are those the files give, and their root is the published one.
  async function checkLedger(b) {
    const bodies = bodiesOf(b);
    const entries = b.ledger.entries;
    need(entries.length === bodies.length, "存证有 " + entries.length + " 条，应有 " + bodies.length + " 条");
    const leaves = [];
    for (let i = 0; i < entries.length; i++) {
      const [action, target, body] = bodies[i];
      const wanted = { index: i, header: { action, target }, commit: proofs.hexOf(proofs.commitBody(body)) };
      need(same(entries[i], wanted), "存证第 " + i + " 条与公布的数据不同");
      leaves.push(proofs.hashEntry(entries[i]));
      await rest();
    }
    b.levels = proofs.growTree(leaves);
    const root = proofs.hexOf(b.levels[b.levels.length - 1][0]);
    const checkpoint = b.ledger.checkpoint;
    need(checkpoint.root === root && checkpoint.size === leaves.length, "检查点的根或条数不同");
    need(b.manifest.root === root && b.manifest.size === leaves.length, "清单里的根或条数不同");
    return sayCount(leaves.length) + " 条，根一致";
  }

  // 15: each row's path is the one that leads from its leaf to the root.
  async function checkPaths(b) {
    need(b.levels, "存证树没有重算成功（见第 14 项）");
    const first = b.ledger.entries.length - b.choices.length;
    for (let i = 0; i < b.choices.length; i++) {
      const proof = b.choices[i].proof;
      need(proof && proof.index === first + i, "第 " + (i + 1) + " 行的证明指向别的条目");
      need(same(proof.path, proofs.pathOf(b.levels, proof.index)), "第 " + (i + 1) + " 行的证明走不到根");
      await rest();
    }
    return sayCount(b.choices.length) + " 条证明都通向同一个根";
  }

  Anju.checks = [
    { number: 1, title: "数据与清单", means: "本页的数据不是清单里的那一份", run: checkManifest },
    { number: 2, title: "规则完整、没有禁用的事实" },
    { number: 3, title: "名册", means: "名册有误：写法、次序、重复或撞号", run: checkRoster },
    { number: 4, title: "房源", means: "房源表有误，或一套房给了两户", run: checkHomes },
    { number: 5, title: "每一户的得分按规则重算" },
    { number: 6, title: "摇号的输入", means: "类别、名单、时间或信标有误，或演练与正式混淆", run: checkInputs },
    { number: 7, title: "名单根 R、争议户根 P", means: "名单在冻结以后被改过", run: compareDrawn(["R", "P"], (b) => b.draws.length + " 组") },
    { number: 8, title: "承诺", means: "有人的承诺打不开，或承诺、人员重复", run: checkCommitments },
    { number: 9, title: "公告 A", means: "信标之前公布的内容被改过", run: compareDrawn(["A"], (b) => b.draws.length + " 份") },
    { number: 10, title: "种子", means: "种子不是由公告、信标和秘密得出的", run: compareDrawn(["seed"], (b) => b.draws.length + " 个") },
    { number: 11, title: "每一户的签键和签序", means: "摇号次序与种子不符", run: compareDrawn(["order", "disputed_would_stand_before"], (b) => sayCount(b.roster.length) + " 个签键") },
    { number: 12, title: "选房顺序与批次", means: "顺序与得分、签号不一致，或批次有误", run: checkOrder },
    { number: 13, title: "每一户的房按志愿（或现场轮次）和规则重核" },
    { number: 14, title: "存证", means: "存证与公布的数据不符，或根不符", run: checkLedger },
    { number: 15, title: "每一户的存证证明", means: "有一行的证明不通向存证根", run: checkPaths },
  ];
  Anju.CheckFailed = Failed;
})();
