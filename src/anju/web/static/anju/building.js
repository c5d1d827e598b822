// A building, solid: the storey table is its one source, the wall's stream keeps both alive. No WebGL: the table stands alone.
const root = document.querySelector("[data-building]");
if (root) begin(root);

function begin(root) {
  const NAMES = { f: "free", t: "taken", h: "held", r: "reserved", n: "named" };
  const WORDS = { free: "可选", named: "待复核", taken: "已选", held: "暂扣", reserved: "预留" };
  const FRESH_MS = 20000;
  const MOST_FRESH = 5; // more at once are no news: this page stood still for a while
  const cells = Array.from(root.querySelectorAll("a.cell"));
  const byAt = new Map(cells.map((cell) => [Number(cell.dataset.at), cell]));
  const line = document.querySelector("[data-line]");
  const panel = root.querySelector("[data-solid]");
  const told = root.querySelector("[data-told]");
  const offer = root.querySelector("[data-show-solid]");
  let solid = null;
  let waited = 2000;

  const stateOf = (cell) => Object.values(NAMES).find((name) => cell.classList.contains(name));
  const sayLine = (state, words) => { if (line) { line.dataset.line = state; line.textContent = words; } };

  // The same signs as the wall's façades, in the same order.
  function paint(changed) {
    const news = changed.map(([at, sign]) => [byAt.get(Number(at)), NAMES[sign]]).filter(([cell, name]) => cell && name && stateOf(cell) !== name);
    for (const [cell, name] of news) {
      cell.classList.remove(...Object.values(NAMES));
      cell.classList.add(name);
      cell.querySelector("[data-state]").textContent = WORDS[name];
      if (name === "taken" && news.length <= MOST_FRESH) { cell.classList.add("fresh-home"); setTimeout(() => { cell.classList.remove("fresh-home"); solid?.paint(); }, FRESH_MS); }
    }
    if (!news.length) return;
    const free = cells.filter((cell) => ["free", "reserved"].includes(stateOf(cell))).length;
    document.querySelector("[data-free]").textContent = free;
    solid?.paint();
  }

  function listen() {
    const stream = new EventSource(root.dataset.stream);
    stream.addEventListener("open", () => { waited = 2000; sayLine("live", "直播中"); });
    stream.addEventListener("wall", (event) => {
      const news = JSON.parse(event.data);
      if (news.homes && news.homes.length !== Number(root.dataset.homes)) { stream.close(); sayLine("lost", "房源表有变动，请刷新"); return; }
      if (news.homes) paint(Array.from(news.homes).map((sign, at) => [at, sign]));
      if (news.changed) paint(Object.entries(news.changed));
    });
    stream.addEventListener("error", () => {
      sayLine("lost", "连接断开，正在重连");
      if (stream.readyState !== EventSource.CLOSED) return;
      waited = Math.min(60000, waited * 2);
      setTimeout(listen, waited + ((performance.now() * 7919) % waited)); // not everybody at once
    });
  }

  async function show() {
    offer.hidden = true;
    try {
      const three = await import(root.dataset.three);
      panel.hidden = false;
      root.dataset.isSolid = "";
      solid = build(three, panel.querySelector("[data-view]"), cells.filter((cell) => cell.dataset.floor), { stateOf, told });
      root.dataset.solidIs = "drawn";
    } catch (error) {
      panel.hidden = true;
      delete root.dataset.isSolid;
      sayNone();
    }
  }

  function sayNone() {
    root.dataset.solidIs = "none";
    root.querySelector("[data-no-solid]").textContent = "这台设备画不出立体楼；这张表内容一样，也会自己更新";
  }

  function hasWebGL() {
    try {
      const context = document.createElement("canvas").getContext("webgl2");
      context?.getExtension("WEBGL_lose_context")?.loseContext();
      return Boolean(context);
    } catch (error) { return false; }
  }

  // Come from a tile of the wall: that home is marked, in the table and on the building.
  const wanted = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (wanted?.matches("a.cell")) wanted.focus({ preventScroll: true });

  if (root.dataset.stream) listen();
  offer.addEventListener("click", show);
  const network = navigator.connection;
  // A phone is not sent a program for drawing that nobody asked for: the table is whole without it.
  const isSparing = network?.saveData || /2g/.test(network?.effectiveType ?? "") || matchMedia("(max-width: 640px)").matches;
  if (!hasWebGL()) sayNone();
  else if (isSparing) { offer.hidden = false; root.dataset.solidIs = "offered"; }
  else if ("requestIdleCallback" in window) requestIdleCallback(show, { timeout: 1500 });
  else setTimeout(show, 200);
}

