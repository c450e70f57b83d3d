// Notifications in this browser: the switch of templates/notifications/_push.html. Permission is asked after a tap only.

const box = document.querySelector("[data-push]");
const words = box?.querySelector("[role=status]");
const join = box?.querySelector("[data-push-join]");
const leave = box?.querySelector("[data-push-leave]");
const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
const isSupported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// What this page subscribed: another follow, or the account, may use the same browser.
const place = `push:${box?.dataset.token || "account"}`;

function show(isOn, sentence) {
  join.hidden = isOn;
  leave.hidden = !isOn;
  words.textContent = sentence;
}

function post(url, fields) {
  if (box.dataset.token) fields.suivi = box.dataset.token;
  return fetch(url, { method: "POST", body: new URLSearchParams(fields) });
}

async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration?.pushManager.getSubscription();
}

async function subscribe() {
  const registration = await navigator.serviceWorker.register(box.dataset.worker, { scope: "/" });
  await navigator.serviceWorker.ready;
  const key = bytes(box.dataset.push);
  const known = await registration.pushManager.getSubscription();
  // One made with an earlier key of the portal hears nothing any more.
  if (known && base64url(known.options.applicationServerKey) !== box.dataset.push) await known.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function start() {
  if (await Notification.requestPermission() !== "granted") return show(false, box.dataset.blocked);
  const made = await subscribe();
  const { endpoint, keys } = made.toJSON();
  const reply = await post(box.dataset.join, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
  if (reply.ok) {
    localStorage.setItem(place, endpoint);
    return show(true, box.dataset.on);
  }
  const refusal = await reply.json().catch(() => ({})); // no JSON: the front answered in our place
  return show(false, refusal.error || box.dataset.failed);
}

async function stop() {
  const known = await subscription();
  if (known) await post(box.dataset.leave, { endpoint: known.endpoint });
  // The browser stays subscribed, because another follow, or the account, may use it: only our row goes.
  localStorage.removeItem(place);
  show(false, "");
}

async function tapped(work) {
  join.disabled = leave.disabled = true;
  await work().catch(() => show(false, box.dataset.failed));
  join.disabled = leave.disabled = false;
}

async function begin() {
  box.hidden = false;
  if (!isSupported) {
    words.textContent = box.dataset.install;
    return;
  }
  const known = await subscription();
  const isOn = Boolean(known) && localStorage.getItem(place) === known.endpoint;
  show(isOn, isOn ? box.dataset.on : "");
  join.addEventListener("click", () => tapped(start));
  leave.addEventListener("click", () => tapped(stop));
}

if (box && (isSupported || isApple)) begin();
