// Looking is not accepting: mail scanners and previews open links, run their scripts, and wait.
import { expect, test } from '../support/check';
import { accept } from '../support/people';

test('whoever looks changes nothing, and then the person accepts', async ({ page, browser, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);

  for (const agent of ['Mozilla/5.0', 'Slackbot-LinkExpanding 1.0', 'BingPreview/1.0b', 'WhatsApp/2.23', '']) {
    for (const method of ['HEAD', 'OPTIONS', 'GET']) {
      for (const purpose of ['', 'prefetch']) {
        const headers: Record<string, string> = { 'user-agent': agent, ...(purpose && { 'sec-purpose': purpose }) };
        const answer = await fetch(url, { method, headers, redirect: 'follow' });
        expect(answer.status, `${method} by ${agent}`).toBeLessThan(500);
      }
    }
  }

  // a sandbox that opens the mail in a browser, follows it with scripts and waits until nothing moves
  const scanner = await browser.newContext({ javaScriptEnabled: true });
  const visit = await scanner.newPage();
  await visit.goto(url, { waitUntil: 'networkidle' });
  await expect(visit.getByRole('button', { name: 'Join Acme Press' })).toBeVisible();
  await scanner.close();

  const desk = await acme.opens(grace);
  await expect(desk.getByText('Waiting for Grace')).toBeVisible();
  await expect(desk.getByText('Link opened')).toHaveCount(1);
  expect(server.mailbox.letters(grace.address)).toHaveLength(1);

  await page.goto(url);
  await accept(page, grace, acme.name);
});
