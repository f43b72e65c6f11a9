export class TooManyIterations extends Error {}

/**
 * What opening one file may cost. A file may ask for 2³¹ iterations, and for as many in each of hundreds of bags, while one costs about a
 * microsecond of one piece of CPU. OpenSSL and Windows write 2,000, Java 10,000 to 100,000, Firefox 600,000 for the MAC.
 */
export interface Budget {
  /** @throws TooManyIterations when this is more than what is left */
  spend(iterations: number): void;
}

const ITERATIONS = 1_500_000;

export function iterationBudget(): Budget {
  let left = ITERATIONS;
  return {
    spend(iterations) {
      // Also refuses NaN.
      if (!(iterations > 0 && iterations <= left)) throw new TooManyIterations();
      left -= iterations;
    },
  };
}
