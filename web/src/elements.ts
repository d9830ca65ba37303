// Making elements: text is always set as text, never as markup.

type Child = Node | string | null | false | undefined;
type Given = Record<string, string | boolean | number | null | ((event: never) => void)>;

export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "function") made.addEventListener(key, value as EventListener);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

// A small square of colour; style by CSSOM, since the policy of the page forbids style attributes.
export function swatch(color: string): HTMLElement {
  const made = el("span", { class: "swatch", "aria-hidden": "true" });
  made.style.backgroundColor = color;
  return made;
}

export function at(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

// Replaces the content and keeps the keyboard where it was: the element with the same data-key is focused again.
export function redraw(place: HTMLElement, ...children: Child[]): void {
  const key = place.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
  place.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
  if (key) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
