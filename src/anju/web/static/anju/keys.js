// Keyboard paths of the desk: a letter presses the button that shows it, unless somebody is typing.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea");
  const key = event.key === "Enter" ? "Enter" : event.key.toLowerCase();
  const asks = key === "Enter" ? event.ctrlKey || event.metaKey : !(event.ctrlKey || event.metaKey || event.altKey);
  if (typing || !asks) return;
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
