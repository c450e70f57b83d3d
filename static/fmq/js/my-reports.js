// The report that was begun on this phone and not sent: it stays on the phone, so only the phone can show it.

import { begun } from "./report-draft.js";

const box = document.querySelector("[data-draft]");
const words = begun();
if (words !== null) {
  box.querySelector("[data-draft-words]").textContent = words;
  box.hidden = false;
}
