// A check to take along: a table, shapes, or a page to print. Asked for with the sign-in, then handed over as a file.

import type { Api } from "../api";
import { el } from "../elements";
import type { Store } from "../store";
import { say } from "../words";
import type { Word } from "../words";

const FORMS: readonly ["csv" | "geojson" | "html", Word][] = [["csv", "table"], ["geojson", "shapes"], ["html", "report"]];

export function taking(store: Store, api: Api, auditId: string): HTMLElement {
  const { language } = store.state;
  const take = async (form: string): Promise<void> => {
    const response = await fetch(`/audits/${auditId}.${form}`, { headers: api.headers }).catch(() => null);
    if (!response?.ok) return store.set({ notice: (await response?.text()) ?? say("offline", language) });
    const address = URL.createObjectURL(await response.blob());
    el("a", { href: address, download: `linli-${auditId}.${form}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  const buttons = FORMS.map(([form, word]) => el("button", { "data-key": `take-${form}`, click: () => void take(form) }, say(word, language)));
  return el("p", { class: "acts", role: "group", "aria-label": say("take", language) }, ...buttons);
}
