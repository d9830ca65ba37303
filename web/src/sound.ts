// The bell: tones made here, for the page loads no sound file. A browser lets a page sound only after a click in it.

import type { Sound } from "./queue";

const TONES: Record<Exclude<Sound, "none">, { notes: number[]; every: number }> = {
  new: { notes: [660, 880], every: 3_000 },
  alarm: { notes: [880, 660, 880, 660], every: 1_500 },
};
const NOTE_SECONDS = 0.18;
const LOUDNESS = 0.2;

export class Bell {
  private context = new AudioContext();
  private timer = 0;
  private now: Sound = "none";

  constructor(told: (isOn: boolean) => void) {
    const tell = (): void => told(this.context.state === "running");
    this.context.onstatechange = tell;
    const wake = (): void => void this.context.resume();
    document.addEventListener("click", wake);
    document.addEventListener("keydown", wake);
    tell();
  }

  ring(sound: Sound): void {
    if (sound === this.now) return;
    this.now = sound;
    clearInterval(this.timer);
    document.documentElement.dataset.sound = sound;
    if (sound === "none") return;
    const { notes, every } = TONES[sound];
    this.play(notes);
    this.timer = window.setInterval(() => this.play(notes), every);
    if (sound === "alarm" && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 100, 300]);
  }

  private play(notes: number[]): void {
    if (this.context.state !== "running") return;
    notes.forEach((pitch, i) => this.note(pitch, this.context.currentTime + i * NOTE_SECONDS));
  }

  private note(pitch: number, at: number): void {
    const [tone, volume] = [this.context.createOscillator(), this.context.createGain()];
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(LOUDNESS, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_SECONDS);
    tone.connect(volume).connect(this.context.destination);
    tone.start(at);
    tone.stop(at + NOTE_SECONDS);
  }
}
