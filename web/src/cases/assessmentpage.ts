// The assessment with its charts, as the server draws it: its own sheet of style, in a shadow of its own, to be printed.

import type { Api } from "../api";
import { Refused } from "../api";
import { now } from "../clock";
import { el, redraw } from "../elements";
import { saved } from "./attachments";
import { named } from "./staffstate";
import type { StaffState, StaffStore } from "./staffstate";
import { tell } from "./staffwords";
import { dayOf } from "./zone";

const BY: Record<string, readonly [string, string]> = { AREA: ["按辖区", "by area"], UNIT: ["按部门", "by office"], PERSON: ["按人员", "by person"] };
const STYLE = /<style>([\s\S]*?)<\/style>/;

export function assessmentPage(store: StaffStore, api: Api): HTMLElement {
  const [form, sheet] = [el("div", { class: "filters" }), el("div", { id: "assessment", hidden: true })];
  const shadow = sheet.attachShadow({ mode: "open" });
  const value = (id: string): string => form.querySelector<HTMLInputElement>(`#${id}`)!.value;
  const address = (ending: string): string => `/assessments/${value("assess-area")}.${ending}?${new URLSearchParams({ from: value("assess-from"), to: value("assess-to"), by: value("assess-by") })}`;
  const show = async (): Promise<void> => {
    const text = await (await asked(api, address("html"))).text();
    const page = new DOMParser().parseFromString(text.replace(STYLE, ""), "text/html");
    const style = new CSSStyleSheet(); // not by <style>, which the policy of the page forbids
    style.replaceSync((STYLE.exec(text)?.[1] ?? "").replace(/\bbody\b/g, ":host"));
    shadow.adoptedStyleSheets = [style];
    shadow.replaceChildren(...[...page.body.childNodes].map((one) => document.importNode(one, true)));
    sheet.hidden = false;
    store.set({ problem: null });
  };
  const take = async (): Promise<void> => saved(URL.createObjectURL(await (await asked(api, address("xlsx"))).blob()), "assessment.xlsx");
  const tried = (act: () => Promise<void>) => () => void act().catch((problem) => store.fail(problem));
  store.follow(["language", "areas"], (state) => redraw(form, ...controls(state, tried(show), tried(take))));
  return el("section", { id: "assessment-page" }, form, sheet);
}

async function asked(api: Api, address: string): Promise<Response> {
  const answer = await fetch(address, { headers: api.headers });
  if (answer.ok) return answer;
  const { code, description } = (await answer.json()) as { code: string; description: string };
  throw new Refused(code, description);
}

function controls(state: StaffState, show: () => void, take: () => void): HTMLElement[] {
  const { language } = state;
  const [today, areas] = [dayOf(now()), state.areas.map((area) => el("option", { value: area.id }, named(area, state)))];
  const by = Object.entries(BY).map(([one, words]) => el("option", { value: one }, words[language === "zh" ? 0 : 1]));
  const input = (id: string, value: string): HTMLElement => el("input", { id, type: "date", value, required: true });
  const field = (id: string, text: string, control: HTMLElement): HTMLElement => el("p", { class: "field" }, el("label", { for: id }, text), control);
  return [
    field("assess-area", tell("area", language), el("select", { id: "assess-area" }, ...areas)),
    field("assess-from", tell("from", language), input("assess-from", `${today.slice(0, 4)}-01-01`)),
    field("assess-to", tell("to", language), input("assess-to", today)),
    field("assess-by", tell("group", language), el("select", { id: "assess-by" }, ...by)),
    el("button", { "data-key": "assess-show", id: "assess-show", click: show }, tell("show", language)),
    el("button", { "data-key": "assess-take", click: take }, tell("download", language)),
    el("button", { "data-key": "print", click: () => print() }, tell("print", language)),
  ];
}
