// The driver's errors that say "not now": by name, because several copies of the driver's classes may be loaded.
const UNAVAILABLE = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoClientClosedError',
  'MongoWriteConcernError',
]);

// Server codes while a replica set has no primary or shuts down (MongoDB error reference, "retryable" and "state change" codes).
const STATE_CHANGE = new Set([11600, 11602, 91, 189, 10107, 13435, 13436, 262, 64]);

/** True for an error that says the database does not answer now: repeating later may succeed, and nothing is wrong with the request. */
export function isUnavailable(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return (typeof name === 'string' && UNAVAILABLE.has(name)) || (typeof code === 'number' && STATE_CHANGE.has(code));
}
