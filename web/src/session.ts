// The token of this tab, kept until the tab is closed or the user signs out; nothing else is kept.

const PLACE = "linli-token";

export function kept(): string | null {
  return sessionStorage.getItem(PLACE);
}

export function keep(token: string): void {
  sessionStorage.setItem(PLACE, token);
}

export function forget(): void {
  sessionStorage.clear();
}

// The page begins anew: all that it holds goes with it.
export function leave(): void {
  forget();
  location.replace(location.pathname);
}
