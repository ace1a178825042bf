// node fill.mjs FOLDER ROWS ACCEPTANCES: makes a database with as many invitations, and as many more whose invitees have
// signed in. Prints what the requests need to name them. The first of each is made by Better Auth itself, and the others
// are copies of its row.
import { createHmac, randomBytes } from 'node:crypto';
import { SECRET, open } from './auth.mjs';

const [folder, rows, acceptances] = process.argv.slice(2);
const { auth, database } = await open(folder);

const person = { name: 'Ada Byrne', email: 'ada@example.com', password: 'hedgerow lantern oyster' };
const signedUp = await auth.api.signUpEmail({ body: person, returnHeaders: true });
const cookie = signedUp.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ');
const headers = new Headers({ cookie });
const organization = await auth.api.createOrganization({ body: { name: 'Bench', slug: 'bench' }, headers });
const invited = { email: 'first@example.com', role: 'member', organizationId: organization.id };
const first = await auth.api.createInvitation({ body: invited, headers });

const find = (sql, ...values) => database.prepare(sql).get(...values);
const invitation = find('select * from invitation where id = ?', first.id);
const user = find('select * from user');
const session = find('select * from session');

const newId = () => randomBytes(24).toString('base64url');

function add(table, row) {
  const names = Object.keys(row);
  const columns = names.map((name) => `"${name}"`).join(', ');
  database.prepare(`insert into "${table}" (${columns}) values (${names.map((name) => `@${name}`).join(', ')})`).run(row);
  return row.id;
}

const invite = (email) => add('invitation', { ...invitation, id: newId(), email });

function signIn(email) {
  const userId = add('user', { ...user, id: newId(), email, name: 'Grace Okafor' });
  const token = newId();
  add('session', { ...session, id: newId(), userId, token, activeOrganizationId: null });
  const signature = createHmac('sha256', SECRET).update(token).digest('base64');
  return `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
}

const pending = [];
const waiting = [];
database.transaction(() => {
  for (let n = 0; n < Number(rows); n++) pending.push(invite(`person${n}@example.com`));
  for (let n = 0; n < Number(acceptances); n++) {
    const email = `grace${n}@example.com`;
    waiting.push({ id: invite(email), cookie: signIn(email) });
  }
})();
database.close();
console.log(JSON.stringify({ organization: organization.id, cookie, pending, waiting }));
