/**
 * All that is said of a session, as it becomes known: asked for when its part is looked at, and again when there is a newer one.
 *
 * The rule: while a session goes on its report is a new one every moment; it is asked for once in `AGAIN_MS`.
 */
import { untrack } from 'svelte';
import type { ReportAnswer } from '../../../../api/sessions.ts';
import { call } from '../../lib/api.ts';
import { Asked } from '../../lib/asked.svelte.ts';
import type { Read } from './part.ts';

export const AGAIN_MS = 1_000;

/** To be called while a component is made. */
export function askReport(session: number, read: () => Read | null): Asked<ReportAnswer> {
  const asked = new Asked((signal) => call('report', { params: { id: session }, signal }));
  const version = $derived(read()?.report ?? null);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let told: number | null = null;
  const ask = () => untrack(() => void asked.ask());
  $effect(() => {
    ask();
    return () => {
      if (timer !== null) clearTimeout(timer);
      asked.stop();
    };
  });
  $effect(() => {
    if (version === null || version === told) return;
    told = version;
    timer ??= setTimeout(() => {
      timer = null;
      ask();
    }, AGAIN_MS);
  });
  return asked;
}
