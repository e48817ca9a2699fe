/** What happens at the limits, and among members who do not read. */
import { describe, expect, it } from 'vitest';
import { AdhocctlFault } from '../../../protocol/adhocctl/faults.ts';
import { GROUP_MEMBERS_MAX, SCAN_GROUPS_MAX } from '../../../protocol/adhocctl/hub.ts';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { ANN, BOB, CID, enters, founds, plays } from '../../kit/adhocctl-cast.ts';
import {
  bssid,
  chat,
  connect,
  connected,
  disconnect,
  disconnected,
  login,
  type Person,
  person,
  said,
  scan,
  scanComplete,
  scanned,
} from '../../kit/adhocctl-wire.ts';
import { type BenchConnection, BenchTop } from '../../kit/bench-top.ts';

/** For an outbox: whoever does not read is closed by the shortest frame. */
const ANYTHING_IS_TOO_MUCH = 0;

function nth(n: number): Person {
  return person((0x02_0000_0000_00 + n).toString(16).padStart(12, '0'), `player ${n}`);
}

/** Logs in `count` players, each of whom sends `request(n)`. */
function crowd(top: BenchTop, count: number, request: (n: number) => Uint8Array): readonly BenchConnection[] {
  return Array.from({ length: count }, (_, n) => {
    const connection = top.connect(`player ${n}`);
    connection.push(login(nth(n)));
    connection.push(request(n));
    return connection;
  });
}

describe('a group', () => {
  it('has so many members at most; who comes then is closed with a reason, and no member hears of it', () => {
    const top = new BenchTop(adhocctl);
    const [first] = crowd(top, GROUP_MEMBERS_MAX, () => connect('G'));
    expect(top.connections.every(({ isOpen }) => isOpen)).toBe(true);
    const before = top.happenings.length;
    const late = top.connect('late');
    late.push(login(ANN));
    late.push(connect('G'));
    expect(top.happenings.slice(before)).toEqual([
      { what: 'closed', to: late, fault: AdhocctlFault.groupFull },
    ]);
    // There is room again for whoever is in it, leaves and comes back.
    first?.push(connect('G'));
    expect(first?.isOpen).toBe(true);
    first?.push(disconnect);
    const next = top.connect('next');
    next.push(login(BOB));
    next.push(connect('G'));
    expect(next.isOpen).toBe(true);
    top.endAll();
  });

  it('may fall apart all at once: its members do not read, and the end of each ends the next', () => {
    const top = new BenchTop(adhocctl, ANYTHING_IS_TOO_MUCH);
    const [first, ...others] = crowd(top, GROUP_MEMBERS_MAX, () => connect('G'));
    for (const member of others) member.stopReading();
    first?.push(disconnect);
    expect(others.filter(({ isOpen }) => isOpen)).toEqual([]);
    first?.push(scan);
    expect(top.happenings.at(-1)).toMatchObject({ what: 'sent', to: first, bytes: scanComplete });
    top.endAll();
  });
});

describe('a scan', () => {
  it('tells of so many groups at most, the oldest, so that its answer fits into an outbox', () => {
    const top = new BenchTop(adhocctl);
    crowd(top, SCAN_GROUPS_MAX + 1, (n) => connect(`G${n}`));
    const ann = top.connect('ann');
    ann.push(login(ANN));
    ann.stopReading();
    const before = top.happenings.length;
    ann.push(scan);
    const answers = top.happenings.slice(before);
    expect(answers).toHaveLength(SCAN_GROUPS_MAX + 1);
    expect(answers[0]).toMatchObject({ bytes: scanned('G0', nth(0)) });
    expect(answers.at(-2)).toMatchObject({
      bytes: scanned(`G${SCAN_GROUPS_MAX - 1}`, nth(SCAN_GROUPS_MAX - 1)),
    });
    expect(answers.at(-1)).toMatchObject({ bytes: scanComplete });
    expect(ann.isOpen).toBe(true);
  });
});

describe('a member who does not read', () => {
  it(
    'is closed by a message that is one too many; the others hear that it left, and the message',
    plays(
      (script) => {
        const ann = founds(script, ANN);
        const bob = enters(script, BOB).sends(connect('G'));
        ann.hears(connected(BOB, 1));
        bob.hears(connected(ANN, 0), bssid(ANN));
        const cid = enters(script, CID).sends(connect('G'));
        ann.hears(connected(CID, 2));
        bob.hears(connected(CID, 2));
        cid.hears(connected(ANN, 0), connected(BOB, 1), bssid(ANN));
        bob.stopsReading();
        ann.sends(chat('one'));
        bob.hears(said('one', ANN));
        cid.hears(said('one', ANN));
        ann.sends(chat('two'));
        bob.hears(said('two', ANN)).isClosed('too-slow');
        ann.hears(disconnected(1));
        cid.hears(disconnected(1), said('two', ANN));
      },
      { outboxBytesMax: 300 },
    ),
  );

  it(
    'is closed by a newcomer, who hears nothing of it',
    plays(
      (script) => {
        const ann = founds(script, ANN);
        ann.stopsReading();
        const bob = enters(script, BOB).sends(connect('G'));
        ann.hears(connected(BOB, 1)).isClosed('too-slow');
        bob.hears(bssid(BOB));
        // The group is one that Bob has founded.
        bob.sends(scan).hears(scanned('G', BOB), scanComplete);
      },
      { outboxBytesMax: 100 },
    ),
  );

  it(
    'is closed while it joins, and all who had heard of it hear that it left',
    plays(
      (script) => {
        const ann = founds(script, ANN);
        const bob = enters(script, BOB).sends(connect('G'));
        ann.hears(connected(BOB, 1));
        bob.hears(connected(ANN, 0), bssid(ANN));
        const cid = enters(script, CID);
        cid.stopsReading();
        cid.sends(connect('G'));
        ann.hears(connected(CID, 2));
        bob.hears(connected(CID, 2));
        cid.hears(connected(ANN, 0)).isClosed('too-slow');
        ann.hears(disconnected(2));
        bob.hears(disconnected(2));
        script.players(2);
      },
      { outboxBytesMax: 100 },
    ),
  );

  it(
    'is closed by the answers to a scan, and hears no more of them',
    plays(
      (script) => {
        founds(script, ANN, 'one');
        founds(script, BOB, 'two');
        const cid = enters(script, CID);
        cid.stopsReading();
        cid.sends(scan).hears(scanned('one', ANN)).isClosed('too-slow');
      },
      { outboxBytesMax: 10 },
    ),
  );
});
