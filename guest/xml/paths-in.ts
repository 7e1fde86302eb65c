/** Absolute paths in a value that is more than a path: an option's list, QEMU's JSON, an image's name for what it lies over. */

/** The whole value; the parts after a comma, a colon or an equals sign; every text in JSON. A path too many only asks too much. */
export function pathsIn(value: string): string[] {
  if (value.startsWith('/')) return [value];
  const json = value.startsWith('json:') ? value.slice('json:'.length) : value;
  const texts = json.startsWith('{') ? textsIn(json) : undefined;
  if (texts) return texts.flatMap(pathsIn);
  return [...value.matchAll(/(?<=[=,:])\/[^,]*/g)].map(([path]) => path);
}

/** All texts of a JSON value; nothing if it is none. */
export function textsIn(json: string): string[] | undefined {
  const texts: string[] = [];
  try {
    JSON.parse(json, (_key, value: unknown) => {
      if (typeof value === 'string') texts.push(value);
      return value;
    });
    return texts;
  } catch {
    return undefined;
  }
}
