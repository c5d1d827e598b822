// Cards are scanned where the browser can read codes itself; everywhere else the field is typed into,
// or fed by a scanner that types. Nothing here is needed to act.
"use strict";
const SECRET = /^\s*anju-secret\s/i;

function warn(field) {
  // A secret card where a commitment belongs: gone from the field before it can be sent.
  if (field.dataset.kind !== "commitment" || !SECRET.test(field.value)) return;
  field.value = "";
  field.setCustomValidity("这是密钥卡，不能拿到这里来：请销毁它，重新做一对卡。");
  field.reportValidity();
}

async function scan(field, holder) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = document.createElement("video");
  video.className = "scan-view";
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  holder.append(video);
  const end = () => { stream.getTracks().forEach((track) => track.stop()); video.remove(); };
  try {
    await video.play();
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    while (video.isConnected) {
      const [found] = await detector.detect(video);
      if (found) {
        field.value = found.rawValue;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        return;
      }
      await new Promise((go) => setTimeout(go, 200));
    }
  } finally { end(); }
}

function offerScanning(root) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  for (const holder of root.querySelectorAll("[data-scan]:not([data-offered])")) {
    holder.dataset.offered = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn plain small";
    button.textContent = "用摄像头扫";
    button.addEventListener("click", () => {
      const shown = holder.querySelector("video");
      if (shown) shown.remove();
      else scan(holder.querySelector("textarea"), holder).catch(() => { button.textContent = "摄像头用不了，请手工录入"; button.disabled = true; });
    });
    holder.append(button);
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-kind]")) return;
  event.target.setCustomValidity("");
  warn(event.target);
});
document.addEventListener("htmx:afterSwap", () => offerScanning(document));
offerScanning(document);
