/** Of the MongoDB driver: each one accepts a server that is not the one asked for. */
const MONGO_VERIFICATION_OFF =
  /^(?:tlsInsecure|tlsAllowInvalid\w*|sslValidate|rejectUnauthorized|checkServerIdentity|serverIdentityCheck)$/i;
/** What connectRedis reads; ioredis would take every other one as one of its own settings. */
const REDIS_PARAMETERS = ['tlsCAFile', 'family'];

/** Throws for a MongoDB address that switches the verification of TLS off; its certificate authority is given as `tlsCAFile`. */
export function checkMongoUrl(url: string): string {
  // Several hosts make it no URL of the WHATWG.
  const names = new URLSearchParams(url.split('?')[1] ?? '').keys();
  if ([...names].some((name) => MONGO_VERIFICATION_OFF.test(name))) throw new Error('TLS verification is never switched off');
  return url;
}

/** Throws for a Redis address with a parameter that means nothing here. */
export function checkRedisUrl(url: string): string {
  const names = [...new URL(url).searchParams.keys()];
  if (names.some((name) => !REDIS_PARAMETERS.includes(name))) throw new Error('unknown parameter');
  return url;
}
