// Time as the server has it, and elements that count: the seconds since a moment, or until one.

import { el } from "./elements";

const TRUSTED_MILLISECONDS = 2_000; // the header tells whole seconds, and the way takes its time
const EVERY_MILLISECONDS = 500;

let ahead = 0;

// Learns from an answer how far this machine's clock is off.
export function tune(header: string | null): void {
  const told = header ? Date.parse(header) : NaN;
  if (Number.isNaN(told)) return;
  const off = told + 500 - Date.now();
  if (Math.abs(off - ahead) > TRUSTED_MILLISECONDS) ahead = off;
}

export function now(): number {
  return Date.now() + ahead;
}

export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const end = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(whole % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${end}` : end;
}

export function since(moment: string, label: string): HTMLElement {
  return counting({ "data-since": moment, "aria-label": label, class: "count" });
}

export function until(moment: string, label: string): HTMLElement {
  return counting({ "data-until": moment, "aria-label": label, class: "count" });
}

function counting(given: Record<string, string>): HTMLElement {
  const made = el("span", { role: "timer", ...given });
  write(made);
  return made;
}

function write(element: HTMLElement): void {
  const { since, until } = element.dataset;
  const seconds = since ? (now() - Date.parse(since)) / 1000 : (Date.parse(until!) - now()) / 1000;
  const text = clockText(seconds);
  if (element.textContent !== text) element.textContent = text;
}

export function beginCounting(): void {
  setInterval(() => document.querySelectorAll<HTMLElement>("[data-since], [data-until]").forEach(write), EVERY_MILLISECONDS);
}
