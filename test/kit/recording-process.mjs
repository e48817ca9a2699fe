// Records into the file that it is given, ten frames a transaction, until its standard input ends.
import { Buffer } from 'node:buffer';
import { clearInterval, setInterval } from 'node:timers';
import { protocols } from '../../dist/protocol/registry.js';
import { CaptureStore } from '../../dist/recorder/store.js';

const meta = { startedAtMicros: Date.now() * 1000, pid: process.pid, version: 'test' };
const store = CaptureStore.open(process.argv[2], meta, protocols);
let sequence = 0;

function writeTransaction() {
  store.begin();
  if (sequence === 0) {
    store.opened(1, protocols[0].id, '192.0.2.1', 1, 1000);
    store.opened(2, protocols[0].id, '192.0.2.2', 2, 2000);
  }
  for (let frame = 0; frame < 10; frame += 1) {
    sequence += 1;
    store.frame(sequence, sequence * 1_000_000, 50_000, 1, 2, 0, 0, Buffer.alloc(200, sequence));
  }
  store.commit();
}

writeTransaction();
console.log('recording');
const timer = setInterval(writeTransaction, 1);
process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  store.finish(sequence * 1_000_000 + 1);
});
