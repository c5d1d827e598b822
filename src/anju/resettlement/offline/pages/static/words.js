// The reader's words for stable codes, and how figures are written. Also h(): elements made from text, never from markup.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});

  const REASONS = {
    "selection.unit-already-held": "轮到时已被前面的住户选走",
    "selection.over-area-budget": "合计面积超出这一户的面积指标",
    "selection.outside-area-band": "面积不在这一户人口对应的档次内",
    "selection.too-many-homes": "套数超过一户可选的上限",
    "selection.community-limit": "这个小区每户限选一套",
    "selection.community-excluded": "这个小区与已选的小区只能选其一",
    "selection.need-unmet": "不满足这一户登记的特殊需要",
    "selection.home-reserved": "这套房当时仍为特殊需要的住户预留",
    "selection.unit-unknown": "房源表里没有这套房",
  };
  const NEEDS = { "barrier-free": "无障碍", elderly: "长者", "three-rooms": "三居" };
  const FACTS = {
    persons: "人口", confirmed_area_sqm: "确认面积（㎡）", home_area_sqm: "现住面积（㎡）",
    is_low_income: "低收入家庭", home_area_per_person_sqm: "人均现住面积（㎡）",
    signed_early: "提前签约", moved_on_time: "按期搬迁", has_disability: "有残疾人", has_member_over_70: "有七十岁以上老人",
  };
  const STATES = { free: "可选", taken: "已选", reserved: "预留" };
  const SIGNS = { free: "○", taken: "●", reserved: "▨" };

  function sayReason(code) {
    return REASONS[code] || "未满足规则 " + code;
  }

  function sayNeed(need) {
    return NEEDS[need] || need;
  }

  function sayFact(code, value) {
    const said = value === true ? "是" : value === false ? "否" : String(value);
    return [FACTS[code] || code, said];
  }

  // "126" tenths is 12.6 points: integers only, so nothing is rounded.
  function sayPoints(tenths) {
    if (tenths === null || tenths === undefined) return "—";
    const whole = Math.abs(tenths);
    return (tenths < 0 ? "-" : "") + Math.floor(whole / 10) + "." + (whole % 10);
  }

  function sayCount(number) {
    return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  }

  // "5" becomes 5 号楼; a name that already says what it is stays.
  function sayBuilding(name) {
    return /^[0-9A-Za-z]+$/.test(name) ? name + " 号楼" : name || "未注明楼栋";
  }

  function sayStair(name) {
    return /^[0-9A-Za-z]+$/.test(name) ? name + " 单元" : name;
  }

  // Whether the room's own number begins with its storey ("1204" on 12), or is a place on it ("04").
  function hasStorey(home) {
    const floor = String(home.floor);
    return home.room.startsWith(floor) && home.room.length >= floor.length + 2;
  }

  function sayHome(home) {
    if (!home) return "";
    const storey = home.floor !== null && home.room && !hasStorey(home) ? home.floor + " 层" : "";
    return [sayBuilding(home.building), sayStair(home.stair), storey, home.room || home.number]
      .filter(Boolean).join(" ");
  }

  // h("p", {class: "muted"}, "text", element): strings become text nodes, so no text is ever read as markup.
  function h(tag, attributes) {
    const element = document.createElement(tag);
    for (const name of Object.keys(attributes || {})) {
      const value = attributes[name];
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    for (let i = 2; i < arguments.length; i++) addChild(element, arguments[i]);
    return element;
  }

  function addChild(element, child) {
    if (Array.isArray(child)) child.forEach((one) => addChild(element, one));
    else if (child instanceof Node) element.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) {
      element.appendChild(document.createTextNode(String(child)));
    }
  }

  // A bar from 0 to 1000 thousandths, in SVG because the page allows no inline style.
  function drawBar(thousandths, label) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "bar");
    svg.setAttribute("viewBox", "0 0 1000 8");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    for (const part of [["b-ground", 1000], ["b-done", thousandths]]) {
      const rect = document.createElementNS(space, "rect");
      rect.setAttribute("class", part[0]);
      rect.setAttribute("width", part[1]);
      rect.setAttribute("height", 8);
      svg.appendChild(rect);
    }
    return svg;
  }

  function seal(label, open) {
    return h("button", { class: "seal", type: "button", title: "打开证明", "aria-label": "证：" + label, click: open }, "证");
  }

  function fill(element) {
    element.textContent = "";
    for (let i = 1; i < arguments.length; i++) addChild(element, arguments[i]);
    return element;
  }

  // A row of buttons of which one is on: 立面 · 列表.
  function fillSwitch(element, options, chosen, choose) {
    fill(element, options.map((option) => h("button", {
      type: "button", "aria-pressed": option.key === chosen ? "true" : "false",
      "data-key": option.key, click: () => choose(option.key),
    }, option.label)));
  }

  // What became of a turn; without turns everybody who got no home waits.
  const TURNS = { waiting: "等待现场选房", called: "正在选房", missed: "过号，没有选房", waived: "放弃选房", returned: "过号或缓选，等本批最后再选" };

  function sayTurn(state) {
    return TURNS[state || "waiting"] || state;
  }

  Anju.words = {
    h, fill, fillSwitch, seal, drawBar, sayReason, sayNeed, sayFact, sayPoints, sayCount, sayBuilding, sayStair,
    sayHome, sayTurn, hasStorey, STATES, SIGNS,
  };
})();
