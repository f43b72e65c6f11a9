import { BlockList, isIP } from 'node:net';

/** The words of express' `trust proxy`, so that an operator learns one way to name networks. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** True for addresses of the list: IPs, networks (`10.0.0.0/8`) and loopback, linklocal, uniquelocal, separated by commas. Throws on anything else. */
export function networksOf(list: string): (address: string) => boolean {
  const known = new BlockList();
  const parts = list
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  for (const part of parts.flatMap((word) => WORDS[word] ?? [word])) {
    const [address = '', prefix, ...more] = part.split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (family === 0 || more.length > 0 || !(length >= 0 && length <= bits)) throw new Error(`${part} is no address or network`);
    known.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const plain = address.replace(/%.*$/, '');
    const family = isIP(plain);
    // An IPv4 caller of a socket that takes both kinds (::ffff:127.0.0.1) is found by its IPv4 network.
    return family !== 0 && known.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}
