// Better Auth with its plugin for organizations, on SQLite, as its documentation sets it up. Its limits are off, as they
// are for the program that it is compared with.
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { organization } from 'better-auth/plugins';
import Database from 'better-sqlite3';

/** The address that it takes itself for. Requests name it as their origin. */
export const ORIGIN = 'http://better-auth.example';
export const SECRET = 'only for measurements, and nowhere else';
const NO_LIMIT = 1_000_000_000;

/** Opens the database in this folder, with all its tables. */
export async function open(folder) {
  const database = new Database(`${folder}/auth.sqlite`);
  database.pragma('journal_mode = wal');
  const options = {
    database,
    secret: SECRET,
    baseURL: ORIGIN,
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [
      organization({ invitationLimit: NO_LIMIT, membershipLimit: NO_LIMIT, sendInvitationEmail: async () => {} }),
    ],
  };
  await (await getMigrations(options)).runMigrations();
  return { auth: betterAuth(options), database };
}
