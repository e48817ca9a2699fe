/** What Linux tells about a running process. Null elsewhere: a figure that is not known is never zero. */
import { readdirSync, readFileSync } from 'node:fs';

/** In which /proc/PID/stat counts; the same on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of all its threads. */
export function processCpuSeconds(pid: number): number | null {
  return threadsCpuSeconds(pid) ?? ticksCpuSeconds(pid);
}

/** In nanoseconds, where the kernel was built to tell: idle processes use less than a tick. */
function threadsCpuSeconds(pid: number): number | null {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanos = threads.map((thread) => parseInt(read(`/proc/${pid}/task/${thread}/schedstat`) ?? '', 10));
    const sum = nanos.reduce((total, each) => total + each, 0);
    return sum > 0 ? sum / 1e9 : null;
  } catch {
    return null;
  }
}

function ticksCpuSeconds(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the program's name in brackets, which may hold anything; the third comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function residentBytes(pid: number): number | null {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}
