// The moderators' queue by keyboard, and the claim on the report that is being read.

const root = document.querySelector("[data-queue]");
const RENEW_MS = 60000; // a claim lasts three minutes without activity
const OFF = "fmq-queue-keys"; // "off" in this browser's storage
let isSent = false; // the page is on its way out: no key decides twice
let lastActive = Date.now();
let lastRenewed = Date.now();

const panels = () => [...root.querySelectorAll("details[data-panel]")];
const typing = (element) => element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

function stored() {
  try {
    return localStorage.getItem(OFF) === "off";
  } catch {
    return false; // storage is refused: the keys work as they come
  }
}

// A digit chooses a ready reason or an original, where its panel is open.
function chosenBy(digit) {
  const open = panels().find((panel) => panel.open);
  return open && root.querySelector(`[data-choice="${open.dataset.panel}"][data-digit="${digit}"]`);
}

function press(target) {
  target.click();
  const panel = target.closest("details[data-panel]");
  if (target.matches("summary") && panel?.open) {
    const choice = root.querySelector(`[data-choice="${panel.dataset.panel}"]`);
    (choice || panel.querySelector("input:not([type=hidden]), textarea")).focus();
    choice?.scrollIntoView({ block: "nearest" });
  }
}

function close() {
  const open = [...root.querySelectorAll("details[open]")];
  for (const details of open) details.open = false;
  open[0]?.querySelector("summary").focus();
}

function onKey(event) {
  active();
  if (event.key === "Escape") return close();
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented);
  if (!isPlain || isSent || stored() || typing(event.target)) return;
  const key = event.key.toLowerCase();
  const target = /^[1-9]$/.test(key) ? chosenBy(key) : /^[a-z?]$/.test(key) && root.querySelector(`[data-key="${key}"]`);
  if (!target) return;
  event.preventDefault();
  press(target);
}

function active() {
  lastActive = Date.now();
  if (lastActive - lastRenewed > RENEW_MS) renew();
}

async function renew() {
  lastRenewed = Date.now();
  const body = new FormData();
  body.set("csrfmiddlewaretoken", root.querySelector("[name=csrfmiddlewaretoken]").value);
  const answer = await fetch(root.dataset.claim, { method: "POST", body }).catch(() => undefined);
  // Out of reach: the claim runs out by itself, and the decision will say so.
  if (answer?.status === 409) lose((await answer.json()).sentence);
}

function lose(sentence) {
  const told = root.querySelector("[data-lost]");
  told.hidden = false;
  told.querySelector("[data-lost-words]").textContent = sentence;
}

function keepClaim() {
  for (const kind of ["pointerdown", "pointermove", "wheel", "touchstart", "input"]) {
    addEventListener(kind, active, { passive: true });
  }
  // Whoever reads without touching anything keeps the report for the three minutes, and no longer.
  setInterval(() => lastActive > lastRenewed && document.visibilityState === "visible" && renew(), RENEW_MS);
}

function offerSwitch() {
  const box = root.querySelector("[data-keys-on]");
  if (!box) return;
  box.closest("[hidden]").hidden = false;
  box.checked = !stored();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(OFF, box.checked ? "on" : "off");
    } catch {
      box.checked = true; // nothing can be remembered here
    }
    document.documentElement.classList.toggle("no-keys", !box.checked);
  });
  document.documentElement.classList.toggle("no-keys", !box.checked);
}

if (root) {
  document.addEventListener("keydown", onKey);
  root.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });
  // The browser's Back shows the page as it was left.
  addEventListener("pageshow", () => { isSent = false; });
  offerSwitch();
  if (root.dataset.claim) keepClaim();
}
