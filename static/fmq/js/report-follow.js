// The private page: copies its own address, and shows a photo as soon as it is ready.

const WAITS_MS = [2000, 4000, 8000, 16000, 30000];

const button = document.querySelector("[data-copy]");
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.origin + location.pathname);
    button.querySelector("span").textContent = button.dataset.done;
  });
}

async function refresh(waits) {
  const reply = await fetch(location.pathname).catch(() => null); // no network: the next round asks again
  if (reply?.ok) {
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const fresh = page.querySelector("[data-photos]");
    const shown = document.querySelector("[data-photos]");
    if (!fresh) shown.remove(); // its only photo could not be read
    else if (shown.innerHTML !== fresh.innerHTML) shown.replaceWith(fresh);
  }
  wait(waits);
}

function wait([next, ...others]) {
  if (next && document.querySelector("[data-waiting]")) setTimeout(refresh, next, others);
}

wait(WAITS_MS);
