/** The eye: three dimensions turned by two angles, seen from a little distance. */
export interface Camera {
  /** Degrees. */
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom: number;
}

/** On paper: right, down, and towards the eye (for the order of drawing). */
export interface Seen {
  readonly x: number;
  readonly y: number;
  readonly depth: number;
}

/** Distance of the eye, in lengths of a unit arrow: near enough to tell front from back. */
const EYE = 6;

/** Of an orthonormal 3×3 turn: yaw around the upright axis, then pitch. */
export function createEye({ yaw, pitch, zoom }: Camera): (x: number, y: number, z: number) => Seen {
  const [a, b] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  return (x, y, z) => {
    const right = ca * x + sa * z;
    const back = -sa * x + ca * z;
    const up = cb * y - sb * back;
    const depth = sb * y + cb * back;
    const scale = (zoom * EYE) / (EYE - depth);
    return { x: right * scale, y: -up * scale, depth };
  };
}

/** An angle in (−180, 180]. */
export function wrapAngle(degrees: number): number {
  return degrees - 360 * Math.ceil((degrees - 180) / 360);
}
