/** The thread on which the HTTP server runs. A thin shell: what it wraps is tested without it. */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonic, wallMicros } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import { createApp } from './server/app.ts';
import { AskingBackend } from './server/asking.ts';
import { createDashboard } from './server/dashboard.ts';
import { listen } from './server/listen.ts';
import { type Answer, STOP, type Stop, type ThreadInput, type ThreadNews } from './server/messages.ts';
import { stepBack } from './step-back.ts';

const { host, port, version, file, program, ...options } = workerData as ThreadInput;
const tell = (news: ThreadNews): void => parentPort?.postMessage(news);

const backend = new AskingBackend((question) => tell({ news: 'question', question }), monotonic);
let stop = (): void => process.exit();
parentPort?.on('message', (told: Answer | Stop) => {
  if (told === STOP) stop();
  else backend.answer(told);
});
const onMistake = ({ message }: Error): void => tell({ news: 'mistake', text: message });
try {
  const archive = file === null ? null : (await import('./server/open-archive.ts')).openArchive(file);
  const world = { version, archive, backend, program, clock: monotonic, wallMicros, onMistake };
  const app = createApp(await createDashboard(world), options);
  // So that what it does on the side ends with it, and the file is closed.
  stop = () => void app.close().finally(() => process.exit());
  const address = await listen(app, host, port);
  tell({ news: 'listening', ...address });
  // Not before: until then the relay waits for this.
  await stepBack();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  tell({ news: 'failed', kind: error.kind, code: error.code, message: error.message });
  parentPort?.close();
}
