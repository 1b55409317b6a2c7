// The words of the page, in its language: one table for all of them, whose English keys stand for themselves.

import { TEXTS } from './texts.json.js';

const words = { language: 'en' };

export const languages = () => Object.keys(TEXTS);

/** Choose the language of the page. */
export function speak(language) {
  words.language = language in TEXTS ? language : 'en';
  document.documentElement.lang = words.language === 'zh' ? 'zh-Hans' : words.language;
}

/** A text by its key, with values in its places {0}, {1}. */
export function t(key, ...values) {
  const text = TEXTS[words.language][key] ?? TEXTS.en[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, k) => values[k]);
}