// A state is one mesh of instances: a few draw calls for the whole building, and drawn only when something moved.
function build(THREE, view, cells, { stateOf, told }) {
  const HOME = { width: 1.86, height: 0.8, storey: 1, depth: 3.4 };
  const DEPTHS = { free: 3.8, reserved: 3.6, held: 3.3, named: 3.3, taken: 3.15, fresh: 4 };
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(`--${name}`).trim();
  const renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true, powerPreference: "low-power" });
  renderer.setPixelRatio(Math.min(2, window.devicePixelRatio || 1));
  view.replaceChildren(renderer.domElement);

  const floors = Array.from(new Set(cells.map((cell) => Number(cell.dataset.floor)))).sort((one, other) => one - other);
  const level = new Map(floors.map((floor, at) => [floor, at]));
  const last = Math.max(0, ...cells.map((cell) => Number(cell.dataset.across)));
  const width = last + 2;
  const height = floors.length * HOME.storey;

  const scene = new THREE.Scene();
  const body = new THREE.Group();
  scene.add(body);
  scene.add(new THREE.AmbientLight(0xffffff, 2.1));
  const sun = new THREE.DirectionalLight(0xffffff, 1.5);
  sun.position.set(-2, 4, 6);
  scene.add(sun);
  const lit = (named) => new THREE.MeshLambertMaterial({ color: new THREE.Color(colour(named)) });

  const core = new THREE.Mesh(new THREE.BoxGeometry(width, height, HOME.depth - 0.4), lit("line"));
  core.position.y = height / 2;
  body.add(core);
  body.add(roof());
  const ground = new THREE.Mesh(new THREE.CircleGeometry(width * 0.6 + 1, 48), lit("mist"));
  ground.rotation.x = -Math.PI / 2;
  body.add(ground);

  function roof() {
    const shape = new THREE.Shape();
    const half = HOME.depth / 2 + 0.8;
    shape.moveTo(-half, 0.12);
    shape.quadraticCurveTo(-half * 0.45, 0.2, 0, 1.3); // eaves that rise, as on the wall
    shape.quadraticCurveTo(half * 0.45, 0.2, half, 0.12);
    shape.lineTo(half, -0.1);
    shape.lineTo(-half, -0.1);
    const made = new THREE.Mesh(new THREE.ExtrudeGeometry(shape, { depth: width + 0.8, bevelEnabled: false, curveSegments: 6 }), lit("roof"));
    made.rotation.y = Math.PI / 2;
    made.position.set(-(width + 0.8) / 2, height + 0.1, 0);
    return made;
  }

  // Never colour alone: each state has its sign on the wall as well.
  function texture(name) {
    const canvas = document.createElement("canvas");
    canvas.width = 128; canvas.height = 64;
    const pen = canvas.getContext("2d");
    pen.fillStyle = colour(name === "fresh" || name === "named" ? "turn" : name);
    pen.fillRect(0, 0, 128, 64);
    pen.fillStyle = pen.strokeStyle = colour("state-ink");
    pen.lineWidth = 5;
    if (name === "free") { pen.globalAlpha = 0.35; pen.strokeRect(34, 12, 60, 40); pen.strokeRect(64, 12, 0.1, 40); }
    if (name === "taken") { pen.globalAlpha = 0.55; pen.beginPath(); pen.arc(64, 32, 12, 0, 7); pen.fill(); }
    if (name === "held") { pen.beginPath(); pen.arc(64, 32, 14, 0, 7); pen.stroke(); pen.beginPath(); pen.arc(64, 32, 14, 1.571, 4.712); pen.fill(); }
    if (name === "named") { for (const x of [44, 64, 84]) { pen.beginPath(); pen.arc(x, 32, 6, 0, 7); pen.fill(); } }
    if (name === "fresh") { pen.beginPath(); pen.arc(64, 32, 18, 0, 7); pen.stroke(); pen.beginPath(); pen.arc(64, 32, 7, 0, 7); pen.fill(); }
    if (name === "reserved") { pen.strokeStyle = colour("paper"); pen.lineWidth = 7; for (let x = -64; x < 128; x += 24) { pen.beginPath(); pen.moveTo(x, 64); pen.lineTo(x + 64, 0); pen.stroke(); } }
    const made = new THREE.CanvasTexture(canvas);
    made.colorSpace = THREE.SRGBColorSpace;
    return made;
  }

  const box = new THREE.BoxGeometry(1, 1, 1);
  const meshes = Object.keys(DEPTHS).map((name) => {
    const mesh = new THREE.InstancedMesh(box, new THREE.MeshLambertMaterial({ map: texture(name) }), Math.max(1, cells.length));
    mesh.userData = { name, cells: [] };
    mesh.frustumCulled = false;
    body.add(mesh);
    return mesh;
  });
  const place = (cell) => new THREE.Vector3(Number(cell.dataset.across) + 1 - width / 2, (level.get(Number(cell.dataset.floor)) + 0.5) * HOME.storey, 0);

  function paint() {
    const matrix = new THREE.Matrix4();
    const still = new THREE.Quaternion();
    const looks = (cell) => (cell.classList.contains("fresh-home") ? "fresh" : stateOf(cell));
    for (const mesh of meshes) {
      const { name } = mesh.userData;
      mesh.userData.cells = cells.filter((cell) => looks(cell) === name);
      mesh.userData.cells.forEach((cell, at) => mesh.setMatrixAt(at, matrix.compose(place(cell), still, new THREE.Vector3(HOME.width, HOME.height, DEPTHS[name]))));
      mesh.count = mesh.userData.cells.length;
      mesh.instanceMatrix.needsUpdate = true;
      mesh.boundingSphere = null; // a ray asks it first, and the homes have moved
    }
    draw();
  }

  const frame = new THREE.LineSegments(new THREE.EdgesGeometry(new THREE.BoxGeometry(HOME.width + 0.1, HOME.height + 0.1, 4.1)), new THREE.LineBasicMaterial({ color: new THREE.Color(colour("ink")) }));
  frame.visible = false;
  body.add(frame);

  const camera = new THREE.PerspectiveCamera(32, 1, 0.5, 400);
  let turn = -0.5;
  let tilt = 0.28;
  let isAsked = false;
  function draw() {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      const begun = performance.now();
      body.rotation.y = turn;
      const high = height + 2.2;
      const across = Math.hypot(width + 2, HOME.depth + 2);
      const slope = Math.tan((camera.fov * Math.PI) / 360);
      const far = Math.max(high / 2 / slope, across / 2 / (slope * camera.aspect)) * 1.08 + HOME.depth;
      camera.position.set(0, high / 2 + Math.sin(tilt) * far, Math.cos(tilt) * far);
      camera.lookAt(0, high / 2, 0);
      renderer.render(scene, camera);
      view.dataset.drawMs = (performance.now() - begun).toFixed(1);
      view.dataset.calls = renderer.info.render.calls;
      view.dataset.turn = turn.toFixed(2);
    });
  }
  function fit() {
    const { clientWidth, clientHeight } = view;
    if (!clientWidth || !clientHeight) return;
    renderer.setSize(clientWidth, clientHeight, false);
    camera.aspect = clientWidth / clientHeight;
    camera.updateProjectionMatrix();
    draw();
  }

  const ray = new THREE.Raycaster();
  function homeAt(event) {
    const edge = view.getBoundingClientRect();
    ray.setFromCamera(new THREE.Vector2(((event.clientX - edge.left) / edge.width) * 2 - 1, 1 - ((event.clientY - edge.top) / edge.height) * 2), camera);
    const [first] = ray.intersectObjects(meshes, false);
    return first ? first.object.userData.cells[first.instanceId] : null;
  }
  let pointed = null;
  function point(cell) {
    if (cell === pointed) return;
    pointed?.classList.remove("is-pointed");
    pointed = cell;
    frame.visible = Boolean(cell);
    if (cell) {
      cell.classList.add("is-pointed");
      frame.position.copy(place(cell));
      const link = document.createElement("a");
      link.href = cell.href;
      link.textContent = "打开档案";
      told.replaceChildren(`${cell.dataset.words} · ${cell.querySelector("[data-state]").textContent} `, link);
    }
    draw();
  }

  // A mouse's click opens the file; a finger's first tap says which home it is, the second opens it.
  let held = null;
  view.addEventListener("pointerdown", (event) => { held = { id: event.pointerId, x: event.clientX, y: event.clientY, turn, tilt, moved: false }; });
  view.addEventListener("pointermove", (event) => {
    if (!held || held.id !== event.pointerId) { if (event.pointerType === "mouse") point(homeAt(event)); return; }
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (Math.hypot(dx, dy) > 6 && !held.moved) { held.moved = true; view.setPointerCapture(event.pointerId); }
    if (!held.moved) return;
    turn = held.turn + dx * 0.01;
    if (event.pointerType === "mouse") tip(held.tilt + dy * 0.005);
    draw();
  });
  view.addEventListener("pointerup", (event) => {
    const was = held;
    held = null;
    if (!was || was.moved) return;
    const cell = homeAt(event);
    if (cell && (event.pointerType === "mouse" || cell === pointed)) location.assign(cell.href);
    else point(cell);
  });
  view.addEventListener("pointercancel", () => { held = null; });
  const tip = (to) => { tilt = Math.max(-0.05, Math.min(1.1, to)); };
  view.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn -= 0.15;
    else if (event.key === "ArrowRight") turn += 0.15;
    else if (event.key === "ArrowUp") tip(tilt + 0.1);
    else if (event.key === "ArrowDown") tip(tilt - 0.1);
    else return;
    event.preventDefault();
    draw();
  });
  for (const button of document.querySelectorAll("[data-turn]")) if (button.matches("button")) button.addEventListener("click", () => { turn += 0.4 * Number(button.dataset.turn); draw(); });
  for (const cell of cells) {
    cell.addEventListener("focus", () => point(cell));
    cell.addEventListener("mouseenter", () => point(cell));
  }
  const marked = cells.find((cell) => cell === document.activeElement);
  if (marked) point(marked);
  new ResizeObserver(fit).observe(view);
  renderer.domElement.addEventListener("webglcontextrestored", draw);
  paint();
  fit();
  return { paint };
}
