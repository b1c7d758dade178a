// `npm pack` leaves package-lock.json out. Under its other name it is packed, so that a package installs exactly what was
// tested: the same file, there only while npm packs.
import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const lock = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const packed = fileURLToPath(new URL('../npm-shrinkwrap.json', import.meta.url));

if (process.argv.includes('--remove')) rmSync(packed, { force: true });
else copyFileSync(lock, packed);
