// What a reader may be asked is kept sealed until it is shown: neither the source nor the document tells it.

const LOWEST = 32;
const ALPHABET = 95;

/** Open a sealed text: each printable letter has been moved by a step that depends on its place. */
export function opened(sealed) {
  const moved = (code, k) => LOWEST + ((code - LOWEST + ALPHABET - ((k * 31 + 17) % ALPHABET)) % ALPHABET);
  return JSON.parse(Array.from(sealed, (letter, k) => String.fromCharCode(moved(letter.charCodeAt(0), k))).join(''));
}

const lazyEntry = (object, key, make) => {
  let value;
  let made = false;
  const get = () => (made ? value : ((made = true), (value = make())));
  Object.defineProperty(object, key, { get, set: (x) => ([made, value] = [true, x]), enumerable: true, configurable: true });
};

/** Let the sealed parts of the data be opened one by one, when each is asked for. */
export function unsealed(data) {
  for (const thing of [...data.nodes, ...data.edges])
    for (const [key, sealed] of Object.entries(thing.sealed ?? {})) lazyEntry(thing, key, () => opened(sealed));
  for (const key of ['pulls', 'derivation', 'points'])
    if (data[key] !== undefined && data[key] !== null) {
      const sealed = data[key];
      lazyEntry(data, key, () => opened(sealed));
    }
  return data;
}

/** A list whose entries are made when they are looked at. */
export function lazyList(length, make) {
  const list = new Array(length);
  for (let i = 0; i < length; i++) lazyEntry(list, i, () => make(i));
  return list;
}
