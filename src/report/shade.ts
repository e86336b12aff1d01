/** A colour with one value for light and one for dark. */
export interface Shade {
  readonly light: string;
  readonly dark: string;
}
