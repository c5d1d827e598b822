// Homes drawn as the houses they are: a roof, storeys, one cell a home; state by colour and by pattern.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const { h, fill, sayBuilding, sayStair, sayCount, STATES, SIGNS } = Anju.words;
  const store = Anju.store;
  const facade = (Anju.facade = { community: null, at: 0, open: null, marked: null });
  const SPACE = "http://www.w3.org/2000/svg";
  const CELL = 35;
  const phone = window.matchMedia("(max-width: 700px)");

  function compareNatural(a, b) {
    return String(a).localeCompare(String(b), "zh-Hans-u-kn-true");
  }

  function groupBy(rows, keyOf) {
    const groups = new Map();
    for (const row of rows) {
      const key = keyOf(row);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(row);
    }
    return groups;
  }

  facade.communities = function () {
    return Array.from(groupBy(store.units, (unit) => unit.community).keys());
  };

  // One house for each stair of a building: people look for "5 号楼 2 单元".
  function housesOf(community) {
    const drawn = store.units.filter((unit) => unit.community === community && unit.floor !== null);
    const groups = groupBy(drawn, (unit) => JSON.stringify([unit.building, unit.stair]));
    const houses = Array.from(groups.values(), (homes) => makeHouse(homes));
    return houses.sort((a, b) => compareNatural(a.building, b.building) || compareNatural(a.stair, b.stair));
  }

  // "1204" on storey 12 stands in column 04; where rooms do not repeat over the storeys, homes stand in table order.
  function columnOf(home) {
    return Anju.words.hasStorey(home) ? home.room.slice(String(home.floor).length) : home.room;
  }

  function makeHouse(homes) {
    const floors = Array.from(groupBy(homes, (home) => home.floor).entries()).sort((a, b) => b[0] - a[0]);
    const widest = Math.max(...floors.map((entry) => entry[1].length));
    const columns = Array.from(new Set(homes.map(columnOf))).sort(compareNatural);
    const aligned = columns.length <= widest + 2;
    const storeys = floors.map(([floor, row]) => ({ floor, cells: placeHomes(row, aligned ? columns : null, widest) }));
    return {
      building: homes[0].building, stair: homes[0].stair, storeys, columns: aligned ? columns.length : widest,
      total: homes.length, free: homes.filter((home) => store.stateOf(home) === "free").length,
    };
  }

  function placeHomes(homes, columns, widest) {
    if (!columns) return Array.from({ length: widest }, (_, i) => homes[i] ? [homes[i]] : []);
    return columns.map((column) => homes.filter((home) => columnOf(home) === column));
  }

  // As many houses as fit beside one another; one at a time on a phone.
  function pagesOf(houses, width) {
    if (phone.matches) return houses.map((house) => [house]);
    const pages = [[]];
    let used = 0;
    for (const house of houses) {
      const wide = Math.max(house.columns * CELL + 62, 130);
      if (used + wide > width && pages[pages.length - 1].length) {
        pages.push([]);
        used = 0;
      }
      pages[pages.length - 1].push(house);
      used += wide;
    }
    return pages;
  }

  function nameOf(house) {
    return [sayBuilding(house.building), sayStair(house.stair)].filter(Boolean).join(" ");
  }

  function drawRoof() {
    const svg = document.createElementNS(SPACE, "svg");
    svg.setAttribute("class", "roof");
    svg.setAttribute("viewBox", "0 0 100 14");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SPACE, "path");
    // Eaves that turn up a little: the slate roof of a Jiangnan house.
    path.setAttribute("d", "M0 9 Q7 11 12 1 H88 Q93 11 100 9 L99 14 H1 Z");
    svg.appendChild(path);
    return svg;
  }

  function sayCell(home) {
    return Anju.words.sayHome(home) + "，" + STATES[store.stateOf(home)] + "，" + home.area_sqm + " 平方米";
  }

  function drawCell(home) {
    const state = store.stateOf(home);
    const marked = facade.marked === home.number;
    return h("button", {
      type: "button", class: "cell s-" + state + (marked ? " marked" : ""), tabindex: "-1", "data-unit": home.number,
      "aria-label": sayCell(home), title: sayCell(home), click: () => facade.open(home.number),
    }, h("span", { class: "room" }, home.room || home.number), h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[state]));
  }

  function drawHouse(house) {
    const rows = house.storeys.map((storey) => h("div", { class: "storey" },
      h("span", { class: "floor", "aria-hidden": "true" }, storey.floor),
      storey.cells.map((homes) => homes.length
        ? homes.map(drawCell)
        : h("span", { class: "cell gap" }))));
    const grid = h("div", { class: "storeys", role: "group", "aria-label": nameOf(house) + "，方向键移动，回车打开", keydown: moveFocus }, rows);
    const first = grid.querySelector("button.marked") || grid.querySelector("button");
    if (first) first.tabIndex = 0;
    return h("figure", { class: "house" }, drawRoof(), grid,
      h("figcaption", null, h("b", null, nameOf(house)),
        h("span", { class: "muted" }, house.storeys.length + " 层 · 可选 " + house.free + " / " + house.total)));
  }

  // Arrow keys walk the façade, Home and End go to its ends; one stop in the tab order a house.
  function moveFocus(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const grid = event.currentTarget;
    const rows = Array.from(grid.children, (row) => Array.from(row.querySelectorAll("button")));
    const y = rows.findIndex((row) => row.includes(event.target));
    if (y < 0) return;
    let next = null;
    if (event.key === "Home") next = rows[0][0];
    else if (event.key === "End") next = rows[rows.length - 1][rows[rows.length - 1].length - 1];
    else if (step) {
      const row = rows[y + step[0]];
      next = row && row[Math.min(rows[y].indexOf(event.target) + step[1], row.length - 1)];
    }
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  function drawLegend() {
    return h("ul", { class: "legend" }, ["free", "taken", "reserved"].map((state) =>
      h("li", null, h("i", { class: "s-" + state, "aria-hidden": "true" }), STATES[state] + " " + SIGNS[state])));
  }

  function drawFloorless(community) {
    const homes = store.units.filter((unit) => unit.community === community && unit.floor === null);
    if (!homes.length) return null;
    return h("div", { class: "floorless" }, h("h3", null, "没有楼层记录的房源（" + sayCount(homes.length) + "）"),
      h("p", { class: "muted" }, "房源表里这些房没有楼层，画不到楼上，列在这里。"),
      h("div", { class: "chips" }, homes.map((home) => {
        const cell = drawCell(home);
        cell.tabIndex = 0;
        return cell;
      })));
  }

  function fillPicks(pick, pages, houses, show) {
    const select = (label, options, chosen, change) => h("select", { "aria-label": label, change: (e) => change(e.target.value) },
      options.map(([key, said]) => h("option", { value: key, selected: key === chosen }, said)));
    const communities = facade.communities();
    const parts = [];
    if (communities.length > 1) {
      parts.push(select("小区", communities.map((name, i) => [String(i), name || "未注明小区"]),
        String(communities.indexOf(facade.community)), (i) => {
          facade.community = communities[Number(i)];
          facade.at = 0;
          show();
        }));
    }
    if (pages.length > 1) {
      const pageOf = (i) => pages.findIndex((page) => page.includes(houses[i]));
      const current = String(houses.indexOf(pages[facade.at][0]));
      parts.push(select("楼栋", houses.map((house, i) => [String(i), nameOf(house)]), current, (i) => {
        facade.at = pageOf(Number(i));
        show();
      }));
      const step = (label, by) => h("button", {
        type: "button", class: "btn plain", disabled: !pages[facade.at + by],
        click: () => {
          facade.at += by;
          show();
        },
      }, label);
      parts.push(h("span", { class: "steps" }, step("‹ 前面的楼", -1), step("后面的楼 ›", 1)));
    }
    fill(pick, parts);
  }

  // Shows the façades of one community in `view`, and what to choose from in `pick`.
  facade.show = function (pick, view) {
    if (facade.community === null) facade.community = facade.communities()[0];
    const houses = housesOf(facade.community);
    const pages = pagesOf(houses, view.clientWidth || 960);
    facade.at = Math.min(facade.at, pages.length - 1);
    const page = pages[Math.max(facade.at, 0)] || [];
    fillPicks(pick, pages, houses, () => facade.show(pick, view));
    const tallest = Math.max(0, ...page.map((house) => house.storeys.length));
    const size = tallest > 20 ? "tall" : tallest > 10 ? "middle" : "low";
    fill(view, houses.length
      ? h("div", { class: "street " + size }, page.map(drawHouse))
      : h("p", { class: "empty" }, "这个小区的房源都没有楼层记录。"),
    drawLegend(), drawFloorless(facade.community));
  };

  // Turns to the house in which a home stands and marks it.
  facade.mark = function (number, pick, view) {
    const unit = store.unitBy.get(number);
    facade.marked = number;
    facade.community = unit.community;
    const pages = pagesOf(housesOf(unit.community), view.clientWidth || 960);
    facade.at = Math.max(0, pages.findIndex((page) =>
      page.some((house) => house.building === unit.building && house.stair === unit.stair)));
    facade.show(pick, view);
  };
})();
