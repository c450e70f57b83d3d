// Writes a report's number of supports wherever a part of the page shows it: words, the bar towards the town's goal.

export function showVotes(part, votes) {
  for (const count of part.querySelectorAll("[data-votes]")) count.textContent = votes;
  for (const goal of part.querySelectorAll("[data-goal]")) {
    goal.querySelector("progress").value = votes;
    goal.classList.toggle("is-reached", votes >= Number(goal.dataset.goal));
  }
}
