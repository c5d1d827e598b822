// The page starts here: data, find, homes, stock, lists, checking.
(function () {
  "use strict";
  const Anju = window.Anju;
  const { h, fill, fillSwitch, seal, drawBar, sayPoints, sayCount, STATES, SIGNS } = Anju.words;
  const { store, lists, facade, sheet } = Anju;
  const byId = (id) => document.getElementById(id);
  const made = {};
  let homesForm = "facade";
  let listShown = "order";

  function showTrouble(missing) {
    const box = byId("trouble");
    box.hidden = false;
    fill(box, h("h2", null, "有数据读不出来"),
      h("p", null, "缺少或损坏：", missing.map((file) => h("code", null, file + " "))),
      h("p", null, "请把整个文件夹（连同 assets）重新拷贝一遍，再打开 index.html。核验请用 verify_bundle.py。"));
  }

  function filterOf(label, values, keyOf, sayOf) {
    return { label, options: values.map((value, i) => ({ key: String(i), label: sayOf(value), test: (row) => keyOf(row) === value })) };
  }

  function distinct(rows, keyOf) {
    return Array.from(new Set(rows.map(keyOf)));
  }

  const isPlaced = (row) => store.choiceBy.get(row.ticket).units.length > 0;

  function outcomeFilter() {
    return { label: "全部住户", options: [
      { key: "placed", label: "已选定", test: isPlaced }, { key: "waiting", label: "等待现场选房", test: (row) => !isPlaced(row) }] };
  }

  function householdFilters(rows) {
    const filters = [outcomeFilter()];
    const strata = store.manifest.project.strata;
    if (strata.length > 1) filters.push(filterOf("全部类别", strata, (row) => store.placeBy.get(row.ticket).stratum, (s) => s));
    const batches = distinct(rows, (row) => row.batch);
    if (batches.length > 1) filters.push(filterOf("全部批次", batches, (row) => row.batch, (b) => "第 " + b + " 批"));
    return filters;
  }

  // What a search looks through for one household: ticket, masked name, street, and its homes.
  function textOf(row) {
    const household = store.householdBy.get(row.ticket);
    const units = store.choiceBy.get(row.ticket).units;
    return [row.ticket, household.name, household.street].concat(units, units.map(store.sayUnit)).join("\n");
  }

  const ticketButton = (row) => h("button", { type: "button", class: "link", click: () => sheet.openHousehold(row.ticket) }, row.ticket);

  // A phone has no column for the stratum: it stands behind the street there.
  function sayStreet(row) {
    const many = store.manifest.project.strata.length > 1;
    return [store.householdBy.get(row.ticket).street, many && h("span", { class: "on-phone" }, " · " + row.stratum)];
  }

  function makeOrder() {
    const columns = [
      { key: "place", label: "顺序", cell: (row) => sayCount(row.place) },
      { key: "name", label: "姓名", cell: (row) => store.nameOf(row.ticket) },
      { key: "ticket", label: "票号", cell: ticketButton },
      { key: "street", label: "街道", cell: sayStreet },
      { key: "stratum", label: "类别", cell: (row) => row.stratum },
      { key: "score", label: "得分", cell: (row) => sayPoints(row.total) },
      { key: "number", label: "签号", cell: (row) => sayCount(row.draw_number) },
      { key: "batch", label: "批次", cell: (row) => row.batch },
    ];
    return lists.make({
      kind: "k-order", label: "名单与顺序", placeholder: "搜票号、姓名、街道或房号", rows: store.order, textOf, filters: householdFilters(store.order),
      columns: columns.filter((c) => (c.key !== "score" || store.hasScores) && (c.key !== "stratum" || store.manifest.project.strata.length > 1)),
      open: (row) => sheet.openHousehold(row.ticket), empty: "名单里还没有住户。",
    });
  }

  function makeResults() {
    return lists.make({
      kind: "k-results", label: "选房结果", placeholder: "搜票号、姓名、街道或房号", rows: store.choices, textOf, filters: householdFilters(store.choices),
      columns: [
        { key: "place", label: "顺序", cell: (row) => sayCount(row.place) },
        { key: "name", label: "姓名", cell: (row) => store.nameOf(row.ticket) },
        { key: "ticket", label: "票号", cell: ticketButton },
        { key: "units", label: "选定房源", cell: sayUnits },
        { key: "area", label: "面积 ㎡", cell: (row) => (row.units.length ? row.area_sqm : null) },
        { key: "wish", label: "志愿", cell: (row) => (store.isLive ? sayLiveWish(row) : row.wish ? "第 " + row.wish + " 志愿" : row.units.length ? "按规则" : null) },
        { key: "batch", label: "批次", cell: (row) => row.batch },
        { key: "seal", label: "证", cell: (row) => seal("打开 " + row.ticket + " 的证明", () => sheet.openProof(row.ticket)) },
      ],
      open: (row) => sheet.openHousehold(row.ticket), empty: "还没有选房结果。",
    });
  }

  function sayUnits(row) {
    return row.units.length ? row.units.map((unit) => h("span", { class: "unit" }, store.sayUnit(unit))) : h("span", { class: "pill amber" }, Anju.words.sayTurn(row.state));
  }

  // Chosen live: which wish it happens to be, if it is one.
  function sayLiveWish(row) {
    const wish = store.wishOf(row);
    return wish ? "第 " + wish + " 志愿" : row.units.length ? "现场选定" : null;
  }

  function makeHomes() {
    const stateFilter = { label: "全部状态", options: ["free", "taken", "reserved"].map((state) => (
      { key: state, label: STATES[state], test: (unit) => store.stateOf(unit) === state })) };
    const communities = facade.communities();
    const layouts = distinct(store.units, (unit) => unit.layout);
    return lists.make({
      kind: "k-homes", label: "房源列表", placeholder: "搜房号、楼栋或户型", rows: store.units,
      textOf: (unit) => [unit.number, Anju.words.sayHome(unit), unit.community, unit.layout].join("\n"),
      filters: [stateFilter].concat(communities.length > 1 ? [filterOf("全部小区", communities, (u) => u.community, (c) => c || "未注明")] : [],
        layouts.length > 1 ? [filterOf("全部户型", layouts, (u) => u.layout, (l) => l || "未注明")] : []),
      columns: [
        { key: "home", label: "房源", cell: (unit) => h("button", { type: "button", class: "link", click: () => sheet.openHome(unit.number) }, Anju.words.sayHome(unit)) },
        { key: "community", label: "小区", cell: (unit) => unit.community },
        { key: "layout", label: "户型", cell: (unit) => unit.layout },
        { key: "area", label: "面积 ㎡", cell: (unit) => unit.area_sqm },
        { key: "state", label: "状态", cell: (unit) => sheet.statePill(unit) },
      ],
      open: (unit) => sheet.openHome(unit.number), empty: "房源表是空的。",
    });
  }

  // Made when first shown: the strings of 20,000 rows are joined once.
  function listOf(name) {
    if (!made[name]) made[name] = { order: makeOrder, results: makeResults, homes: makeHomes }[name]();
    return made[name];
  }

  function showLists(name) {
    listShown = name;
    fillSwitch(byId("lists-switch"), [{ key: "order", label: "名单与顺序" }, { key: "results", label: "选房结果" }], name, showLists);
    lists.shown = listOf(name);
    fill(byId("lists-view"), lists.shown.element);
  }

  function showHomes(form) {
    homesForm = form;
    fillSwitch(byId("homes-switch"), [{ key: "facade", label: "立面" }, { key: "list", label: "列表" }], form, showHomes);
    byId("homes-pick").hidden = form === "list";
    if (!store.units.length) fill(byId("homes-view"), h("p", { class: "empty" }, "房源表是空的。"));
    else if (form === "list") fill(byId("homes-view"), listOf("homes").element);
    else facade.show(byId("homes-pick"), byId("homes-view"));
  }

  // Remaining homes by layout: counted from the published rows.
  function showStock() {
    const groups = new Map();
    for (const unit of store.units) {
      const key = unit.layout || "未注明户型";
      if (!groups.has(key)) groups.set(key, { layout: key, areas: [], all: 0, taken: 0, reserved: 0 });
      const group = groups.get(key);
      const state = store.stateOf(unit);
      group.all += 1;
      group.areas.push(Number(unit.area_sqm));
      if (state !== "free") group[state] += 1;
    }
    const rows = Array.from(groups.values()).sort((a, b) => Math.min(...a.areas) - Math.min(...b.areas));
    const view = byId("stock-view");
    if (!rows.length) return fill(view, h("p", { class: "empty" }, "房源表是空的。"));
    return fill(view, h("table", { class: "stock" },
      h("thead", null, h("tr", null, ["户型", "建筑面积", "共", "余", "去化"].map((label) => h("th", { scope: "col" }, label)))),
      h("tbody", null, rows.map(drawStockRow))));
  }

  function sayRange(areas) {
    const least = Math.floor(Math.min(...areas));
    const most = Math.ceil(Math.max(...areas));
    return (least === most ? least : least + "–" + most) + " ㎡";
  }

  function drawStockRow(row) {
    const left = row.all - row.taken;
    return h("tr", null, h("td", { class: "layout" }, row.layout), h("td", { class: "range" }, sayRange(row.areas)),
      h("td", { class: "n", "data-label": "共" }, sayCount(row.all)),
      h("td", { class: "n", "data-label": "余" }, h("b", null, sayCount(left)), row.reserved ? h("small", { class: "muted" }, "预留 " + row.reserved) : null),
      h("td", { class: "taken" }, drawBar(Math.round((row.taken * 1000) / row.all), row.layout + "：共 " + row.all + " 套，已选 " + row.taken + " 套")));
  }

  // One match opens; several go to the list; none says what to do.
  function findHousehold(event) {
    event.preventDefault();
    const text = byId("find-text").value.trim();
    const said = byId("find-said");
    said.textContent = "";
    if (!text) {
      said.textContent = "请先填票号、姓名或房号。";
      byId("find-text").focus();
      return;
    }
    const exact = store.householdBy.has(text.toUpperCase()) ? text.toUpperCase() : null;
    if (exact) return void sheet.openHousehold(exact);
    if (store.unitBy.has(text)) {
      if (store.unitBy.get(text).floor !== null && homesForm === "facade") facade.mark(text, byId("homes-pick"), byId("homes-view"));
      return void sheet.openHome(text);
    }
    showLists(listShown);
    lists.shown.search(text);
    const found = lists.shown.found;
    if (found.length === 1) return void sheet.openHousehold(found[0].ticket);
    said.textContent = found.length ? "找到 " + sayCount(found.length) + " 户，见下面的名单。" : "没有找到。姓名已脱敏，请像“王*兰”这样填，或填回执上的票号。";
    if (found.length) byId("lists").scrollIntoView();
  }

  function watchWidth() {
    let timer = 0;
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      clearTimeout(timer);
      timer = setTimeout(() => homesForm === "facade" && showHomes("facade"), 150);
    });
  }

  function start() {
    const missing = store.findMissing();
    if (missing.length) return showTrouble(missing);
    store.open();
    for (const id of ["find", "homes", "stock", "lists"]) byId(id).hidden = false;
    document.querySelectorAll("[data-goto]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        byId(button.dataset.goto).scrollIntoView();
        byId("check-run").focus();
      });
    });
    facade.open = sheet.openHome;
    byId("find").addEventListener("submit", findHousehold);
    showHomes("facade");
    showStock();
    showLists("order");
    Anju.startChecking(byId("check-view"));
    watchWidth();
    sheet.start();
    document.documentElement.dataset.ready = "yes";
    return undefined;
  }

  start();
})();
