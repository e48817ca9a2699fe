/**
 * A small chart, drawn by uPlot, which is loaded when the first one is shown.
 *
 * The rule: one colour, no frame, and no more time than it is told. Colours are those of the theme.
 */
import type { Attachment } from 'svelte/attachments';
import type uPlot from 'uplot';

/** Charts of one group show the same moment where one of them is pointed at. */
const GROUP = 'now';
/** As much time as is shown at least. */
const SPAN_MIN_S = 60;

export interface ChartOptions {
  /** A custom property of theme.css. */
  readonly colour: string;
  readonly heightPx: number;
  readonly spanMs: number;
  /** Which sample is pointed at; null for none. */
  readonly onpoint: (index: number | null) => void;
}

export type ChartData = readonly [at: readonly number[], values: readonly (number | null)[]];

/**
 * `data` is called anew whenever what it reads changes. Options are those of the beginning: whoever changes them, or the theme,
 * makes another attachment.
 */
export function chart(
  options: ChartOptions,
  follow: (draw: (data: ChartData) => void) => void,
): Attachment<HTMLElement> {
  return (element) => {
    let plot: uPlot | null = null;
    let isGone = false;
    let newest: ChartData = [[], []];
    const draw = (data: ChartData) => {
      newest = data;
      plot?.setData([data[0].map((at) => at / 1000), [...data[1]]] as uPlot.AlignedData);
    };
    const resized = new ResizeObserver(() => {
      plot?.setSize({ width: element.clientWidth, height: options.heightPx });
    });
    void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: UPlot }]) => {
      if (isGone) return;
      plot = new UPlot(settings(element, options), [[], []], element);
      draw(newest);
      resized.observe(element);
    });
    follow(draw);
    return () => {
      isGone = true;
      resized.disconnect();
      plot?.destroy();
    };
  };
}

function settings(element: HTMLElement, { colour, heightPx, spanMs, onpoint }: ChartOptions): uPlot.Options {
  const style = getComputedStyle(element);
  const stroke = style.getPropertyValue(colour).trim();
  const line = style.getPropertyValue('--line').trim();
  return {
    width: Math.max(1, element.clientWidth),
    height: heightPx,
    padding: [6, 0, 1, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7, fill: stroke },
      drag: { x: false, y: false },
      sync: { key: GROUP },
    },
    scales: {
      // A relay that was started lately has no fifteen minutes to show.
      x: {
        time: true,
        range: (_, min, max) => [Math.max(max - spanMs / 1000, Math.min(min, max - SPAN_MIN_S)), max],
      },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [{ show: false }, { show: false }],
    series: [{}, { stroke, width: 1.5, fill: `${stroke}24`, points: { show: false }, spanGaps: false }],
    hooks: {
      setCursor: [({ cursor: { idx } }) => onpoint(idx ?? null)],
      drawClear: [
        ({ ctx, bbox: { left, top, width, height } }) => {
          ctx.save();
          ctx.fillStyle = line;
          ctx.fillRect(left, top + height - 1, width, 1);
          ctx.restore();
        },
      ],
    },
  };
}
