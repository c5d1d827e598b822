// A list that pages and searches: 20,000 rows stay in memory, 25 are on the page (10 on a phone).
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const { h, fill, sayCount } = Anju.words;
  const narrow = window.matchMedia("(max-width: 700px)");
  const rowsAPage = () => (narrow.matches ? 10 : 25);
  const PRINTED_AT_MOST = 3000;
  const lists = (Anju.lists = { shown: null });

  // One lower-case string a row, made once: a search is then one pass of includes().
  function joinSearched(rows, textOf) {
    return rows.map((row) => textOf(row).toLowerCase());
  }

  // spec: {rows, columns: [{key, label, cell(row)}], textOf(row), filters: [{label, options: [{key, label, test}]}],
  //        open(row), placeholder, label, empty}
  lists.make = function (spec) {
    const list = { spec, query: "", at: 0, chosen: spec.filters.map(() => ""), found: spec.rows };
    list.texts = joinSearched(spec.rows, spec.textOf);
    list.element = h("div", { class: "list" });
    buildControls(list);
    list.search = (text) => {
      list.input.value = text;
      applySearch(list);
    };
    applySearch(list);
    return list;
  };

  function buildControls(list) {
    const spec = list.spec;
    list.input = h("input", {
      type: "search", "aria-label": spec.placeholder, placeholder: spec.placeholder, autocomplete: "off",
      input: () => applySearch(list),
    });
    const selects = spec.filters.map((filter, i) => h("select", {
      "aria-label": filter.label,
      change: (event) => {
        list.chosen[i] = event.target.value;
        applySearch(list);
      },
    }, h("option", { value: "" }, filter.label), filter.options.map((o) => h("option", { value: o.key }, o.label))));
    list.count = h("p", { class: "muted count", role: "status" });
    list.body = h("tbody");
    list.table = h("table", { class: "rows " + spec.kind, "aria-label": spec.label },
      h("thead", null, h("tr", null, spec.columns.map((c) => h("th", { scope: "col", class: "c-" + c.key }, c.label)))),
      list.body);
    list.pager = h("nav", { class: "pager", "aria-label": spec.label + "翻页" });
    fill(list.element, h("div", { class: "pick" }, list.input, selects), list.count, list.table, list.pager);
  }

  function applySearch(list) {
    list.query = list.input.value.trim().toLowerCase();
    const tests = list.spec.filters.map((filter, i) => filter.options.find((o) => o.key === list.chosen[i]))
      .filter(Boolean).map((option) => option.test);
    list.found = list.spec.rows.filter((row, i) =>
      (!list.query || list.texts[i].includes(list.query)) && tests.every((test) => test(row)));
    list.at = 0;
    showPage(list);
  }

  function showPage(list) {
    const many = rowsAPage();
    showRows(list, list.found.slice(list.at * many, (list.at + 1) * many));
    const all = list.spec.rows.length;
    fill(list.count, list.found.length === all
      ? "共 " + sayCount(all) + " 行"
      : "找到 " + sayCount(list.found.length) + " 行，共 " + sayCount(all) + " 行");
    fillPager(list);
  }

  function showRows(list, rows) {
    const spec = list.spec;
    if (!rows.length) {
      fill(list.body, h("tr", { class: "none" }, h("td", { colspan: spec.columns.length },
        h("p", { class: "empty" }, list.query ? "没有找到“" + list.input.value.trim() + "”。换一个票号、姓名或房号试试。" : spec.empty))));
      return;
    }
    fill(list.body, rows.map((row) => h("tr", { click: (event) => openRow(spec, row, event) },
      spec.columns.map((c) => h("td", { class: "c-" + c.key, "data-label": c.label.replace(" ㎡", "") }, c.cell(row))))));
  }

  // The whole row opens its sheet; the button in it does so for the keyboard.
  function openRow(spec, row, event) {
    if (!event.target.closest("button")) spec.open(row);
  }

  function fillPager(list) {
    const pages = Math.max(1, Math.ceil(list.found.length / rowsAPage()));
    const go = (at) => () => {
      list.at = at;
      showPage(list);
      // Nearly every list is taller than a phone: start the new page at its first row.
      if (list.table.getBoundingClientRect().top < 0) list.element.scrollIntoView();
      const again = list.pager.querySelector('[data-go="' + (at ? "on" : "last") + '"]');
      if (again && document.activeElement === document.body) again.focus();
    };
    const button = (label, at, enabled, name) =>
      h("button", { type: "button", class: "btn plain", disabled: !enabled, "data-go": name, click: go(at) }, label);
    const jump = h("input", {
      type: "number", min: 1, max: pages, value: list.at + 1, "aria-label": "第几页", inputmode: "numeric",
      change: (event) => go(Math.min(pages, Math.max(1, Math.floor(Number(event.target.value)) || 1)) - 1)(),
    });
    list.pager.hidden = pages === 1;
    fill(list.pager, button("上一页", list.at - 1, list.at > 0, "back"),
      h("span", { class: "page" }, "第 ", jump, " / " + sayCount(pages) + " 页"),
      button("下一页", list.at + 1, list.at + 1 < pages, "on"));
  }

  // Printing gives the whole list found, not only the page on the screen.
  window.addEventListener("beforeprint", () => {
    const list = lists.shown;
    if (!list) return;
    showRows(list, list.found.slice(0, PRINTED_AT_MOST));
    if (list.found.length > PRINTED_AT_MOST) {
      fill(list.count, "打印前 " + sayCount(PRINTED_AT_MOST) + " 行，共 " + sayCount(list.found.length) + " 行：请先按街道或批次筛选");
    }
  });
  window.addEventListener("afterprint", () => lists.shown && showPage(lists.shown));
})();
