// What the phone's page holds. What must outlive the page (sign-in, visits not yet sent) is in keep.ts.

import type { MyGridData, PhoneCallData, PhoneHomeData, PhoneOffer, PhoneOpeningData, ReturnVisitsData } from "../operations";
import type { LineState } from "../socket";
import { Keeper } from "../store";
import type { Language, Position, Theme } from "../types";
import type { DueVisit, PendingVisit } from "./visits";

export type Page = "duty" | "visits" | "grid";
export type PhoneWorker = NonNullable<PhoneOpeningData["viewer"]["worker"]>;
export type PhoneCall = NonNullable<PhoneCallData["call"]>;
export type ReturnVisit = NonNullable<ReturnVisitsData["calls"]>["edges"][number]["node"];

export interface PhoneState {
  token: string | null;
  language: Language;
  theme: Theme;
  name: string;
  worker: PhoneWorker | null;
  signedIn: boolean;
  line: LineState;
  page: Page;
  offer: PhoneOffer | null;
  call: PhoneCall | null; // the one that was accepted
  closing: boolean; // its outcome is being written
  returns: ReturnVisit[];
  due: DueVisit[];
  pending: PendingVisit[];
  grid: MyGridData["grid"];
  home: PhoneHomeData["household"];
  position: Position | null;
  positionTrouble: boolean;
  soundIsOn: boolean;
  waking: "none" | "off" | "on"; // by web push while the page is closed; none: cannot be
  notice: string | null;
}

export class PhoneStore extends Keeper<PhoneState> {}

export function initialPhone(changes: Partial<PhoneState>): PhoneState {
  return {
    token: null,
    language: "zh",
    theme: "light",
    name: "",
    worker: null,
    signedIn: false,
    line: "opening",
    page: "duty",
    offer: null,
    call: null,
    closing: false,
    returns: [],
    due: [],
    pending: [],
    grid: null,
    home: null,
    position: null,
    positionTrouble: false,
    soundIsOn: false,
    waking: "none",
    notice: null,
    ...changes,
  };
}
