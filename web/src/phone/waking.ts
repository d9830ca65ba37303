// Being woken by web push while the page is closed: offered where the server is set up for it and the browser can.

import type { Api } from "../api";
import { PushKey, RegisterPhone, UnregisterPhone } from "../operations";
import type { PhoneStore } from "./state";

export class Waking {
  private key: string | null = null;

  constructor(
    private store: PhoneStore,
    private api: Api,
  ) {}

  // Tells whether it is on; what the browser has kept is registered again, since the server may have forgotten it.
  async look(): Promise<void> {
    if (!("PushManager" in window) || !navigator.serviceWorker || !("Notification" in window)) return;
    this.key = (await this.api.ask(PushKey, {}).catch(() => null))?.pushKey ?? null;
    if (!this.key) return;
    const kept = await this.kept();
    if (kept) await this.register(kept);
    this.store.set({ waking: kept ? "on" : "off" });
  }

  async on(): Promise<void> {
    if (!this.key || (await Notification.requestPermission()) !== "granted") return;
    const { pushManager } = await navigator.serviceWorker.ready;
    await this.register(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: this.key }));
    this.store.set({ waking: "on" });
  }

  // Also before signing out: the phone may be somebody else's next.
  async off(): Promise<void> {
    const kept = await this.kept();
    if (!kept) return;
    await kept.unsubscribe();
    this.store.set({ waking: "off" });
    await this.api.ask(UnregisterPhone, { endpoint: kept.endpoint });
  }

  private async kept(): Promise<PushSubscription | null> {
    const registration = await navigator.serviceWorker?.getRegistration("/phone");
    return (await registration?.pushManager?.getSubscription()) ?? null;
  }

  private async register(subscription: PushSubscription): Promise<void> {
    const { endpoint, keys } = subscription.toJSON();
    const input = { endpoint: endpoint ?? "", p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "", language: this.store.state.language };
    await this.api.ask(RegisterPhone, { input });
  }
}
