// Words typed into one form of a report's page are not lost when another form of it is sent: they stay in this tab until
// their own form goes. Only there, where the address names the report: the queue shows one after the other at one address.

const WORDS = ".desk-report form[method=post] textarea, .desk-report form[method=post] input[type=text]";
const keyOf = (field) => `words:${location.pathname}:${field.id || field.name}`;

for (const field of document.querySelectorAll(WORDS)) {
  const key = keyOf(field);
  const kept = sessionStorage.getItem(key);
  if (kept && !field.value && !field.readOnly) {
    field.value = kept;
    const part = field.closest("details");
    if (part) part.open = true;
  }
  field.addEventListener("input", () => sessionStorage.setItem(key, field.value));
  field.form.addEventListener("submit", () => sessionStorage.removeItem(key));
}
