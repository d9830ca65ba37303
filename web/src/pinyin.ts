// Finding Chinese names by pinyin: whole (laojie), by initials (lj), or by a beginning of either.

import Pinyin from "tiny-pinyin";

// Whether what was typed in Latin letters fits the name, from any of its characters on.
export function fits(name: string, typed: string): boolean {
  const wanted = typed.toLowerCase().replace(/[\s']/g, "");
  if (!/^[a-z]{2,}$/.test(wanted) || !Pinyin.isSupported()) return false;
  const syllables = Pinyin.parse(name).map(({ target }) => target.toLowerCase());
  return syllables.some((_, i) => {
    const rest = syllables.slice(i);
    return rest.join("").startsWith(wanted) || rest.map((one) => one[0]).join("").startsWith(wanted);
  });
}
