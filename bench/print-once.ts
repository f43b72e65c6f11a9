// Prints one document and says the most memory that the process has had, in MB: node bench/print-once.ts nota.xml
import { readFileSync } from 'node:fs';
import { printDanfe } from '@malote/danfe/print-danfe';

printDanfe(readFileSync(String(process.argv[2]), 'utf8'));
process.stdout.write((process.resourceUsage().maxRSS / 1024).toFixed(0));
