// The answers of an unfinished report, kept on the phone for a day; contact details only as long as the tab lives.

const NAME = "fmq-report";
const DAY = 86400000;
const PRIVATE = ["email", "phone", "public_name"];
const KEPT = ["idempotency_key", "category", "lon", "lat", "quarter", "address", "description", "anyway", "place_words"];

// Storage may be full or forbidden; then there is no draft, and the form works as before.
function read(store) {
  try {
    const kept = JSON.parse(store().getItem(NAME)) || {};
    return Date.now() - kept.at < DAY ? kept : {};
  } catch {
    return {};
  }
}

function write(store, value) {
  try {
    if (value) store().setItem(NAME, JSON.stringify(value));
    else store().removeItem(NAME);
    return true;
  } catch {
    return false;
  }
}

const local = () => globalThis.localStorage;
const session = () => globalThis.sessionStorage;
const chosen = (form, names) => Object.fromEntries(names.map((name) => [name, form.elements[name]?.value ?? ""]));

export function save(form) {
  write(local, { ...chosen(form, KEPT), at: Date.now() });
  write(session, { ...chosen(form, PRIVATE), at: Date.now() });
}

export function clear() {
  write(local);
  write(session);
}

// What was begun, in the person's own words where there are any (place, description); null without a draft.
export function begun() {
  const kept = read(local);
  if (!["category", "lon", "quarter", "address", "description"].some((name) => kept[name])) return null;
  return [kept.place_words || kept.address, kept.description].filter(Boolean).join(" – ");
}

// Puts the kept answers back and says whether a person had answered anything.
export function restore(form) {
  const kept = { ...read(session), ...read(local) };
  delete kept.at;
  for (const [name, value] of Object.entries(kept)) {
    if (form.elements[name] && value) form.elements[name].value = value;
  }
  return ["category", "lon", "quarter", "address", "description", "email", "phone"].some((name) => kept[name]);
}
