/** What is said of a session, as the page shows it. */
import { findingSpecs } from '../../../analysis/findings/table.ts';
import type { Conversation, Finding, Report, Step } from '../../api/sessions.ts';
import type { Reading } from './reading.ts';

const specs = new Map(findingSpecs.map((spec) => [spec.id, spec]));

/** Null until it has been read. */
export function reportOf(reading: Reading | null): Report | null {
  const report = reading?.report ?? null;
  if (reading === null || report === null) return null;
  const { view, findings, conversations, joining } = report;
  return {
    through: view.session.lastSequence,
    findings: findings.map(({ id, severity, text, at, frames }): Finding => {
      const { title = id, explanation = '' } = specs.get(id) ?? {};
      return { id, severity, title, text, explanation, at, frames: [...frames] };
    }),
    steps: joining.steps.map((step): Step => ({ ...step, to: [...step.to] })),
    stepsBeyond: joining.beyond,
    conversations: conversations.list.map(({ ways, dropped, ...told }): Conversation => ({
      ...told,
      ways: ways.map((way) => ({ ...way, sizes: { ...way.sizes }, silences: [...way.silences] })),
      dropped: { ...dropped },
    })),
    beyond: { ...conversations.beyond },
    delays: histogram(reading.delays.told()),
    sizes: histogram(reading.sizes.told()),
  };
}

function histogram({
  edges,
  counts,
}: {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}) {
  return { edges: [...edges], counts: [...counts] };
}
