import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from '../../src/host/index.js';

const cpuSets = fc.uniqueArray(fc.integer({ min: 0, max: 300 })).map((ids) => ids.sort((a, b) => a - b));

describe('CPU lists and masks', () => {
  it('are written as the kernel writes them', () => {
    expect(formatCpuList([8, 0, 1, 2, 3])).toBe('0-3,8');
    expect(formatCpuList([])).toBe('');
    expect(formatCpuMask([0, 1, 2, 3])).toBe('f');
    expect(formatCpuMask([0, 33])).toBe('2,00000001');
    expect(parseCpuMask('00000000,0000000f\n')).toEqual([0, 1, 2, 3]);
  });

  it('read back as they were', () => {
    fc.assert(
      fc.property(cpuSets, (cpus) => {
        expect(parseCpuList(formatCpuList(cpus))).toEqual(cpus);
        expect(parseCpuMask(formatCpuMask(cpus))).toEqual(cpus);
      }),
    );
  });

  it.each(['3-1', 'all', '1,,x', '-1', '0-99999', '1-2-3'])('refuse %s', (text) => {
    expect(() => parseCpuList(text, 'isolated')).toThrow(/isolated: ".*" is no CPU or range of CPUs such as/);
  });

  it('refuse a mask that is none', () => {
    expect(() => parseCpuMask('0x0g', 'cpumask')).toThrow(/cpumask: "0x0g" is no hexadecimal CPU mask/);
  });
});
