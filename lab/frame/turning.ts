/** Turning and zooming the frame: what drags, keys and buttons do to the view. */
import { LIMITS } from '../link/labState.js';
import { changeView, state } from '../state/store.js';
import { wrapAngle } from './camera.js';

const KEY_DEGREES = 6;
const ZOOM_STEP = 1.2;

export function turnBy(yaw: number, pitch: number): void {
  const { view } = state.value;
  changeView({
    yaw: Math.round(10 * wrapAngle(view.yaw + yaw)) / 10,
    pitch: Math.round(10 * Math.max(-90, Math.min(90, view.pitch + pitch))) / 10,
  });
}

export function zoomBy(factor: number): void {
  const [least, most] = LIMITS.zoom;
  const zoom = Math.max(least, Math.min(most, state.value.view.zoom * factor));
  changeView({ zoom: Number(zoom.toPrecision(3)) });
}

export function zoomIn(): void {
  zoomBy(ZOOM_STEP);
}

export function zoomOut(): void {
  zoomBy(1 / ZOOM_STEP);
}

export function putBack(): void {
  changeView({ yaw: -12, pitch: 14, zoom: 1 });
}

const KEYS: Readonly<Partial<Record<string, () => void>>> = {
  ArrowLeft: () => turnBy(-KEY_DEGREES, 0),
  ArrowRight: () => turnBy(KEY_DEGREES, 0),
  ArrowUp: () => turnBy(0, -KEY_DEGREES),
  ArrowDown: () => turnBy(0, KEY_DEGREES),
  '+': zoomIn,
  '=': zoomIn,
  '-': zoomOut,
  Home: putBack,
};

/** Whether the key meant something. */
export function onKey(key: string): boolean {
  const act = KEYS[key];
  act?.();
  return act !== undefined;
}
