import { plainFigures } from "./money";

/** What is copied from the page goes into a sheet or an order: with the minus of keyboards. */
export function copyPlainFigures(): void {
  document.addEventListener("copy", (event) => {
    if (event.defaultPrevented || isField(document.activeElement)) return;
    const text = getSelection()?.toString() ?? "";
    const plain = plainFigures(text);
    if (plain === text) return;
    event.clipboardData?.setData("text/plain", plain);
    event.preventDefault();
  });
}

function isField(element: Element | null): boolean {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}
