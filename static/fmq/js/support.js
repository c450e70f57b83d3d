// The support button without leaving the page. The page is the same for everybody, so the phone itself remembers what it
// supports; without this file the form is sent as any other.

const NAME = "fmq-support";

function remembered() {
  try {
    return new Set(JSON.parse(localStorage.getItem(NAME)) || []);
  } catch {
    return new Set(); // storage is forbidden: the server still counts each device once
  }
}

function remember(url, isOn) {
  const urls = remembered();
  if (isOn) urls.add(url);
  else urls.delete(url);
  try {
    localStorage.setItem(NAME, JSON.stringify([...urls].slice(-200)));
  } catch {
    return false;
  }
  return true;
}

async function toggle(form, button) {
  const body = new FormData(form);
  if (button.getAttribute("aria-pressed") === "true") body.set("undo", "1");
  button.disabled = true;
  const reply = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  button.disabled = false;
  button.focus();
  if (!reply?.ok) return reply && form.submit(); // the server's own page says why; without a network nothing changes
  const { votes, supported } = await reply.json();
  button.setAttribute("aria-pressed", String(supported));
  button.querySelector("[data-votes]").textContent = votes;
  return remember(form.action, supported);
}

for (const form of document.querySelectorAll("form[data-support]")) {
  const button = form.querySelector("button");
  if (remembered().has(form.action)) button.setAttribute("aria-pressed", "true");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    toggle(form, button);
  });
}
