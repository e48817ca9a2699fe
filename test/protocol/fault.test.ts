import { expect, it } from 'vitest';
import { CommonFault, commonFaults, describeFault, FAULTS_OWN } from '../../protocol/fault.ts';
import { protocols } from '../../protocol/registry.ts';

it('a common fault has the same name in every protocol, and in none', () => {
  for (const protocol of [...protocols, null]) {
    expect(describeFault(protocol, CommonFault.tooSlow)).toBe(commonFaults[CommonFault.tooSlow]);
  }
});

it('a fault of its own is named by its protocol', () => {
  for (const protocol of protocols) {
    expect(protocol.faults.map((_, i) => describeFault(protocol, FAULTS_OWN + i))).toEqual(protocol.faults);
  }
});

it('a fault that nobody knows is named by its number', () => {
  expect(describeFault(null, FAULTS_OWN).name).toBe('fault-16');
  expect(describeFault(protocols[0]!, 999).name).toBe('fault-999');
});
