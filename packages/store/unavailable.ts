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
/** MaxTimeMSExpired: a read was bounded and the server did not get it done. */
const TIME_EXPIRED = 50;
/** OutOfDiskSpace: where the server says so before it ends itself. */
const OUT_OF_DISK_SPACE = 14_031;

// A server that ends at the very moment of a write: the driver passes the socket's own error on. Errors of an HTTP request carry a `status`.
const SOCKET_LOST = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT']);

/** True for an error that says the database does not answer now: repeating later may succeed, and nothing is wrong with the request. */
export function isUnavailable(error: unknown): boolean {
  const { name, code, status } = (error ?? {}) as { name?: unknown; code?: unknown; status?: unknown };
  return (
    (typeof name === 'string' && UNAVAILABLE.has(name)) ||
    (typeof code === 'number' && (STATE_CHANGE.has(code) || code === OUT_OF_DISK_SPACE || code === TIME_EXPIRED)) ||
    (typeof code === 'string' && SOCKET_LOST.has(code) && status === undefined)
  );
}
