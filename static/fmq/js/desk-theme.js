// The theme's lists, said properly: boxes that scroll get the name of what they hold instead of one English name for all
// (their script reads it when the page has come), filters follow the page's heading, and the labels of a phone's cards
// have the capital of a sentence.

const opener = document.querySelector(".desk-filters-open");
const heading = document.querySelector("h1 > :last-child")?.textContent.trim();

function nameOf(box) {
  if (box.closest("#changelist-filter")) return opener.lastChild.textContent;
  return box.closest("[aria-label]")?.getAttribute("aria-label") || heading;
}

for (const box of document.querySelectorAll("#page [data-simplebar]")) {
  box.setAttribute("data-simplebar-aria-label", nameOf(box));
}
for (const title of document.querySelectorAll("#changelist-filter h3")) title.setAttribute("aria-level", "2");
for (const cell of document.querySelectorAll("#result_list :is(td, th)[data-label]")) {
  const { label } = cell.dataset;
  cell.dataset.label = label.charAt(0).toLocaleUpperCase() + label.slice(1);
}
