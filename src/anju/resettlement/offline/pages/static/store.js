// The published data, with the few indexes the page needs. Nothing is decided here.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const store = (Anju.store = {});
  const FIRST = ["manifest", "units", "roster", "order", "choices"];

  function dataOf(name) {
    return window["ANJU_" + name.toUpperCase().replace("-", "_")];
  }

  function fileOf(name) {
    return "assets/data-" + name + ".js";
  }

  // The names of the data scripts that are missing or broken.
  store.findMissing = function () {
    return FIRST.filter((name) => dataOf(name) === undefined).map(fileOf);
  };

  store.open = function () {
    store.manifest = dataOf("manifest");
    store.units = dataOf("units");
    store.roster = dataOf("roster");
    store.order = dataOf("order");
    store.choices = dataOf("choices");
    store.isLive = store.manifest.format === "anju-bundle-1/live";
    store.isRehearsal = store.manifest.rehearsal === true;
    store.hasScores = store.manifest.project.mode === "score";
    store.unitBy = new Map(store.units.map((unit) => [unit.number, unit]));
    store.householdBy = new Map(store.roster.map((row) => [row.ticket, row]));
    store.placeBy = new Map(store.order.map((row) => [row.ticket, row]));
    store.choiceBy = new Map(store.choices.map((row) => [row.ticket, row]));
    store.choiceAt = new Map(store.choices.map((row, at) => [row.ticket, at]));
    store.holderBy = new Map();
    for (const choice of store.choices) for (const unit of choice.units) store.holderBy.set(unit, choice);
  };

  // Which of its wishes a household took, counted from 1; 0 where it took another home, or none.
  store.wishOf = function (choice) {
    const taken = choice.units.slice().sort().join("\n");
    const wishes = store.householdBy.get(choice.ticket).wishes;
    return choice.units.length ? wishes.findIndex((wish) => wish.slice().sort().join("\n") === taken) + 1 : 0;
  };

  store.stateOf = function (unit) {
    if (store.holderBy.has(unit.number)) return "taken";
    return unit.reserved_for ? "reserved" : "free";
  };

  store.sayUnit = function (number) {
    const unit = store.unitBy.get(number);
    return unit ? Anju.words.sayHome(unit) : number;
  };

  store.nameOf = function (ticket) {
    const household = store.householdBy.get(ticket);
    return household ? household.name : "";
  };

  const waiting = new Map();

  // The larger files are read only when somebody asks. A script element works from file://, fetch does not.
  store.load = function (name) {
    if (dataOf(name) !== undefined) return Promise.resolve(dataOf(name));
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = fileOf(name);
        script.onload = script.onerror = () => {
          script.remove();
          if (dataOf(name) !== undefined) resolve(dataOf(name));
          else {
            waiting.delete(name);
            reject(new Error("读不出 " + fileOf(name) + "：文件缺失或已损坏"));
          }
        };
        document.head.appendChild(script);
      }));
    }
    return waiting.get(name);
  };

  // The proofs lie in scripts of a thousand rows, so that one household's proof is a small file.
  const PROOFS_A_SCRIPT = 1000;

  store.loadProof = function (at) {
    return store.load("proofs-" + Math.floor(at / PROOFS_A_SCRIPT)).then((rows) => rows[at % PROOFS_A_SCRIPT]);
  };

  store.loadProofs = async function () {
    const all = [];
    for (let at = 0; at < store.choices.length; at += PROOFS_A_SCRIPT) {
      for (const proof of await store.load("proofs-" + at / PROOFS_A_SCRIPT)) all.push(proof);
    }
    return all;
  };
})();
