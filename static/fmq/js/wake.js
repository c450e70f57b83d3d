// Loads what sleeps in a template: the stylesheets and scripts of the map, which weigh more than the rest of a page.

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}

// Scripts run in their order; anything else in the template joins the page as it is. Rejects when a file does not come.
export async function wake(template) {
  const waits = [];
  for (const node of [...template.content.cloneNode(true).children]) {
    if (node.matches("link")) waits.push(loaded(node));
    else if (node.matches("script[src]")) {
      node.async = false;
      waits.push(loaded(node));
    } else document.body.append(node);
  }
  await Promise.all(waits);
}
