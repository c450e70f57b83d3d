// Comments without leaving the page: the form is sent from where it stands, and whoever wrote a comment finds the way to
// correct or delete it. The page is the same for everybody, so the phone itself remembers what it said; what somebody
// said elsewhere under the same account comes with the personal request (own.js). All words come from the page.

const NAME = "fmq-comments";
const KEPT = 100;

const section = document.querySelector("[data-comments]");
const region = section.querySelector("[data-comments-region]");
const slot = section.querySelector("[data-comment-slot]");
const mine = new Set(remembered());

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) || [];
  } catch {
    return []; // storage is forbidden: the comment's own page still knows its device
  }
}

function remember(id) {
  mine.add(id);
  try {
    localStorage.setItem(NAME, JSON.stringify([...remembered(), id].slice(-KEPT)));
  } catch {
    return false;
  }
  return true;
}

function showOwn() {
  for (const comment of region.querySelectorAll("[data-comment]")) {
    comment.querySelector("[data-own]").hidden = !mine.has(Number(comment.dataset.comment));
  }
}

async function refresh(id) {
  const address = new URL(location.pathname, location);
  address.searchParams.set("fragment", "commentaires");
  address.searchParams.set("event", `c${id}`); // no cached answer knows it yet
  const reply = await fetch(address).catch(() => null);
  if (!reply?.ok || reply.redirected) return location.reload();
  region.innerHTML = await reply.text();
  return region.querySelector(`[data-comment="${id}"]`)?.focus();
}

function refuse(form, messages) {
  const box = form.querySelector("[data-comment-errors]");
  box.querySelector("ul").replaceChildren(...messages.map((words) => {
    const line = document.createElement("li");
    line.textContent = words;
    return line;
  }));
  box.hidden = !messages.length;
  if (messages.length) box.focus();
}

async function bodyOf(form) {
  const body = new FormData(form);
  const photo = body.get("photo");
  if (photo?.size) body.set("photo", await (await import("./photo.js")).shrink(photo), "photo.jpg");
  return body;
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  refuse(form, []);
  const reply = await fetch(form.action, { method: "POST", body: await bodyOf(form), headers: { Accept: "application/json" } })
    .catch(() => null);
  button.removeAttribute("aria-busy");
  button.disabled = false;
  const answer = await reply?.json().catch(() => null);
  if (answer?.banned) return location.assign(answer.banned); // says why, and takes an appeal
  if (answer?.errors) return refuse(form, answer.errors);
  if (!answer?.id) return refuse(form, [form.querySelector("[data-comment-errors]").dataset.offline]);
  remember(answer.id);
  if (answer.held) return location.assign(answer.url); // its own page says why it waits
  form.reset();
  form.closest("details").open = false;
  return refresh(answer.id);
}

// A phone that has written or supported before may have been suspended since: it learns that before it types.
function hasActed() {
  try {
    return mine.size > 0 || Boolean(localStorage.getItem("fmq-support"));
  } catch {
    return false;
  }
}

// Who is signed in gets a form of their own: their name, and the organisations that they speak for.
async function personalForm() {
  const reply = await fetch(`${slot.querySelector("form").action}?fragment=1`).catch(() => null);
  if (reply?.ok && !reply.redirected && !slot.querySelector("textarea").value) slot.innerHTML = await reply.text();
}

section.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-comment-form]")) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener("fmq:own", ({ detail }) => {
  for (const id of detail.comments || []) mine.add(id);
  showOwn();
});
new MutationObserver(() => {
  showOwn();
  document.dispatchEvent(new Event("fmq:times"));
}).observe(region, { childList: true });
section.querySelector(".comment-write").addEventListener("toggle", () => hasActed() && import("./own.js"), { once: true });
showOwn();
if (/(^|; )fmq_here=1/.test(document.cookie)) personalForm();
