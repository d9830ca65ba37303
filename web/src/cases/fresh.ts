// A matter written down by the staff: its kind, its form, where.

import type { Api } from "../api";
import { el } from "../elements";
import { chosen } from "../panels/fields";
import { drawn, renewed } from "./forms";
import type { Drawn } from "./forms";
import { OpenMatter, Places, WhoMay } from "./operations";
import { named } from "./staffstate";
import type { StaffState, StaffStore } from "./staffstate";
import { tell } from "./staffwords";

const LEAST_LETTERS = 2;
const ON_THE_PHONE = "VISIT_PLAN"; // proposed there, in the order of the walk

export function fresh(store: StaffStore, api: Api): HTMLElement {
  const place = el("section", { id: "new" });
  let kind = "APPEAL";
  let form: Drawn = { parts: [], read: () => ({}) };
  let workers: { value: string; text: string }[] | null = null; // asked when a form names one
  const ask = async (areaId: string): Promise<void> => {
    const found = (await api.ask(WhoMay, { areaId })).workers?.edges ?? [];
    workers = found.map(({ node }) => ({ value: node.id, text: node.name }));
    draw(store.state);
  };
  let places: { value: string; text: string }[] = []; // what was found: a grid or a home
  const find = async (text: string): Promise<void> => {
    if (text.length < LEAST_LETTERS) return;
    const found = await api.ask(Places, { text });
    const grids = (found.grids?.edges ?? []).map(({ node }) => ({ value: `grid:${node.id}`, text: `${named(node, store.state)} (${node.code})` }));
    const homes = (found.households?.edges ?? []).map(({ node }) => ({ value: `home:${node.id}`, text: `${node.address} (${node.code})` }));
    places = [...grids, ...homes];
    place.querySelector("#new-place")?.replaceChildren(...placeOptions(places, store.state));
    const first = place.querySelector<HTMLSelectElement>("#new-place");
    if (first && places[0]) first.value = places[0].value;
  };
  const value = (id: string): string => place.querySelector<HTMLInputElement>(`#${id}`)?.value.trim() ?? "";
  const send = async (): Promise<void> => {
    const [what, id] = value("new-place").split(":") as [string, string | undefined];
    const where = { areaId: what === "grid" ? id! : value("new-area") || null, householdId: what === "home" ? id! : null };
    const given = { kind, subject: value("new-subject"), description: value("new-description") || null, ...where };
    const consent = place.querySelector<HTMLInputElement>("#new-consent")?.checked ?? null;
    const found = (await api.ask(OpenMatter, { input: { ...given, consent, details: form.read() } })).openCase;
    if (!found) return;
    place.querySelector("form")?.reset();
    places = [];
    const near = found.similar.map(({ number, subject }) => `${number} ${subject}`).join("；");
    store.set({ problem: null, notice: near ? `${tell("similar", store.state.language)}: ${near}` : found.case.number });
    location.hash = `#case=${found.case.id}`;
  };
  const draw = (state: StaffState): void => {
    const { language } = state;
    const one = state.kinds.find(({ code }) => code === kind);
    form = drawn(one?.detailsSchema ?? {}, language, (name) => (name === "worker_id" ? workers : null), `new-${kind}`);
    const submit = (event: Event): void => {
      event.preventDefault();
      void send().catch((problem) => store.fail(problem));
    };
    const choose = (code: string): void => {
      kind = code;
      draw(store.state);
      const schema = store.state.kinds.find((k) => k.code === code)?.detailsSchema;
      const areaId = store.state.areas[0]?.id;
      if (!workers && areaId && JSON.stringify(schema ?? {}).includes('"worker_id"')) void ask(areaId).catch((problem) => store.fail(problem));
    };
    const kinds = state.kinds.map(({ code }) => code).filter((code) => code !== ON_THE_PHONE);
    const areas = state.areas.map((area) => el("option", { value: area.id }, named(area, state)));
    const consent = el("label", { class: "tick" }, el("input", { id: "new-consent", type: "checkbox" }), tell("consent", language));
    renewed(
      place,
      el(
        "form",
        { class: "new", submit, "aria-label": tell("fresh", language) },
        el("h2", {}, tell("fresh", language)),
        kinds.length > 0 && chosen("new-kind", tell("kind", language), kinds, kind, (code) => named(state.kinds.find((k) => k.code === code)!, state), choose),
        line("new-subject", tell("subject", language), el("input", { id: "new-subject", required: true, minlength: "2", maxlength: "120" })),
        line("new-area", tell("area", language), el("select", { id: "new-area", required: true }, ...areas)),
        line("new-find", tell("find", language), el("input", { id: "new-find", type: "search", autocomplete: "off", input: (event: Event) => void find((event.target as HTMLInputElement).value.trim()).catch((problem) => store.fail(problem)) })),
        line("new-place", tell("place", language), el("select", { id: "new-place" }, ...placeOptions(places, state))),
        ...form.parts,
        line("new-description", tell("description", language), el("textarea", { id: "new-description", maxlength: "4000" })),
        one?.needsConsent ? consent : null,
        el("button", { type: "submit", class: "main", id: "new-send" }, tell("raise", language)),
      ),
    );
  };
  store.follow(["language", "kinds", "areas"], draw);
  return place;
}

function placeOptions(places: { value: string; text: string }[], { language }: StaffState): HTMLElement[] {
  return [el("option", { value: "" }, tell("wholeArea", language)), ...places.map((one) => el("option", { value: one.value }, one.text))];
}

function line(id: string, text: string, control: HTMLElement): HTMLElement {
  return el("p", { class: "field" }, el("label", { for: id }, text), control);
}
