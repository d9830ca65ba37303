// The part of the visits' page that shows the plan of the visiting days, and takes down what was heard at a door.

import { el, redraw } from "../elements";
import type { Language } from "../types";
import type { DoorVisit, Plan, PlanHome } from "./plan";
import type { PhoneState, PhoneStore } from "./state";

const WORDS = {
  plan: ["走访计划", "Plan of the visiting days"],
  none: ["本月没有走访计划。", "There is no plan for you now."],
  propose: ["排一份计划", "Propose one"],
  walk: ["步行约（米）", "Metres to walk, about"],
  accept: ["就按这份", "Take this one"],
  visited: ["已走访", "seen"],
  skipped: ["未遇", "not met"],
  waits: ["待上传", "to be sent"],
  heard: ["听到的事（标题，不写人名；没有就不填）", "What was heard (a title without names; empty: nothing)"],
  more: ["详细情况", "More about it"],
  note: ["走访记录", "Note"],
  seen: ["已走访", "Seen"],
  notMet: ["没遇到（写明原因）", "Not met (say why)"],
  back: ["返回", "Back"],
  refused: ["未被接受", "Not taken"],
  discard: ["删除", "Discard"],
} as const;

type Word = keyof typeof WORDS;
const say = (word: Word, language: Language): string => WORDS[word][language === "zh" ? 0 : 1];

export function planPage(store: PhoneStore, plan: Plan): HTMLElement {
  const place = el("section", { id: "plan" });
  let at: PlanHome | null = null;
  const open = (home: PlanHome | null): void => {
    at = home;
    place.replaceChildren();
    draw();
    place.querySelector<HTMLElement>("input")?.focus();
  };
  const draw = (): void => {
    if (at && place.querySelector("form")) return; // somebody writes
    redraw(place, ...(at ? [form(plan, store.state, at, () => open(null))] : list(store, plan, open)));
  };
  store.follow(["language", "worker"], draw);
  plan.follow(["homes", "waiting", "proposal", "caseId"], draw);
  return place;
}

function list(store: PhoneStore, plan: Plan, open: (home: PlanHome) => void): HTMLElement[] {
  const { language } = store.state;
  const { caseId, homes, waiting, number } = plan.state;
  const title = el("h2", {}, caseId ? `${say("plan", language)} · ${number}` : say("plan", language));
  if (!caseId) return [title, ...proposal(store, plan)];
  const rows = homes.map((home, place) => {
    const sent = waiting.find(({ householdId }) => householdId === home.id);
    const state = sent ? say("waits", language) : home.done ? say(home.done === "VISIT" ? "visited" : "skipped", language) : "";
    const inner = [el("strong", {}, `${place + 1}. ${home.address}`), el("small", {}, state)];
    const done = home.done === "VISIT" || sent;
    return el("li", {}, el("button", { class: "wide", "data-home": home.id, disabled: Boolean(done), click: () => open(home) }, ...inner));
  });
  const refused = waiting.filter((one) => one.refused).map((one) => refusal(plan, one, language));
  return [title, ...refused, el("ol", { class: "plain", id: "plan-homes" }, ...rows)];
}

function refusal(plan: Plan, visit: DoorVisit, language: Language): HTMLElement {
  return el("p", { class: "state lost" }, `${say("refused", language)}: ${visit.refused} `, el("button", { click: () => plan.discard(visit) }, say("discard", language)));
}

function proposal(store: PhoneStore, plan: Plan): HTMLElement[] {
  const { language, worker } = store.state;
  const found = plan.state.proposal;
  const tried = (act: () => Promise<void>) => () => void act().catch((problem: Error) => store.set({ notice: problem.message }));
  if (!found) return [el("p", { class: "quiet" }, say("none", language)), el("button", { class: "tall", id: "propose", click: tried(() => plan.propose()) }, say("propose", language))];
  const areaId = worker?.areas[0]?.id;
  return [
    el("p", { class: "quiet" }, `${say("walk", language)} ${Math.round(found.walkMeters)}`),
    el("ol", { class: "plain" }, ...found.households.map(({ address }, place) => el("li", {}, `${place + 1}. ${address}`))),
    el("button", { class: "main tall", id: "take-plan", disabled: !areaId, click: tried(() => plan.accept(areaId!)) }, say("accept", language)),
  ];
}

function form(plan: Plan, { language }: PhoneState, home: PlanHome, done: () => void): HTMLElement {
  const subject = el("input", { id: "heard-subject", maxlength: "120" });
  const more = el("textarea", { id: "heard-more", rows: 3, maxlength: "2000" });
  const note = el("textarea", { id: "plan-note", rows: 3, maxlength: "2000" });
  const seen = (event: Event): void => {
    event.preventDefault();
    const heard = subject.value.trim() ? [{ subject: subject.value.trim(), description: more.value.trim() }] : [];
    plan.record(home, "VISIT", note.value.trim(), heard);
    done();
  };
  const notMet = (): void => {
    note.required = true;
    if (!note.reportValidity()) return;
    plan.record(home, "SKIP", note.value.trim(), []);
    done();
  };
  return el(
    "form",
    { submit: seen, "aria-label": home.address },
    el("h2", {}, home.address),
    el("label", { for: "heard-subject" }, say("heard", language)),
    subject,
    el("label", { for: "heard-more" }, say("more", language)),
    more,
    el("label", { for: "plan-note" }, say("note", language)),
    note,
    el("button", { type: "submit", class: "main tall", id: "plan-seen" }, say("seen", language)),
    el("button", { type: "button", class: "tall", id: "plan-not-met", click: notMet }, say("notMet", language)),
    el("button", { type: "button", class: "tall", click: done }, say("back", language)),
  );
}
