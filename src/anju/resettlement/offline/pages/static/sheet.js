// The sheet: one dialog in which a home's or a household's file opens. Escape and the button close it.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const { h, fill, sayHome, sayNeed, STATES, SIGNS } = Anju.words;
  const store = Anju.store;
  const sheet = (Anju.sheet = {});
  let opener = null;

  function dialog() {
    return document.getElementById("sheet");
  }

  // Where `dialog` is not known (old browsers) the sheet opens as a plain block over the page.
  function openDialog(element) {
    if (element.open) return;
    opener = document.activeElement;
    if (element.showModal) element.showModal();
    else element.setAttribute("open", "");
  }

  sheet.close = function () {
    const element = dialog();
    if (element.close) element.close();
    else element.removeAttribute("open");
  };

  sheet.start = function () {
    dialog().addEventListener("close", () => {
      keepAddress("");
      if (opener && opener.isConnected) opener.focus();
    });
    // A click beside the sheet closes it.
    dialog().addEventListener("click", (event) => {
      if (event.target === dialog()) sheet.close();
    });
    window.addEventListener("hashchange", sheet.openFromAddress);
    sheet.openFromAddress();
  };

  // index.html#t=LA-17611 opens that household's sheet: the link printed on a receipt.
  sheet.openFromAddress = function () {
    const found = /^#([tu])=(.+)$/.exec(window.location.hash);
    if (!found) return;
    let key = "";
    try {
      key = decodeURIComponent(found[2]);
    } catch (error) {
      return;
    }
    if (found[1] === "t" && store.householdBy.has(key)) sheet.openHousehold(key);
    if (found[1] === "u" && store.unitBy.has(key)) sheet.openHome(key);
  };

  function keepAddress(hash) {
    try {
      window.history.replaceState(null, "", hash || window.location.pathname + window.location.search);
    } catch (error) {
      // Some browsers refuse this on file://; the sheet works without it.
    }
  }

  sheet.show = function (title, pills, body, hash) {
    const element = dialog();
    const heading = h("h2", { id: "sheet-h", tabindex: "-1" }, title);
    fill(element, h("div", { class: "sheet" },
      h("div", { class: "sheet-top" },
        h("div", { class: "pills" }, store.isRehearsal && h("span", { class: "pill amber" }, "演练"), pills),
        h("button", { type: "button", class: "close", click: sheet.close, "aria-label": "关闭" }, "关闭")),
      heading, body));
    openDialog(element);
    element.scrollTop = 0;
    heading.focus();
    keepAddress(hash);
  };

  sheet.facts = function (pairs) {
    return h("dl", { class: "facts" }, pairs.filter((pair) => pair[1] !== null && pair[1] !== "" && pair[1] !== undefined)
      .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
  };

  sheet.statePill = function (unit) {
    const state = store.stateOf(unit);
    const colour = { free: "jade", taken: "plain", reserved: "sky" }[state];
    return h("span", { class: "pill " + colour }, STATES[state] + " " + SIGNS[state]);
  };

  // A home's file: what it is, and who has it.
  sheet.openHome = function (number) {
    const unit = store.unitBy.get(number);
    const holder = store.holderBy.get(number);
    const floors = unit.total_floors ? " / 共 " + unit.total_floors + " 层" : "";
    const body = [
      h("p", { class: "muted" }, [unit.community, "房号 " + unit.number].filter(Boolean).join(" · ")),
      holder ? drawHolder(holder) : h("p", { class: "notice" }, sayFreedom(unit)),
      sheet.facts([
        ["建筑面积", unit.area_sqm + " ㎡"], ["户型", unit.layout], ["居室", unit.rooms], ["朝向", unit.orientation],
        ["楼层", unit.floor === null ? "房源表里没有楼层" : unit.floor + " 层" + floors],
        ["电梯", unit.has_lift ? "有" : "无"], ["无障碍", unit.is_barrier_free ? "是" : "否"],
        ["预留", unit.reserved_for ? sayNeed(unit.reserved_for) : ""],
      ]),
    ];
    sheet.show(sayHome(unit), [sheet.statePill(unit)], body, "#u=" + encodeURIComponent(number));
  };

  function sayFreedom(unit) {
    return unit.reserved_for
      ? "预留给有“" + sayNeed(unit.reserved_for) + "”需要的住户，按公布的顺序开放。"
      : "还没有人选，现场选房时可选。";
  }

  function drawHolder(holder) {
    const name = store.nameOf(holder.ticket);
    return h("div", { class: "holder" },
      h("div", null, h("span", { class: "muted" }, "选定的住户"),
        h("b", null, name + " · 票号 " + holder.ticket),
        h("span", { class: "muted" }, "选房顺序第 " + holder.place + " 位 · 第 " + holder.batch + " 批")),
      h("button", { type: "button", class: "btn plain", click: () => sheet.openHousehold(holder.ticket) }, "看这一户"));
  }
})();
