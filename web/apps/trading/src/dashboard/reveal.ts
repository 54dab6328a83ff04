/** Bring what waits for an answer into view, once it is there: an order by hand ends in a card. */
export function revealPending(): void {
  requestAnimationFrame(() => {
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    document
      .querySelector('[data-area="pending"]')
      ?.scrollIntoView({ behavior: smooth ? "smooth" : "auto", block: "start" });
  });
}
