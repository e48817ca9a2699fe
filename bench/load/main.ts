/** The load process: takes one job as its argument, prints one answer. Any error is its end. */
import { writeSync } from 'node:fs';
import { flood } from './flood.ts';
import { idle } from './idle.ts';
import type { Answer, Job } from './job.ts';
import { rate } from './rate.ts';
import { roundTrip } from './round-trip.ts';

process.on('uncaughtException', (error) => {
  writeSync(2, `${error.message}\n`);
  process.exit(1);
});

// At once, with all sessions open: how a relay takes it when they go is not part of what is measured.
const answer = await work(JSON.parse(process.argv[2] ?? '') as Job);
writeSync(1, `${JSON.stringify(answer)}\n`);
process.exit(0);

function work(job: Job): Promise<Answer> {
  switch (job.kind) {
    case 'rate':
      return rate(job);
    case 'round-trip':
      return roundTrip(job);
    case 'flood':
      return flood(job);
    case 'idle':
      return idle(job);
  }
}
