// Words typed into one form of a page are not lost when another form of the page is sent: they stay in this tab until their
// own form goes.

const WORDS = ".desk form[method=post] textarea, .desk form[method=post] input[type=text]";
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
