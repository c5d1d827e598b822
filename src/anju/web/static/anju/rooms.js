// A room to turn around in. The viewer is fetched only when somebody asks for it; without WebGL the flat picture stays.
"use strict";
(() => {
  const view = document.querySelector("[data-rooms]");
  const button = document.querySelector("[data-enter]");
  if (!view || !button) return;
  const picture = view.querySelector("img");
  let hasWebGL = false;
  try { hasWebGL = Boolean(document.createElement("canvas").getContext("webgl")); } catch (error) { /* the picture stays */ }
  view.dataset.roomsIs = hasWebGL ? "offered" : "flat";
  if (!hasWebGL) return;
  button.hidden = false;

  function enter() {
    // A drawn copy, not the picture's address: of an address the viewer makes a blob, which the page forbids.
    const copy = document.createElement("canvas");
    copy.width = picture.naturalWidth;
    copy.height = picture.naturalHeight;
    copy.getContext("2d").drawImage(picture, 0, 0, copy.width, copy.height);
    const place = document.createElement("div");
    view.append(place);
    view.dataset.isOpen = "";
    const viewer = window.pannellum.viewer(place, {
      type: "equirectangular", panorama: copy, dynamic: true, dynamicUpdate: true, autoLoad: true,
      hfov: 95, showFullscreenCtrl: false, keyboardZoom: false, mouseZoom: false,
      strings: { loadingLabel: "正在打开…", noPanoramaError: "没有全景图" },
    });
    const settle = () => { viewer.setUpdate(false); view.dataset.roomsIs = "open"; }; // it stands still until turned
    if (viewer.isLoaded()) settle(); else viewer.on("load", settle);
    button.hidden = true;
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    await picture.decode();
    const script = document.createElement("script");
    script.src = view.dataset.pannellum;
    script.addEventListener("load", enter);
    script.addEventListener("error", () => { button.disabled = false; });
    document.head.append(script);
  });
})();
