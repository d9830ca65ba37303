// The buttons on a grid's card by which a change of borders begins; what it takes is loaded then.

import type { Api } from "../api";
import type { EditKind } from "../editing";
import { el } from "../elements";
import type { Store } from "../store";
import { say } from "../words";

export function editButtons(store: Store, api: Api, gridId: string): HTMLElement {
  const begin = (kind: EditKind): void => void import("../editing").then(({ beginEditing }) => beginEditing(store, api, kind, gridId));
  const button = (kind: EditKind): HTMLElement => el("button", { "data-key": kind, click: () => begin(kind) }, say(kind, store.state.language));
  return el("p", { class: "acts" }, button("split"), button("merge"), button("border"));
}
