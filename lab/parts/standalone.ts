/** A drawing of the page as a file: its colours are written out, so that it looks the same in every program. */
import { FIGURE_FONT, withLiteralColors } from 'collapsar/report';
import { captioned, type Caption } from './captioned.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const PNG_SCALE = 2;

/** SVG text; light, as paper is. */
export function svgText(svg: SVGElement, caption: Caption): string {
  const clone = captioned(svg, sizeOf(svg), caption);
  withLiteralColors(clone);
  clone.setAttribute('font-family', FIGURE_FONT);
  clone.setAttribute('xmlns', NAMESPACE);
  return new XMLSerializer().serializeToString(clone);
}

/** PNG at twice the size, on white. */
export async function pngBlob(svg: SVGElement, caption: Caption): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svgText(svg, caption)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    await new Promise<void>((done, fail) => {
      image.onload = () => done();
      image.onerror = () => fail(new Error('the figure could not be drawn as an image'));
      image.src = address;
    });
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width * PNG_SCALE, height * PNG_SCALE];
    const pen = canvas.getContext('2d');
    if (pen === null) throw new Error('this browser draws no images');
    pen.fillStyle = '#ffffff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((done, fail) =>
      canvas.toBlob(
        (blob) => (blob === null ? fail(new Error('no image came out')) : done(blob)),
        'image/png',
      ),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

export function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** On the page where it is on one, else its own. */
function sizeOf(svg: SVGElement): { width: number; height: number } {
  const box = svg.getBoundingClientRect();
  const side = (shown: number, own: string) =>
    Math.max(1, Math.round(shown > 0 ? shown : Number(svg.getAttribute(own) ?? 0)));
  return { width: side(box.width, 'width'), height: side(box.height, 'height') };
}
