/** Clients of AlphaNET whose addresses are known: what the hub draws is said beforehand. */
import { AlphanetHub, type AlphanetSettings } from '../../protocol/alphanet/hub.ts';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { ipv4Of } from '../../protocol/alphanet/ipv4.ts';
import { RememberedVirtualIps } from '../../protocol/alphanet/virtual-ips.ts';
import type { Protocol } from '../../protocol/types.ts';
import { virtualIp } from './alphanet-wire.ts';
import { type Client, type Script, type Setting, transcript } from './transcript.ts';

/** Whoever is listed here has this address from before. */
export const PEOPLE = {
  ann: { real: '192.0.2.10', virtual: '12.34.56.78' },
  bob: { real: '192.0.2.11', virtual: '12.34.56.79' },
  cid: { real: '192.0.2.12', virtual: '12.34.56.80' },
} as const;

export const [ANN, BOB, CID] = Object.values(PEOPLE).map(({ virtual }) => virtual) as [
  string,
  string,
  string,
];

export function knownPeople(): RememberedVirtualIps {
  const virtualIps = new RememberedVirtualIps();
  for (const { real, virtual } of Object.values(PEOPLE)) virtualIps.remember(real, ipv4Of(virtual));
  return virtualIps;
}

/** AlphaNET with these settings. */
export function withSettings(settings: Partial<AlphanetSettings> = {}): Protocol {
  return {
    ...alphanet,
    createHub: (context) => new AlphanetHub(context, { virtualIps: knownPeople(), ...settings }),
  };
}

export interface Stage extends Script {
  /** One of the people, connected and greeted. */
  enters(name: keyof typeof PEOPLE): Client;
  /** Lets what is due now happen: the relay speaks first. */
  now(): void;
}

export function plays(
  play: (stage: Stage) => void,
  settings: Partial<AlphanetSettings> = {},
  setting: Setting = {},
): () => void {
  return () => {
    transcript(
      withSettings(settings),
      (script) => {
        const now = () => script.top.advanceTo(script.top.elapsedMs);
        play({
          ...script,
          now,
          enters(name) {
            const { real, virtual } = PEOPLE[name];
            const client = script.client(name, real);
            now();
            return client.hears(virtualIp(virtual));
          },
        });
      },
      setting,
    );
  };
}
