export interface Printed {
  lines: string[];
  qrCodes: string[];
  cuts: number;
}

/** What a printer makes of the bytes; throws at a command it does not know. */
export function readEscpos(bytes: Uint8Array): Printed {
  const printed: Printed = { lines: [], qrCodes: [], cuts: 0 };
  let line = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === 0x0a) {
      printed.lines.push(line);
      line = '';
    } else if (byte === 0x1b || byte === 0x1d) {
      const command = (byte === 0x1b ? 'ESC ' : 'GS ') + String.fromCharCode(bytes[i + 1] as number);
      const length = { 'ESC @': 0, 'ESC t': 1, 'ESC a': 1, 'ESC E': 1, 'GS B': 1, 'GS V': 2, 'GS (': 0 }[command];
      if (length === undefined) throw new Error(`unknown command ${command} at ${i}`);
      if (command === 'GS V') printed.cuts++;
      i += 1 + length;
      if (command === 'GS (') {
        const count = (bytes[i + 2] as number) + 256 * (bytes[i + 3] as number);
        const content = bytes.subarray(i + 4, i + 4 + count);
        if (content[1] === 80) printed.qrCodes.push(Buffer.from(content.subarray(3)).toString('utf8'));
        i += 3 + count;
      }
    } else if (byte < 32) throw new Error(`control byte ${byte} at ${i}`);
    else line += String.fromCharCode(byte);
  }
  return printed;
}
