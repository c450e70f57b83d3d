// Choosing several reports of the list: the whole page at once, and how many are ticked.

const form = document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll("input[name=chosen]")];

function count() {
  const ticked = boxes().filter((box) => box.checked).length;
  document.querySelector("[data-bulk-count]").textContent = ticked ? `(${ticked})` : "";
}

if (form) {
  const all = form.querySelector("[data-check-all]");
  all.closest("[hidden]").hidden = false;
  all.addEventListener("click", () => {
    const isFull = boxes().every((box) => box.checked);
    for (const box of boxes()) box.checked = !isFull;
    count();
  });
  document.addEventListener("change", ({ target }) => target.name === "chosen" && count());
  addEventListener("pageshow", count); // the browser keeps the ticks of a page that one comes back to
}
