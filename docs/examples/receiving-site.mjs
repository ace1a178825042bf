// A site that invitees are sent to after accepting: it asks Vestibule who came, and greets them.
//
//   VESTIBULE=https://join.example ORGANIZATION=acme VESTIBULE_KEY=vsk_… node receiving-site.mjs 8080
//
// The key needs the permission org.user.read, and the site's origin must be among the organization's redirect origins.
import { createServer } from 'node:http';

const { VESTIBULE, ORGANIZATION, VESTIBULE_KEY } = process.env;

/** Who the ticket is about, or why it is no good. A ticket is good once, for a minute. */
async function verify(ticket) {
  const answer = await fetch(`${VESTIBULE}/api/v1/organizations/${ORGANIZATION}/tickets/verification`, {
    method: 'POST',
    headers: { authorization: `Bearer ${VESTIBULE_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  const body = await answer.json();
  return answer.ok ? { guest: body } : { why: body.errors?.[0]?.detail ?? body.detail };
}

const escape = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);

createServer(async (request, response) => {
  const ticket = new URL(request.url, 'http://here').searchParams.get('ticket');
  const { guest, why } = ticket ? await verify(ticket) : { why: 'Come by the link in your invitation.' };
  // here a real site makes its own session for guest.user_id, and redirects once more to lose the ticket
  response.writeHead(guest ? 200 : 403, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' });
  const words = guest ? `<h1>Welcome, ${escape(guest.name)}</h1><p>${escape(guest.email)}, ${guest.status}</p>` : `<h1>Not this way</h1><p>${escape(why)}</p>`;
  response.end(`<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">${words}</html>`);
}).listen(Number(process.argv[2] ?? 8080), '127.0.0.1');
