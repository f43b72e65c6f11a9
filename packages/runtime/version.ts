import manifest from './package.json' with { type: 'json' };

/** Of this release: every package of the repository has the same. */
export const VERSION: string = manifest.version;
