// Supporting without leaving the page. The page is the same for everybody, so the phone itself remembers what it supports,
// until the server has said so (own.js); without this file the forms are sent as any other.

import { showVotes } from "./votes.js";

const NAME = "fmq-support";
const MOST = 200;

function remembered() {
  try {
    return new Set(JSON.parse(localStorage.getItem(NAME)) || []);
  } catch {
    return new Set(); // storage is forbidden: the server still counts each device once
  }
}

function keep(refs) {
  try {
    localStorage.setItem(NAME, JSON.stringify([...refs].slice(-MOST)));
    return true;
  } catch {
    return false;
  }
}

const forms = (root) => root.querySelectorAll("form[data-support]");
const refOf = (form) => form.dataset.support;

function press(form, isOn) {
  form.querySelector("button").setAttribute("aria-pressed", String(isOn));
}

function pressAll(ref, isOn) {
  for (const form of forms(document)) if (refOf(form) === ref) press(form, isOn);
}

// Presses the buttons of a part of the page that was just made (the map's card).
export function dress(root) {
  const known = remembered();
  for (const form of forms(root)) press(form, known.has(refOf(form)));
}

// Takes over what the server knows about the reports that it was asked for: it wins over what this phone remembers.
function learn(asked, supported) {
  const known = remembered();
  for (const ref of asked) {
    const isOn = supported.includes(ref);
    if (isOn) known.add(ref);
    else known.delete(ref);
    pressAll(ref, isOn);
  }
  keep(known);
}

async function toggle(form) {
  const button = form.querySelector("button");
  const ref = refOf(form);
  const body = new FormData(form);
  if (button.getAttribute("aria-pressed") === "true") body.set("undo", "1");
  button.disabled = true;
  const reply = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  button.disabled = false;
  button.focus();
  if (!reply?.ok) return reply && form.submit(); // the server's own page says why; without a network nothing changes
  const { votes, supported } = await reply.json();
  for (const part of document.querySelectorAll(`[data-report="${ref}"]`)) showVotes(part, votes);
  return learn([ref], supported ? [ref] : []);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-support]")) return;
  event.preventDefault();
  toggle(event.target);
});

// An event and no import: modules that import each other have no hashed name.
document.addEventListener("fmq:own", ({ detail }) => learn(detail.asked, detail.supports));
dress(document);
// Another tab, or the same account elsewhere, may have changed it meanwhile: what is remembered here is worth one question.
const known = remembered();
if ([...forms(document)].some((form) => known.has(refOf(form)))) import("./own.js");
