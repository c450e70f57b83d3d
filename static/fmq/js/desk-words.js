// Ready words: a chosen template goes into the form's field at once. What was typed stays; a template that was not touched
// gives way to the next one.

for (const chooser of document.querySelectorAll("select[data-ready]")) {
  const words = chooser.form.elements[chooser.dataset.ready];
  let last = "";
  chooser.form.querySelector("[data-ready-insert]").hidden = true;
  chooser.addEventListener("change", () => {
    const chosen = chooser.selectedOptions[0].dataset.words ?? "";
    const typed = last && words.value.endsWith(last) ? words.value.slice(0, -last.length).trimEnd() : words.value.trimEnd();
    words.value = [typed, chosen].filter(Boolean).join("\n\n");
    last = chosen;
    words.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
