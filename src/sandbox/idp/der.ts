/** Just enough of DER (ITU-T X.690) to write a certificate: each function returns one encoded value. */
function value(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...items: Buffer[]): Buffer => value(0x30, ...items);
export const set = (...items: Buffer[]): Buffer => value(0x31, ...items);
export const nothing = (): Buffer => value(0x05);
export const text = (content: string): Buffer => value(0x0c, Buffer.from(content, 'utf8'));
export const explicit = (number: number, item: Buffer): Buffer => value(0xa0 + number, item);

/** A positive integer from its big-endian bytes; a leading zero keeps the sign bit clear. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0;
  return value(0x02, first & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** A bit string of whole bytes. */
export const bits = (content: Buffer): Buffer => value(0x03, Buffer.from([0]), content);

/** UTCTime, which X.509 demands for years before 2050. */
export function utcTime(time: Date): Buffer {
  const digits = time.toISOString().replace(/\D/g, '');
  return value(0x17, Buffer.from(`${digits.slice(2, 14)}Z`, 'ascii'));
}

/** An object identifier written with dots. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const group = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) group.unshift((left & 0x7f) | 0x80);
    bytes.push(...group);
  }
  return value(0x06, Buffer.from(bytes));
}
