import fc from 'fast-check';
import type { Script } from './outage-world.ts';

const conditions = fc.constantFrom('up', 'hang', 'hang', 'lost', 'refuse', 'paused', 'flaky');
const minutes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 30, max: 2_000 }) },
);
const segments = <T extends string>(is: fc.Arbitrary<T>) => fc.array(fc.record({ minutes, is }), { maxLength: 5 });
/** Random sales of SP and random outages of its authorisers. */
export const script: fc.Arbitrary<Script> = fc.record({
  vendas: fc.array(
    fc.record({
      modelo: fc.constantFrom('55', '65'),
      second: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 7_200 })),
      till: fc.boolean(),
      serie: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  outages: fc.record({
    SP: segments(conditions),
    'SVC-AN': segments(fc.constantFrom('up', 'off', 'off', 'hang', 'lost', 'refuse', 'flaky')),
    AN: segments(conditions),
  }),
  chances: fc.array(fc.nat({ max: 999 }), { minLength: 1, maxLength: 20 }),
});
