// What every page needs: dates said as "il y a 2 jours", the error summary brought into view, copying and sharing a link.

const STEPS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const words = globalThis.Intl?.RelativeTimeFormat
  && new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function tellTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) || ["second", Infinity]; // "maintenant"
    time.title = time.title || time.textContent;
    time.textContent = words.format(Math.round(seconds / length), unit);
  }
}

async function share(button) {
  const { share: url, title } = button.dataset;
  if (navigator.share) return navigator.share({ url, title }).catch(() => undefined); // refused: the person closed it
  await navigator.clipboard.writeText(url);
  button.querySelector("[data-share-label]").textContent = button.dataset.done;
}

if (words) {
  tellTimes();
  setInterval(tellTimes, 60000);
  document.addEventListener("fmq:times", tellTimes); // a part of the page is new
}
for (const button of document.querySelectorAll("button[data-share]")) {
  button.hidden = !(navigator.share || navigator.clipboard);
  button.addEventListener("click", () => share(button));
}
document.querySelector("[data-focus]")?.focus();
// Only who is signed in asks what is theirs: everybody else's page is complete.
if (/(^|; )fmq_here=1/.test(document.cookie) && document.querySelector("[data-own-url]")) import("./own.js");
