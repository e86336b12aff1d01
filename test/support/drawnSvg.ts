/** An SVG as librsvg draws it, in pixels: what a program shows that is no browser. */
import { execFileSync } from 'node:child_process';
import { inflateSync } from 'node:zlib';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Pixels by colour, as `#rrggbb`; what is transparent counts as `none`. */
  readonly colors: ReadonlyMap<string, number>;
}

export const HAS_RSVG = runs();
export const RSVG_NOTE = HAS_RSVG ? '' : ' [skipped: rsvg-convert (librsvg2-bin) is not on this machine]';

function runs(): boolean {
  try {
    execFileSync('rsvg-convert', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Throws where librsvg cannot read it, as for text that is no XML. */
export function drawSvg(svg: string): Picture {
  const png = execFileSync('rsvg-convert', ['--format', 'png'], {
    input: svg,
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return readPng(png);
}

/** 8-bit RGB or RGBA without interlacing, as rsvg-convert and canvases write them. */
export function readPng(bytes: Buffer): Picture {
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const channels = bytes[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const data = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  let above = new Uint8Array(stride);
  const counts = new Map<number, number>();
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)];
    const row = new Uint8Array(stride);
    for (let i = 0; i < stride; i++) {
      const [left, up, corner] = [
        i < channels ? 0 : row[i - channels],
        above[i],
        i < channels ? 0 : above[i - channels],
      ];
      row[i] = data[y * (stride + 1) + 1 + i] + predictor(filter, left, up, corner);
    }
    for (let x = 0; x < stride; x += channels) {
      const visible = channels === 3 || row[x + 3] > 0;
      const key = visible ? (row[x] << 16) | (row[x + 1] << 8) | row[x + 2] : -1;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    above = row;
  }
  const colors = new Map(
    [...counts].map(([key, count]) => [key < 0 ? 'none' : `#${key.toString(16).padStart(6, '0')}`, count]),
  );
  return { width, height, colors };
}

/** PNG specification, section 9. */
function predictor(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
