import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { PostgresBinaries } from '../../src/embedded-postgres/binaries.ts';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/embedded-postgres/embedded-postgres.ts';

// The servers that tests start. TEST_POSTGRES_BIN names the folder of another PostgreSQL's programs, 15 or newer; by
// default they are those of the embedded one. Nodes that bring their own database always run the embedded one.

/** Starts the PostgreSQL that this run of the tests is about, with its data in `dataDir`. */
export function startPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const folder = process.env['TEST_POSTGRES_BIN'];
  return startEmbeddedPostgres({ dataDir, ...(folder && { binaries: binariesIn(folder) }) });
}

function binariesIn(folder: string): PostgresBinaries {
  const [initdb, postgres] = [path.join(folder, 'initdb'), path.join(folder, 'postgres')];
  const said = execFileSync(postgres, ['--version'], { encoding: 'utf8' });
  const version = /(\d+)\S*/.exec(said)?.[0] ?? '';
  // The locale of the operating system: PostgreSQL has its own since 17.
  const locale = ['--locale=C.UTF-8'];
  return {
    root: path.dirname(folder),
    initdb,
    postgres,
    version,
    major: Number.parseInt(version, 10),
    locale,
  };
}
