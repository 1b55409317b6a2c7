// What takes a while to make, and may never be looked at.

/** A list whose entries are made when they are looked at. */
export function lazyList(length, make) {
  const list = new Array(length);
  for (let i = 0; i < length; i++) {
    const set = (value) => Object.defineProperty(list, i, { value, writable: true, enumerable: true, configurable: true });
    const get = () => set(make(i))[i];
    Object.defineProperty(list, i, { get, set, enumerable: true, configurable: true });
  }
  return list;
}
