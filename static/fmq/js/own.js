// What of a public page is this person's own: one small private request, sent only by who is signed in or has supported
// something. The page itself stays the same for everybody.

const MOST = 40;
const account = document.querySelector("[data-own-url]");
const marked = (name) => [...document.querySelectorAll(`[${name}]`)];

function shownRefs() {
  const buttons = [...marked("data-support").map(({ dataset }) => dataset.support), ...marked("data-follow").map(({ dataset }) => dataset.follow)];
  return [...new Set(buttons)].filter(Boolean);
}

// Asks about some reports and shows the answer; other modules hear it as `fmq:own`.
export async function ask(refs) {
  const address = new URL(account.dataset.ownUrl, location);
  if (refs.length) address.searchParams.set("refs", refs.join());
  const reply = await fetch(address).catch(() => null);
  if (!reply?.ok) return;
  const facts = await reply.json();
  if (facts.signed_in) showPerson(facts);
  showStanding(facts);
  document.dispatchEvent(new CustomEvent("fmq:own", { detail: { ...facts, asked: refs } }));
}

// Who may not contribute for a time reads it where they could, before they type.
function showStanding({ suspended }) {
  const part = document.querySelector("[data-suspended]");
  if (!part || !suspended || !document.querySelector("main form[method=post]")) return;
  part.querySelector("[data-suspended-words]").textContent = suspended.words;
  part.querySelector("a").href = suspended.url;
  part.hidden = false;
}

function showPerson({ name, public_name: publicName, follows, authored, asks }) {
  account.querySelector("[data-own-name]").textContent = name;
  const proposed = document.querySelector("input[name=public_name]");
  if (proposed && !proposed.value) proposed.value = publicName;
  for (const form of marked("data-follow")) pressFollow(form, follows.includes(form.dataset.follow));
  for (const part of marked("data-own-report")) {
    const { report } = part.closest("[data-report]").dataset;
    const page = authored[report];
    part.hidden = !page;
    if (!page) continue;
    part.querySelector("[data-own-page]").href = page;
    part.querySelector("[data-own-asks]").hidden = !asks.includes(report);
    for (const link of part.querySelectorAll("[data-answer]")) link.href = `${page}?regle=${link.dataset.answer}#regle`;
  }
}

// Following by one tap is for people with an account; others are asked for an address by the form's own page.
function pressFollow(form, isOn) {
  const button = form.querySelector("button");
  button.setAttribute("aria-pressed", String(isOn));
  if (form.dataset.ready) return;
  form.dataset.ready = "true";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(form);
    if (button.getAttribute("aria-pressed") === "true") body.set("undo", "1");
    const reply = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const isJson = reply?.headers.get("Content-Type")?.startsWith("application/json");
    if (!isJson) return reply && form.submit(); // signed out meanwhile, or too often: the server's own page says so
    button.setAttribute("aria-pressed", String((await reply.json()).followed));
  });
}

const refs = shownRefs();
for (let start = 0; start === 0 || start < refs.length; start += MOST) ask(refs.slice(start, start + MOST));
