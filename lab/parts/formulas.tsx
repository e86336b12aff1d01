/** The formulas of the page, typeset by the browser (MathML), in the paper's symbols. */
import type { ComponentChildren, JSX } from 'preact';

function Formula({
  children,
  label,
  more,
}: {
  readonly children: ComponentChildren;
  readonly label: string;
  /** A second line: where the first would not fit a narrow column. */
  readonly more?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="formula" tabIndex={0} role="group" aria-label="Formula">
      <math display="block" aria-label={label}>
        {children}
      </math>
      {more !== undefined && (
        <math display="block" aria-hidden="true">
          {more}
        </math>
      )}
    </div>
  );
}

const squaredNorm = (inside: ComponentChildren): JSX.Element => (
  <msup>
    <mrow>
      <mo>‖</mo>
      {inside}
      <mo>‖</mo>
    </mrow>
    <mn>2</mn>
  </msup>
);

const sub = (base: string, index: string): JSX.Element => (
  <msub>
    <mi>{base}</mi>
    <mi>{index}</mi>
  </msub>
);

export const objectiveFormula = (
  <Formula
    label="F equals one over two N times the squared norm of P H plus b one transposed minus Y, plus half the decays times squared norms"
    more={
      <>
        <mo>+</mo>
        <munder>
          <mo>∑</mo>
          <mi>m</mi>
        </munder>
        <mfrac>
          {sub('λ', 'm')}
          <mn>2</mn>
        </mfrac>
        {squaredNorm(sub('W', 'm'))}
        <mo>+</mo>
        <mfrac>
          {sub('λ', 'H')}
          <mn>2</mn>
        </mfrac>
        {squaredNorm(<mi>H</mi>)}
      </>
    }
  >
    <mi>F</mi>
    <mo>=</mo>
    <mfrac>
      <mn>1</mn>
      <mrow>
        <mn>2</mn>
        <mi>N</mi>
      </mrow>
    </mfrac>
    {squaredNorm(
      <>
        <mi>P</mi>
        <mi>H</mi>
        <mo>+</mo>
        <mi>b</mi>
        <msup>
          <mn>1</mn>
          <mo>⊤</mo>
        </msup>
        <mo>−</mo>
        <mi>Y</mi>
      </>,
    )}
  </Formula>
);

export const regimeFormula = (
  <Formula label="b sub k equals M N times the M-th root of N Lambda over n sub k, below b global">
    {sub('b', 'k')}
    <mo>=</mo>
    <mfrac>
      <mrow>
        <mi>M</mi>
        <mi>N</mi>
        <mroot>
          <mrow>
            <mi>N</mi>
            <mi>Λ</mi>
          </mrow>
          <mi>M</mi>
        </mroot>
      </mrow>
      {sub('n', 'k')}
    </mfrac>
    <mo>&lt;</mo>
    {sub('b', 'global')}
    <mo>=</mo>
    <mfrac>
      <msup>
        <mrow>
          <mo>(</mo>
          <mi>M</mi>
          <mo>−</mo>
          <mn>1</mn>
          <mo>)</mo>
        </mrow>
        <mrow>
          <mo>(</mo>
          <mi>M</mi>
          <mo>−</mo>
          <mn>1</mn>
          <mo>)</mo>
          <mo>/</mo>
          <mi>M</mi>
        </mrow>
      </msup>
      <mi>M</mi>
    </mfrac>
    <mo>,</mo>
    <mi>Λ</mi>
    <mo>=</mo>
    {sub('λ', 'H')}
    <munder>
      <mo>∏</mo>
      <mi>m</mi>
    </munder>
    {sub('λ', 'm')}
  </Formula>
);

export const dualityFormula = (
  <Formula label="p sub k equals the sum of s sub k squared and N lambda H, times the class mean h bar sub k">
    {sub('p', 'k')}
    <mo>=</mo>
    <mrow>
      <mo>(</mo>
      <msubsup>
        <mi>s</mi>
        <mi>k</mi>
        <mn>2</mn>
      </msubsup>
      <mo>+</mo>
      <mi>N</mi>
      {sub('λ', 'H')}
      <mo>)</mo>
    </mrow>
    <msub>
      <mover accent>
        <mi>h</mi>
        <mo>¯</mo>
      </mover>
      <mi>k</mi>
    </msub>
  </Formula>
);

export const nc1Formula = (
  <Formula label="N C one equals the trace of Sigma W times the pseudo-inverse of Sigma B, over K">
    <mi>NC1</mi>
    <mo>=</mo>
    <mfrac>
      <mn>1</mn>
      <mi>K</mi>
    </mfrac>
    <mi>tr</mi>
    <mo>(</mo>
    {sub('Σ', 'W')}
    <msubsup>
      <mi>Σ</mi>
      <mi>B</mi>
      <mo>+</mo>
    </msubsup>
    <mo>)</mo>
  </Formula>
);
