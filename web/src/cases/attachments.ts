// Photos and papers of a matter: shown by their bytes, which are asked with the token; a PDF is only ever saved.

import type { Api } from "../api";
import { Refused } from "../api";
import { el } from "../elements";
import type { Sheet, StaffStore } from "./staffstate";
import { tell } from "./staffwords";
import { moment } from "./zone";

type Attached = Sheet["attachments"][number];

export function attachments(store: StaffStore, api: Api, sheet: Sheet, load: () => Promise<void>): HTMLElement {
  const { language } = store.state;
  const choose = (event: Event): void => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file) void sent(api, sheet.id, file).then(load).catch((problem) => store.fail(problem));
  };
  const accept = "image/jpeg,image/png,image/webp,application/pdf";
  return el(
    "section",
    { class: "card" },
    el("h3", {}, tell("attachments", language)),
    el("div", { class: "photos", id: "photos" }, ...sheet.attachments.map((one) => shown(store, api, one))),
    el("p", { class: "field" }, el("label", { for: "attach" }, tell("attach", language)), el("input", { id: "attach", type: "file", accept, change: choose })),
  );
}

function shown(store: StaffStore, api: Api, one: Attached): HTMLElement {
  const text = `${one.name} · ${Math.ceil(one.sizeBytes / 1024)} kB${one.takenAt ? ` · ${moment(one.takenAt, store.state.language)}` : ""}`;
  const place = el("button", { "data-key": one.id, click: () => void bytes(api, one).then((address) => saved(address, one.name)).catch((problem) => store.fail(problem)) }, text);
  if (!one.mediaType.startsWith("image/")) return place;
  void bytes(api, one).then((src) => place.prepend(el("img", { src, alt: one.name }))).catch(() => undefined); // its name is there
  return place;
}

const held = new Map<string, Promise<string>>();

function bytes(api: Api, { id, url }: Attached): Promise<string> {
  const found = held.get(id) ?? asked(api, url);
  held.set(id, found);
  found.catch(() => held.delete(id));
  return found;
}

async function asked(api: Api, url: string): Promise<string> {
  const answer = await fetch(url, { headers: api.headers });
  if (!answer.ok) throw new Refused("NOT_FOUND", answer.statusText);
  return URL.createObjectURL(await answer.blob());
}

async function sent(api: Api, caseId: string, file: File): Promise<void> {
  const body = new FormData();
  body.append("file", file);
  const answer = await fetch(`/cases/${caseId}/attachments`, { method: "POST", headers: api.headers, body });
  const found = (await answer.json()) as { code?: string; description?: string };
  if (!answer.ok) throw new Refused(found.code ?? "UNKNOWN", found.description ?? answer.statusText);
}

export function saved(address: string, name: string): void {
  el("a", { href: address, download: name }).click();
}
